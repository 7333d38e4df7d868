"""Where something in a body stands in the words of the history: at a key of a shape, or of a call's own object.

A body is followed along the types that a call's answer is said with, not along the folded schema, so that what is seen
at ``/servers/0/locked`` is known to be about ``server``. Layer 2; pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from conformance.document import Schema, fold
from conformance.edition import BASIC, Edition
from conformance.validation import compiled

Way = tuple[str, ...]
ITEM = "*"


@attrs.frozen(order=True)
class Holder:
    """What has keys: a shape, or the object that a call's part is written out as (``call`` and ``part``)."""

    shape: str = ""
    call: str = ""
    part: str = ""


@attrs.frozen
class Place:
    """A key of a holder; ``below`` is the way from its value to where the type stands: items, values of a map."""

    holder: Holder
    key: str
    below: Way = ()

    def down(self, step: str) -> Place:
        """One step further, within the same key."""
        return attrs.evolve(self, below=(*self.below, step))


@attrs.frozen
class Met:
    """A value that was met. ``holder`` is set where it is an object of named keys, which are looked at one by one."""

    place: Place
    type: Any
    value: Any
    way: Way
    holder: Holder | None = None


@attrs.define
class Follower:
    """Follows bodies along the types of one edition."""

    edition: Edition
    _folded: dict[str, Schema] = attrs.field(factory=dict)

    def follow(self, call: str, part: str, data: Any) -> Iterator[Met]:
        """What is met in a body that was answered (``body``) or sent (``takes``)."""
        literal = getattr(self.edition.calls[call], part)
        whole = Holder(call=call, part=part)
        if isinstance(literal, Mapping):
            types = {key.removesuffix("?"): type_ for key, type_ in literal.items()}
            yield from self._keys(whole, types, Met(Place(whole, ""), literal, data, ()))
        elif literal is not None:
            yield from self._walk(Met(Place(whole, ""), literal, data, ()))

    def conforms(self, type_: Any, value: Any) -> bool:
        """Whether a value is of a type, with all that it holds."""
        return compiled(self.folded(type_)).conforms(value)

    def folded(self, type_: Any) -> Schema:
        """A type as JSON Schema, folded once."""
        key = repr(type_)
        if key not in self._folded:
            self._folded[key] = fold(self.edition, type_)
        return self._folded[key]

    def _keys(self, holder: Holder, types: Mapping[str, Any], met: Met) -> Iterator[Met]:
        data = met.value
        if not isinstance(data, Mapping) or (data and types and not data.keys() & types.keys()):
            yield met  # of another kind altogether
            return
        yield attrs.evolve(met, holder=holder)
        for key in types.keys() & data.keys():
            yield from self._walk(Met(Place(holder, key), types[key], data[key], (*met.way, key)))

    def _walk(self, met: Met) -> Iterator[Met]:
        type_, value = self._resolved(met.type, met.value), met.value
        met = attrs.evolve(met, type=type_)
        if isinstance(type_, str) and type_ in self.edition.shapes:
            types = {key: own.type for key, own in self.edition.properties(type_).items()}
            yield from self._keys(Holder(shape=type_), types, met)
            return
        yield met
        inner = type_[0] if isinstance(type_, list) else type_.get("items") if isinstance(type_, Mapping) else None
        for item in value if isinstance(value, list) and inner is not None else ():
            yield from self._walk(_below(met, ITEM, inner, item))
        if isinstance(value, Mapping) and isinstance(type_, Mapping):
            yield from self._map(type_, met)

    def _map(self, type_: Mapping[str, Any], met: Met) -> Iterator[Met]:
        patterns = list(type_.get("patternProperties", {}).values())
        inner = patterns[0] if len(patterns) == 1 else type_.get("additionalProperties")
        for key, item in met.value.items():
            if key in type_.get("properties", {}):
                yield from self._walk(_below(met, key, type_["properties"][key], item))
            elif inner is not None and not isinstance(inner, bool):
                yield from self._walk(_below(met, ITEM, inner, item))

    def _resolved(self, type_: Any, value: Any) -> Any:
        """A type that is the name of another one, or a choice of several, by what stands behind it for this value."""
        while True:
            if isinstance(type_, str):
                name = type_.removesuffix("?")
                if value is None and type_.endswith("?"):
                    return type_
                if name in BASIC or self.edition.shapes[name].literal is None:
                    return type_ if name in BASIC else name
                type_ = self.edition.shapes[name].literal
            elif isinstance(type_, Mapping) and (choices := type_.get("oneOf") or type_.get("anyOf")):
                type_ = self._chosen(choices, value)
            else:
                return type_

    def _chosen(self, choices: Sequence[Any], value: Any) -> Any:
        """Of several types the one that a value has, or else that which it comes nearest to."""
        if fitting := [one for one in choices if self.conforms(one, value)]:
            return fitting[0]
        kind = "object" if isinstance(value, Mapping) else "array" if isinstance(value, list) else ""
        near = [one for one in choices if _is_kind(self.folded(one), kind)]
        return max(near, key=lambda one: _shared(self.folded(one), value), default=choices[0])


def _below(met: Met, step: str, type_: Any, value: Any) -> Met:
    return Met(met.place.down(step), type_, value, (*met.way, step))


def _shared(schema: Schema, value: Any) -> int:
    return len(schema.get("properties", {}).keys() & value.keys()) if isinstance(value, Mapping) else 0


def _is_kind(schema: Schema, kind: str) -> bool:
    return schema.get("type") == kind or (not kind and schema.get("type") not in ("object", "array"))
