"""Folded documents: what one call takes and answers at one microversion, as flat JSON Schema 2020-12. Layer 1."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs

from conformance.edition import BASIC, NESTED, NESTED_LISTS, NESTED_MAPS, Call, Edition, literal_types, references
from conformance.errors import UsageError
from conformance.history import History
from conformance.microversion import Microversion, Span

Schema = dict[str, Any]
VOLATILE = "x-volatile"  # marks a property whose value may change by itself; never exported


@attrs.frozen
class Document:
    """A call as it is from ``since`` on. ``body`` None: no body is answered; ``takes`` None: none is taken."""

    service: str
    call: str
    since: Microversion
    status: tuple[int, ...]
    body: Schema | None
    takes: Schema | None
    query: Schema | None
    headers: Schema | None
    unversioned: bool


def fold(edition: Edition, type_: Any, persona: str | None = None) -> Schema:
    """A type as JSON Schema, flat: no reference is left, and an object refuses what it doesn't name.

    ``persona`` None stands for anyone: what only one persona sees is then optional.
    """
    if isinstance(type_, str):
        schema = _named(edition, type_.removesuffix("?"), persona)
        return _nullable(schema) if type_.endswith("?") else schema
    if isinstance(type_, list):
        return {"type": "array", "items": fold(edition, type_[0], persona)}
    return _inline(edition, type_, persona)


def _named(edition: Edition, name: str, persona: str | None) -> Schema:
    if name in BASIC:
        return dict(BASIC[name])
    shape = edition.shape(name)
    return _object(edition, name, persona) if shape.literal is None else fold(edition, shape.literal, persona)


def _object(edition: Edition, name: str, persona: str | None) -> Schema:
    properties, volatile = edition.properties(name), edition.volatile(name)
    seen = {key: value for key, value in properties.items() if persona is None or value.persona in (None, persona)}
    required = [key for key, value in seen.items() if value.required and value.persona in (None, persona)]
    folded = {key: fold(edition, value.type, persona) for key, value in seen.items()}
    for key in volatile & folded.keys():
        folded[key] = {**folded[key], VOLATILE: True}
    return closed(folded, required, refuse=edition.unknown(name) == "refused")


def closed(properties: Mapping[str, Schema], required: list[str], *, refuse: bool = True) -> Schema:
    """A flat object schema; keys in order, so that equal schemas are equal as text too."""
    ordered = dict(sorted(properties.items()))
    return {"type": "object", "properties": ordered, "required": sorted(required), "additionalProperties": not refuse}


def _nullable(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), str) and "enum" not in schema and "const" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _inline(edition: Edition, schema: Mapping[str, Any], persona: str | None) -> Schema:
    folded = dict(schema)
    for key in NESTED:
        if key in schema and not isinstance(schema[key], bool):
            folded[key] = fold(edition, schema[key], persona)
    for key in NESTED_MAPS:
        if key in schema:
            folded[key] = {name: fold(edition, inner, persona) for name, inner in schema[key].items()}
    for key in NESTED_LISTS:
        if key in schema:
            folded[key] = [fold(edition, inner, persona) for inner in schema[key]]
    return folded


def fold_literal(edition: Edition, literal: Any, persona: str | None = None) -> Schema | None:
    """An object written out (a ``?`` behind a key that may be absent), or any type; None for nothing."""
    if literal is None:
        return None
    if not isinstance(literal, Mapping):
        return fold(edition, literal, persona)
    folded = {key.removesuffix("?"): fold(edition, inner, persona) for key, inner in literal.items()}
    return closed(folded, [key for key in literal if not key.endswith("?")])


def document(service: str, edition: Edition, call: Call, persona: str | None = None) -> Document:
    """The folded document of a call in an edition, for a persona."""
    return Document(
        service=service,
        call=call.name,
        since=edition.version,
        status=call.status,
        body=fold_literal(edition, call.body, persona),
        takes=fold_literal(edition, call.takes, persona),
        query=fold_literal(edition, call.query, persona),
        headers=_open(fold_literal(edition, call.headers, persona)),
        unversioned=call.unversioned,
    )


def _open(schema: Schema | None) -> Schema | None:
    """An answer may carry headers that nobody promised."""
    return None if schema is None else {**schema, "additionalProperties": True}


def without_marks(schema: Any) -> Any:
    """The schema as others may read it: standard JSON Schema alone."""
    if isinstance(schema, Mapping):
        return {key: without_marks(value) for key, value in schema.items() if key != VOLATILE}
    return [without_marks(value) for value in schema] if isinstance(schema, list | tuple) else schema


@attrs.define(slots=False)
class Documents:
    """Every document of a service, folded once for each turning point."""

    history: History

    @cached_property
    def _turns(self) -> dict[str, list[Document]]:
        turns: dict[str, list[Document]] = {}
        for edition in self.history.editions:
            for name in _affected(edition, turns):
                folded = document(self.history.service, edition, edition.calls[name])
                known = turns.setdefault(name, [])
                if not known or attrs.evolve(folded, since=known[-1].since) != known[-1]:
                    known.append(folded)
        return turns

    @cached_property
    def _lives(self) -> dict[str, Span]:
        lives: dict[str, Span] = {}
        for edition in self.history.editions:
            for name in edition.calls:
                lives[name] = Span(lives[name].first if name in lives else edition.version, edition.version)
        return lives

    @cached_property
    def _by_persona(self) -> dict[tuple[str, Microversion, str | None], Document]:
        return {}

    @cached_property
    def _errors(self) -> dict[Microversion, Schema]:
        return {}

    @cached_property
    def calls(self) -> tuple[str, ...]:
        """Every call that the service has at some microversion, sorted."""
        return tuple(sorted(self._lives))

    def life(self, call: str) -> Span:
        """From the microversion at which a call begins to its last; UsageError for an unknown call."""
        if call not in self._lives:
            remedy = f"'conformance schema show {self.history.service}' lists the calls."
            raise UsageError(f"unknown call {call!r} of {self.history.service}", remedy=remedy)
        return self._lives[call]

    def exists(self, call: str, version: Microversion) -> bool:
        """Whether there is such a call at a microversion."""
        return call in self._lives and version in self._lives[call]

    def turning_points(self, call: str) -> list[Microversion]:
        """Where a call begins, changes what it takes or answers, or ends (the first microversion without it)."""
        life = self.life(call)
        ends = [life.last.after] if life.last < self.history.span.last else []
        return [folded.since for folded in self._turns[call]] + ends

    def boundaries(self, call: str) -> list[Microversion]:
        """The turning points that have a microversion below them to compare with."""
        return [point for point in self.turning_points(call) if point > self.history.span.first]

    def at(self, call: str, version: Microversion, persona: str | None = None) -> Document:
        """The document in force at a microversion; UsageError if the call doesn't exist there."""
        self.history.at(version)
        if version not in self.life(call):
            raise UsageError(f"{call} doesn't exist at {version}", remedy=f"It exists at {self.life(call)}.")
        turns = self._turns[call]
        found = turns[bisect_right(turns, version, key=lambda folded: folded.since) - 1]
        return found if persona is None else self._for(found, persona)

    def restated(self, call: str, older: Microversion, newer: Microversion) -> bool:
        """Whether a delta above ``older`` up to ``newer`` says that the call's answer is another one from there on."""
        return any(call in self.history.at(version).restated for version in Span(older.after, newer))

    def error(self, version: Microversion) -> Schema:
        """The schema of an error's body at a microversion."""
        edition = self.history.at(version)
        if edition.version not in self._errors:
            self._errors[edition.version] = fold(edition, edition.error or "any")
        return self._errors[edition.version]

    def _for(self, found: Document, persona: str) -> Document:
        key = (found.call, found.since, persona)
        if key not in self._by_persona:
            edition = self.history.at(found.since)
            self._by_persona[key] = document(self.history.service, edition, edition.calls[found.call], persona)
        return self._by_persona[key]


def _affected(edition: Edition, turns: Mapping[str, object]) -> Iterator[str]:
    """The calls whose document may differ from the edition before."""
    reached = _dependents(edition)
    for name, call in edition.calls.items():
        parts = (call.body, call.takes, call.query, call.headers)
        mentioned = {ref for part in parts for type_ in literal_types(part) for ref in references(type_)}
        if name in edition.touched or name not in turns or mentioned & reached:
            yield name


def _dependents(edition: Edition) -> set[str]:
    """The shapes that changed in an edition, and all that mention or extend one of them."""
    reached = set(edition.changed)
    mentions = {name: _mentions(edition, name) for name in edition.shapes} if reached else {}
    while grown := {name for name, refs in mentions.items() if name not in reached and refs & reached}:
        reached |= grown
    return reached


def _mentions(edition: Edition, name: str) -> set[str]:
    shape = edition.shapes[name]
    return {ref for type_ in shape.types for ref in references(type_)} | ({shape.extends} if shape.extends else set())
