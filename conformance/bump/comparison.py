"""A draft held against a delta that somebody wrote: which of its lines the draft has as well. Layer 2; pure.

A line is one entry of a delta: a key under one of the four verbs, a part of a call, a call that ends. What it does is
what it changes in the folded documents, for an administrator and for a member; so shapes may have other names.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs

from conformance.bump.canon import canonical
from conformance.bump.exploring import nameless
from conformance.bump.guessing import kind
from conformance.delta import apply
from conformance.document import Schema, fold_literal
from conformance.edition import Edition

RIGHT, BOUNDS, WRONG, UNSEEN = "right", "right but for bounds", "wrong", "not seen"
PERSONAS = ("admin", "member")
_INNER = ("properties", "items", "additionalProperties", "required")
PARTS = ("body", "takes", "query", "headers")
_BOUNDS = (
    *("format", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "propertyNames"),
)
Delta = Mapping[str, Any]
Place = tuple[str, ...]
Row = tuple[str, str]
Rows = dict[Place, Row]
"""What may be at each place: to the letter, and without its bounds."""


@attrs.frozen
class Line:
    """A line of a delta: where it stands in it, and what became of it."""

    path: Place
    verdict: str

    def __str__(self) -> str:
        """For a person."""
        return f"{self.verdict}: {' / '.join(self.path)}"


@attrs.define(slots=False)
class _Told:
    """A delta over an edition, and what its folded documents say."""

    delta: Delta
    below: Edition

    @cached_property
    def edition(self) -> Edition:
        return apply(self.below.version.after, [("a delta", {"summary": "", **self.delta})], self.below)

    @cached_property
    def rows(self) -> Rows:
        return rows(self.edition)


def compare(written: Delta, drafted: Delta, below: Edition) -> list[Line]:
    """Each line of the delta that was written, and whether the draft says the same."""
    one, other = _Told(written, below), _Told(drafted, below)
    return [Line(path, _verdict(one, other, path)) for path in lines(written)]


def beyond(written: Delta, drafted: Delta, below: Edition) -> list[Line]:
    """The lines of a draft that say what isn't so by the delta that was written."""
    one, other = _Told(drafted, below), _Told(written, below)
    found = [Line(path, _verdict(one, other, path)) for path in lines(drafted)]
    return [line for line in found if line.verdict in (WRONG, UNSEEN)]


def lines(delta: Delta) -> Iterator[Place]:
    """The path of every line; a key that is dropped to be said anew is one."""
    for shape, verbs in delta.get("change", {}).items():
        for verb in ("add", "allow", "replace", "drop", "volatile"):
            anew = {*verbs.get("add", ()), *verbs.get("allow", ())} if verb == "drop" else set()
            yield from (("change", shape, verb, key) for key in verbs.get(verb, ()) if key not in anew)
        yield from (("change", shape, verb) for verb in ("is", "unknown") if verb in verbs)
    for call, entry in delta.get("calls", {}).items():
        yield from (("calls", call, part) for part in entry)
    yield from (("gone", call) for call in delta.get("gone", ()))


def _verdict(one: _Told, other: _Told, path: Place) -> str:
    """What another delta makes of all that a line does."""
    if path[2:3] == ("volatile",):
        known = path[1] in other.edition.shapes and path[3] in other.edition.volatile(path[1])
        return RIGHT if known else UNSEEN
    done = _done(one, path)
    if all(other.rows.get(place) == row for place, row in done.items()):
        return RIGHT
    if all(_loosely(other.rows.get(place)) == _loosely(row) for place, row in done.items()):
        return BOUNDS
    before = rows(one.below)
    return UNSEEN if all(other.rows.get(place) == before.get(place) for place in done) else WRONG


def _done(told: _Told, path: Place) -> dict[Place, Row | None]:
    """The rows that a line changes, as they are with it; None for what it takes away."""
    if path[0] == "calls":
        call, part = nameless(path[1]), path[2]
        own = {place: row for place, row in told.rows.items() if place[0] == call and place[1] == part}
        old: dict[Place, Row | None] = {
            place: None for place in rows(told.below) if place[0] == call and place[1] == part
        }
        return {**old, **own}
    without = rows(_Told(_without(told.delta, path), told.below).edition)
    places = without.keys() | told.rows.keys()
    return {place: told.rows.get(place) for place in places if told.rows.get(place) != without.get(place)}


def _without(delta: Delta, path: Place) -> Delta:
    """A delta without one of its lines."""
    section, subject, *rest = path
    if section == "gone":
        return {**delta, "gone": [call for call in delta["gone"] if call != subject]}
    verbs = dict(delta["change"][subject])
    for verb in [rest[0], "drop", "volatile"] if len(rest) > 1 else rest:
        if len(rest) == 1:
            del verbs[verb]
        elif verb in verbs:
            kept = verbs[verb]
            keys = [key for key in kept if key != rest[1]]
            verbs[verb] = {key: kept[key] for key in keys} if isinstance(kept, Mapping) else keys
    return {**delta, "change": {**delta["change"], subject: verbs}}


def rows(edition: Edition) -> Rows:
    """Every place in the folded documents of an edition."""
    found: Rows = {}
    for name, call in edition.calls.items():
        bare = nameless(name)
        found[bare, "status"] = (str(sorted(call.status)),) * 2
        for part in PARTS:
            literal = getattr(call, part)
            for persona in PERSONAS if literal is not None else ():
                schema = canonical(fold_literal(edition, literal, persona) or {})
                found |= {(bare, part, persona, *way): row for way, row in _walk(schema, (), "must")}
    return found


def _walk(schema: Schema, way: Place, presence: str) -> Iterator[tuple[Place, Row]]:
    forms = sorted((one for one in schema.get("anyOf", ()) if one.get("properties")), key=_size)
    own = {key: value for key, value in schema.items() if key not in _INNER or isinstance(value, bool)}
    if forms:
        own["anyOf"] = [one for one in schema["anyOf"] if one not in forms]
    yield way, (f"{presence} {json.dumps(own)}", f"{presence} {json.dumps(_unbound(own))}")
    for key, below in schema.get("properties", {}).items():
        yield from _walk(below, (*way, key), "must" if key in schema.get("required", ()) else "may")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield from _walk(schema[key], (*way, f"<{key}>"), "must")
    for number, form in enumerate(forms):
        yield from _walk(form, (*way, f"<form {number}>"), "must")


def _size(schema: Schema) -> int:
    return -len(schema["properties"])


def _unbound(schema: Any) -> Any:
    """A schema by its kinds alone: without bounds, and with the kinds of what it enumerates."""
    if isinstance(schema, list):
        return [_unbound(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {key: _unbound(value) for key, value in schema.items() if key not in _BOUNDS and key != "enum"}
    if "enum" in schema:
        kinds = sorted({kind(value) for value in schema["enum"]})
        plain["type"] = kinds[0] if len(kinds) == 1 else kinds
    return plain


def _loosely(row: Row | None) -> str | None:
    return row and row[1]


def counted(found: Iterable[Line]) -> dict[str, int]:
    """How many lines there are of each verdict."""
    counts = Counter(line.verdict for line in found)
    return {verdict: counts[verdict] for verdict in (RIGHT, BOUNDS, WRONG, UNSEEN)}
