"""The gate of live migrations names what a move leaves behind, and isn't green on a cloud that can't move servers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openstack
import pytest

from conformance import embedded
from tests.conftest import Ended, command
from tests.faulty_proxy import Fault, before, in_turn, meanwhile
from tests.wrong_server import Answer, Asked

pytestmark = pytest.mark.cloud

STORY = "compute/live-migration-round-trip"


@pytest.fixture(scope="module")
def cloud(warm_home: Path) -> Iterator[embedded.Cloud]:
    """A cloud with every service."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONFORMANCE_HOME", str(warm_home))
        yield embedded.up("gate")
        embedded.down("gate")


@pytest.fixture(autouse=True)
def surroundings(cloud: embedded.Cloud, warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cloud's own home and entries; the command that stops its hosts needs both."""
    monkeypatch.setenv("CONFORMANCE_HOME", str(warm_home))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(cloud.clouds_yaml))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def admin(cloud: embedded.Cloud) -> Any:
    """The administrator of the cloud."""
    config = openstack.config.OpenStackConfig(config_files=[str(cloud.clouds_yaml)])
    return openstack.connection.Connection(config=config.get_one(cloud.name))


@pytest.fixture
def stopped(cloud: embedded.Cloud) -> Iterator[list[str]]:
    """Hosts that were stopped; they are started again after the test."""
    hosts: list[str] = []
    yield hosts
    for host in hosts:
        embedded.compute(cloud.name, host, "start")


def perform(folder: Path, **faults: Sequence[Fault]) -> Ended:
    """Run one story of the gate on the cloud, through proxies with faults."""
    clouds = Path(embedded.up("gate").clouds_yaml)
    with before(clouds, folder, **faults):
        return command("run", f"{STORY}::*", "--cloud", "gate", "--workers", 1, "--results", folder / "results")


def findings(folder: Path) -> dict[str, dict[str, Any]]:
    """The first finding of each step that failed, by the step's name."""
    lines = (folder / "results" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    failed = [one for one in map(json.loads, lines) if one["outcome"] == "failed"]
    return {one["id"].partition("::")[2].partition("@")[0]: one["findings"][0] for one in failed}


def test_without_a_fault_it_is_green(tmp_path: Path) -> None:
    """A server goes to another host and back with all that it has."""
    ended = perform(tmp_path)

    assert ended.code == 0, ended.out


def test_an_allocation_that_is_left_behind(tmp_path: Path, admin: Any) -> None:
    """A server that still holds a place on the host that it left is found there from both sides."""
    leaked = Fault("GET", r"/allocations/", meanwhile(lambda: leak(admin)))
    ended = perform(tmp_path, placement=[leaked])

    left = admin.placement.get("/resource_providers?name=host1").json()["resource_providers"][0]["uuid"]
    found = findings(tmp_path)
    assert ended.code == 1
    assert found["after-allocations"]["pointer"] == f"/allocations/{left}"
    assert found["after-left-allocations"]["seen"] != "nothing there"
    assert f"/allocations/{left}" in ended.out


def leak(admin: Any) -> None:
    """Give the server that moved its place on the first host back, beside the one that it has on the second."""
    [server] = [one for one in admin.compute.servers() if one.metadata == {"kept": "yes"}]
    version = {"microversion": "1.28"}
    held = admin.placement.get(f"/allocations/{server.id}", **version).json()
    [place] = held["allocations"].values()
    left = admin.placement.get("/resource_providers?name=host1").json()["resource_providers"][0]["uuid"]
    held["allocations"][left] = place
    assert admin.placement.put(f"/allocations/{server.id}", json=held, **version).status_code == 204


def test_a_migration_that_goes_back_to_an_earlier_state(tmp_path: Path) -> None:
    """A record that is queued again after it ran is named with both states."""
    states = in_turn("/migrations/0/status", "running", "queued")
    ended = perform(tmp_path, compute=[Fault("GET", r"/os-migrations\?.*limit=1", states)])

    found = findings(tmp_path)["there-moved"]
    assert (ended.code, found["code"], found["pointer"]) == (1, "transition", "/migrations/0/status")
    assert (found["expected"].endswith("after running"), found["seen"]) == (True, "queued")


def test_a_port_that_stays_bound_to_the_old_host(tmp_path: Path) -> None:
    """The port that the network service shows on the host that the server left is named with both hosts."""
    ended = perform(tmp_path, network=[Fault("GET", r"/ports/[^/?]+$", on_the_old_host)])

    found = findings(tmp_path)["after-baggage-port"]
    assert (ended.code, found["pointer"]) == (1, "/port/binding:host_id")
    assert (found["expected"], found["seen"]) == ("host2", "host1")


def on_the_old_host(world: Any, asked: Asked, answer: Answer) -> Answer:
    """The port as if it were bound to the other host."""
    answer.body["port"]["binding:host_id"] = {"host1": "host2", "host2": "host1"}[
        answer.body["port"]["binding:host_id"]
    ]
    return answer


def test_a_host_that_is_stopped_while_a_server_moves_to_it(
    tmp_path: Path, cloud: embedded.Cloud, stopped: list[str]
) -> None:
    """The migration that can't end is named with what became of it; nothing that rests on it passes for done."""

    def cut_off(world: Any, asked: Asked, answer: Answer) -> Answer:
        if not stopped and [one for one in answer.body["migrations"] if one["status"] == "running"]:
            stopped.append("host2")
            embedded.compute(cloud.name, "host2", "stop")
        return answer

    ended = perform(tmp_path, compute=[Fault("GET", r"/servers/[^/]+/migrations$", cut_off)])

    found = findings(tmp_path)
    assert (ended.code, list(found)) == (1, ["there-moved"])
    assert "/migrations/0/status" in found["there-moved"]["expected"] + found["there-moved"]["seen"]
    assert "not reached" in ended.out


def test_a_cloud_where_one_host_is_down(tmp_path: Path, cloud: embedded.Cloud, admin: Any, stopped: list[str]) -> None:
    """Where the host to move to is down the move is a finding; where only one is left the gate ends with 3."""
    stop(cloud, admin, stopped, "host2")
    ended = perform(tmp_path)
    assert (ended.code, list(findings(tmp_path))) == (1, ["there-moving"])

    stop(cloud, admin, stopped, "host3")
    checked = command("gate", "check", "live-migration", "--cloud", "gate")
    ended = command("gate", "run", "live-migration", "--cloud", "gate", "--results", tmp_path / "gate")
    assert (checked.code, ended.code) == (3, 3)
    assert "missing  two-computes         host1" in checked.out
    assert "missing  two-computes" in ended.err


def stop(cloud: embedded.Cloud, admin: Any, stopped: list[str], host: str) -> None:
    """Stop a host and wait until nova takes it for down, for a minute at most."""
    stopped.append(host)
    embedded.compute(cloud.name, host, "stop")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if host in {one.host for one in admin.compute.services(binary="nova-compute") if one.state == "down"}:
            return
        time.sleep(1)
    raise AssertionError(f"nova still takes {host} for up")
