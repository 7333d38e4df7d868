"""The committed ``.zuul.yaml`` in Zuul's own loader: it takes our jobs, and would not take wrong ones."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2
import pytest
import yaml

from conformance.ci import Role
from conformance.gate import Gate
from conformance.render import devstack
from tests.helpers import REPOSITORY, real
from tests.jobs.layout import errors, inherited, load

TEXT = (REPOSITORY / ".zuul.yaml").read_text(encoding="utf-8")
GATES = [gate for gate in real().gates.values() if gate.jobs]
NODES = [(gate, role, node) for gate in GATES for role in gate.nodes for node in role.nodes]


@cache
def ours() -> Any:
    """The layout of our jobs."""
    return load(TEXT)


def test_it_is_taken() -> None:
    """Zuul has nothing against it, and knows the job of every gate."""
    assert errors(ours()) == []
    assert {gate.jobs[-1].name for gate in GATES} <= ours().jobs.keys()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    timeout:", "    time-out:", "extra keys not allowed"),
        ("timeout: 10800", "timeout: long", "expected int"),
        ("parent: conformance-gate-multinode", "parent: conformance-gate-multimode", "not defined"),
        ("nodeset: openstack-two-node-noble", "nodeset: openstack-two-node-nobel", "openstack-two-node-nobel"),
        ("openstack/nova\n", "openstack/nowa\n", "openstack/nowa"),
        ("conformance_workers", "conformance-workers", "conformance-workers"),
        ("          - compute2\n", "          - compute3\n", "compute3"),
    ],
)
def test_a_wrong_one_is_refused(old: str, new: str, words: str) -> None:
    """Zuul would tell of it: the loader is the real one."""
    assert old in TEXT
    assert words in "".join(errors(load(TEXT.replace(old, new))))


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_job_as_it_runs(gate: Gate) -> None:
    """It has nodes and a limit, and our playbooks between those that it inherits."""
    job = inherited(ours(), gate.jobs[-1].name)
    nodeset = ours().nodesets[job.nodeset] if isinstance(job.nodeset, str) else job.nodeset
    assert [name for node in nodeset.getNodes() for name in node.name] == [
        node for role in gate.nodes for node in role.nodes
    ]
    assert (job.timeout, job.variables["conformance_gate"], job.variables["conformance_workers"]) == (
        10800,
        gate.name,
        4,
    )
    assert [book.path for book in (*job.pre_run[1:], *job.run, *job.post_run[:-1])] == [
        f"playbooks/gate/{name}.yaml" for name in ("pre", "run", "post")
    ]


@pytest.mark.parametrize(("gate", "role", "node"), NODES, ids=lambda part: getattr(part, "name", part))
def test_both_ways_build_the_same(gate: Gate, role: Role, node: str) -> None:
    """What Zuul hands devstack's roles for a node, all inheritance done, is what is in the node's ``local.conf``."""
    job = inherited(ours(), gate.jobs[-1].name)
    given = job.variables if role.name == "controller" else job.group_variables["subnode"]
    text = devstack.rendered(gate, node)
    for name, value in given["devstack_localrc"].items():
        if name != "DATABASE_TYPE":
            assert f'\n{name}="{evaluated(value, node)}"\n' in text
    wanted = [name for name, on in given["devstack_services"].items() if on]
    assert sorted(wanted) == sorted(line.split()[1] for line in text.splitlines() if line.startswith("enable_service"))
    for file, sections in given.get("devstack_local_conf", {}).get("post-config", {}).items():
        assert f"\n[[post-config|{file}]]\n" in text
        for section, options in sections.items():
            lines = "".join(f"{name} = {evaluated(value, node)}\n" for name, value in options.items())
            assert f"[{section}]\n{lines}" in text


def evaluated(value: Any, node: str) -> str:
    """A value as Ansible sees it on a node."""
    text: str = jinja2.Template(str(value)).render(inventory_hostname=node)
    return text


def test_what_zuul_reads_is_what_yaml_reads() -> None:
    """No key stands twice and nothing is quoted away: a plain reader finds the same jobs."""
    plain = [item["job"]["name"] for item in yaml.safe_load(TEXT) if "job" in item]
    assert plain == [name for name in ours().jobs if name.startswith("conformance-")]
