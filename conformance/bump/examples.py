"""Bodies for a request that keep to what a service declares that it takes. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from conformance.bump.sighting import Sighting
from conformance.document import Schema
from conformance.validation import compiled


def examples(call: str, sighted: Iterable[Sighting]) -> list[Any]:
    """Bodies for a call that keep to what the service declares: the least, each key that may be absent, and again."""
    schema = next((one.declared["takes"] for one in sighted if "takes" in one.declared), None)
    found = list(_bodies(schema)) if schema else [{} if call.startswith("POST ") else None]
    return [*found, found[0]] if call.startswith("PUT ") else found


def _bodies(schema: Schema) -> list[Any]:
    needed = example(schema)
    if not isinstance(needed, dict):
        return [needed]
    envelope, inner = next(iter(needed.items()), ("", None))
    below = schema.get("properties", {}).get(envelope, schema)
    if isinstance(inner, dict):
        return [needed, *({envelope: {**inner, **one}} for one in _singly(below))]
    return [needed, *({**needed, **one} for one in _singly(schema))]


def _singly(schema: Schema) -> Iterator[dict[str, Any]]:
    for key, inner in schema.get("properties", {}).items():
        if key not in schema.get("required", ()):
            yield {key: example(inner)}


def example(schema: Schema) -> Any:
    """A value that a schema takes, as harmless as can be: the first of an enumeration, no, the least number."""
    for key in ("const", "enum", "oneOf", "anyOf"):
        if key in schema:
            found = schema[key]
            return found if key == "const" else example(found[0]) if key.endswith("Of") else _harmless(found)
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    kind = kinds if isinstance(kinds, str) else next((one for one in kinds if one != "null"), "null")
    if kind == "object":
        return {key: example(schema.get("properties", {}).get(key, {})) for key in schema.get("required", ())}
    if kind == "array":
        return [example(schema.get("items", {}))] if schema.get("minItems", 1) else []
    simple = {"boolean": False, "integer": schema.get("minimum", 1), "number": schema.get("minimum", 1), "null": None}
    return simple[kind] if kind in simple else _word(schema)


def _harmless(values: list[Any]) -> Any:
    return False if any(value is False for value in values) else values[0]


def _word(schema: Schema) -> str:
    """A text that a schema takes, of a few; the first where it takes none of them."""
    known = {"uuid": "$uuid3", "date-time": "2030-01-01T00:00:00Z", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1"}
    if schema.get("format") in known:
        return known[schema["format"]]
    longest = schema.get("maxLength", 99)
    words = [word[:longest] for word in ("conformance", "CONFORMANCE", "1", "a", "http://192.0.2.1/", "aGVsbG8=")]
    plain = {key: value for key, value in schema.items() if key != "format"}
    return next((word for word in words if compiled(plain).conforms(word)), words[0])
