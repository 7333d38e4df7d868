"""A recorded run, judged again from its capture: the same findings, no secret, and an archive that others read."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from haralyzer import HarParser

from conformance.client import Client
from conformance.exchange import Request
from conformance.recording import Recorder
from tests.conftest import Cloud, Ended, command
from tests.test_faults import EXPECTED, HARMLESS, SHOW
from tests.wrong_server import ADMIN_PASS, PASSWORD, TINY, USER_DATA

PLANTED = (PASSWORD, ADMIN_PASS, USER_DATA, "planted-chap-secret", "planted-token")


def recorded(cloud: Cloud, *arguments: object, workers: int = 1) -> Path:
    """The capture of a run."""
    path = cloud.folder / "captures" / "run.har"
    ended = cloud.run("--record", path, *arguments, workers=workers)
    assert f"exchanges in {path}" in ended.out
    return path


def check(path: Path, *arguments: object) -> Ended:
    """``conformance check --har`` with the tiny data."""
    return command("check", "--har", path, "--data", TINY, *arguments)


def judged(path: Path, *arguments: object) -> dict[str, dict[str, Any]]:
    """The records that ``check --har --json`` prints, by case."""
    return {one["id"]: one for one in json.loads(check(path, "--json", *arguments).out)["records"]}


def verdicts(records: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Outcome, findings and warnings of each case that was reached."""
    fields = ("service", "call", "microversion", "outcome", "findings", "warnings", "known")
    reached = {name: one for name, one in records.items() if one["outcome"] != "not-reached"}
    return {name: [one[field] for field in fields] for name, one in reached.items() if "::" in name}


def entries(path: Path) -> list[dict[str, Any]]:
    """What was exchanged."""
    return list(json.loads(path.read_text(encoding="utf-8"))["log"]["entries"])


BETWEEN_PAGES = {"page-lost", "page-twice", "page-strange", "page-endless", "page-elsewhere"}
"""What is wrong with a list as a whole is told by the run alone, not yet by its capture."""


@pytest.mark.parametrize(
    "fault",
    ["", *sorted(EXPECTED.keys() - BETWEEN_PAGES), *sorted(HARMLESS - {"hung-create", "hung-delete", "hung-show"})],
)
def test_a_recorded_run_is_judged_as_it_was(cloud: Cloud, fault: str) -> None:
    """Whatever was wrong in a run, its capture gives exactly the run's own findings, and not a secret."""
    if fault:
        cloud.server.spoil(fault)

    path = recorded(cloud, *(("--patience", 2) if fault == "drip" else ()))

    assert verdicts(judged(path)) == verdicts(cloud.records())
    text = path.read_text(encoding="utf-8")
    assert [one for one in PLANTED if one in text] == []


@pytest.mark.parametrize(("fault", "code"), [("", 0), ("late", 1)])
def test_the_capture_ends_as_the_run_did(cloud: Cloud, fault: str, code: int) -> None:
    """The exit code of the check is that of the run, and each finding is told with its remedy and its case."""
    if fault:
        cloud.server.spoil(fault)

    ended = check(recorded(cloud))

    assert ended.code == code
    assert ended.out.endswith(" not judged\n")
    assert (f"case      {SHOW}" in ended.out) == bool(fault)


def test_what_a_lenient_run_let_pass(cloud: Cloud) -> None:
    """Keys that a lenient run let pass are warnings to a lenient check, and findings to another one."""
    cloud.server.spoil("extra")
    path = recorded(cloud, "--lenient-extra")

    assert verdicts(judged(path, "--lenient-extra")) == verdicts(cloud.records())
    assert (check(path, "--lenient-extra").code, check(path).code) == (0, 1)


def test_what_is_known_is_known_to_the_check(cloud: Cloud) -> None:
    """The check takes files of known departures as a run does, and tells their reasons."""
    cloud.server.spoil("late")
    path, known = recorded(cloud), cloud.folder / "known.yaml"
    entry = {"service": "compute", "call": "GET /servers/{server}", "span": "2.3", "code": "missing"}
    known.write_text(json.dumps([{**entry, "reason": "There are no tags here."}]), encoding="utf-8")

    ended = check(path, "--known", known)

    assert ended.code == 0
    assert "known departure (1 exchanges): There are no tags here." in ended.out


