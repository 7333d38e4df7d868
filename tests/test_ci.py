"""What CI builds: its form, what is inherited, what each node gets, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.ci import ANY, Role, load_jobs, settle, template
from conformance.errors import DataError
from conformance.gate import Gate, load
from conformance.library import Library
from tests.helpers import documents, library, put

JOBS = """
base: {summary: What all have., ci: {parent: devstack, label: noble, timeout: 600, concurrency: 2}}
several: {summary: What several have., ci: {parent: base, devstack: {MOVES: true}}}
"""
GATE = """
summary: A gate of a test.
needs: []
stories: [compute/server]
evidence: {shown: {what: A server is shown., shown: ["compute/server::show"]}}
nodes:
  controller: {count: 1, services: [n-api]}
  compute: {count: 2, services: [n-cpu]}
ci:
  parent: several
  devstack: {MODE: {controller: snat, compute: dvr}, RACK: {compute: [one, two]}}
  config: {$NOVA_CONF: {DEFAULT: {debug: true}}}
  plugins: {neutron: "https://opendev.org/openstack/neutron"}
  required-projects: [openstack/nova]
  irrelevant-files: ["^docs/.*$"]
"""


@pytest.fixture
def stories(tmp_path: Path) -> Library:
    """One story."""
    served = documents(tmp_path, "calls: {GET /servers: {status: 200}}")
    return library(tmp_path, served, server="steps: {show: {GET: /servers}}")


def written(folder: Path, stories: Library, gate: str = GATE, jobs: str = JOBS) -> Gate:
    """A gate out of files."""
    put(folder / "gates/ci/jobs.yaml", jobs)
    put(folder / "gates/one.yaml", gate)
    return load(folder / "gates", stories)["one"]


def test_a_job_stands_behind_what_it_inherits(tmp_path: Path, stories: Library) -> None:
    """The oldest is first, and each says only what it adds."""
    gate = written(tmp_path, stories)
    assert [job.name for job in gate.jobs] == ["base", "several", "conformance-gate-one"]
    assert [(job.timeout, dict(job.devstack)) for job in gate.jobs[:2]] == [(600, {}), (0, {"MOVES": True})]
    assert [role.nodes for role in gate.nodes] == [("controller",), ("compute1", "compute2")]


@pytest.mark.parametrize(
    ("old", "new", "place", "words", "remedy"),
    [
        ("parent: several", "parent: sevral", "ci/parent", "unknown parent 'sevral'", "has base, several."),
        ("  parent: several\n", "", "ci", "'parent' is a required property", "ci has a parent"),
        ("parent: several", "parent: several\n  time: 5", "ci", "'time' was unexpected", "Known keys are concurrency"),
        ("parent: several", "parent: several\n  timeout: 20000", "ci/timeout", "maximum of 10800", "in seconds"),
        ("parent: several", "parent: several\n  concurrency: 0", "ci/concurrency", "minimum of 1", "at least 1"),
        ("count: 2", "count: 0", "nodes/compute/count", "minimum of 1", "at least 1"),
        ("count: 1", "count: 2", "nodes/controller/count", "1 was expected", "There is one controller."),
        ("controller: {count: 1, services: [n-api]}", "", "nodes", "'controller' is a required", "one controller"),
        ("  compute: {count", "  network: {count", "nodes", "'network' was unexpected", "Known keys are compute"),
        ("[n-cpu]", "[n-cpu, n-cpu]", "nodes/compute/services", "non-unique", "each once"),
        ("[n-cpu]", "[N_CPU]", "nodes/compute/services/0", "does not match", "small letters"),
        ("MODE:", "mode:", "ci/devstack", "does not match", "in capitals"),
        ("snat", "null", "ci/devstack/MODE/controller", "None is not", "text without line breaks"),
        ('"https://opendev.org/openstack/neutron"', "neutron", "ci/plugins/neutron", "is not a 'uri'", "is a URL"),
        ("$NOVA_CONF", "nova.conf", "ci/config", "does not match", "such as $NOVA_CONF"),
        ("openstack/nova]", "nova]", "ci/required-projects/0", "does not match", "with its folder"),
        ("^docs/.*$", "^docs/(", "ci/irrelevant-files/0", "is not a 'regex'", "a regular expression"),
        ("[one, two]", "[one]", "ci/devstack/RACK", "1 values for 2 nodes of the role compute", "Give each node"),
        (
            "  compute: {count: 2, services: [n-cpu]}\n",
            "",
            "ci/devstack/MODE",
            "no node has the role compute",
            "add nodes",
        ),
    ],
)
def test_what_makes_no_sense(
    tmp_path: Path, stories: Library, old: str, new: str, place: str, words: str, remedy: str
) -> None:
    """It is refused with its file and place, and with what to do."""
    assert old in GATE
    with pytest.raises(DataError) as caught:
        written(tmp_path, stories, GATE.replace(old, new))
    assert caught.value.where == f"{tmp_path}/gates/one.yaml: {place}"
    assert words in caught.value.what
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(("kept", "left"), [("ci:", "nodes"), ("nodes:", "ci")])
def test_nodes_and_ci_come_together(tmp_path: Path, stories: Library, kept: str, left: str) -> None:
    """Nodes without what CI does with them are refused, and so is the other way round."""
    head, both = GATE.partition("nodes:")[0], f"nodes:{GATE.partition('nodes:')[2]}"
    nodes, ci = both.split("ci:")
    text = head + (f"ci:{ci}" if kept == "ci:" else nodes)
    with pytest.raises(DataError, match=f"'{left}' is a dependency of"):
        written(tmp_path, stories, text)


@pytest.mark.parametrize(
    ("jobs", "words"),
    [
        (
            "two: {summary: It is above., ci: {parent: one}}\none: {summary: It is below., ci: {parent: x}}",
            "below its parent",
        ),
        ("one: {summary: It is its own., ci: {parent: one}}", "below its parent"),
        ("one: {summary: It has a list., ci: {parent: x, devstack: {A: {compute: [b]}}}}", "1 values for 0 nodes"),
        ("one: {ci: {parent: x}}", "'summary' is a required property"),
        ("One: {summary: It is written so., ci: {parent: x}}", "does not match"),
    ],
)
def test_jobs_that_make_no_sense(tmp_path: Path, jobs: str, words: str) -> None:
    """What several gates inherit from is as strict."""
    put(tmp_path / "ci/jobs.yaml", jobs)
    with pytest.raises(DataError, match=words) as caught:
        load_jobs(tmp_path)
    assert "jobs.yaml" in caught.value.where


def test_what_a_node_gets() -> None:
    """One value for all, one by role, or one by node; nothing where its role has none."""
    settings = {"ALL": 1, "MODE": {"controller": "a", "compute": "b"}, "RACK": {"compute": ["c", "d"]}}
    controller, compute = Role("controller", 1, ()), Role("compute", 2, ())
    assert settle(settings, controller, "controller") == {"ALL": 1, "MODE": "a"}
    assert settle(settings, compute, "compute2") == {"ALL": 1, "MODE": "b", "RACK": "d"}
    assert template(settings, compute)["RACK"] == "{{ {'compute1': 'c', 'compute2': 'd'}[inventory_hostname] }}"
    assert template({"ALL": False}, ANY[0]) == {"ALL": False}
