"""A value held against a schema: a fast validator decides, another one explains what it refused. Layer 2; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import attrs
import jsonschema
import jsonschema_rs

from conformance import pointer
from conformance.document import Schema, without_marks
from conformance.report import redaction

_CODES = {"required": "missing", "additionalProperties": "unexpected", "type": "type", "format": "format"}
_SHORT = 160


@attrs.frozen
class Fault:
    """One place at which a value departs from its schema; ``code`` is that of a finding."""

    code: str
    pointer: str
    expected: str
    seen: str


def short(value: Any) -> str:
    """A value on one line without secrets, cut where it gets long: in that order, so that no part of one is left."""
    text = redaction.text(value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str))
    text = " ".join(text.split())
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}..."


class Validator:
    """A schema's two validators."""

    def __init__(self, text: str) -> None:
        """Compile the first; the second is made when there is something to explain."""
        self._schema = json.loads(text)
        decide = jsonschema_rs.Draft202012Validator(self._schema, validate_formats=True)
        self.conforms, self.refusals = decide.is_valid, decide.iter_errors

    def explain(self, data: Any) -> Iterator[jsonschema.ValidationError]:
        """The errors in words."""
        checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
        validator = jsonschema.Draft202012Validator(self._schema, format_checker=checker)
        return validator.iter_errors(data)


@cache
def _compiled(text: str) -> Validator:
    return Validator(text)


_BY_IDENTITY: dict[int, tuple[Mapping[str, Any], Validator]] = {}


def compiled(schema: Mapping[str, Any]) -> Validator:
    """The validators of a schema, made once; documents live as long as the run, so identity serves as the key."""
    known = _BY_IDENTITY.get(id(schema))
    if known is None or known[0] is not schema:
        known = _BY_IDENTITY[id(schema)] = (schema, _compiled(json.dumps(without_marks(schema))))
    return known[1]


def faults(data: Any, schema: Schema) -> Iterator[Fault]:
    """Where ``data`` departs from ``schema``; one fault, one place."""
    validators = compiled(schema)
    if validators.conforms(data):
        return
    errors = list(validators.explain(data))
    for error in errors:
        yield from _explained(error)
    if not errors:  # Python's $ lets a line break at the end pass
        for refusal in validators.refusals(data):
            yield Fault("value", pointer.write(refusal.instance_path), refusal.message, short(refusal.instance))


def _explained(error: jsonschema.ValidationError) -> Iterator[Fault]:
    where = list(error.absolute_path)
    if error.validator == "required":
        name = error.message.removesuffix(" is a required property").strip("'")
        yield Fault("missing", pointer.write([*where, name]), f"the key {name!r}", "no such key")
    elif error.validator == "additionalProperties" and isinstance(error.instance, dict):
        for name in _extra(error, error.instance):
            seen = short({name: error.instance[name]})
            yield Fault("unexpected", pointer.write([*where, name]), f"no key {name!r}", seen)
    elif meant := _meant(error):
        for inner in meant:
            yield from _explained(inner)
    else:
        code = _CODES.get(str(error.validator), "value")
        expected = _wanted(str(error.validator), error.validator_value)
        yield Fault(code, pointer.write(where), expected, short(error.instance))


def _meant(error: jsonschema.ValidationError) -> Sequence[jsonschema.ValidationError]:
    """Of several alternatives the one that the value comes nearest to, unless all are of another kind."""
    branches: dict[Any, list[jsonschema.ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    near = [errors for errors in branches.values() if not any(_other_kind(one) for one in errors)]
    return min(near, key=len, default=[])


def _other_kind(error: jsonschema.ValidationError) -> bool:
    return not error.relative_path and error.validator in ("type", "const", "enum", "format", "pattern")


def _extra(error: jsonschema.ValidationError, instance: Mapping[str, Any]) -> list[str]:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    patterns = schema.get("patternProperties", {})
    return [
        name
        for name in instance
        if name not in schema.get("properties", {}) and not any(re.search(one, name) for one in patterns)
    ]


def _wanted(validator: str, value: Any) -> str:
    if validator in ("anyOf", "oneOf"):
        return " or ".join(short(without_marks(one)) for one in value)
    return f"{validator} {short(value)}"
