"""What a service declares of requests, below a microversion and at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.bump.answers import Change
from conformance.bump.requests import declared_changes, unknown_keys
from conformance.edition import Edition
from tests.sightings import Seen, edition, seen

DELTA = """
    error: fault
    new:
      fault: {add: {message: string}}
      lenient: {unknown: ignored, allow: {limit: string}}
      wanted: {add: {name: string}, allow: {parts: [part], size: integer}}
      part: {allow: {weight: integer}}
    calls:
      GET /things: {status: 200, query: lenient, body: {things: any}}
      POST /things: {status: 201, takes: {thing: wanted}, body: null}
      POST /things/{thing}/action lock: {status: 202, takes: {lock: any}}
"""
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
CREATE = "POST /things"


@pytest.fixture
def known(tmp_path: Path) -> Edition:
    """What is known of things."""
    return edition(tmp_path, DELTA)


def declared(known: Edition, kind: str, call: str, below: Any, at: Any) -> set[tuple[str, str, str]]:
    """What is found between two schemas: holder, verb and key."""
    sides = ({kind: below}, {kind: at})
    found = declared_changes(known, seen("2.2", Seen(call, {}, {}, declared=sides)), kind)
    return {(one.holder.shape or one.holder.call, one.verb, one.key) for one in found}


def thing(required: tuple[str, ...] = ("name",), **keys: Any) -> dict[str, Any]:
    """What a new thing is held against."""
    inner = {
        "type": "object",
        "properties": {"name": TEXT, **keys},
        "required": [*required],
        "additionalProperties": False,
    }
    return {"type": "object", "properties": {"thing": inner}, "required": ["thing"], "additionalProperties": False}


def test_equal_schemas_tell_nothing(known: Edition) -> None:
    """However they are written."""
    assert declared(known, "takes", CREATE, thing(a={"type": ["string"]}), thing(a=TEXT)) == set()


def test_keys_come_and_go(known: Edition) -> None:
    """At the shape with which the history says the place; one that must be there is added, another allowed."""
    found = declared(known, "takes", CREATE, thing(size=NUMBER), thing(("name", "colour"), colour=TEXT, tone=TEXT))
    assert found == {("wanted", "drop", "size"), ("wanted", "add", "colour"), ("wanted", "allow", "tone")}


def test_what_an_optional_key_takes_varies(known: Edition) -> None:
    """It is said anew; one that must be there is replaced."""
    assert declared(known, "takes", CREATE, thing(size=NUMBER), thing(size=TEXT)) == {("wanted", "vary", "size")}
    must = ("name", "size")
    assert declared(known, "takes", CREATE, thing(must, size=NUMBER), thing(must, size=TEXT)) == {
        ("wanted", "replace", "size")
    }


def test_what_must_be_there_may_change(known: Edition) -> None:
    """A key that must be sent from now on, and one that need not."""
    assert declared(known, "takes", CREATE, thing(size=NUMBER), thing(("name", "size"), size=NUMBER)) == {
        ("wanted", "replace", "size")
    }
    assert declared(known, "takes", CREATE, thing(), thing(())) == {("wanted", "loosen", "name")}


def test_a_list_is_entered(known: Edition) -> None:
    """What changed in its items is said of their shape, unless the list itself changed."""
    part = {"type": "object", "properties": {"weight": NUMBER}, "additionalProperties": False}
    tagged = {**part, "properties": {"weight": NUMBER, "tag": TEXT}}
    parts, more = {"type": "array", "items": part}, {"type": "array", "items": tagged}
    assert declared(known, "takes", CREATE, thing(parts=parts), thing(parts=more)) == {("part", "allow", "tag")}
    limited = {**more, "maxItems": 1}
    assert declared(known, "takes", CREATE, thing(parts=parts), thing(parts=limited)) == {("wanted", "vary", "parts")}


def test_an_object_written_out_is_changed_at_its_call(known: Edition) -> None:
    """Where the history has no shape, the call is the place."""
    call = "POST /things/{thing}/action lock"
    lock = {"type": "object", "properties": {"lock": {}}, "additionalProperties": False}
    said = {"type": ["object", "null"], "properties": {"reason": TEXT}, "additionalProperties": False}
    assert declared(known, "takes", call, lock, {**lock, "properties": {"lock": said}}) == {(call, "vary", "lock")}


def test_queries_are_said_by_single_values(known: Edition) -> None:
    """Whether a service says each key as a list or not."""
    old = {"type": "object", "properties": {"limit": {"type": "array", "items": TEXT}}, "additionalProperties": True}
    new = {
        "type": "object",
        "properties": {"limit": TEXT, "name": {"type": "array", "items": TEXT}},
        "additionalProperties": False,
    }
    found = declared(known, "query", "GET /things", old, new)
    assert found == {("lenient", "allow", "name"), ("lenient", "unknown", "refused")}


def test_an_unknown_key_that_is_refused_is_seen_without_a_schema(known: Edition) -> None:
    """What was ignored below and is refused at the microversion."""
    refused = Seen("GET /things", {}, {}, status=(200, 400), odd=True)
    found: list[Change] = list(unknown_keys(known, seen("2.2", refused)))
    assert [(one.holder.shape, one.verb, one.key) for one in found] == [("lenient", "unknown", "refused")]
    assert list(unknown_keys(known, seen("2.2", Seen("GET /things", {}, {}, odd=True)))) == []
