"""Types for keys that came: as the service declares them, as the history has them elsewhere, or as they were seen.

Each is checked against all values that were seen, and says how it was come by where the service doesn't say it itself.
Layer 2; pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from conformance.bump.canon import text
from conformance.bump.drawing import Drawing, Drawn, or_null, singular
from conformance.bump.lifting import above
from conformance.document import Schema, fold
from conformance.edition import BASIC, Property, references
from conformance.validation import compiled

_GUESSED = ("uuid", "ipv4", "ipv6", "date-time", "uri")
_KEY_OF_MAP = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|[A-Z][A-Z0-9_]*")
_CLASSES = "^[A-Z0-9_]+$"
_CLASS = re.compile(_CLASSES)
_KINDS = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"), (dict, "object"))
NEVER = "a guess: it was null in every body"
UNSEEN_NULL = "a guess: the service declares that it may be null, which it was in no body"
EMPTY = "a guess: it was empty in every body, so what it holds was not seen"


@attrs.frozen
class Known:
    """What is known of a key already: the shape that holds it, its type below, and the type with which it is taken."""

    holder: str = ""
    was: Any = None
    taken: Drawn | None = None


def best(
    drawing: Drawing,
    key: str,
    values: Sequence[Any],
    declared: Iterable[Schema],
    known: Known = Known(),
) -> Drawn:
    """The type of a key, from all that is known of it."""
    return (
        _of_family(drawing, key, values, known.holder)
        or _shape_of_name(drawing, key, values)
        or _declared(drawing, key, values, declared)
        or _as_taken(drawing, values, known.taken)
        or _as_map(drawing, key, values, known.was)
        or alike(drawing, key, values)
        or of_values(drawing, values, key)
    )


def _of_family(drawing: Drawing, key: str, values: Sequence[Any], holder: str) -> Drawn | None:
    """What the shapes that share an ancestor with the holder say of the key."""
    if holder not in drawing.edition.shapes or not values:
        return None
    shapes, root = drawing.edition.shapes, above(drawing.edition, holder)[-1]
    found = [
        (name, own) for name, shape in shapes.items() if (own := shape.own.get(key)) and _root(drawing, name) == root
    ]
    if len({text(fold(drawing.edition, own.type)) for _, own in found}) != 1:
        return None
    name, own = found[-1]
    return Drawn(own.type, (f"as {name} has it",)) if drawing.fits(own.type, values) else None


def _shape_of_name(drawing: Drawing, key: str, values: Sequence[Any]) -> Drawn | None:
    """A shape of several keys that is called as the key is, if all values are what it says."""
    if not values or not all(isinstance(value, Mapping) for value in values):
        return None
    for name in (key, singular(key)):
        several = name in drawing.edition.shapes and len(fold(drawing.edition, name).get("required", ())) > 1
        if several and drawing.fits(name, values):
            return Drawn(name, (f"a guess: it looks like {name}",))
    return None


def _as_taken(drawing: Drawing, values: Sequence[Any], taken: Drawn | None) -> Drawn | None:
    """The type with which a request takes the same key."""
    if taken is None or not values or set(references(taken.type)) - drawing.edition.shapes.keys():
        return None
    nullable = drawing.fits(taken.type, [None])
    if (nullable and None not in values) or not drawing.fits(taken.type, values) or _beside(taken.type, values):
        return None
    return Drawn(taken.type, ("a guess: as it is taken",))


def _beside(type_: Any, values: Sequence[Any]) -> bool:
    """Whether values have keys of which a type by patterns says nothing."""
    patterns = type_.get("patternProperties", {}) if isinstance(type_, Mapping) else {}
    keys = [key for value in values if isinstance(value, Mapping) for key in value]
    return bool(patterns) and any(not any(re.search(one, key) for one in patterns) for key in keys)


def _as_map(drawing: Drawing, key: str, values: Sequence[Any], was: Any) -> Drawn | None:
    """A map stays one, of other values."""
    maps = [value for value in values if isinstance(value, Mapping)]
    schema = fold(drawing.edition, was) if was is not None else {}
    if schema.get("type") != "object" or "properties" in schema or len(maps) < len(values) or not any(maps):
        return None
    return _map(drawing, maps, key, [name for value in maps for name in value])


def _root(drawing: Drawing, name: str) -> str:
    return above(drawing.edition, name)[-1]


def _declared(drawing: Drawing, key: str, values: Sequence[Any], declared: Iterable[Schema]) -> Drawn | None:
    """The simplest of the schemas that the service declares, of those that all values keep to."""
    fitting = {text(one): one for one in declared if all(map(compiled(_checked(one)).conforms, values))}
    if not fitting:
        return None
    whole = fitting[min(fitting, key=lambda one: (len(one), one))]
    schema = _as_seen(whole, values)
    drawn = drawing.of_schema(schema, key)
    if missing := _never(schema, values):
        drawn = attrs.evolve(drawn, remarks=(*drawn.remarks, f"a guess: in no body: {', '.join(missing)}"))
    seen = of_values(drawing, values, key) if values and drawn.type in ("string", "string?") else None
    if seen and str(seen.type).removesuffix("?") in _GUESSED:
        return seen
    never = values and None not in values and compiled(_checked(schema)).conforms(None)
    return attrs.evolve(drawn, remarks=(*drawn.remarks, *((UNSEEN_NULL,) if never else ())))


def _as_seen(schema: Schema, values: Sequence[Any]) -> Schema:
    """A declared object, of which every key that all values have is required: services declare less than they send."""
    objects = [value for value in values if isinstance(value, Mapping)]
    if not schema.get("properties") or not objects:
        return schema
    always = [key for key in schema["properties"] if all(key in value for value in objects)]
    inner = {
        key: _as_seen(below, [value[key] for value in objects if key in value])
        for key, below in schema["properties"].items()
    }
    return {**schema, "properties": inner, "required": [*dict.fromkeys([*schema.get("required", ()), *always])]}


def _never(schema: Schema, values: Sequence[Any]) -> list[str]:
    """The keys of a declared object that no value has."""
    seen = {key for value in values if isinstance(value, Mapping) for key in value}
    return sorted(schema.get("properties", {}).keys() - seen) if values else []


def _checked(schema: Any) -> Any:
    """A declared schema without formats that only its service knows."""
    if isinstance(schema, Mapping):
        return {key: _checked(inner) for key, inner in schema.items() if key != "format" or inner in BASIC}
    return [_checked(inner) for inner in schema] if isinstance(schema, list) else schema


def alike(drawing: Drawing, key: str, values: Sequence[Any]) -> Drawn | None:
    """The one type that keys of this name have in the history and that all values are of; or a type of its name."""
    found: dict[str, Property] = {}
    for shape in drawing.edition.shapes.values():
        if (own := shape.own.get(key)) and values and drawing.fits(own.type, values):
            found[text(fold(drawing.edition, own.type))] = own
    if len(found) == 1 and any(value not in (None, [], {}) for value in values):
        return Drawn(next(iter(found.values())).type, (f"a guess: as {key} is elsewhere",))
    name = key.rpartition("_")[2]
    if name != key and name in drawing.edition.shapes and values and drawing.fits(name, values):
        return Drawn(name, (f"a guess: it is called a {name}",))
    return None


def of_values(drawing: Drawing, values: Sequence[Any], name: str) -> Drawn:
    """The narrowest type that all values have which a service can be thought to promise."""
    others = [value for value in values if value is not None]
    if not others:
        return Drawn("string?", (NEVER,))
    drawn = _of_kind(drawing, {kind(value) for value in others}, others, name)
    return or_null(drawn) if len(others) < len(values) else drawn


def _of_kind(drawing: Drawing, kinds: set[str], values: Sequence[Any], name: str) -> Drawn:
    if kinds <= {"integer", "number"}:
        return Drawn("integer" if kinds == {"integer"} else "number")
    if kinds == {"string"}:
        return _text(values)
    if kinds == {"array"}:
        items = [item for value in values for item in value]
        inner = of_values(drawing, items, singular(name)) if items else Drawn("any", (EMPTY,))
        return Drawn([inner.type], inner.remarks)
    if kinds == {"object"}:
        return _object(drawing, values, name)
    return Drawn({"type": sorted(kinds)} if len(kinds) > 1 else kinds.pop())


def _text(values: Sequence[str]) -> Drawn:
    for name in _GUESSED:
        if all(map(compiled(BASIC[name]).conforms, values)):
            return Drawn(name, (f"a guess: every value is a {name}",))
    return Drawn("string")


def _object(drawing: Drawing, values: Sequence[Mapping[str, Any]], name: str) -> Drawn:
    keys = [key for value in values for key in value]
    if not keys:
        return Drawn("object", (EMPTY,))
    if known := _shape_of_name(drawing, name, values):
        return known
    if all(map(_KEY_OF_MAP.fullmatch, keys)) or _motley(values):
        return _map(drawing, values, name, keys)
    if any(map(_CLASS.fullmatch, keys)):
        return _mixed(drawing, values)
    entry: dict[str, Any] = {}
    remarks: list[str] = []
    for key in dict.fromkeys(keys):
        found = [value[key] for value in values if key in value]
        drawn = alike(drawing, key, found) or of_values(drawing, found, key)
        remarks += [f"{key}: {remark}" for remark in drawn.remarks]
        entry.setdefault("add" if len(found) == len(values) else "allow", {})[key] = drawn.type
    return Drawn(drawing.shape(name, entry), tuple(remarks))


def _motley(values: Sequence[Mapping[str, Any]]) -> bool:
    """Whether keys come and go, and all lead to the same kind of thing."""
    keys = {key for value in values for key in value}
    kinds = {kind(item) for value in values for item in value.values()}
    return len(keys) > 2 and len(kinds) == 1 and not any(all(key in value for value in values) for key in keys)


def _mixed(drawing: Drawing, values: Sequence[Mapping[str, Any]]) -> Drawn:
    """Resource classes beside keys that have names of their own."""
    inner = of_values(drawing, [item for value in values for key, item in value.items() if _CLASS.fullmatch(key)], "")
    named = dict.fromkeys(key for value in values for key in value if not _CLASS.fullmatch(key))
    types = {key: of_values(drawing, [value[key] for value in values if key in value], key).type for key in named}
    always = [key for key in named if all(key in value for value in values)]
    drawn = {"type": "object", "properties": types, "patternProperties": {_CLASSES: inner.type}}
    return Drawn({**drawn, "required": always, "additionalProperties": False}, inner.remarks)


def _map(drawing: Drawing, values: Sequence[Mapping[str, Any]], name: str, keys: list[str]) -> Drawn:
    inner = of_values(drawing, [item for value in values for item in value.values()], singular(name))
    remark = "a guess: its keys are names that somebody gave"
    names = [{"type": "string", "format": "uuid"}] if all("-" in key for key in keys) else []
    names += [{"pattern": _CLASSES}] if all(map(_CLASS.fullmatch, keys)) else []
    named = {"propertyNames": names[0]} if names else {}
    return Drawn({"type": "object", **named, "additionalProperties": inner.type}, (*inner.remarks, remark))


def kind(value: Any) -> str:
    """What JSON calls it."""
    return next((word for type_, word in _KINDS if isinstance(value, type_)), "null")
