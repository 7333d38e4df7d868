"""Stories: what is asked, in which order, and what must come of it. Layer 1."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from conformance.calls import find_call
from conformance.document import Documents
from conformance.errors import DataError
from conformance.microversion import Microversion
from conformance.pointer import check
from conformance.reading import read
from conformance.template import variables

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SAFE = ("GET",)


@attrs.frozen
class Kind:
    """How something that was created is removed (``path``), and found by name if its creation was never answered.

    ``release`` is what frees it where its removal is refused.
    """

    service: str
    path: str
    id: str = ""
    within: float = 0.0
    find: Mapping[str, str] = attrs.field(factory=dict)
    remove: Mapping[str, Any] = attrs.field(factory=dict)
    release: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Step:
    """One thing that is asked. ``call`` is the history's name for it, empty for a service that isn't judged.

    A ``guest`` names its service: it is asked whenever the story is performed, at that service's newest microversion.
    """

    name: str
    service: str
    method: str
    path: str
    call: str
    persona: str
    where: str
    body: Any = None
    octets: str | None = None
    query: Mapping[str, Any] = attrs.field(factory=dict)
    headers: Mapping[str, str] = attrs.field(factory=dict)
    exact: bool = False
    each: bool = False
    guest: bool = False
    status: tuple[int, ...] = ()
    at: Microversion | None = None
    since: Microversion | None = None
    last: Microversion | None = None
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    keep: Mapping[str, Any] = attrs.field(factory=dict)
    expect: Mapping[str, Any] = attrs.field(factory=dict)
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    pages: Mapping[str, str] = attrs.field(factory=dict)
    until: Any = None
    within: float = 60.0
    follows: Mapping[str, Any] = attrs.field(factory=dict)
    figures: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict)
    tracks: Mapping[str, str] = attrs.field(factory=dict)
    makes: Kind | None = None
    asks: str | None = None
    answered: str | None = None
    negotiates: bool = False

    @property
    def variables(self) -> set[str]:
        """The variables that it uses."""
        kind = variables([self.makes.path, self.makes.remove]) - {"id", "path"} if self.makes else set()
        used = (self.path, self.body, self.query, self.headers, self.expect, self.has, self.lacks, self.asks)
        return kind.union(*(variables(value) for value in (*used, self.answered, self.until)))

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method not in SAFE

    @property
    def swept(self) -> bool:
        """Whether it is asked over all its microversions on one resource."""
        return not (self.writes or self.each or self.guest or self.until or self.negotiates)


@attrs.frozen
class Recipe:
    """What stories have in common, made once: ``needs`` are recipes that come first."""

    name: str
    needs: tuple[str, ...]
    steps: tuple[Step, ...]


@attrs.frozen
class Story:
    """A sequence of steps about one subject."""

    service: str
    name: str
    summary: str
    source: str
    given: tuple[str, ...]
    prepare: tuple[Step, ...]
    steps: tuple[Step, ...]
    group: str = ""
    avoids: str = ""
    needs: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """``compute/server``."""
        return f"{self.service}/{self.name}"

    @property
    def kept_together(self) -> str:
        """The group, if any, that it is performed one after another with where nobody can say what runs beside it."""
        return self.avoids or self.group


@attrs.frozen
class Reader:
    """Turns data into stories, with the calls and kinds that they may name; DataError for what makes no sense."""

    services: Mapping[str, Documents]
    kinds: Mapping[str, Kind]
    states: Mapping[str, Any] = attrs.field(factory=dict)
    sequences: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)

    def story(self, service: str, path: Path) -> Story:
        """The story in a file."""
        data = read(path, "story")
        persona = data.get("as", "admin")
        return Story(
            service=service,
            name=path.stem,
            summary=data["summary"],
            source=str(path),
            group=data.get("group", ""),
            avoids=data.get("avoids", ""),
            needs=tuple(data.get("needs", ())),
            given=tuple(data.get("given", ())),
            prepare=self.steps(data.get("prepare", {}), service, persona, f"{path}: prepare"),
            steps=self.steps(data["steps"], service, persona, f"{path}: steps"),
        )

    def steps(self, entries: Mapping[str, Any], service: str, persona: str, where: str) -> tuple[Step, ...]:
        """Steps as a story, a preparation or a recipe has them; those of a sequence are named after its place too."""
        return tuple(
            self._step(inner, step, service, persona, f"{where}/{inner}")
            for name, entry in entries.items()
            for inner, step in (self._sequence(name, entry, where) if "do" in entry else {name: entry}).items()
        )

    def _sequence(self, name: str, entry: Mapping[str, Any], where: str) -> dict[str, Mapping[str, Any]]:
        """The steps of a sequence at its place in a story, within that place's microversions; the administrator's."""
        within = dict(entry)
        sequence = within.pop("do")
        if sequence not in self.sequences:
            known = ", ".join(self.sequences) or "none"
            raise DataError(
                f"unknown sequence {sequence!r}", f"{where}/{name}", f"scenarios/sequences.yaml has {known}."
            )
        return {
            f"{name}-{inner}": {"as": "admin", **step, **within} for inner, step in self.sequences[sequence].items()
        }

    def _step(self, name: str, entry: Mapping[str, Any], service: str, persona: str, where: str) -> Step:
        values = dict(entry)
        values["guest"] = "service" in values
        method = next(method for method in METHODS if method in values)
        path = values.pop(method)
        service = values.pop("service", service)
        for key in ("status", "before", "after"):
            if key in values:
                values[key] = tuple(values[key]) if isinstance(values[key], list) else (values[key],)
        for key in ("at", "since", "last"):
            if key in values:
                values[key] = Microversion.parse(values[key], where)
        for key in ("has", "lacks"):
            values[key] = tuple(values.get(key, ()))
        for kept in values.get("keep", {}).values():
            if isinstance(kept, Mapping) and "finds" in kept:
                check(kept["finds"], where)
        values["follows"] = {at: self._machine(name, where) for at, name in values.get("follows", {}).items()}
        if "makes" in values:
            values["makes"] = self._kind(values["makes"], where)
        call = self._call(service, method, path, values.get("body"), where)
        persona = values.pop("as", persona)
        return Step(name, service, method, path, call, persona, where, negotiates="asks" in values, **values)

    def _kind(self, kind: Any, where: str) -> Kind:
        if isinstance(kind, Mapping):
            return Kind(**kind)
        if kind not in self.kinds:
            raise DataError(f"unknown kind {kind!r}", where, "Say in scenarios/kinds.yaml how it is found and removed.")
        return self.kinds[kind]

    def _machine(self, name: str, where: str) -> Any:
        if name not in self.states:
            raise DataError(f"no states {name!r}", where, "Say in scenarios/states.yaml which may follow which.")
        return self.states[name]

    def _call(self, service: str, method: str, path: str, body: Any, where: str) -> str:
        if service not in self.services:
            return ""
        action = next(iter(body)) if isinstance(body, Mapping) and path.endswith("/action") and body else ""
        found = find_call(self.services[service].calls, method, path, action)
        if not found:
            remedy = f"Add the call to schemas/{service}/, or mend the path."
            raise DataError(f"no call {method} {path} {action}".rstrip(), where, remedy)
        return found
