"""Requests from what a story says: variables filled in, and keys that a microversion doesn't know left out. Layer 1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.errors import DataError
from conformance.microversion import Microversion, Span

REST = "..."
"""The key of an object of which all keys stand in its place, where they don't stand there already."""
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|([a-z_]\w*))")
Path = tuple[str, ...]


def fill(value: Any, memory: Mapping[str, Any], where: str = "") -> Any:
    """``value`` with each ``$name`` replaced; a text that is nothing but ``$name`` becomes the value itself."""
    if isinstance(value, str):
        whole = _VARIABLE.fullmatch(value)
        if whole:
            return _recall(whole, memory, where)
        return _VARIABLE.sub(lambda found: str(_recall(found, memory, where)), value)
    if isinstance(value, Mapping):
        filled = {fill(key, memory, where): fill(inner, memory, where) for key, inner in value.items()}
        return {**filled.pop(REST, {}), **filled}
    return [fill(inner, memory, where) for inner in value] if isinstance(value, list) else value


def variables(value: Any) -> set[str]:
    """The names of all variables that a value mentions."""
    if isinstance(value, str):
        return {found[1] or found[2] for found in _VARIABLE.finditer(value)}
    if isinstance(value, Mapping):
        return {name for pair in value.items() for part in pair for name in variables(part)}
    return {name for inner in value for name in variables(inner)} if isinstance(value, list | tuple) else set()


def _recall(found: re.Match[str], memory: Mapping[str, Any], where: str) -> Any:
    name = found[1] or found[2]
    if name not in memory:
        remedy = f"Keep it in a step before. Known here: {', '.join(sorted(memory))}."
        raise DataError(f"nothing is kept under ${name}", where, remedy)
    return memory[name]


def in_force(key: str, version: Microversion) -> tuple[str, bool]:
    """A key without its ``@2.19`` or ``@2.1..2.30``, and whether it holds at a microversion."""
    name, mark, text = key.rpartition("@")
    if not mark or not re.fullmatch(r"\d+\.\d+(\.\.\d+\.\d+)?", text):
        return key, True
    if ".." in text:
        return name, version in Span.parse(text)
    return name, version >= Microversion.parse(text)


def settle(value: Any, version: Microversion, keep: Path = ()) -> Any:
    """``value`` with the keys that are said for some microversions only, such as ``networks@2.37``, taken or left.

    The key at the path ``keep`` is taken at any microversion.
    """
    if isinstance(value, list):
        return [settle(inner, version) for inner in value]
    if not isinstance(value, Mapping):
        return value
    settled = {}
    for key, inner in value.items():
        name, holds = in_force(key, version)
        wanted = keep[:1] == (name,)
        if holds or (wanted and name not in settled):
            settled[name] = settle(inner, version, keep[1:] if wanted else ())
    return settled


def trim(value: Any, schema: Mapping[str, Any] | None, keep: Path = ()) -> Any:
    """``value`` without the keys that ``schema`` doesn't name; the key at the path ``keep`` stays all the same."""
    if schema is None:
        return value
    if isinstance(value, list):
        items = next((each["items"] for each in alternatives(schema) if "items" in each), None)
        return [trim(inner, items) for inner in value]
    if not isinstance(value, Mapping):
        return value
    kept = {}
    for key, inner in value.items():
        below = property_schema(schema, key)
        if below is not None or keep[:1] == (key,):
            kept[key] = trim(inner, below or {}, keep[1:] if keep[:1] == (key,) else ())
    return kept


def knows(schema: Mapping[str, Any] | None, path: Path) -> bool:
    """Whether a schema names the key at ``path``."""
    for key in path:
        schema = None if schema is None else _below(schema, key)
    return schema is not None


def refuses(schema: Mapping[str, Any] | None, path: Path) -> bool:
    """Whether a schema refuses the key at ``path``, which it doesn't name."""
    for key in path[:-1]:
        schema = None if schema is None else _below(schema, key)
    return any(each.get("additionalProperties") is False for each in alternatives(schema or {}))


def _below(schema: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    """The schema of a key, or of the items of an array."""
    items = next((each["items"] for each in alternatives(schema) if key == "0" and "items" in each), None)
    return property_schema(schema, key) if items is None else items


def property_schema(schema: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    """The schema of a key, through alternatives and patterns; None where the schema doesn't name it."""
    for alternative in alternatives(schema):
        if key in alternative.get("properties", {}):
            return alternative["properties"][key]  # type: ignore[no-any-return]
        for pattern, inner in alternative.get("patternProperties", {}).items():
            if "$" in key or re.search(pattern, key):  # what a variable will be is known only later
                return inner  # type: ignore[no-any-return]
        extra = alternative.get("additionalProperties", "properties" not in alternative)
        if isinstance(extra, Mapping):
            return extra
        if extra and "properties" not in alternative and _may_be_object(alternative):
            return {}
    return None


def alternatives(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema, and all that it offers as alternatives."""
    yield schema
    for key in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(key, ()):
            yield from alternatives(inner)


def _may_be_object(schema: Mapping[str, Any]) -> bool:
    if "anyOf" in schema or "oneOf" in schema or "allOf" in schema:
        return False
    kind = schema.get("type", "object")
    return kind == "object" or (isinstance(kind, list) and "object" in kind)


def paths(value: Any, above: Path = ()) -> Iterator[Path]:
    """The path of every key in a body; keys said for some microversions only are told without their mark."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = (*above, in_force(key, Microversion(0, 0))[0])
            yield here
            yield from paths(inner, here)
