"""Stories: what is asked, in which order, and what must come of it. Layer 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from conformance.calls import find_call
from conformance.document import Documents
from conformance.errors import DataError
from conformance.microversion import SERVICES, Microversion
from conformance.reading import read
from conformance.template import variables

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SAFE = ("GET",)
READY = {"name", "symbol", "uuid", "min", "max", "beyond", "below"} | {f"uuid{number}" for number in range(2, 10)}


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
    """One thing that is asked. ``call`` is the history's name for it, empty for a service that isn't judged."""

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
    until: Any = None
    within: float = 60.0
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
        return not (self.writes or self.each or self.until or self.negotiates)


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

    @property
    def id(self) -> str:
        """``compute/server``."""
        return f"{self.service}/{self.name}"


@attrs.frozen
class Library:
    """All stories and recipes of a folder of scenarios."""

    stories: tuple[Story, ...]
    recipes: Mapping[str, Recipe]


def load(scenarios: Path, services: Mapping[str, Documents]) -> Library:
    """Read ``scenarios/``; DataError names the file and the step of anything that makes no sense."""
    kinds = _optional(scenarios / "kinds.yaml", "kinds")
    reader = _Reader(services, {name: Kind(**entry) for name, entry in kinds.items()})
    given = scenarios / "given.yaml"
    recipes = {
        name: Recipe(
            name, tuple(entry.get("needs", ())), reader.steps(entry["steps"], "compute", "admin", f"{given}: {name}")
        )
        for name, entry in _optional(given, "given").items()
    }
    stories = tuple(
        reader.story(service, path)
        for service in SERVICES
        if service in services
        for path in sorted((scenarios / service).glob("*.yaml"))
    )
    _check_given(stories, recipes, str(given))
    _check_variables(stories, recipes)
    return Library(stories, recipes)


def _optional(path: Path, form: str) -> dict[str, Any]:
    return dict(read(path, form)) if path.exists() else {}


def _check_given(stories: Sequence[Story], recipes: Mapping[str, Recipe], given: str) -> None:
    needed = [(story.source, name) for story in stories for name in story.given]
    needed += [(f"{given}: {recipe.name}", name) for recipe in recipes.values() for name in recipe.needs]
    for where, name in needed:
        if name not in recipes:
            raise DataError(
                f"unknown recipe {name!r}", where, f"scenarios/given.yaml has {', '.join(recipes) or 'none'}."
            )


def _check_variables(stories: Sequence[Story], recipes: Mapping[str, Recipe]) -> None:
    """Every variable must be kept before it is used."""
    for recipe in recipes.values():
        _kept(recipe.steps, READY | {name for need in recipe.needs for name in _keeps(need, recipes)})
    for story in stories:
        known = READY | {name for given in story.given for name in _keeps(given, recipes)}
        _kept(story.steps, _kept(story.prepare, known))


def _keeps(name: str, recipes: Mapping[str, Recipe], above: tuple[str, ...] = ()) -> set[str]:
    """What a recipe keeps, with what it needs."""
    if name in above:
        where = f"scenarios/given.yaml: {name}"
        raise DataError(f"the recipe {name!r} needs itself", where, "Break the circle of needs.")
    own = {kept for step in recipes[name].steps for kept in step.keep}
    return own.union(*(_keeps(need, recipes, (*above, name)) for need in recipes[name].needs))


def _kept(steps: Sequence[Step], known: set[str]) -> set[str]:
    for step in steps:
        if unknown := step.variables - known:
            remedy = f"Keep it in a step before. Known here: {', '.join(sorted(known))}."
            raise DataError(f"nothing is kept under ${min(unknown)}", step.where, remedy)
        known = known | step.keep.keys()
    return known


@attrs.frozen
class _Reader:
    """Turns data into stories, with the calls and kinds that they may name."""

    services: Mapping[str, Documents]
    kinds: Mapping[str, Kind]

    def story(self, service: str, path: Path) -> Story:
        data = read(path, "story")
        persona = data.get("as", "admin")
        return Story(
            service=service,
            name=path.stem,
            summary=data["summary"],
            source=str(path),
            group=data.get("group", ""),
            given=tuple(data.get("given", ())),
            prepare=self.steps(data.get("prepare", {}), service, persona, f"{path}: prepare"),
            steps=self.steps(data["steps"], service, persona, f"{path}: steps"),
        )

    def steps(self, entries: Mapping[str, Any], service: str, persona: str, where: str) -> tuple[Step, ...]:
        return tuple(self._step(name, entry, service, persona, f"{where}/{name}") for name, entry in entries.items())

    def _step(self, name: str, entry: Mapping[str, Any], service: str, persona: str, where: str) -> Step:
        values = dict(entry)
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

    def _call(self, service: str, method: str, path: str, body: Any, where: str) -> str:
        if service not in self.services:
            return ""
        action = next(iter(body)) if isinstance(body, Mapping) and path.endswith("/action") and body else ""
        found = find_call(self.services[service].calls, method, path, action)
        if not found:
            remedy = f"Add the call to schemas/{service}/, or mend the path."
            raise DataError(f"no call {method} {path} {action}".rstrip(), where, remedy)
        return found
