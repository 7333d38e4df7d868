"""Jobs of Zuul for gates: nodesets, jobs that inherit from one another, and a project that runs them. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

import yaml

from conformance.ci import ANY, COMPUTE, CONTROLLER, Job, Role, template
from conformance.gate import Gate

PLAYBOOKS = "playbooks/gate"
_PARTS = {"pre-run": "pre.yaml", "run": "run.yaml", "post-run": "post.yaml"}
_SOURCE = "{{ ansible_user_dir }}/{{ zuul.project.src_dir }}"
HEADER = """\
# Written by 'conformance gate render zuul --output .' from gates/: change them, and write it anew.
# A job of another project says with conformance_source where this one is.
"""
Data = dict[str, Any]


class _Dumper(yaml.SafeDumper):
    """YAML as the field writes it: lists stand indented, and nothing refers to what stands elsewhere."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def rendered(gates: Sequence[Gate]) -> dict[str, str]:
    """The text of ``.zuul.yaml`` and of the playbooks, by path."""
    folder = files("conformance.render") / "playbooks"
    playbooks = {f"{PLAYBOOKS}/{name}": (folder / name).read_text(encoding="utf-8") for name in _PARTS.values()}
    return {".zuul.yaml": HEADER + "".join(map(_text, items(gates))), **playbooks}


def items(gates: Sequence[Gate]) -> Iterator[Data]:
    """What ``.zuul.yaml`` has for these gates, each job below the one it inherits from."""
    for gate in gates:
        if not any(job.nodeset for job in gate.jobs):
            yield {"nodeset": _nodeset(gate)}
    for shared in dict.fromkeys(job.name for gate in gates for job in gate.jobs[:-1]):
        yield {"job": _shared(next(job for gate in gates for job in gate.jobs if job.name == shared))}
    for gate in gates:
        yield {"job": _own(gate)}
    yield {"project": {"check": {"jobs": [gate.jobs[-1].name for gate in gates]}}}


def _nodeset(gate: Gate) -> Data:
    label = next(job.label for job in reversed(gate.jobs) if job.label)
    nodes = [{"name": name, "label": label} for role in gate.nodes for name in role.nodes]
    groups = dict(_grouped(gate.nodes))
    return {
        "name": gate.jobs[-1].name,
        "nodes": nodes,
        "groups": [{"name": name, "nodes": names} for name, names in groups.items() if names],
    }


def _grouped(roles: Iterable[Role]) -> Iterator[tuple[str, list[str]]]:
    """The groups by which Zuul's and devstack's own roles know a node."""
    present = {role.name: list(role.nodes) for role in roles}
    yield "compute", [name for role in roles for name in role.nodes if "n-cpu" in role.services]
    yield "subnode", present.get(COMPUTE, [])
    yield "switch", present[CONTROLLER]
    yield "peers", present.get(COMPUTE, [])


def _shared(job: Job) -> Data:
    """A job that is there to be inherited from; the one at the root has the playbooks."""
    head = {"name": job.name, "parent": job.parent, "abstract": True, "description": job.summary}
    rest = _rest(job, ANY)
    if job.label:
        head |= {"roles": [{"zuul": "opendev.org/openstack/devstack"}]}
        head |= {part: f"{PLAYBOOKS}/{name}" for part, name in _PARTS.items()}
        rest["vars"] = {"conformance_source": _SOURCE, **rest["vars"]}
    return {**head, **rest}


def _own(gate: Gate) -> Data:
    job = gate.jobs[-1]
    nodeset = next((one.nodeset for one in reversed(gate.jobs) if one.nodeset), job.name)
    head = {"name": job.name, "parent": job.parent, "description": job.summary, "nodeset": nodeset}
    rest = _rest(job, gate.nodes)
    rest["vars"] = {"conformance_gate": gate.name, **rest.get("vars", {})}
    return {**head, **rest}


def _rest(job: Job, roles: Iterable[Role]) -> Data:
    """The attributes that a job has only if it says something of them."""
    by_role = {role.name: _variables(job, role) for role in roles}
    workers = {"conformance_workers": job.concurrency} if job.concurrency else {}
    subnode = by_role.get(COMPUTE, {})
    found = {
        "timeout": job.timeout,
        "required-projects": list(job.required_projects),
        "irrelevant-files": list(job.irrelevant_files),
        "vars": {**workers, **by_role[CONTROLLER]},
        "group-vars": {"subnode": subnode} if subnode else {},
    }
    return {name: value for name, value in found.items() if value}


def _variables(job: Job, role: Role) -> Data:
    """The variables of devstack's own Ansible roles: localrc, services, plugins and sections of files."""
    services = [*job.services.get(role.name, ()), *role.services]
    sections = {file: _sections(parts, role) for file, parts in job.config.items()}
    config = {file: parts for file, parts in sections.items() if parts}
    found: Data = {
        "devstack_localrc": template(job.devstack, role),
        "devstack_services": dict.fromkeys(services, True),
        "devstack_plugins": dict(job.plugins),
        "devstack_local_conf": {"post-config": config} if config else {},
    }
    return {name: value for name, value in found.items() if value}


def _sections(parts: Mapping[str, Mapping[str, Any]], role: Role) -> Data:
    found = {name: template(options, role) for name, options in parts.items()}
    return {name: options for name, options in found.items() if options}


def _text(item: Data) -> str:
    return "\n" + yaml.dump([item], Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