def test_what_a_story_asks_of_another_service(cloud: Cloud) -> None:
    """It stands at the microversion of its case, as in the run's own records, whatever was found or kept of it."""
    steps = """
      look: {service: guests, GET: /s1/192.0.2.1, keep: {gap: {finds: gap}}}
      again: {service: guests, GET: /s1/192.0.2.1, expect: {/gap: 9}}
    """
    data = cloud.showing(steps, gap=0.25)

    found = verdicts(judged(recorded(cloud, "--data", data, "compute/looking::*"), "--data", data))

    assert found == verdicts(cloud.records())
    assert [one[2:4] for one in found.values()] == [["2.4", "passed"], ["2.4", "failed"]]


def test_a_recipe_that_fails(cloud: Cloud) -> None:
    """What is wrong with what stories rest on is told under the recipe's name."""
    cloud.server.spoil("quota")
    assert cloud.server.fault
    cloud.server.fault = type(cloud.server.fault)("POST /servers", (2, 4), cloud.server.fault.spoil)

    ended = check(recorded(cloud, "compute/tags::*"))

    assert (ended.code, "case      the recipe server" in ended.out) == (1, True)


def test_an_archive_that_others_read(cloud: Cloud) -> None:
    """A library that reads HAR finds every exchange, and each performance as a page."""
    archive = HarParser(json.loads(recorded(cloud).read_text(encoding="utf-8")))

    assert archive.version == "1.2"
    titles = {page.title: len(page.entries) for page in archive.pages}
    assert titles["compute/server@2.4"] > 3
    assert "the recipe server" in titles
    statuses = {entry.response.status for page in archive.pages for entry in page.entries}
    assert {200, 202, 204, 404} <= statuses


def test_two_workers_write_one_capture(cloud: Cloud) -> None:
    """The parts of several workers are put together in the order of time, and nothing else is left."""
    path = recorded(cloud, workers=2)

    begun = [one["startedDateTime"] for one in entries(path)]
    assert begun == sorted(begun)
    assert verdicts(judged(path)) == verdicts(cloud.records())
    assert {one["pageref"].partition("-")[0] for one in entries(path)} == {"gw0", "gw1"}
    assert not list(cloud.results.glob("record-*"))


def test_what_an_interrupted_run_exchanged(cloud: Cloud) -> None:
    """After Ctrl-C the capture has what was exchanged until then."""
    cloud.server.spoil("hung-show")
    path = cloud.folder / "run.har"
    run = cloud.start("--record", path)
    assert cloud.server.reached.wait(120)
    run.send_signal(signal.SIGINT)

    told, _ = run.communicate(timeout=120)

    assert (run.returncode, "recorded: " in told) == (130, True)
    assert verdicts(judged(path)) == verdicts(cloud.records())


def test_a_part_that_was_cut_short(cloud: Cloud) -> None:
    """The parts of a run that was killed don't get into the capture of the next one."""
    cloud.results.mkdir()
    (cloud.results / "record-gw7.jsonl").write_text('{"startedDateTime": "2020', encoding="utf-8")

    assert len(judged(recorded(cloud))) > 30


def test_a_capture_that_cannot_be_written(cloud: Cloud) -> None:
    """Where no file can be written, the run doesn't begin."""
    (cloud.folder / "taken").write_text("", encoding="utf-8")

    ended = cloud.run("--record", cloud.folder / "taken" / "run.har")

    assert (ended.code, cloud.server.log[1:]) == (2, [])
    assert "can't be written" in ended.err


def test_a_capture_of_other_data(cloud: Cloud, tmp_path: Path) -> None:
    """A capture whose calls the data don't know can't be judged by them."""
    path = recorded(cloud)
    path.write_text(path.read_text(encoding="utf-8").replace('"GET /servers"', '"GET /machines"'), encoding="utf-8")

    ended = check(path)

    assert (ended.code, "unknown call 'GET /machines'" in ended.err) == (2, True)
    assert "name them with --data" in ended.err


def test_a_hand_on_a_host(cloud: Cloud) -> None:
    """A host that is stopped is recorded too, though no request went to the cloud."""
    cloud.configure(conformance={"hosts": "true"})
    recorder = Recorder(Client({"admin": "tiny"}, 5.0), cloud.folder / "part", "main")
    recorder.send(Request("hosts", "PUT", "/host1/stopped"))
    recorder.close()

    one = json.loads((cloud.folder / "part").read_text(encoding="utf-8"))
    assert (one["request"]["url"], one["response"]["status"]) == ("hosts:///host1/stopped", 204)
