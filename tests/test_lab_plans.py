"""The plans of a lab's hosts, and what their steward makes of such a plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import DataError
from conformance.lab import plans
from conformance.lab.inside.lab_host import steward
from conformance.lab.inside.lab_host.steward import Steward
from conformance.lab.network import PROFILES
from conformance.lab.tasks import Task, checked, job, service
from conformance.lab.topology import CONTROLLER, hosts
from conformance.lab.watch import watch


@pytest.mark.parametrize("network", PROFILES)
@pytest.mark.parametrize("host", hosts(2), ids=lambda host: host.name)
def test_a_plan_is_in_order(host: Any, network: str) -> None:
    """Each task of a host comes after tasks that stand before it, whatever its network is."""
    tasks = plans.plan(host, network)
    assert checked(tasks) == tasks
    assert json.dumps([task.document() for task in tasks])


def test_only_the_controller_has_the_apis() -> None:
    """A compute has a hypervisor and no API."""
    names = {host.name: {task.name for task in plans.plan(host)} for host in hosts(1)}
    assert "nova-api" in names[CONTROLLER] - names["compute1"]
    assert "libvirtd" in names["compute1"] - names[CONTROLLER]


def test_agents_are_where_neutron_looks_for_them() -> None:
    """Of ML2/OVS each agent that is waited for runs on its host, and nothing of OVN's does."""
    there = hosts(2)
    plan = {host.name: {task.name for task in plans.plan(host, "ovs")} for host in there}
    for agent, names in PROFILES["ovs"].agents([host.name for host in there]).items():
        assert [name for name in plan if agent in plan[name]] == names
    assert not any(task.startswith("ovn-") for tasks in plan.values() for task in tasks)


def test_a_task_twice_is_refused() -> None:
    """Two tasks of one name are an error that names it."""
    with pytest.raises(DataError) as caught:
        checked([job("a", "true"), job("a", "true")])
    assert caught.value == DataError("stands twice in a plan", "a")


def test_a_task_after_a_later_one_is_refused() -> None:
    """What a task comes after has to stand before it."""
    with pytest.raises(DataError) as caught:
        checked([job("a", "true", after=["b"]), job("b", "true")])
    assert caught.value == DataError("comes after b, which stands later or nowhere", "a")


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a steward shares with the launcher."""
    shared = tmp_path / "hosts" / "one" / "lab"
    (shared / "log").mkdir(parents=True)
    monkeypatch.setattr(steward, "LAB", shared)
    return shared


def perform(lab: Path, *tasks: Task) -> dict[str, Any]:
    """Perform tasks one after the other; their states."""
    one = Steward([task.document() for task in tasks])
    for task in tasks:
        one._perform(task.document())
    found: dict[str, Any] = json.loads((lab / "state.json").read_text())
    return {name: (state["state"], state.get("words")) for name, state in found.items()}


def test_a_job_is_ready_when_its_commands_have_ended(lab: Path) -> None:
    """All commands of a job run, in order, and their words are in its log."""
    assert perform(lab, job("a", "echo one", "echo two")) == {"a": ("ready", None)}
    assert (lab / "log" / "a.log").read_text() == "one\ntwo\n"


def test_a_failure_blocks_what_comes_after(lab: Path) -> None:
    """What comes after a job that failed isn't tried."""
    states = perform(lab, job("a", "false"), job("b", "true", after=["a"]))
    assert states == {"a": ("failed", "Command 'false' returned non-zero exit status 1."), "b": ("blocked", "after a")}


def test_a_job_has_a_deadline(lab: Path) -> None:
    """A command that lasts too long is ended, and its job has failed."""
    [(state, words)] = perform(lab, job("a", "sleep 60", within=0.2)).values()
    assert (state, "timed out" in words) == ("failed", True)


def test_a_service_that_ends_is_started_again(lab: Path) -> None:
    """A service is started as often as it may be, and has ended then."""
    states = perform(lab, service("a", "echo here", restarts=2, probe={"path": "/nowhere"}))
    assert states == {"a": ("failed", "status 0")}
    assert (lab / "log" / "a.log").read_text() == "here\n" * 3


def test_a_service_is_ready_when_it_is_found(lab: Path) -> None:
    """What a probe looks for has to be there first; a service that ends after that has ended."""
    sign = lab / "there"
    states = perform(lab, service("a", ["sh", "-c", f"touch {sign}; sleep 0.4"], probe={"path": str(sign)}))
    assert states == {"a": ("ended", "status 0")}


def test_what_isn_t_found_in_time_has_failed(lab: Path) -> None:
    """The wait for a sign has a deadline."""
    states = perform(lab, job("a", "true", probe={"tcp": "127.0.0.1:1"}, within=0.2))
    assert states == {"a": ("failed", "not there after 0.2 s: {'tcp': '127.0.0.1:1'}")}


def test_watching_tells_each_task_once(lab: Path) -> None:
    """Each ready task is a line, and with all that is enough the watch ends."""
    perform(lab, job("a", "true"), job("b", "true"))
    said: list[str] = []
    watch(lab.parents[2], ["one"], 1, said.append, enough={"a"})
    assert [line.partition(" after")[0] for line in said] == ["one: a ready", "one: b ready"]
