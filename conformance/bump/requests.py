"""What changed in requests: not seen from outside, but declared by a service that tells its schemas. Layer 2; pure.

The schema that a request was held against below is compared with the one at the microversion, and what differs is told
of the shape with which the history says that place. Whether an unknown key of a query is refused is seen in any case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from conformance.bump.answers import Change
from conformance.bump.canon import text
from conformance.bump.places import ITEM, Holder
from conformance.bump.sighting import Sighting, Sightings
from conformance.document import Schema
from conformance.edition import BASIC, Edition, literal_types, references

_EMPTY: Schema = {"items": {}, "patternProperties": {}}
_PARTS = {"takes": "takes", "query": "query", "answer": "body"}


@attrs.frozen
class Spot:
    """A place in a schema that is said with ``type`` in the history, if it says it at all; below it keys are named."""

    call: str
    part: str
    type: Any
    holder: Holder
    key: str = ""
    way: tuple[str, ...] = ()


def declared_changes(edition: Edition, sightings: Sightings, kind: str) -> Iterator[Change]:
    """The changes of what the service declares of ``takes``, ``query`` or ``answer``, call by call."""
    for call in sightings.calls:
        if call not in edition.calls:
            continue
        below, at = (_schemas(side, kind) for side in sightings.of(call))
        if len(below) == len(at) == 1 and below != at:
            literal = getattr(edition.calls[call], _PARTS[kind])
            if literal is None and kind == "query":
                continue  # the history says nothing of it
            spot = Spot(call, _PARTS[kind], literal, Holder(call=call, part=_PARTS[kind]))
            yield from _differ(edition, _single(below[0], kind), _single(at[0], kind), spot)


def _schemas(listed: list[Sighting], kind: str) -> list[Schema]:
    found = {text(one.declared[kind]): one.declared[kind] for one in listed if kind in one.declared}
    return list(found.values())


def _single(schema: Schema, kind: str) -> Schema:
    """A query's schema by single values: some services say each key as a list, since it may be repeated."""
    if kind != "query":
        return schema
    keys = {name: inner.get("items", inner) for name, inner in schema.get("properties", {}).items()}
    return {**schema, "properties": keys} if keys else schema


def _differ(edition: Edition, old: Schema, new: Schema, spot: Spot) -> Iterator[Change]:
    """What differs between two schemas at a spot, as deep as the history has words for it."""
    if text(old) == text(new):
        return
    inner = _items(edition, old, new, spot)
    if inner:
        yield from _differ(edition, *inner)
        return
    holder, types = _named(edition, spot)
    if holder is None or not ("properties" in _object(old) and "properties" in _object(new)):
        yield _change(spot.holder, "replace", spot.key, spot, new)
        return
    was, now = _object(old), _object(new)
    for key in {**was["properties"], **now["properties"]}:
        yield from _key(edition, was, now, key, attrs.evolve(spot, holder=holder, key=key, type=types.get(key)))
    open_ = [schema.get("additionalProperties", True) is not False for schema in (was, now)]
    if open_[0] != open_[1]:
        yield _change(holder, "unknown", "ignored" if open_[1] else "refused", spot, None)


def _key(edition: Edition, was: Schema, now: Schema, key: str, spot: Spot) -> Iterator[Change]:
    one, other = was["properties"].get(key), now["properties"].get(key)
    needed = [key in schema.get("required", ()) for schema in (was, now)]
    if other is None:
        yield _change(spot.holder, "drop", key, spot, None)
    elif one is None:
        yield _change(spot.holder, "add" if needed[1] else "allow", key, spot, other)
    elif needed[0] != needed[1]:
        yield _change(spot.holder, "replace" if needed[1] else "loosen", key, spot, other)
    else:
        for change in _differ(edition, one, other, attrs.evolve(spot, way=(*spot.way, key))):
            whole = change.verb == "replace" and (change.holder, change.key) == (spot.holder, key)
            yield attrs.evolve(change, verb="vary") if whole and not needed[1] else change


def _change(holder: Holder, verb: str, key: str, spot: Spot, schema: Schema | None) -> Change:
    declared = () if schema is None else (schema,)
    return Change(holder, verb, key, declared=declared, seen={spot.call: 1}, source="declared", way=spot.way)


