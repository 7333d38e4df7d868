"""``conformance lab`` where there is no lab, and where there can't be one."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest

from conformance import lab
from conformance.__main__ import main
from conformance.commands.labs import _of_gate
from conformance.gate import Evidence, Gate
from tests.helpers import real


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and a caller who is root, or would be."""
    monkeypatch.setenv("CONFORMANCE_HOME", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return tmp_path


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller who isn't root."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)


def end(*words: str) -> int:
    """What the command ends with."""
    with pytest.raises(SystemExit) as caught:
        main(["lab", *words])
    return int(caught.value.code or 0)


@pytest.mark.usefixtures("stranger")
def test_a_lab_takes_root(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    """Without root nothing is begun, and the error says what is missing."""
    assert end("up") == 3
    assert "root: this is another user. Run it as root." in capsys.readouterr().err
    assert list(home.iterdir()) == []


@pytest.mark.usefixtures("stranger")
@pytest.mark.parametrize("words", [["down"], ["status"], ["kill", "compute1"], ["shell", "compute1"]])
def test_nobody_else_has_a_hand_on_it(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is done with a lab takes root."""
    assert end(*words) == 3
    assert capsys.readouterr().err == "error: a lab takes root, and this is another user\n  Run it as root.\n"


@pytest.mark.usefixtures("stranger")
def test_what_a_machine_lacks_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Every fact is a line of JSON, with what its lack costs; a needed one that is missing is exit code 3."""
    assert end("check", "--json") == 3
    facts = {fact["name"]: fact for fact in map(json.loads, capsys.readouterr().out.splitlines())}
    assert (facts["root"]["state"], facts["root"]["costs"]) == ("missing", "no gate can run on the lab")


def test_a_lab_that_isn_t_up_is_down(capsys: pytest.CaptureFixture[str]) -> None:
    """Its status says so, and to take it down is no error."""
    assert end("status") == 0
    assert capsys.readouterr().out == "lab: down\n"
    assert end("down") == 0


@pytest.mark.parametrize(
    "words", [["kill", "compute1"], ["start", "compute1"], ["shell", "compute1"], ["exec", "true"]]
)
def test_a_lab_that_isn_t_up_has_no_hosts(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to lay a hand on, and the error says how to get it."""
    assert end(*words) == 2
    assert "no lab 'lab' is up" in capsys.readouterr().err


def test_a_lab_s_name_is_a_plain_one(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that would lead out of the labs' folder is refused."""
    assert end("status", "--name", "../up") == 2
    assert "can't be a lab's name" in capsys.readouterr().err


def test_what_gates_lose_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Of each gate it is said what no lab has of what it needs, and what that costs."""
    with suppress(SystemExit):
        main(["lab", "check", "--json"])
    facts = {fact["name"]: fact for fact in map(json.loads, capsys.readouterr().out.splitlines())}
    assert facts["gate cinder-multibackend"]["state"] == "met"
    assert facts["gate dvr"]["state"] == "met"


def gate(*needs: str, wished: str = "") -> Gate:
    """A gate with these needs, and evidence that needs something else."""
    evidence = (Evidence("seen", "It is seen.", ("*",), (wished,)),) if wished else ()
    return Gate("odd", "An odd one.", "odd.yaml", needs, evidence=evidence)


def test_a_gate_that_no_lab_can_run_is_told() -> None:
    """Where no network has what a gate can't do without, it can't run; else it loses what the best one can't show."""
    fact = _of_gate(gate("racks", "backup-service"))
    assert (fact.lacking, fact.costs) == ("no lab has backup-service", "It can't run there")
    fact = _of_gate(gate("racks", wished="backup-service"))
    assert (fact.lacking, fact.costs) == ("no lab has backup-service", "Not taken there: seen")


@pytest.mark.parametrize(
    ("name", "network"), [("live-migration", "ovn"), ("cinder-multibackend", "ovn"), ("dvr", "ovs")]
)
def test_a_gate_has_the_network_that_fits(name: str, network: str) -> None:
    """A gate is run on the usual network, unless another one has more of what it needs."""
    wanted = real().gates[name]
    assert lab.fitting(wanted.needs, wanted.wishes).name == network


def test_what_is_needed_counts_more_than_what_is_wished() -> None:
    """A network that has all that a gate needs is chosen before one that would show more."""
    odd = gate("distributed-routers", wished="guest-wire")
    assert lab.fitting(odd.needs, odd.wishes).name == "ovs"
    assert lab.fitting((), ()).name == lab.USUAL


def test_what_a_lab_has_is_what_gates_need() -> None:
    """No need is met that nobody knows."""
    for network in lab.PROFILES.values():
        assert real().library.needs.keys() >= network.meets


def test_a_network_that_no_lab_has(capsys: pytest.CaptureFixture[str]) -> None:
    """Only the networks that there are can be named."""
    assert end("up", "--network", "bridges") == 2
    assert "'bridges' is not one of 'ovn', 'ovs'" in capsys.readouterr().err
