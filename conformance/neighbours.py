"""Neighbours: two reads of one unchanged resource must differ by exactly what the history declares. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from conformance import pointer
from conformance.document import VOLATILE, Document, Schema, without_marks
from conformance.exchange import Finding
from conformance.microversion import Microversion
from conformance.template import property_schema, refuses
from conformance.validation import compiled, short

Way = tuple[str | int, ...]


@attrs.frozen
class Read:
    """A body as it was read at a microversion, and the document in force there."""

    version: Microversion
    document: Document
    data: Any


def compare(older: Read, newer: Read) -> list[Finding]:
    """What differs between the two though no delta between them says so."""
    drifts = _drift(older.data, newer.data, older.document.body, newer.document.body, ())
    return [
        Finding(
            code="drift",
            service=newer.document.service,
            call=newer.document.call,
            microversion=str(newer.version),
            pointer=pointer.write(way),
            expected=f"as at {older.version}: {before}",
            seen=after,
            remedy=f"No delta above {older.version} up to {newer.version} changes this: the service did, unasked.",
        )
        for way, before, after in drifts
    ]


def _drift(old: Any, new: Any, was: Any, now: Any, way: Way) -> Iterator[tuple[Way, str, str]]:
    was, now = _alternative(was or {}, old), _alternative(now or {}, new)
    if was.get(VOLATILE) or now.get(VOLATILE) or old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _keys(old, new, was, now, way)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _drift(one, other, was.get("items"), now.get("items"), (*way, number))
    elif without_marks(was) == without_marks(now):
        yield way, short(old), short(new)


def _alternative(schema: Schema, value: Any) -> Schema:
    """Of a schema's alternatives the one that the value fits."""
    for key in ("anyOf", "oneOf"):
        for one in schema.get(key, ()):
            if compiled(one).conforms(value):
                return {**_alternative(one, value), **({VOLATILE: True} if schema.get(VOLATILE) else {})}
    return schema


def _keys(
    old: Mapping[str, Any], new: Mapping[str, Any], was: Schema, now: Schema, way: Way
) -> Iterator[tuple[Way, str, str]]:
    for key in sorted(old.keys() | new.keys()):
        one, other = property_schema(was, key), property_schema(now, key)
        if one is None and other is None and refuses(now, (key,)):
            continue  # nobody promised it, and where that is let pass nothing is promised of its value
        if key in old and key in new:
            yield from _drift(old[key], new[key], one, other, (*way, key))
        elif _same(one, other) and _need(was, key) == _need(now, key):
            seen = (short(old[key]), "no such key") if key in old else ("no such key", short(new[key]))
            yield (*way, key), *seen


def _same(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether a key is declared alike on both sides, so that it may neither come nor go."""
    if one is None or other is None or one.get(VOLATILE):
        return False
    return bool(without_marks(one) == without_marks(other))


def _need(schema: Mapping[str, Any], key: str) -> bool:
    return key in schema.get("required", ())
