"""Types drawn from JSON Schemas that a service declares, in the notation of the history. Layer 2; pure.

An object with named keys becomes a shape of its own, unless the history has one that is the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from conformance.bump.canon import text
from conformance.document import Schema, fold
from conformance.edition import BASIC, Edition, references
from conformance.validation import compiled

FORMATS = ("date", "date-time", "email", "hostname", "ipv4", "ipv6", "uri", "uuid")
LONGEST = 200  # characters of a pattern that a person can read
_BOUNDS = (
    *("enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum"),
    *("exclusiveMaximum", "multipleOf"),
)
_COUNTS = ("minLength", "minItems", "minProperties")
_ANY_KEY = ("^.+$", "^.*$", ".+", ".*")
_NAME = re.compile(r"[^a-z0-9]+")


@attrs.frozen
class Drawn:
    """A type, and what is to be said of how it was come by."""

    type: Any
    remarks: tuple[str, ...] = ()


@attrs.define
class Drawing:
    """Types for one draft, with the new shapes that they need by name."""

    edition: Edition
    new: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    _known: dict[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        """Know every shape of the history by what it is; of those that are the same, the shortest name."""
        used = Counter(
            ref for shape in self.edition.shapes.values() for type_ in shape.types for ref in references(type_)
        )
        for name in sorted(self.edition.shapes, key=lambda name: (-len(name), name)):
            schema = fold(self.edition, name)
            if "properties" in schema or used[name] > 1:  # what stands at one key alone is that key's own matter
                self._known[text(schema)] = name
        self._known |= {text(schema): name for name, schema in BASIC.items()}

    def named(self, schema: Schema) -> str | None:
        """The name in the history for what a schema says, with a ``?`` behind it if it may also be null."""
        if found := self._known.get(text(schema)):
            return found
        kinds = schema.get("type")
        if isinstance(kinds, list) and "null" in kinds:
            others = [kind for kind in kinds if kind != "null"]
            inner = self._known.get(text({**schema, "type": others[0] if len(others) == 1 else others}))
            return f"{inner}?" if inner else None
        return None

    def shape(self, name: str, entry: dict[str, Any]) -> str:
        """A new shape under that name, or under one like it that is free; the same one twice is one."""
        base = _NAME.sub("_", name.lower()).strip("_") or "object"
        base = base if base[0].isalpha() else f"key_{base}"
        number = 1
        while (chosen := base if number == 1 else f"{base}_{number}") in {*self.edition.shapes, *self.new, *BASIC}:
            if self.new.get(chosen) == entry:
                return chosen
            number += 1
        self.new[chosen] = entry
        return chosen

    def fits(self, type_: Any, values: Iterable[Any]) -> bool:
        """Whether all values are of a type of the history."""
        return all(map(compiled(fold(self.edition, type_)).conforms, values))

    def of_schema(self, schema: Schema, name: str) -> Drawn:
        """The type that a schema says; ``name`` is what it would be called."""
        if found := self.named(schema):
            return Drawn(found)
        for key in ("oneOf", "anyOf"):
            if key in schema:
                return self._alternatives(schema[key], name)
        kinds = schema.get("type")
        if isinstance(kinds, list) and "null" in kinds and {"object", "array"} & set(kinds):
            rest = [kind for kind in kinds if kind != "null"]
            return or_null(self.of_schema({**schema, "type": rest[0] if len(rest) == 1 else rest}, name))
        if schema.get("properties"):
            return self._object(schema, name)
        if kinds == "array":
            return self._array(schema, name)
        return self._map(schema, name) if kinds == "object" else simple(schema)

    def _alternatives(self, schemas: Sequence[Schema], name: str) -> Drawn:
        others = [one for one in schemas if one != {"type": "null"}]
        drawn = [self.of_schema(one, name) for one in others]
        remarks = tuple(remark for one in drawn for remark in one.remarks)
        found = Drawn(drawn[0].type if len(drawn) == 1 else {"anyOf": [each.type for each in drawn]}, remarks)
        return or_null(found) if len(others) < len(schemas) else found

    def _object(self, schema: Schema, name: str) -> Drawn:
        entry: dict[str, Any] = {}
        remarks: list[str] = []
        if schema.get("additionalProperties", True) is not False:
            entry["unknown"] = "ignored"
        for key, inner in schema["properties"].items():
            drawn = self.of_schema(inner, key)
            remarks += drawn.remarks
            entry.setdefault("add" if key in schema.get("required", ()) else "allow", {})[key] = drawn.type
        return Drawn(self.shape(name, entry), tuple(remarks))

    def _array(self, schema: Schema, name: str) -> Drawn:
        limits = {key: schema[key] for key in ("minItems", "maxItems", "uniqueItems") if schema.get(key)}
        items = self.of_schema(schema.get("items", {}), singular(name))
        return Drawn({"type": "array", "items": items.type, **limits} if limits else [items.type], items.remarks)

    def _map(self, schema: Schema, name: str) -> Drawn:
        patterns = schema.get("patternProperties", {})
        more = schema.get("additionalProperties", True)
        if len(patterns) > 1 or (patterns and more is not False and {*patterns} - {*_ANY_KEY}):
            return self._patterns(schema)
        drawn = {key: schema[key] for key in ("minProperties", "maxProperties") if schema.get(key)}
        remarks: tuple[str, ...] = ()
        names = {"pattern": next(iter(patterns))} if patterns else schema.get("propertyNames")
        inner = next(iter(patterns.values())) if patterns else more
        if names and names.get("pattern") not in _ANY_KEY:
            drawn["propertyNames"] = names
        if isinstance(inner, Mapping) and inner:
            values = self.of_schema(dict(inner), singular(name))
            drawn["additionalProperties"], remarks = values.type, values.remarks
        return Drawn({"type": "object", **drawn} if drawn else "object", remarks)

    def _patterns(self, schema: Schema) -> Drawn:
        """An object whose keys are told apart by patterns, or that may have others than these."""
        inner = {pattern: self.of_schema(below, "") for pattern, below in schema["patternProperties"].items()}
        kept = {key: schema[key] for key in ("minProperties", "maxProperties", "additionalProperties") if key in schema}
        types = {pattern: drawn.type for pattern, drawn in inner.items()}
        remarks = tuple(remark for drawn in inner.values() for remark in drawn.remarks)
        return Drawn({"type": "object", "patternProperties": types, **kept}, remarks)


def singular(name: str) -> str:
    """What one of several would be called."""
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else f"{name}_item"


def or_null(drawn: Drawn) -> Drawn:
    """The type, which may also be null."""
    type_ = drawn.type
    if isinstance(type_, str):
        return drawn if type_.endswith("?") or type_ in ("any", "null") else attrs.evolve(drawn, type=f"{type_}?")
    if isinstance(type_, dict) and isinstance(type_.get("type"), str) and type_["type"] not in ("object", "array"):
        return attrs.evolve(drawn, type={**type_, "type": [type_["type"], "null"]})
    return attrs.evolve(drawn, type={"anyOf": [type_, "null"]})


def simple(schema: Schema) -> Drawn:
    """A simple value: its kinds and bounds, as far as a person can read them and others know them."""
    kept = {key: schema[key] for key in _BOUNDS if key in schema and not (key in _COUNTS and schema[key] == 0)}
    if all(isinstance(value, str) for value in kept.get("enum", ())) and "enum" in kept:
        kept["enum"] = sorted(kept["enum"])
    remarks = []
    if len(kept.get("pattern", "")) > LONGEST:
        kept["pattern"], remark = readable(kept["pattern"])
        remarks.append(remark)
    if (name := schema.get("format")) in FORMATS:
        kept["format"] = name
    elif name:
        remarks.append(f"a guess: the service also checks it as {name}")
    if "type" in schema and not ("enum" in kept and isinstance(schema["type"], str)):
        kept = {"type": schema["type"], **kept}
    return Drawn(_basic(kept) or kept, tuple(remarks))


def _basic(schema: Schema) -> str | None:
    kinds = schema.get("type")
    if isinstance(kinds, list) and len(kinds) == 2 and "null" in kinds:
        inner = _basic({**schema, "type": next(kind for kind in kinds if kind != "null")})
        return f"{inner}?" if inner else None
    return next((name for name, basic in BASIC.items() if basic == schema), None)


def readable(pattern: str) -> tuple[str, str]:
    """A pattern too long to read, by what it refuses of ASCII; and a remark that says so."""
    spans: list[list[int]] = []
    for number in range(128):
        if re.search(pattern, f"a{chr(number)}a"):
            continue
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    kinds = "".join(_escaped(low) if low == high else f"{_escaped(low)}-{_escaped(high)}" for low, high in spans)
    remark = f"a guess: the service's pattern has {len(pattern)} characters; this is what it refuses of ASCII"
    return (f"^[^{kinds}]*$" if kinds else ".*"), remark


def _escaped(number: int) -> str:
    return chr(number) if 32 < number < 127 and chr(number) not in "\\]^-" else f"\\x{number:02x}"
