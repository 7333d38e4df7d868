"""Which calls ended, and which answer another status, a body or headers where they did not. Layer 2; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import attrs

from conformance.bump.answers import declared_at
from conformance.bump.drawing import Drawing
from conformance.bump.guessing import best, of_values
from conformance.bump.sighting import Sighting, Sightings
from conformance.document import fold, fold_literal
from conformance.edition import Call, Edition

_VARIES = (
    (re.compile(r"\b[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\d+\.\d+"), "<version>"),
    (re.compile(r"conformance-[\w-]+"), "<name>"),
)


@attrs.frozen
class Turn:
    """What became of a call: ``gone``, or parts of it that are other ones, and what is to be said of that."""

    call: str
    gone: bool = False
    parts: Mapping[str, Any] = attrs.field(factory=dict)
    remarks: tuple[str, ...] = ()


def told(one: Sighting) -> str:
    """The words of an answer without what differs each time."""
    return plain(one.exchange.response.text)


def plain(words: str) -> str:
    """An error's text without identifiers, microversions and names of ours."""
    for pattern, mark in _VARIES:
        words = pattern.sub(mark, words)
    return words


def turns(edition: Edition, sightings: Sightings, absent: Collection[str], drawing: Drawing) -> Iterator[Turn]:
    """Every call that ended or answers another way; ``absent`` are the texts with which a service answers no call."""
    for name in sightings.calls:
        if name not in edition.calls:
            continue
        below, at = (_fair(side, edition.calls[name]) for side in sightings.of(name))
        were = {one.scene for one in below if _sound(one, edition.calls[name])}
        if any(_sound(one, edition.calls[name]) or one.succeeded for one in at):
            yield from _other(edition, edition.calls[name], below, at, drawing)
        elif were and at:
            yield from _ended(name, below, [one for one in at if one.scene in were] or at, absent)


def _fair(listed: Iterable[Sighting], call: Call) -> list[Sighting]:
    return [one for one in listed if not one.case.stray]


def _sound(one: Sighting, call: Call) -> bool:
    return one.status in call.status


def _ended(name: str, below: list[Sighting], at: list[Sighting], absent: Collection[str]) -> Iterator[Turn]:
    """A call of which nothing succeeds any more: is it gone, or asked for in another way?"""
    words = f"answered {at[0].status} {told(at[0])[:100]}"
    lost = _needed(below) - _taken(at) if _taken(at) else set()
    if all(told(one) in absent for one in at):
        yield Turn(name, gone=True, remarks=(f"answered {at[0].status} as a call that isn't there",))
    elif lost and lost == _needed(below):
        yield Turn(name, gone=True, remarks=(f"a guess: it takes nothing of what it needed; {words}",))
    elif "{" not in name and all(one.status in (404, 405) for one in at):
        yield Turn(name, gone=True, remarks=(f"a guess: {words}",))
    else:
        yield Turn(name, remarks=(f"could not see: {words}",))


def _needed(listed: list[Sighting]) -> set[str]:
    return {key for one in listed for key in one.declared.get("takes", {}).get("required", ())}


def _taken(listed: list[Sighting]) -> set[str]:
    return {key for one in listed for key in one.declared.get("takes", {}).get("properties", {})}


def _other(edition: Edition, call: Call, below: list[Sighting], at: list[Sighting], drawing: Drawing) -> Iterator[Turn]:
    good, was = [one for one in at if one.succeeded], [one for one in below if one.succeeded]
    parts: dict[str, Any] = {}
    remarks: list[str] = []
    statuses = sorted({one.status for one in good})
    if statuses and not set(statuses) <= set(call.status):
        parts["status"] = statuses[0] if len(statuses) == 1 else statuses
    filled = [one for one in good if one.data is not None]
    if call.body is None and filled:
        drawn = body(filled, drawing, call.name)
        parts["body"] = drawn[0]
        remarks += drawn[1]
    elif call.body is not None and good and not filled and any(one.data is not None for one in was):
        parts["body"] = None
    if was and good and (headers := _headers(edition, call, was, good)) is not ...:
        parts["headers"] = headers
    if parts:
        yield Turn(call.name, parts=parts, remarks=tuple(remarks))


def body(filled: list[Sighting], drawing: Drawing, name: str) -> tuple[Any, list[str]]:
    """The type of bodies that were answered where the history has none: an object written out, or a shape."""
    values = [one.data for one in filled]
    declared = next((one.declared["answer"] for one in filled if "answer" in one.declared), None)
    if all(isinstance(value, Mapping) for value in values):
        shapes = [shape for shape in drawing.edition.shapes if _is(drawing, shape, values)]
        if shapes:
            return min(shapes, key=lambda shape: (len(shape), shape)), ["a guess: it looks like that shape"]
        return _written_out(values, declared, drawing)
    drawn = of_values(drawing, values, "answer")
    return drawn.type, list(drawn.remarks)


def _is(drawing: Drawing, shape: str, values: list[Any]) -> bool:
    """Whether a shape of several named keys is what all values are."""
    schema = fold(drawing.edition, shape)
    many = len(schema.get("required", ())) > 1 and schema.get("additionalProperties") is False
    return many and drawing.fits(shape, values)


def _written_out(values: list[Any], declared: Any, drawing: Drawing) -> tuple[Any, list[str]]:
    literal, remarks = {}, []
    for key in dict.fromkeys(key for value in values for key in value):
        found = [value[key] for value in values if key in value]
        inner = declared_at(declared, (key,))
        drawn = best(drawing, key, found, [inner] if inner else [])
        literal[key if len(found) == len(values) else f"{key}?"] = drawn.type
        remarks += [f"{key}: {remark}" for remark in drawn.remarks]
    return literal, remarks


def _headers(edition: Edition, call: Call, was: list[Sighting], good: list[Sighting]) -> Any:
    """What the headers are said with from here on; an ellipsis if that is what they were said with."""
    schemas = [fold_literal(edition, one.headers) or {} for one in edition.calls.values()]
    known = {key for schema in schemas for key in schema.get("properties", {})}
    old, new = _always(was, known), _always(good, known)
    if old == new:
        return ...
    schema = fold_literal(edition, call.headers) or {"required": []}
    wanted = (set(schema["required"]) - (old - new)) | (new - old)
    used = {one.headers for one in edition.calls.values() if isinstance(one.headers, str)}
    fitting = [name for name in used if set(fold(edition, name).get("required", ())) == wanted]
    if fitting:
        return min(fitting, key=len)
    return dict.fromkeys(sorted(wanted), "string") if wanted else None


def _always(listed: list[Sighting], known: set[str]) -> set[str]:
    """Of the headers that a history may speak of, those that every answer has."""
    found = [set(one.exchange.response.headers) & known for one in listed]
    return set.intersection(*found) if found else set()
