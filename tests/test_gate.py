"""Gates: what they need, run and prove; those that make no sense are refused at load."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import DataError
from conformance.evidence import weigh
from conformance.gate import Evidence, Gate, load
from conformance.library import Library
from tests.conftest import Cloud, command
from tests.helpers import REPOSITORY, documents, library, put, real
from tests.wrong_server import TINY

NEEDS = """
hands: {what: Hosts can be stopped., how: Say how., probe: {service: hosts, GET: /, finds: command}}
depth: {what: Guests run., how: Get a hypervisor., probe: {service: compute, GET: /servers, finds: hypervisors}}
"""
GATE = """
summary: A gate of a test.
needs: [hands]
stories: [compute/server]
evidence:
  tags-kept: {what: A server shows its tags., shown: ["compute/server::show"]}
  guest-kept: {what: The guest runs on., needs: [depth], shown: ["compute/server::*"]}
"""


@pytest.fixture
def stories(tmp_path: Path) -> Library:
    """One story that needs a hand on the hosts."""
    put(tmp_path / "scenarios/needs.yaml", NEEDS)
    return library(
        tmp_path,
        documents(tmp_path, "calls: {GET /servers: {status: 200}}"),
        server="needs: [hands]\nsteps: {show: {GET: /servers}}",
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("needs: [hands]", "needs: []", "compute/server needs hands, which the gate hasn't"),
        ("needs: [hands]", "needs: [hands, moon]", "unknown need 'moon'"),
        ("[compute/server]", "[compute/moon*]", "'compute/moon\\*' matches nothing"),
        ("compute/server::show", "compute/server::shew", "'compute/server::shew' matches nothing"),
        ("needs: [depth]", "needs: [moon]", "unknown need 'moon'"),
        ("stories: [compute/server]", "", "not valid under any"),
        ("summary: A gate", "slow: 0.5\nsummary: A gate", "minimum of 1"),
    ],
)
def test_a_gate_that_makes_no_sense(tmp_path: Path, stories: Library, old: str, new: str, words: str) -> None:
    """It is refused with its place and what is wrong."""
    put(tmp_path / "gates/one.yaml", GATE.replace(old, new))
    with pytest.raises(DataError, match=words) as caught:
        load(tmp_path / "gates", stories)
    assert "one.yaml" in caught.value.where


def test_what_a_story_alone_needs(tmp_path: Path, stories: Library) -> None:
    """A gate runs without what only evidence needs, and so may have stories that are skipped where that is missing."""
    asked = GATE.replace("needs: [hands]", "needs: []", 1).replace("needs: [depth]", "needs: [hands]")
    put(tmp_path / "gates/one.yaml", asked)
    assert load(tmp_path / "gates", stories)["one"].wishes == ("hands",)


def test_ours_load() -> None:
    """Every gate of ours makes sense with our stories and needs."""
    assert all(gate.summary for gate in real().gates.values())


ONE = Gate(
    "one", "One.", "one.yaml", (), evidence=(Evidence("kept", "It is kept.", ("compute/a::show*",), ("depth",)),)
)


def record(name: str, outcome: str, reason: str = "") -> dict[str, Any]:
    """A line of results."""
    return {"id": name, "outcome": outcome, "reason": reason}


@pytest.mark.parametrize(
    ("records", "missing", "state", "reason"),
    [
        ([record("compute/a::show@2.1", "passed"), record("compute/a::other@2.1", "failed")], {}, "taken", ""),
        ([record("compute/a::show@2.1", "known")], {}, "taken", ""),
        (
            [record("compute/a::show@2.1", "passed"), record("compute/a::show-x@2.2", "failed")],
            {},
            "refuted",
            "show-x@2.2",
        ),
        ([record("compute/a::show@2.1", "not-reached", "why")], {}, "not taken", "why"),
        ([record("compute/b::show@2.1", "passed")], {}, "not taken", "none of its cases ran"),
        ([record("compute/a::show@2.1", "passed")], {"depth": "no hypervisor"}, "not taken", "no hypervisor"),
    ],
)
def test_evidence(records: list[dict[str, Any]], missing: dict[str, str], state: str, reason: str) -> None:
    """It is taken only if all that shows it passed and the cloud has what it needs."""
    [piece] = weigh(ONE, records, missing)
    assert piece.state == state
    assert reason in piece.reason


@pytest.fixture
def gated(tmp_path: Path) -> Path:
    """The tiny data with a gate over the story of a server."""
    data = tmp_path / "gated"
    shutil.copytree(TINY, data)
    put(data / "scenarios/needs.yaml", NEEDS)
    put(data / "gates/one.yaml", GATE)
    return data


def test_run(cloud: Cloud, gated: Path) -> None:
    """A gate runs its stories alone, and tells needs, stories and evidence, taken or not."""
    cloud.configure(conformance={"hosts": "true {host} {action}"})
    ended = cloud.run("--data", gated, "--gate", "one")
    told = json.loads((cloud.results / "summary.json").read_text())["gate"]

    assert ended.code == 0
    assert {name.partition("::")[0] for name in cloud.records()} == {"compute/server"}
    assert {one["gate"] for one in cloud.records().values()} == {"one"}
    assert {name: one["state"] for name, one in told["evidence"].items()} == {
        "tags-kept": "taken",
        "guest-kept": "not taken",
    }
    assert "need      hands: met" in ended.out
    assert "story     compute/server" in ended.out
    assert "not taken  guest-kept" in ended.out


def test_a_gate_whose_need_is_missing(cloud: Cloud, gated: Path) -> None:
    """Nothing runs: the table tells what is missing and how to get it, and the exit code is 3."""
    ended = cloud.run("--data", gated, "--gate", "one")
    assert ended.code == 3
    assert "missing  hands" in ended.err
    assert "Say how." in ended.err
    assert not (cloud.results / "results.jsonl").exists()


@pytest.mark.parametrize(("hosts", "code", "words"), [("true", 0, "met      hands"), ("", 3, "missing  hands")])
def test_check(cloud: Cloud, gated: Path, hosts: str, code: int, words: str) -> None:
    """A cloud is looked at for every need, and for what evidence would need besides."""
    cloud.configure(conformance={"hosts": hosts})
    ended = command("gate", "check", "one", "--cloud", "tiny", "--data", gated)
    assert (ended.code, words in ended.out, "absent   depth" in ended.out) == (code, True, True)


def test_list_and_show(gated: Path) -> None:
    """The gates are listed, and one is shown with all that it says."""
    assert command("gate", "list", "--data", gated).out.split() == ["one", "A", "gate", "of", "a", "test."]
    shown = json.loads(command("gate", "show", "one", "--data", gated, "--json").out)
    assert (list(shown["stories"]), list(shown["evidence"])) == (["compute/server"], ["tags-kept", "guest-kept"])


def test_an_unknown_gate(gated: Path) -> None:
    """It is told which there are."""
    ended = command("gate", "show", "two", "--data", gated)
    assert (ended.code, "There are one." in ended.err) == (2, True)


def test_every_gate_is_somebodys_file() -> None:
    """The gates that are loaded are the files of the folder."""
    assert sorted(real().gates) == sorted(path.stem for path in (REPOSITORY / "gates").glob("*.yaml"))
