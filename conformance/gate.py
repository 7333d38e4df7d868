"""Gates: what a cloud of several nodes must have, and what is proven on it. Layer 1."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import attrs

from conformance.ci import Job, Role, ancestry, check, job, load_jobs, roles
from conformance.errors import DataError, UsageError
from conformance.intree import Command
from conformance.library import Library
from conformance.microversion import Span
from conformance.reading import read
from conformance.story import Story


@attrs.frozen
class Evidence:
    """One thing that a gate proves: the steps or tests that show it, and what the cloud must have for it besides."""

    name: str
    what: str
    shown: tuple[str, ...]
    needs: tuple[str, ...] = ()

    def by(self, step: str) -> bool:
        """Whether a step, by the name ``compute/story::step``, or a test, by its id, shows it."""
        return any(fnmatchcase(step, pattern) for pattern in self.shown)


@attrs.frozen
class Gate:
    """A cloud of several nodes: what it ``needs``, the patterns of its ``stories``, and the ``evidence`` of them.

    ``slow`` says how many times as long as a story says a wait may take. ``nodes`` are the roles of what CI builds and
    ``jobs`` how, its own last, behind those that it inherits from.
    In place of stories it may have a ``command``, which runs in a project's tree.
    """

    name: str
    summary: str
    source: str
    needs: tuple[str, ...]
    stories: tuple[str, ...] = ()
    spans: Mapping[str, Span] = attrs.field(factory=dict)
    slow: float = 1.0
    evidence: tuple[Evidence, ...] = ()
    nodes: tuple[Role, ...] = ()
    jobs: tuple[Job, ...] = ()
    command: Command | None = None

    def has(self, story: Story) -> bool:
        """Whether it performs a story."""
        return any(fnmatchcase(story.id, pattern) for pattern in self.stories)

    @property
    def wishes(self) -> tuple[str, ...]:
        """What it needs, and what its evidence would need besides."""
        return tuple(dict.fromkeys([*self.needs, *(need for one in self.evidence for need in one.needs)]))


def load(folder: Path, library: Library) -> dict[str, Gate]:
    """The gates of a folder by name; DataError for one that makes no sense with these stories and needs."""
    jobs = load_jobs(folder)
    gates = {path.stem: _gate(path, jobs) for path in sorted(folder.glob("*.yaml"))}
    for gate in gates.values():
        _check(gate, library)
    return gates


def find(gates: Mapping[str, Gate], name: str) -> Gate:
    """The gate of that name; UsageError if there is none."""
    if name not in gates:
        raise UsageError(f"no gate {name!r}", remedy=f"There are {', '.join(gates) or 'none'}.")
    return gates[name]


def _gate(path: Path, jobs: Mapping[str, Job]) -> Gate:
    data = read(path, "gate")
    evidence = tuple(
        Evidence(name, entry["what"], tuple(entry["shown"]), tuple(entry.get("needs", ())))
        for name, entry in data.pop("evidence", {}).items()
    )
    spans = {service: Span.parse(text) for service, text in data.pop("spans", {}).items()}
    command = Command.of(data.pop("command"), str(path)) if "command" in data else None
    lists: dict[str, Any] = {key: tuple(data.pop(key, ())) for key in ("needs", "stories")}
    nodes, built = _built(path, data, jobs) if "ci" in data else ((), ())
    told = {key: data[key] for key in ("summary", "slow") if key in data}
    given: dict[str, Any] = {"evidence": evidence, "spans": spans, "nodes": nodes, "jobs": built, "command": command}
    return Gate(path.stem, source=str(path), **told, **lists, **given)


def _built(path: Path, data: Mapping[str, Any], jobs: Mapping[str, Job]) -> tuple[tuple[Role, ...], tuple[Job, ...]]:
    own = job(f"conformance-gate-{path.stem}", data["summary"], data["ci"])
    nodes = roles(data["nodes"])
    check(own, nodes, str(path))
    return nodes, ancestry(own, jobs, str(path))


def _check(gate: Gate, library: Library) -> None:
    _known(gate.wishes, library.needs, gate.source)
    _matched(gate.stories, [story.id for story in library.stories], f"{gate.source}: stories")
    stories = [story for story in library.stories if gate.has(story)]
    for story in stories:
        if missing := set(story.needs) - set(gate.wishes):
            remedy = f"Add it to the needs of {gate.source}, or leave the story out."
            raise DataError(f"{story.id} needs {min(missing)}, which the gate hasn't", gate.source, remedy)
    steps = list(_steps(stories))
    for one in gate.evidence if gate.command is None else ():  # what tests a tree has is known when they ran
        _matched(one.shown, steps, f"{gate.source}: evidence/{one.name}")


def _steps(stories: Iterable[Story]) -> Iterator[str]:
    return (f"{story.id}::{step.name}" for story in stories for step in story.steps)


def _known(needs: Iterable[str], known: Collection[str], where: str) -> None:
    for need in needs:
        if need not in known:
            raise DataError(f"unknown need {need!r}", where, f"scenarios/needs.yaml has {', '.join(known) or 'none'}.")


def _matched(patterns: Iterable[str], names: Sequence[str], where: str) -> None:
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise DataError(f"{pattern!r} matches nothing", where, "Mend it: 'conformance plan' lists all cases.")
