"""What CI builds a gate's cloud of: nodes of two roles, and jobs that inherit from one another. Layer 1.

A setting is one value for all nodes, or values by role; a role has one for all its nodes, or a list with one for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from conformance.errors import DataError
from conformance.reading import read

CONTROLLER, COMPUTE = "controller", "compute"
Settings = Mapping[str, Any]


@attrs.frozen
class Role:
    """How many nodes have a role, and the services of each, by devstack's names."""

    name: str
    count: int
    services: tuple[str, ...]

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of its nodes: ``controller``, or ``compute1`` and so on."""
        if self.name == CONTROLLER:
            return (CONTROLLER,)
        return tuple(f"{self.name}{number}" for number in range(1, self.count + 1))


ANY = (Role(CONTROLLER, 0, ()), Role(COMPUTE, 0, ()))
"""The roles of a job of several gates, which knows nothing of their nodes."""


@attrs.frozen
class Job:
    """What one job says beyond its ``parent``: each part is empty, or 0, where it says nothing.

    ``timeout`` is in seconds, ``services`` are by role, ``devstack`` are variables, ``config`` is by file and section.
    """

    name: str
    summary: str
    parent: str
    nodeset: str = ""
    label: str = ""
    timeout: int = 0
    concurrency: int = 0
    services: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    devstack: Settings = attrs.field(factory=dict)
    plugins: Mapping[str, str] = attrs.field(factory=dict)
    config: Mapping[str, Mapping[str, Settings]] = attrs.field(factory=dict)
    required_projects: tuple[str, ...] = ()
    irrelevant_files: tuple[str, ...] = ()


def load_jobs(folder: Path) -> dict[str, Job]:
    """The jobs of ``ci/jobs.yaml`` by name, each after the one it inherits from; none if there is no such file."""
    path = folder / "ci" / "jobs.yaml"
    data: dict[str, Any] = read(path, "jobs") if path.exists() else {}
    jobs: dict[str, Job] = {}
    for name, entry in data.items():
        own = job(name, entry["summary"], entry["ci"])
        if own.parent in data and own.parent not in jobs:
            remedy = "Write the job that it inherits from above it."
            raise DataError(f"{name} doesn't stand below its parent {own.parent}", str(path), remedy)
        check(own, ANY, f"{path}: {name}")
        jobs[name] = own
    return jobs


def job(name: str, summary: str, data: Mapping[str, Any]) -> Job:
    """A job of data that has the form ``ci``."""
    parts: dict[str, Any] = {key.replace("-", "_"): value for key, value in data.items()}
    for key in ("required_projects", "irrelevant_files"):
        parts[key] = tuple(parts.get(key, ()))
    parts["services"] = {role: tuple(names) for role, names in data.get("services", {}).items()}
    return Job(name, summary, **parts)


def roles(data: Mapping[str, Any]) -> tuple[Role, ...]:
    """Roles of data that has the form of a gate's ``nodes``, the controller first."""
    return tuple(
        Role(name, data[name]["count"], tuple(data[name]["services"])) for name in (CONTROLLER, COMPUTE) if name in data
    )


def ancestry(own: Job, jobs: Mapping[str, Job], where: str) -> tuple[Job, ...]:
    """A gate's job behind those of ours that it inherits from, the oldest first; DataError if its parent is none."""
    if own.parent not in jobs:
        remedy = f"gates/ci/jobs.yaml has {', '.join(jobs) or 'none'}."
        raise DataError(f"unknown parent {own.parent!r}", f"{where}: ci/parent", remedy)
    above = [own]
    while above[0].parent in jobs:
        above.insert(0, jobs[above[0].parent])
    return tuple(above)


def settle(settings: Settings, role: Role, node: str) -> dict[str, Any]:
    """The settings that a node has, each with its one value."""
    found = ((name, _within(value, role)) for name, value in settings.items())
    index = role.nodes.index(node)
    return {name: value[index] if isinstance(value, list) else value for name, value in found if value is not None}


def template(settings: Settings, role: Role) -> dict[str, Any]:
    """The settings of all nodes of a role, where a list becomes an expression that Ansible evaluates on each node."""
    found = ((name, _within(value, role)) for name, value in settings.items())
    return {name: _expression(value, role) for name, value in found if value is not None}


def check(own: Job, present: tuple[Role, ...], where: str) -> None:
    """DataError if a job has settings for a role that its gate lacks, or a list with too many values or too few."""
    by_name = {role.name: role for role in present}
    for place, value in _by_role(own):
        for name, part in value.items():
            if name not in by_name:
                raise DataError(f"no node has the role {name}", f"{where}: {place}", f"Take {name} out, or add nodes.")
            if isinstance(part, list) and len(part) != by_name[name].count:
                words = f"{len(part)} values for {by_name[name].count} nodes of the role {name}"
                raise DataError(words, f"{where}: {place}", "Give each node one value, or all one without a list.")


def _by_role(own: Job) -> Iterator[tuple[str, Mapping[str, Any]]]:
    settings: dict[tuple[str, ...], Settings] = {("devstack",): own.devstack}
    settings |= {("config", file, name): part for file, parts in own.config.items() for name, part in parts.items()}
    yield "ci/services", own.services
    for place, part in settings.items():
        for name, value in part.items():
            if isinstance(value, Mapping):
                yield "/".join(("ci", *place, name)), value


def _within(value: Any, role: Role) -> Any:
    return value.get(role.name) if isinstance(value, Mapping) else value


def _expression(value: Any, role: Role) -> Any:
    if not isinstance(value, list):
        return value
    return f"{{{{ {dict(zip(role.nodes, value, strict=True))!r}[inventory_hostname] }}}}"
