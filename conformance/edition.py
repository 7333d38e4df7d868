"""What an API is at one microversion: shapes and calls, as records. Layer 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from conformance.errors import DataError
from conformance.microversion import Microversion

BASIC = {
    "any": {},
    "boolean": {"type": "boolean"},
    "date-time": {"type": "string", "format": "date-time"},
    "integer": {"type": "integer"},
    "ipv4": {"type": "string", "format": "ipv4"},
    "ipv6": {"type": "string", "format": "ipv6"},
    "null": {"type": "null"},
    "number": {"type": "number"},
    "object": {"type": "object"},
    "string": {"type": "string"},
    "uri": {"type": "string", "format": "uri"},
    "uuid": {"type": "string", "format": "uuid"},
}
NESTED = ("items", "additionalProperties", "contains", "not")
NESTED_MAPS = ("properties", "patternProperties")
NESTED_LISTS = ("oneOf", "anyOf", "allOf")


@attrs.frozen
class Property:
    """A key of a shape: its type, whether it must be there, and the one persona that sees it (None: everyone)."""

    type: Any
    required: bool
    persona: str | None = None


@attrs.frozen
class Shape:
    """A named type: JSON Schema (``literal``), or an object with properties of its own over those that it extends."""

    name: str
    literal: Any = None
    extends: str | None = None
    own: Mapping[str, Property | None] = attrs.field(factory=dict)
    unknown: str | None = None
    volatile: frozenset[str] = frozenset()

    @property
    def types(self) -> list[Any]:
        """The types that it is made of itself, without what it extends."""
        return [self.literal] if self.literal is not None else [own.type for own in self.own.values() if own]


@attrs.frozen
class Call:
    """What a call takes and answers; ``body`` None means that no body is sent."""

    name: str
    status: tuple[int, ...] = (200,)
    body: Any = None
    takes: Any = None
    query: Any = None
    headers: Any = None
    unversioned: bool = False


@attrs.frozen
class Edition:
    """The whole API at one microversion, and what this one changed: names of shapes and of calls.

    ``restated`` are the calls whose body it names anew: their values may differ from here on, even in equal shapes.
    ``unseen`` says why no run can show what changed.
    """

    version: Microversion
    summary: str
    source: str
    shapes: Mapping[str, Shape]
    calls: Mapping[str, Call]
    error: Any
    changed: frozenset[str]
    touched: frozenset[str]
    restated: frozenset[str] = frozenset()
    unseen: str = ""

    def shape(self, name: str, where: str = "") -> Shape:
        """The shape of that name; DataError at ``where`` if there is none."""
        if name not in self.shapes:
            raise DataError(f"unknown shape {name!r}", where or self.source, f"Define it under new: in {self.source}.")
        return self.shapes[name]

    def properties(self, name: str) -> dict[str, Property]:
        """All properties of a shape, those that it extends first."""
        shape = self.shape(name)
        merged: dict[str, Property | None] = dict(self.properties(shape.extends)) if shape.extends else {}
        merged.update(shape.own)
        return {key: value for key, value in merged.items() if value is not None}

    def unknown(self, name: str) -> str:
        """What an unknown key gets, ``refused`` or ``ignored``; inherited, and refused unless the data says else."""
        shape = self.shape(name)
        return shape.unknown or (self.unknown(shape.extends) if shape.extends else "refused")

    def volatile(self, name: str) -> frozenset[str]:
        """The keys whose values may change between two reads of an unchanged resource."""
        shape = self.shape(name)
        return shape.volatile | (self.volatile(shape.extends) if shape.extends else frozenset())


def references(type_: Any) -> Iterator[str]:
    """The names of shapes that a type mentions."""
    if isinstance(type_, str):
        name = type_.removesuffix("?")
        if name not in BASIC:
            yield name
    elif isinstance(type_, list):
        yield from references(type_[0])
    elif isinstance(type_, Mapping):
        for inner in nested(type_):
            yield from references(inner)


def nested(schema: Mapping[str, Any]) -> Iterator[Any]:
    """The places of a JSON Schema at which a type may stand."""
    yield from (schema[key] for key in NESTED if key in schema and not isinstance(schema[key], bool))
    for key in NESTED_MAPS:
        yield from schema.get(key, {}).values()
    for key in NESTED_LISTS:
        yield from schema.get(key, ())


def literal_types(literal: Any) -> Iterable[Any]:
    """The types within the place of a body, query or headers: an object written out, or one type."""
    return literal.values() if isinstance(literal, Mapping) else [] if literal is None else [literal]
