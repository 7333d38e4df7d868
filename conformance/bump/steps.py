"""The story that shows what begins: each new call, and each new key of a request. Layer 2; pure.

A call is said as it was asked when it was found. A key is said in the smallest step of its call that rests on recipes
alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from conformance.bump.answers import Change
from conformance.bump.examples import example
from conformance.bump.exploring import kept_by
from conformance.bump.places import ITEM
from conformance.bump.sighting import Asked, Sightings
from conformance.bump.text import entry_lines
from conformance.library import READY, Library
from conformance.microversion import Microversion
from conformance.story import Kind, Step, Story

_VERBS = {"GET": "show", "POST": "create", "PUT": "set", "PATCH": "change", "DELETE": "remove"}
_TAKEN = ("add", "allow")


@attrs.frozen
class Shown:
    """A step of a drafted story, and the recipes that it rests on."""

    name: str
    entry: Mapping[str, Any]
    given: tuple[str, ...] = ()


def calls(asked: Asked) -> Iterator[Shown]:
    """The steps that showed calls which begin, in the order in which they were asked."""
    succeeded = {one.case.step: one for sighted in asked.begun.values() for one in sighted if one.succeeded}
    named: Counter[str] = Counter()
    story = asked.story
    for step in story.steps if story and succeeded else ():
        entry: dict[str, Any] = {step.method: step.path}
        if step.keep:
            yield Shown(step.name, {**entry, "each": True, "keep": dict(step.keep)})
        elif one := succeeded.get(step.name):
            statuses = {other.status for other in asked.begun[step.call] if other.succeeded}
            entry |= {"body": step.body} if step.body is not None else {}
            entry |= {"status": one.status} if len(statuses) > 1 else {}
            name = _name(step)
            named[name] += 1
            yield Shown(name if named[name] == 1 else f"{name}-{named[name]}", entry, story.given if story else ())


def _name(step: Step) -> str:
    method, path, action = (*step.call.split(" "), "")[:3]
    parts = [part for part in path.split("/") if part and "{" not in part]
    word = re.sub(r"([a-z])([A-Z])", r"\1-\2", action or parts[-1]).lower().replace("_", "-").removeprefix("os-")
    verb = "list" if method == "GET" and not path.endswith("}") else _VERBS[method]
    return word if action else f"{verb}-{word}-one" if path.endswith("}") else f"{verb}-{word}"


def keys(
    library: Library, sightings: Sightings, changes: Iterable[Change], kinds: Mapping[str, Kind]
) -> Iterator[Shown]:
    """A step for each key that requests take from the microversion on; ``kinds`` by name, to say what a step makes."""
    for change in changes:
        if change.verb in _TAKEN and change.key and change.declared and change.source == "declared":
            found = (_fitting(library, sightings, call) for call in sorted(change.seen))
            if said := next((each for each in found if each), None):
                story, step = said
                entry = _entry(step, kinds) | {"since": str(sightings.version.before)}
                name = re.sub(r"[^a-z0-9]+", "-", change.key.lower()).strip("-")
                yield Shown(f"{step.name}-with-{name}", _with(entry, step, change), story.given)


def _fitting(library: Library, sightings: Sightings, call: str) -> tuple[Story, Step] | None:
    """The smallest step of a call that succeeds and rests on recipes alone, with its story."""
    good = {(one.case.story, one.case.step) for one in sightings.of(call)[1] if one.succeeded}
    fitting = [
        (story, step)
        for story in library.stories
        for step in story.steps
        if (story.name, step.name) in good
        and step.call == call
        and not (step.exact or (step.keep and not step.makes))
        and step.variables <= READY | kept_by(story.given, library)
    ]
    return min(fitting, key=lambda one: len(str((one[1].body, one[1].query))), default=None)


def _entry(step: Step, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """A step as its file would say it."""
    entry: dict[str, Any] = {step.method: step.path}
    entry |= {"as": step.persona} if step.persona != "admin" else {}
    entry |= {part: value for part in ("body", "query") if (value := getattr(step, part))}
    if step.makes:
        named = next((name for name, kind in kinds.items() if kind == step.makes), None)
        entry["makes"] = named or attrs.asdict(step.makes, filter=lambda _, value: bool(value))
        entry["keep"] = dict(step.keep)
    return entry


def _with(entry: dict[str, Any], step: Step, change: Change) -> dict[str, Any]:
    """The entry with the key in its query or at its place in the body."""
    value = example(dict(change.declared[0]))
    if not step.writes:
        return {**entry, "query": {**entry.get("query", {}), change.key: str(value)}}
    return {**entry, "body": _put(entry.get("body"), (*change.way, change.key), value)}


def _put(body: Any, way: tuple[str, ...], value: Any) -> Any:
    if not way:
        return value
    if way[0] == ITEM:
        items = body if isinstance(body, list) and body else [{}]
        return [_put(items[0], way[1:], value), *items[1:]]
    known = dict(body) if isinstance(body, Mapping) else {}
    said = next((key for key in known if key.partition("@")[0] == way[0]), way[0])
    return {**known, said: _put(known.get(said), way[1:], value)}


def written(version: Microversion, shown: Iterable[Shown]) -> str:
    """The story's file; empty if there is nothing to show."""
    steps = {one.name: one for one in shown}
    if not steps:
        return ""
    given = sorted({name for one in steps.values() for name in one.given})
    lines = [f"summary: What begins at {version}, as it was drafted from what a cloud showed."]
    lines += [f"given: [{', '.join(given)}]"] if given else []
    lines += ["steps:", *(line for name, one in steps.items() for line in entry_lines(name, dict(one.entry)))]
    return "\n".join(lines) + "\n"
