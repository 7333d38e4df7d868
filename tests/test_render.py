"""What CI needs, rendered: it is what is committed, and says what the gates say."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from conformance.gate import Gate
from conformance.render import devstack, tox, zuul
from tests.conftest import command
from tests.helpers import REPOSITORY, put, real

GATES = [gate for gate in real().gates.values() if gate.jobs]
FILES = zuul.rendered(GATES)


@pytest.mark.parametrize("path", FILES)
def test_what_is_committed(path: str) -> None:
    """The files of Zuul in this repository are those that the gates give."""
    there = (REPOSITORY / path).read_text(encoding="utf-8")
    assert there == FILES[path], "Write it anew: conformance gate render zuul --output ."


def test_no_other_playbook() -> None:
    """No playbook stands there that nothing runs."""
    found = {str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "playbooks").rglob("*.yaml")}
    assert found == FILES.keys() - {".zuul.yaml"}


def test_tox_is_committed() -> None:
    """tox.ini has an environment for each gate."""
    there = (REPOSITORY / "tox.ini").read_text(encoding="utf-8")
    assert tox.renewed(there, list(real().gates)) == there, "Write it anew: conformance gate render tox --output ."


def jobs() -> dict[str, dict[str, object]]:
    """The jobs of ``.zuul.yaml`` by name."""
    return {item["job"]["name"]: item["job"] for item in yaml.safe_load(FILES[".zuul.yaml"]) if "job" in item}


def test_what_is_common_is_written_once() -> None:
    """What a job inherits, it doesn't say again."""
    text = FILES[".zuul.yaml"]
    assert text.count("timeout: ") == 1
    assert text.count("LIVE_MIGRATION_AVAILABLE: ") == 2  # for the controller and for the other nodes
    assert text.count("run: playbooks/gate/run.yaml") == 1


def test_a_job_of_one_gate() -> None:
    """For one gate there are its job, those that it inherits from, and no other gate's."""
    ended = command("gate", "render", "zuul", "dvr")
    items = yaml.safe_load(ended.out.partition("# playbooks/")[0])
    assert [item["job"]["name"] for item in items if "job" in item] == [
        "conformance-gate",
        "conformance-gate-multinode",
        "conformance-gate-dvr",
    ]
    assert [item["nodeset"]["name"] for item in items if "nodeset" in item] == ["conformance-gate-dvr"]
    assert items[-1] == {"project": {"check": {"jobs": ["conformance-gate-dvr"]}}}


def test_files_in_a_folder(tmp_path: Path) -> None:
    """With --output each file is written to its path there."""
    assert command("gate", "render", "zuul", "--output", tmp_path).code == 0
    assert {path: (tmp_path / path).read_text() for path in FILES} == FILES
    assert command("gate", "render", "devstack", "dvr", "--node", "compute1", "--output", tmp_path).code == 0
    assert 'PHYSICAL_NETWORK="rack1"' in (tmp_path / "local.conf").read_text()


@pytest.mark.parametrize(
    ("node", "present", "absent"),
    [
        ("controller", ["enable_service n-sch", "agent_mode = dvr_snat", "l3_ha = True"], ["n-cpu", "SERVICE_HOST"]),
        ("compute2", ["enable_service n-cpu", "agent_mode = dvr\n", "rack2:br-rack"], ["n-sch", "l3_ha", "rack1"]),
    ],
)
def test_local_conf(node: str, present: list[str], absent: list[str]) -> None:
    """A node has the services, variables and options of its role and its own, and no others."""
    text = devstack.rendered(real().gates["dvr"], node)
    assert [words for words in present if words not in text] == []
    assert [words for words in absent if words in text] == []
    assert text.index("disable_all_services") < text.index("enable_service")
    assert "password" not in text.lower().replace("_password", "")


def test_the_only_node_of_a_role() -> None:
    """A role stands for its node where it has one; where it has more, the nodes are told."""
    gates = real().gates
    assert devstack.rendered(gates["live-migration"], "compute") == devstack.rendered(
        gates["live-migration"], "compute1"
    )
    ended = command("gate", "render", "devstack", "dvr", "--node", "compute")
    assert (ended.code, "It has controller, compute1, compute2." in ended.err) == (2, True)


@pytest.mark.parametrize("kind", [["zuul", "moon"], ["devstack", "moon", "--node", "controller"]])
def test_an_unknown_gate(kind: list[str]) -> None:
    """It is told which there are."""
    ended = command("gate", "render", *kind)
    assert (ended.code, "There are cinder-multibackend" in ended.err) == (2, True)


@pytest.mark.parametrize("kind", [["zuul", "one"], ["devstack", "one", "--node", "controller"]])
def test_a_gate_that_ci_knows_nothing_of(tmp_path: Path, kind: list[str]) -> None:
    """A gate without nodes can't be rendered, and it is told what it lacks."""
    for folder in ("schemas", "scenarios"):
        (tmp_path / folder).symlink_to(REPOSITORY / folder)
    gate = "summary: A gate of a test.\nneeds: []\nstories: [compute/flavors]\n"
    gate += "evidence: {one: {what: It is., shown: ['*']}}"
    put(tmp_path / "gates/one.yaml", gate)
    ended = command("gate", "render", *kind, "--data", tmp_path)
    assert (ended.code, "Give it nodes and ci." in ended.err) == (2, True)


@pytest.mark.parametrize(
    "there",
    [
        "",
        "[tox]\nmin_version = 4\n",
        "[tox]\n\n[testenv:gate-{old,older}]\ncommands =\n    old: old\n\n[testenv:lint]\ncommands = ruff\n",
    ],
)
def test_tox_is_renewed(there: str) -> None:
    """The section takes the place of the one that is there; all else stays, and a second time changes nothing."""
    once = tox.renewed(there, ["one", "two"])
    assert tox.renewed(once, ["one", "two"]) == once
    assert (once.count("[testenv:gate-"), once.count("[testenv:lab-")) == (1, 1)
    assert [line for line in there.splitlines() if line and "old" not in line and line not in once] == []


def built(gate: Gate) -> set[str]:
    """The services of all nodes of a gate."""
    return {service for role in gate.nodes for service in role.services}


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gate_has_what_its_stories_ask(gate: Gate) -> None:
    """CI builds the services whose API the gate's stories ask."""
    stories = [story for story in real().library.stories if gate.has(story)]
    asked = {story.service for story in stories} | {step.service for story in stories for step in story.steps}
    servers = {
        "compute": "n-api",
        "volume": "c-api",
        "network": "q-svc",
        "placement": "placement-api",
        "image": "g-api",
    }
    assert {name for service, name in servers.items() if service in asked} <= built(gate)
