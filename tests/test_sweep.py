"""After a kill at any moment the sweep leaves nothing that the run created, and touches nothing else."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from conformance.ledger import Entry, Ledger
from conformance.ledger import folder as ledgers_of
from tests.conftest import Cloud, Ended, command
from tests.wrong_server import Answer, Asked, Fault, WrongServer, create, error, instead

KIND = {"list": "/servers?name=$name", "items": "/servers", "name": "name", "id": "id"}
DELETE = "DELETE /servers/{server}"


def sweep(*arguments: object) -> Ended:
    """``conformance sweep`` on the tiny cloud."""
    return command("sweep", "--cloud", "tiny", "--patience", 5, *arguments)


def killed(cloud: Cloud, fault: str, workers: int = 1) -> None:
    """A run that is killed outright when it reaches a fault that never answers."""
    idle = cloud.server.connections
    cloud.server.spoil(fault)
    run = cloud.start("compute/server::*", workers=workers)
    assert cloud.server.reached.wait(120), run.communicate(timeout=30)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate(timeout=10)
    cloud.server.fault = None
    cloud.server.released.set()
    assert cloud.server.left_alone(but=idle)


def foreign(cloud: Cloud) -> set[str]:
    """Servers of somebody else whose names are much like ours."""
    (name,) = {one["name"] for one in cloud.server.servers.values() if one["name"].startswith("conformance-")}
    for other in (f"{name}1", f"my-{name}", name.upper(), "conformance-", name.rpartition("-")[0]):
        create(cloud.server, {"name": other})
    return {one["name"] for one in cloud.server.servers.values()} - {name}


def book(cloud: Cloud, **more: Any) -> Ledger:
    """A ledger with one server in it, which is there."""
    answer = create(cloud.server, {"name": "conformance-x-1"})
    ledger = Ledger(ledgers_of("tiny") / "x-main.jsonl")
    path = f"/servers/{answer.body['server']['id']}"
    ledger.intend(Entry("compute", path, "conformance-x-1", template="/servers/$id", find=KIND, within=1.0, **more))
    ledger.let_go()
    return ledger


@pytest.mark.parametrize("fault", ["hung-create", "hung-delete", "hung-show"])
def test_a_killed_run_is_swept(cloud: Cloud, fault: str) -> None:
    """Whether the kill comes between an intention and its answer or later, what was created is found and removed."""
    killed(cloud, fault)
    others = foreign(cloud) if cloud.server.servers else set()

    ended = sweep()

    assert (ended.code, ended.err) == (0, "")
    assert {one["name"] for one in cloud.server.servers.values()} == others
    assert not cloud.ledgers()


def test_workers_that_were_killed_are_swept(cloud: Cloud) -> None:
    """Each worker has a ledger of its own, and the sweep knows them all."""
    killed(cloud, "hung-create", workers=2)

    assert sweep().code == 0
    assert (cloud.server.servers, cloud.ledgers()) == ({}, [])


def test_nothing_to_sweep(cloud: Cloud) -> None:
    """Without a ledger nothing is asked of the cloud."""
    create(cloud.server, {"name": "conformance-someone-else"})

    assert sweep() == Ended(0, "nothing is left behind\n", "")
    assert (len(cloud.server.servers), cloud.server.log) == (1, [])


def test_a_live_runs_ledger_is_left_alone(cloud: Cloud) -> None:
    """What a run that goes on has created isn't swept from under it."""
    ledger = book(cloud)
    ledger.intend(Entry("compute", "/servers/7", "conformance-y"))

    ended = sweep()

    assert (ended.code, len(cloud.server.servers)) == (0, 1)
    assert "1 ledgers are left alone: their runs go on" in ended.err


def test_another_clouds_ledger_is_left_alone(cloud: Cloud) -> None:
    """The sweep of one cloud doesn't read the ledgers of another one."""
    other = ledgers_of("vendor") / "x-main.jsonl"
    Ledger(other).intend(Entry("compute", "/servers/7", "conformance-y"))

    assert sweep().code == 0
    assert other.exists()


def test_a_conflict_that_passes(cloud: Cloud) -> None:
    """A refusal because something else is still going away is tried again."""
    book(cloud)
    cloud.server.fault = Fault(DELETE, (2, 4), busy_twice)

    assert sweep().code == 0
    assert (cloud.server.servers, cloud.ledgers()) == ({}, [])


