"""What a schema demands at each place of a request, and values that break it. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from conformance.template import Path, alternatives, property_schema
from conformance.validation import compiled

Rule = Mapping[str, Any]
ABSENT: Any = object()
_OF_EACH_TYPE = {"array": [], "object": {}, "boolean": True, "number": -12.5, "string": "no such value"}
STRANGE_TEXTS = ("no such value", " no such value ", "no,such/value", "-1", "no\x07such value", "   ")
_STRANGE_NAMES = ("x" * 256, "no such name?", "")
_OF_ANY_KEY = {"patternProperties", "additionalProperties"}
_LARGEST = 100_000  # a body that is larger may be refused before it is looked at
_UUID = "5a1e9d9c-2d1b-4f7e-8f64-0d6a5b1f3c11"
_EXAMPLES: tuple[Any, ...] = (
    "a",
    1,
    True,
    {},
    [],
    None,
    _UUID,
    "192.0.2.1",
    "2001:db8::1",
    "2020-01-01T00:00:00Z",
    "1",
)


@attrs.frozen
class Place:
    """A place of a request: its path (a number for an item of an array), its schema, and what is said there."""

    path: Path
    schema: Rule
    value: Any = ABSENT


def places(schema: Rule, value: Any, path: Path = ()) -> Iterator[Place]:
    """Every place that a schema knows, said or not, below one; into what isn't said only where nothing is required."""
    seen: set[str] = set()
    for key, below, said in _inner(schema, value):
        if key in seen:
            continue
        seen.add(key)
        place = Place((*path, key), below, said)
        yield place
        if isinstance(said, Mapping | list) or not _demanding(below):
            yield from places(below, said, place.path)


def _inner(schema: Rule, value: Any) -> Iterator[tuple[str, Rule, Any]]:
    """What stands directly below: keys with a schema of their own, keys that are said, and an array's first item."""
    said: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    for each in alternatives(schema):
        for key, below in each.get("properties", {}).items():
            yield key, below, said.get(key, ABSENT)
        if isinstance(each.get("items"), Mapping):
            yield "0", each["items"], value[0] if isinstance(value, list) and value else ABSENT
    free = [each for each in alternatives(schema) if "properties" not in each and each.keys() & _OF_ANY_KEY]
    for key, inner in (said or ({"a": ABSENT} if free else {})).items():
        if (below := property_schema(schema, key)) is not None:
            yield key, below, inner


def required(schema: Rule) -> set[str]:
    """The keys without which an object won't do."""
    return {key for each in alternatives(schema) for key in each.get("required", ())}


def _demanding(schema: Rule) -> bool:
    """Whether an object, or the objects of an array, must have some key."""
    items = [each["items"] for each in alternatives(schema) if isinstance(each.get("items"), Mapping)]
    return any(required(each) for each in (schema, *items))


def broken(place: Place) -> Iterator[tuple[str, Any]]:
    """Values that must not stand at a place, each with the kind of what is wrong with it; one of each kind."""
    conforms = compiled(place.schema).conforms
    kinds: set[str] = set()
    for kind, value in _candidates(place):
        if kind not in kinds and not conforms(value):
            kinds.add(kind)
            yield kind, value


def _candidates(place: Place) -> Iterator[tuple[str, Any]]:
    own = {name for each in alternatives(place.schema) for name in _types(each)}
    yield from (("type", value) for name, value in _OF_EACH_TYPE.items() if name not in own)
    for each in alternatives(place.schema):
        yield from _beyond(each)
        yield from _of_wrong_number(each, place.value)
        if each.keys() & {"enum", "const", "pattern", "format"}:
            yield from (("value", text) for text in STRANGE_TEXTS)


def _types(schema: Rule) -> list[str]:
    found = schema.get("type", [])
    return [found] if isinstance(found, str) else found


def _beyond(schema: Rule) -> Iterator[tuple[str, Any]]:
    """Values just outside of a bound."""
    for name, kind, step in (("minimum", "least", -1), ("maximum", "most", 1)):
        if (bound := schema.get(name)) is not None:
            yield kind, bound + step if bound + step != bound else bound * 2
    for name, kind in (("exclusiveMinimum", "least"), ("exclusiveMaximum", "most")):
        if name in schema:
            yield kind, schema[name]
    if schema.get("minLength"):
        yield "short", "x" * (schema["minLength"] - 1)
    if schema.get("maxLength", _LARGEST) < _LARGEST:
        yield "long", "x" * (schema["maxLength"] + 1)


def _of_wrong_number(schema: Rule, value: Any) -> Iterator[tuple[str, Any]]:
    """Arrays and objects with too few or too many in them, or one twice."""
    items = schema.get("items")
    first = value[0] if isinstance(value, list) and value else example(items) if isinstance(items, Mapping) else ABSENT
    if schema.get("minItems"):
        yield "few", [] if schema["minItems"] == 1 or first is ABSENT else [first]
    if first is not ABSENT and "maxItems" in schema:
        count = range(schema["maxItems"] + 1)
        yield "many", [f"{first}{number}" if isinstance(first, str) else first for number in count]
    if first is not ABSENT and schema.get("uniqueItems"):
        yield "twice", [first, first]
    if isinstance(value, Mapping) and value:
        key, inner = next(iter(value.items()))
        if "minProperties" in schema:
            yield "few", {}
        if "maxProperties" in schema:
            yield "many", {f"{key}{number}": inner for number in range(schema["maxProperties"] + 1)}
        if "properties" not in schema:
            yield from (("name", {name: inner}) for name in _STRANGE_NAMES)


def example(schema: Rule) -> Any:
    """A value that a schema allows, or ABSENT if none comes to mind."""
    texts = [one for each in alternatives(schema) for one in each.get("enum", ())]
    return next((one for one in (*texts, *_EXAMPLES) if compiled(schema).conforms(one)), ABSENT)