def _items(edition: Edition, old: Schema, new: Schema, spot: Spot) -> tuple[Schema, Schema, Spot] | None:
    """One step into a list or a map, where both schemas and the history have one."""
    type_ = resolved(edition, spot.type)
    if text({**old, **_EMPTY}) != text({**new, **_EMPTY}):
        return None  # it isn't only what the list or the map holds
    if isinstance(type_, list) and "items" in old and "items" in new:
        return old["items"], new["items"], attrs.evolve(spot, type=type_[0], way=(*spot.way, ITEM))
    if isinstance(type_, Mapping) and "items" in type_ and "items" in old and "items" in new:
        return old["items"], new["items"], attrs.evolve(spot, type=type_["items"], way=(*spot.way, ITEM))
    if isinstance(type_, Mapping) and "additionalProperties" in type_:
        one, other = (list(schema.get("patternProperties", {}).values()) for schema in (old, new))
        if len(one) == len(other) == 1 and {*old["patternProperties"]} == {*new["patternProperties"]}:
            return one[0], other[0], attrs.evolve(spot, type=type_["additionalProperties"], way=(*spot.way, ITEM))
    return None


def _named(edition: Edition, spot: Spot) -> tuple[Holder | None, Mapping[str, Any]]:
    """The holder whose keys the history names at a spot, and their types."""
    type_ = resolved(edition, spot.type)
    if isinstance(type_, str) and type_ in edition.shapes:
        return Holder(shape=type_), {key: own.type for key, own in edition.properties(type_).items()}
    if isinstance(type_, Mapping) and not spot.key and spot.holder.call:
        return spot.holder, {key.removesuffix("?"): inner for key, inner in type_.items()}
    return None, {}


def resolved(edition: Edition, type_: Any) -> Any:
    """What stands behind the name of a type; of a choice the one object, if it has one."""
    while True:
        if isinstance(type_, str):
            name = type_.removesuffix("?")
            if name in BASIC or edition.shapes[name].literal is None:
                return name
            type_ = edition.shapes[name].literal
        elif isinstance(type_, Mapping) and (choices := type_.get("oneOf") or type_.get("anyOf")):
            objects = [one for one in choices if _is_object(edition, one)]
            if len(objects) != 1:
                return type_
            type_ = objects[0]
        else:
            return type_


def _is_object(edition: Edition, type_: Any) -> bool:
    found = resolved(edition, type_)
    return isinstance(found, str) and found in edition.shapes


def _object(schema: Schema) -> Schema:
    """Of a schema with alternatives the one with named keys."""
    for one in (schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        if "properties" in one:
            return dict(one)
    return schema


def unknown_keys(edition: Edition, sightings: Sightings) -> Iterator[Change]:
    """Queries in which an unknown key is refused from here on, or ignored, as seen."""
    for call in sightings.calls:
        below, at = ({one.status for one in side if one.case.odd} for side in sightings.of(call))
        if call in edition.calls and below and at and isinstance(edition.calls[call].query, str):
            refused = [statuses == {400} for statuses in (below, at)]
            ignored = [all(status < 400 for status in statuses) for statuses in (below, at)]
            holder = Holder(shape=edition.calls[call].query)
            if ignored[0] and refused[1]:
                yield Change(holder, "unknown", "refused", seen={call: 1})
            elif refused[0] and ignored[1]:
                yield Change(holder, "unknown", "ignored", seen={call: 1})


def looked_at(edition: Edition, sightings: Sightings) -> set[str]:
    """The shapes of requests of which the service declared something on both sides."""
    shapes: set[str] = set()
    for call in sightings.calls:
        for kind in ("takes", "query"):
            if call in edition.calls and all(_schemas(side, kind) for side in sightings.of(call)):
                shapes |= _within(edition, literal_types(getattr(edition.calls[call], kind)))
    return shapes


def _within(edition: Edition, types: Iterable[Any]) -> set[str]:
    """The shapes that types mention, at any depth."""
    reached: set[str] = set()
    waiting = {name for type_ in types for name in references(type_)}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        own = (
            edition.shapes[name].types
            if edition.shapes[name].literal is not None
            else [one.type for one in edition.properties(name).values()]
        )
        waiting |= {ref for type_ in own for ref in references(type_)} - reached
    return reached
