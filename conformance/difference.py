"""What changed between two microversions, call by call, in words. Layer 2."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from conformance.document import Document, Documents, without_marks
from conformance.microversion import Microversion

Lines = tuple[str, ...]
_CHOICES = ("oneOf", "anyOf")
_INNER = ("properties", "required", "items", "additionalProperties", "type")
_PARTS = {"answer": "body", "body": "takes", "query": "query", "headers": "headers"}


@attrs.frozen
class Difference:
    """One change, and the calls that all changed in that way."""

    calls: tuple[str, ...]
    lines: Lines

    def __str__(self) -> str:
        """The calls, and below them what changed."""
        return "\n".join([*self.calls, *(f"  {line}" for line in self.lines)])


def differences(documents: Documents, older: Microversion, newer: Microversion) -> list[Difference]:
    """The changes after ``older`` up to ``newer``; calls that changed alike stand together."""
    documents.history.at(older)
    documents.history.at(newer)
    alike: dict[Lines, list[str]] = {}
    for call in documents.calls:
        if lines := tuple(_call(documents, call, older, newer)):
            alike.setdefault(lines, []).append(call)
    return [Difference(tuple(calls), lines) for lines, calls in alike.items()]


def _call(documents: Documents, call: str, older: Microversion, newer: Microversion) -> Iterator[str]:
    life = documents.life(call)
    if older not in life and newer not in life:
        return
    if older not in life:
        yield "begins"
        yield from _begun(documents.at(call, newer))
    elif newer not in life:
        yield f"ends: it isn't there from {life.last.after} on"
    else:
        yield from _between(documents.at(call, older), documents.at(call, newer))


def _begun(document: Document) -> Iterator[str]:
    yield f"answers status {_statuses(document)}" + ("" if document.body is None else " with")
    for part, schema in (("answer", document.body), ("body", document.takes), ("query", document.query)):
        for where, words in _rows(schema).items():
            yield f"+ {part} {where}: {words}"


def _statuses(document: Document) -> str:
    return " or ".join(map(str, document.status))


def _between(older: Document, newer: Document) -> Iterator[str]:
    before, after = described(older), described(newer)
    if before["status"] != after["status"]:
        yield f"answers status {after['status']} where it was {before['status']}"
    for place in sorted((before.keys() | after.keys()) - {"status"}, key=_order):
        if place not in before:
            yield f"+ {place}: {after[place]}"
        elif place not in after:
            yield f"- {place}"
        elif before[place] != after[place]:
            yield f"~ {place}: {after[place]} (was {before[place]})"


def described(document: Document) -> dict[str, str]:
    """All that a call promises, place by place, in words: ``status``, ``answer /server/id``, ``query /limit`` ..."""
    words = {"status": _statuses(document)}
    for name, part in _PARTS.items():
        words |= {f"{name} {where}": told for where, told in _rows(getattr(document, part)).items()}
    return words


def _order(place: str) -> tuple[int, str]:
    name, _, where = place.partition(" ")
    return list(_PARTS).index(name), where


def _rows(schema: Any) -> dict[str, str]:
    """Each place of a schema and what may be there, in words."""
    return dict(_walk(without_marks(schema), "", required=True)) if schema is not None else {}


def _walk(schema: Mapping[str, Any], where: str, *, required: bool) -> Iterator[tuple[str, str]]:
    yield where or "/", _words(_summed(schema), required=required)
    yield from _inner(schema, where)
    for number, form in enumerate(_forms(schema), 1):
        yield from _inner(form, where if number == 1 else f"{where}({number})")


def _inner(schema: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    needed = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        yield from _walk(inner, f"{where}/{name}", required=name in needed)
    if isinstance(schema.get("items"), Mapping):
        yield from _walk(schema["items"], f"{where}/*", required=True)
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield from _walk(schema["additionalProperties"], f"{where}/<any key>", required=True)


def _forms(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Of a choice the objects with keys of their own, which are told key by key."""
    return [one for key in _CHOICES for one in schema.get(key, ()) if one.get("properties")]


def _summed(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema whose choices name the kind alone of what is told key by key."""
    return {
        key: [{"type": "object"} if one.get("properties") else one for one in value] if key in _CHOICES else value
        for key, value in schema.items()
    }


def _words(schema: Mapping[str, Any], *, required: bool) -> str:
    kind = schema.get("type", "object" if "properties" in schema else "any")
    words = [" or ".join(kind) if isinstance(kind, list) else str(kind)]
    words += [f"{key} {json.dumps(value)}" for key, value in schema.items() if key not in _INNER]
    if schema.get("additionalProperties") is True and schema.get("properties"):
        words.append("unknown keys are ignored")
    return ", ".join(words if required else [*words, "may be absent"])