def busy_twice(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    """Two refusals, and the deletion undone each time."""
    if [one.call for one in world.log].count(DELETE) > 2:
        return answer
    server = asked.path.rpartition("/")[2]
    world.servers[server] = {"id": server, "name": "conformance-x-1", "status": "ACTIVE"}
    return error(409, "conflictingRequest", "Busy.").having(Content_Type="application/json")


def test_what_is_held_is_released(cloud: Cloud) -> None:
    """Where a removal is refused, what its kind says is asked for, and then the removal again."""
    book(cloud, release={"POST": "$path/tags", "body": {"free": None}})
    cloud.server.fault = Fault(DELETE, (2, 4), held)

    assert sweep().code == 0
    assert (cloud.server.servers, cloud.ledgers()) == ({}, [])


def held(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    """Refused until it was released."""
    if any((one.method, one.path, one.body) == ("POST", f"{asked.path}/tags", {"free": None}) for one in world.log):
        return answer
    server = asked.path.rpartition("/")[2]
    world.servers[server] = {"id": server, "name": "conformance-x-1", "status": "ACTIVE"}
    return error(400, "badRequest", "It is held.").having(Content_Type="application/json")


def test_what_cannot_be_removed(cloud: Cloud) -> None:
    """What the cloud refuses to remove is told, stays in the ledger and makes the sweep end with 1."""
    ledger = book(cloud)
    refusal = instead(status=403, body={"forbidden": {"code": 403, "message": "Locked."}})
    cloud.server.fault = Fault(DELETE, (2, 4), refusal)

    ended = sweep()

    assert (ended.code, ended.out) == (1, "1 entries in 1 ledgers; 1 couldn't be removed\n")
    assert "left behind: compute DELETE /servers/" in ended.err
    assert "Locked." in ended.err
    assert ledger.path.exists()


def test_what_stays_is_swept_later(cloud: Cloud) -> None:
    """Once the cloud lets go, another sweep removes what an earlier one couldn't."""
    book(cloud)
    cloud.server.fault = Fault(DELETE, (2, 4), instead(status=500))
    assert sweep().code == 1
    cloud.server.fault = None

    assert sweep().code == 0
    assert not cloud.ledgers()


def test_what_is_asked_to_go_and_stays(cloud: Cloud) -> None:
    """A deletion that is accepted and never done is told after the time that its kind may take."""
    book(cloud)
    cloud.server.fault = Fault(DELETE, (2, 4), undone)

    ended = sweep()

    assert ended.code == 1
    assert "still there after 1 s" in ended.err


def undone(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    """The server is there again as soon as it is gone."""
    server = asked.path.rpartition("/")[2]
    world.servers[server] = {"id": server, "name": "conformance-x-1", "status": "ACTIVE"}
    return answer


def test_a_list_that_fails_tells_nothing(cloud: Cloud) -> None:
    """If what bears a name can't be looked up, nobody knows that nothing does: it stays in the ledger."""
    ledger = Ledger(ledgers_of("tiny") / "x-main.jsonl")
    ledger.intend(Entry("compute", "", "conformance-x-1", template="/servers/$id", find=KIND))
    ledger.let_go()
    cloud.server.fault = Fault("GET /servers", (2, 4), instead(status=500))

    ended = sweep()

    assert (ended.code, ledger.path.exists()) == (1, True)
    assert "left behind: compute conformance-x-1: whether it is there can't be told" in ended.err


def test_a_cut_ledger_is_swept(cloud: Cloud) -> None:
    """A last line that was cut short doesn't keep the sweep from what is before it."""
    ledger = book(cloud)
    with ledger.path.open("a", encoding="utf-8") as file:
        file.write('{"intend": {"serv')

    assert sweep().code == 0
    assert (cloud.server.servers, cloud.ledgers()) == ({}, [])


def test_a_damaged_ledger(cloud: Cloud) -> None:
    """A ledger that can't be read is wrong data: nothing is removed, and the file and its line are named."""
    ledger = book(cloud)
    ledger.path.write_text("?\n" + ledger.path.read_text(encoding="utf-8"), encoding="utf-8")

    ended = sweep()

    assert (ended.code, len(cloud.server.servers)) == (2, 1)
    assert f"{ledger.path}: line 1: is no line of a ledger" in ended.err


def test_a_run_tells_what_it_leaves_behind(cloud: Cloud) -> None:
    """A run that can't remove something says so, names the command that does, and keeps it in the ledger."""
    refusal = instead(status=403, body={"forbidden": {"code": 403, "message": "Locked."}})
    cloud.server.fault = Fault(DELETE, (2, 4), refusal)

    ended = cloud.run("compute/tags::list@2.4")

    assert "left behind: compute DELETE /servers/" in ended.err
    assert "'conformance sweep' removes it" in ended.err
    assert len(cloud.ledgers()) == 1


@pytest.mark.parametrize(
    ("workers", "everyone"), [(1, True), (2, True), (2, False)], ids=["one", "two", "two-controller-alone"]
)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run(cloud: Cloud, workers: int, everyone: bool, number: signal.Signals, code: int) -> None:
    """After Ctrl-C or SIGTERM what ran is in the results, and what was created is removed; the exit code says which."""
    cloud.server.spoil("hung-show")
    run = cloud.start(workers=workers)
    assert cloud.server.reached.wait(120)
    (os.killpg if everyone else os.kill)(run.pid, number)
    if workers > 1:  # xdist gives a worker ten seconds to end its request
        cloud.server.released.set()

    told, _ = run.communicate(timeout=120)

    assert run.returncode == code, told
    assert (cloud.server.servers, cloud.ledgers()) == ({}, [])
    assert cloud.outcomes("passed")
    assert (cloud.results / "summary.json").exists()


def test_the_folder_of_the_ledgers(cloud: Cloud) -> None:
    """Ledgers are where CONFORMANCE_HOME says, so that another shell of the same user finds them."""
    assert ledgers_of("tiny") == Path(os.environ["CONFORMANCE_HOME"]) / "ledgers" / "tiny"
