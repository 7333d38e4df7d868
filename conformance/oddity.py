"""Requests with one thing wrong: a key from another microversion, or what the history refuses. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from conformance.document import Document, Schema
from conformance.microversion import Microversion
from conformance.story import Step
from conformance.template import Path, in_force, property_schema, refuses, settle
from conformance.validation import compiled

STRANGER = "conformance_unknown"
_OF_OTHER_TYPES: tuple[Any, ...] = ([], {}, True, -12.5, "no such value")
_STRANGE_TEXTS = ("no such value", "-1", "")


@attrs.frozen
class Odd:
    """The one thing: its kind, where it is, and the value put there.

    ``key``: known at another microversion; ``unknown``: at none; ``missing``; ``type``: of another one; ``least`` and
    ``most``: just outside a bound; ``value``: not among those allowed.
    """

    kind: str
    path: Path
    in_query: bool = False
    value: Any = None

    @property
    def name(self) -> str:
        """As it stands in a case's id; an envelope tells nothing."""
        shown = self.path if self.in_query or len(self.path) == 1 or "$" in self.path[0] else self.path[1:]
        return ".".join(shown) + ("" if self.kind == "key" else f":{self.kind}")


def statuses(odd: Odd, document: Document) -> tuple[int, ...]:
    """What must come: a refusal, or success where the history says that the thing is ignored."""
    schema = document.query if odd.in_query else document.takes
    refused = odd.kind not in ("key", "unknown") or refuses(schema, odd.path)
    return (400,) if refused else document.status


def spoil(request: Any, odd: Odd, path: Path) -> Any:
    """A body or query with the odd thing at ``path``; a key of another microversion is there already."""
    if odd.kind == "key" or not isinstance(request, Mapping):
        return request
    if len(path) > 1:
        return {**request, path[0]: spoil(request.get(path[0]), odd, path[1:])}
    rest = {key: value for key, value in request.items() if key != path[0]}
    return rest if odd.kind == "missing" else {**rest, path[0]: odd.value}


def negatives(step: Step, version: Microversion, document: Document) -> Iterator[Odd]:
    """What the history refuses of a step's request at a microversion, one thing at a time."""
    if document.takes is not None:
        yield from _in_body(settle(step.body, version), document.takes, ())
    if document.query is not None:
        if not step.writes or refuses(document.query, (STRANGER,)):
            yield Odd("unknown", (STRANGER,), in_query=True, value="1")
        for key in step.query:
            yield from _in_query(in_force(key, version)[0], document.query)


def _in_query(key: str, query: Schema) -> Iterator[Odd]:
    schema = property_schema(query, key)
    wrong = [text for text in _STRANGE_TEXTS if schema is not None and not compiled(schema).conforms(text)]
    if wrong:
        yield Odd("value", (key,), in_query=True, value=wrong[0])


def _in_body(value: Any, schema: Mapping[str, Any], path: Path) -> Iterator[Odd]:
    if not isinstance(value, Mapping) or not schema.get("properties"):
        return
    if refuses(schema, (STRANGER,)):
        yield Odd("unknown", (*path, STRANGER), value=True)
    yield from (Odd("missing", (*path, name)) for name in schema.get("required", ()) if name in value)
    for key, inner in value.items():
        below = schema["properties"].get(key)
        if below is not None:
            yield from _in_value(below, (*path, key))
            yield from _in_body(inner, below, (*path, key))


def _in_value(schema: Schema, path: Path) -> Iterator[Odd]:
    conforms = compiled(schema).conforms
    wrong = [value for value in _OF_OTHER_TYPES if not conforms(value)]
    if wrong and schema.get("type") != "null":  # of an action without parameters the value is never looked at
        yield Odd("type", path, value=wrong[0])
    for kind, value in _beyond(schema):
        if not conforms(value):
            yield Odd(kind, path, value=value)


def _beyond(schema: Schema) -> Iterator[tuple[str, Any]]:
    """Values just outside of what a schema allows."""
    if "minimum" in schema:
        yield "least", schema["minimum"] - 1
    if "maximum" in schema:
        yield "most", schema["maximum"] + 1
    if schema.get("minLength"):
        yield "least", "x" * (schema["minLength"] - 1)
    if "maxLength" in schema:
        yield "most", "x" * (schema["maxLength"] + 1)
    if "enum" in schema or "pattern" in schema or "format" in schema:
        yield "value", "no such value"
