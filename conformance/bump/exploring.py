"""Calls that a service routes and the history doesn't know: how to ask them, and what to send. Layer 2; pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from conformance.bump.drawing import singular
from conformance.bump.existence import told
from conformance.bump.sighting import Sighting, Sightings
from conformance.document import Documents
from conformance.edition import Call
from conformance.history import History
from conformance.library import Library
from conformance.story import Step, Story
from conformance.suite import Suite

_PARAMETER = re.compile(r"\{\w+\}")
_ABSENT = (400, 404, 405)
_ORDER = {"POST": 0, "PUT": 1, "GET": 2, "PATCH": 3, "DELETE": 4}
Prefix = tuple[str, ...]
_KNOWN_BY = ("id", "uuid", "name")
STORY = "drafted"
IDS = 3  # of a list: how many are tried


def nameless(call: str) -> str:
    """A call without the names of its parameters."""
    return _PARAMETER.sub("{}", call)


def candidates(routes: Iterable[str], documents: Documents) -> list[str]:
    """The calls that are routed and not known, with the names that the history gives to parameters."""
    known = {nameless(call) for call in documents.calls}
    names = dict(_parameters(documents.calls))
    found = {_renamed(route, names) for route in routes if nameless(route) not in known}
    return sorted(call for call in found if call.partition(" ")[2].rstrip("/"))


def _parameters(calls: Iterable[str]) -> Iterator[tuple[Prefix, str]]:
    """Each parameter of calls, in its braces, behind what stands before it."""
    for call in calls:
        parts = call.split(" ")[1].split("/")
        yield from ((_prefix(parts[:number]), part) for number, part in enumerate(parts) if _PARAMETER.fullmatch(part))


def _prefix(parts: Sequence[str]) -> Prefix:
    return tuple(nameless(part) for part in parts)


def _renamed(route: str, names: Mapping[Prefix, str]) -> str:
    method, path, *action = route.split(" ")
    parts = path.split("/")
    for number, part in enumerate(parts):
        if _PARAMETER.fullmatch(part):
            own = singular(re.sub(r"^os-", "", parts[number - 1])).replace("-", "_")
            parts[number] = names.get(_prefix(parts[:number]), f"{{{own}}}")
    return " ".join([method, "/".join(parts), *action])


def added(suite: Suite, service: str, calls: Iterable[str]) -> Suite:
    """The suite in which calls exist below and at the microversion, and take and answer whatever they like."""
    documents = suite.services[service]
    more = {name: Call(name, status=(200, 201, 202, 204), body="any", takes="any") for name in calls}
    *older, below, at = documents.history.editions
    both = [attrs.evolve(one, calls={**one.calls, **more}) for one in (below, at)]
    return attrs.evolve(suite, services={**suite.services, service: Documents(History(service, (*older, *both)))})


@attrs.frozen
class Ways:
    """How to come by the parameters of paths: a variable that a recipe keeps, or the ids that a list was seen with."""

    variables: Mapping[Prefix, tuple[str, str]]
    lists: Mapping[Prefix, tuple[str, str]]

    @classmethod
    def of(cls, library: Library, service: str, sightings: Sightings) -> Ways:
        """From all stories of a service, and from what was seen at the microversion."""
        found: dict[Prefix, Counter[tuple[bool, str, str]]] = defaultdict(Counter)
        keeps = {
            name: {kept for step in recipe.steps for kept in step.keep} for name, recipe in library.recipes.items()
        }
        own = [step for story in library.stories for step in story.steps if step.service == service and step.call]
        for step in own:
            for (prefix, parameter), word in zip(_parameters([step.call]), _words(step), strict=True):
                recipe = next((name for name, kept in keeps.items() if word.removeprefix("$") in kept), "")
                if word.startswith("$") and recipe:
                    found[prefix][word == f"${parameter.strip('{}')}", word, recipe] += 1
        variables = {prefix: max(ways, key=lambda way: (way[0], ways[way]))[1:] for prefix, ways in found.items()}
        return cls(variables, dict(_lists(sightings)))


def kept_by(names: Iterable[str], library: Library) -> set[str]:
    """What recipes keep, with those that they need."""
    recipes = [library.recipes[name] for name in names]
    kept = {kept for recipe in recipes for step in recipe.steps for kept in step.keep}
    return kept.union(*(kept_by(recipe.needs, library) for recipe in recipes))


def _words(step: Step) -> list[str]:
    """What a step says for each parameter of its call."""
    parts, said = step.call.split(" ")[1].split("/"), step.path.partition("?")[0].split("/")
    return [said[number] for number, part in enumerate(parts) if _PARAMETER.fullmatch(part)]


def _lists(sightings: Sightings) -> Iterator[tuple[Prefix, tuple[str, str]]]:
    """Where an answer that lists things has them, and the key of what they are known by, by its path."""
    for one in sightings.listed:
        listed = (
            one.data.items() if one.succeeded and isinstance(one.data, dict) and one.call.startswith("GET ") else ()
        )
        for key, value in listed:
            item = value[-1] if isinstance(value, list) and value else None
            known = next((name for name in _KNOWN_BY if isinstance(item, dict) and name in item), "")
            if known:
                yield _prefix(one.call.split(" ")[1].split("/")), (key, known)


@attrs.define
class _Writer:
    """Writes the steps of a story that asks calls which begin."""

    service: str
    ways: Ways
    given: set[str] = attrs.field(factory=set)
    finding: dict[str, Step] = attrs.field(factory=dict)

    def paths(self, call: str) -> list[str]:
        """The paths of a call as a story says them: one, or one for each of a few ids."""
        found = [call.split(" ")[1]]
        for prefix, name in _parameters([call]):
            found = [path.replace(name, word, 1) for path in found for word in self._words(prefix, name.strip("{}"))]
        return found

    def _words(self, prefix: Prefix, name: str) -> list[str]:
        if prefix in self.ways.variables:
            word, recipe = self.ways.variables[prefix]
            self.given.add(recipe)
            return [word]
        if prefix not in self.ways.lists or "{}" in prefix:
            return ["$uuid2"]
        key, known = self.ways.lists[prefix]
        keep = {f"{name}_{number}": f"/{key}/{number}/{known}" for number in range(IDS)}
        path = "/".join(prefix)
        self.finding[path] = Step(
            _name(f"find {path}", 0), self.service, "GET", path, f"GET {path}", "admin", STORY, each=True, keep=keep
        )
        return [f"${kept}" for kept in keep]


def story(service: str, calls: Iterable[str], ways: Ways, bodies: Mapping[str, list[Any]]) -> Story:
    """A story that asks calls: what makes something first, then what reads it, then what removes it."""
    writer, steps = _Writer(service, ways), []
    for call in sorted(calls, key=_turn):
        method, _, action = (*call.split(" "), "")[:3]
        empty = {action: None} if action else {}
        sent = bodies.get(call, [empty if method in ("POST", "PUT", "PATCH") else None])
        for number, (path, body) in enumerate((path, body) for path in writer.paths(call) for body in sent):
            name = _name(call, number)
            steps.append(Step(name, service, method, path, call, "admin", STORY, body=body, exact=True, each=True))
    found: tuple[Step, ...] = (*writer.finding.values(), *steps)
    if not any(step.writes for step in found):  # nothing changes in between: each is read on both sides
        found = tuple(attrs.evolve(step, each=False) for step in found)
    return Story(service, STORY, "What begins at the microversion.", "", tuple(sorted(writer.given)), (), found)


def _turn(call: str) -> tuple[int, int, str]:
    method, path = call.split(" ")[:2]
    depth = path.count("/")
    return _ORDER.get(method, 2), -depth if method == "DELETE" else depth, call


def _name(call: str, number: int) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", _PARAMETER.sub("one", call).lower()).strip("-")
    return words if not number else f"{words}-{number + 1}"


def begun(sightings: Sightings) -> list[str]:
    """Of calls that were asked on both sides, those that are there at the microversion and not below."""
    return [call for call in sightings.calls if _begins(*sightings.of(call))]


def _begins(below: Sequence[Sighting], at: Sequence[Sighting]) -> bool:
    absent = below and all(one.status in _ABSENT for one in below)
    return bool(absent and at and not {told(one) for one in at} & {told(one) for one in below})
