"""One form for JSON Schemas that mean the same, so that what two say can be compared. Layer 2; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from conformance.document import Schema, without_marks

_SAID_FOR_PEOPLE = ("title", "description", "default", "contentEncoding")
_EMPTY = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False, "required": []}
_ONE_CLASS = re.compile(r"\^(\[[^\[\]]+\])([*+]|\{\d+,?\d*\})\$")
_SOMEWHERE = re.compile(r"(\[[^\[\]]+\])(\+|\{1,\d*\})?")
_ALTERNATIVES = ("anyOf", "oneOf")
_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


def canonical(schema: Any) -> Schema:
    """The same schema in one form: without marks and defaults, null an alternative or a kind, and lists sorted."""
    if not isinstance(schema, Mapping):
        return {} if schema is True else {"not": {}}
    plain = {key: value for key, value in without_marks(schema).items() if key not in _SAID_FOR_PEOPLE}
    plain = {key: value for key, value in plain.items() if _EMPTY.get(key, ...) != value}
    if "object" not in _listed(plain.get("type")):
        plain.pop("additionalProperties", None)
    if isinstance(pattern := plain.get("pattern"), str):
        plain["pattern"] = _class(pattern)
    return _ordered(_nullable(_single(_closed(_inner(plain)))))


def _class(pattern: str) -> str:
    """A pattern of one class of characters, with these in order; how many stand somewhere makes no difference."""
    whole, part = _ONE_CLASS.fullmatch(pattern), _SOMEWHERE.fullmatch(pattern)
    found = whole or part
    if not found or any(re.match(found[1], chr(number)) for number in range(128, 256)):
        return pattern
    characters = f"[{''.join(chr(number) for number in range(128) if re.match(found[1], chr(number)))}]"
    return f"^{characters}{whole[2]}$" if whole else characters


def text(schema: Any) -> str:
    """The canonical form as text: equal texts, equal schemas."""
    return json.dumps(canonical(schema), sort_keys=True)


def _inner(schema: Schema) -> Schema:
    for key in ("items", "additionalProperties", "propertyNames", "contains", "not"):
        if isinstance(schema.get(key), Mapping):
            schema[key] = canonical(schema[key])
    if "properties" in schema:
        schema["properties"] = {name: canonical(inner) for name, inner in schema["properties"].items()}
    if "patternProperties" in schema:
        schema["patternProperties"] = {
            _class(name): canonical(inner) for name, inner in schema["patternProperties"].items()
        }
    for key in (*_ALTERNATIVES, "allOf"):
        if key in schema:
            schema[key] = [canonical(inner) for inner in schema[key]]
    if schema.get("propertyNames") == {"type": "string"}:
        del schema["propertyNames"]
    return schema


def _closed(schema: Schema) -> Schema:
    """A map by one pattern is one by the names of its keys; an object that takes anything is said by its kind."""
    patterns = schema.get("patternProperties", {})
    if len(patterns) == 1 and schema.get("additionalProperties") is False and not schema.get("properties"):
        ((pattern, inner),) = patterns.items()
        rest = {key: value for key, value in schema.items() if key != "patternProperties"}
        rest.pop("properties", None)
        return {**rest, "propertyNames": {"pattern": _class(pattern)}, "additionalProperties": inner}
    if schema.get("additionalProperties") in (True, {}) and "properties" in schema and not schema["properties"]:
        schema = {key: value for key, value in schema.items() if key not in ("properties", "additionalProperties")}
    elif schema.get("additionalProperties") in (True, {}) and "properties" not in schema:
        schema = {key: value for key, value in schema.items() if key != "additionalProperties"}
    if "propertyNames" in schema and schema["propertyNames"].get("type") == "string":
        names = {key: value for key, value in schema["propertyNames"].items() if key != "type"}
        schema = {**schema, "propertyNames": names}
    return schema


def _single(schema: Schema) -> Schema:
    """One kind isn't a list of kinds, and an enumeration tells its kinds itself."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        schema = {**schema, "type": kinds[0] if len(kinds) == 1 else sorted(kinds)}
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if values is not None and {_KINDS.get(type(value)) for value in values} <= set(_listed(schema.get("type"))):
        schema = {key: value for key, value in schema.items() if key != "type"}
    if "const" in schema:
        schema = {**{key: value for key, value in schema.items() if key != "const"}, "enum": [schema["const"]]}
    return schema


def _listed(kinds: Any) -> list[str]:
    found = [kinds] if isinstance(kinds, str) else list(kinds or _KINDS.values())
    return [*found, "integer"] if "number" in found else found


def _nullable(schema: Schema) -> Schema:
    """An object or array that may be null is an alternative of two; a simple kind has null among its kinds."""
    kinds = schema.get("type")
    if isinstance(kinds, list) and "null" in kinds and {"object", "array"} & set(kinds):
        others = [kind for kind in kinds if kind != "null"]
        rest = canonical({**schema, "type": others[0] if len(others) == 1 else others})
        return {"anyOf": [rest, {"type": "null"}]}
    for key in _ALTERNATIVES:
        if key in schema:
            rest = {name: value for name, value in schema.items() if name != key}
            alternatives = [inner for one in schema[key] for inner in _flat(one)]
            return {**rest, "anyOf": alternatives} if rest else _with_null(alternatives)
    return schema


def _flat(schema: Schema) -> list[Schema]:
    return schema["anyOf"] if set(schema) == {"anyOf"} else [schema]


def _with_null(alternatives: list[Schema]) -> Schema:
    null, others = {"type": "null"}, [one for one in alternatives if one != {"type": "null"}]
    if null in alternatives and len(others) == 1 and isinstance(others[0].get("type"), str | list):
        kinds = _listed_kinds(others[0]["type"])
        if not {"object", "array"} & set(kinds) and "enum" not in others[0]:
            return {**others[0], "type": sorted({*kinds, "null"})}
    return {"anyOf": alternatives}


def _listed_kinds(kinds: str | list[str]) -> list[str]:
    return [kinds] if isinstance(kinds, str) else kinds


def _ordered(schema: Schema) -> Schema:
    for key in ("enum", "anyOf", "allOf"):
        if key in schema:
            unique = {json.dumps(one, sort_keys=True): one for one in schema[key]}
            schema = {**schema, key: [unique[one] for one in sorted(unique)]}
    if "required" in schema:
        schema = {**schema, "required": sorted(schema["required"])}
    return dict(sorted(schema.items()))
