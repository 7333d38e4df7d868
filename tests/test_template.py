"""Requests from templates: variables filled, and only the keys that a microversion knows."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.errors import DataError
from conformance.template import fill, in_force, knows, paths, property_schema, refuses, settle, trim, variables
from tests.helpers import v

STRING = {"type": "string"}
CLOSED = {"type": "object", "properties": {"name": STRING}, "additionalProperties": False}
OPEN = {"type": "object", "properties": {"name": STRING}, "additionalProperties": True}
ENVELOPE = {"type": "object", "properties": {"thing": CLOSED}, "additionalProperties": False}


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("/things/$id", "/things/7"),
        ("${id}th", "7th"),
        ("$id", 7),
        (["$id", {"$id": "$id"}], [7, {7: 7}]),
        ("costs 5$", "costs 5$"),
        ("^[A-Z]$", "^[A-Z]$"),
        (None, None),
        ({"a": 1, "...": "$more"}, {"a": 1, "b": "8"}),
    ],
)
def test_fill(value: Any, filled: Any) -> None:
    """Each variable is replaced wherever it stands; alone in a text it keeps its kind."""
    assert fill(value, {"id": 7, "more": {"a": 9, "b": "8"}}) == filled


def test_fill_names_what_nobody_kept() -> None:
    """A variable that nobody kept is refused with those that are known."""
    with pytest.raises(DataError) as caught:
        fill("/things/$thing", {"b": 1, "a": 2}, "story.yaml: steps/show")
    remedy = "Keep it in a step before. Known here: a, b."
    assert caught.value == DataError("nothing is kept under $thing", "story.yaml: steps/show", remedy)


def test_variables_are_found_in_keys_and_values() -> None:
    """The variables of a value are found at any depth, in keys as in values."""
    assert variables({"$a": ["${b}", {"x": "/$c/$a"}], "n": 1}) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("key", "at", "name", "holds"),
    [
        ("name", "2.1", "name", True),
        ("tags@2.26", "2.25", "tags", False),
        ("tags@2.26", "2.26", "tags", True),
        ("old@2.1..2.9", "2.9", "old", True),
        ("old@2.1..2.9", "2.10", "old", False),
        ("me@home", "2.1", "me@home", True),
    ],
)
def test_in_force(key: str, at: str, name: str, holds: bool) -> None:
    """A mark behind a key says at which microversions it holds; other text with an @ is a plain key."""
    assert in_force(key, v(at)) == (name, holds)


def test_settle_takes_the_key_in_force() -> None:
    """Of a key that is said differently for two spans, the one in force is taken."""
    said = {"networks@2.1..2.36": [], "networks@2.37": "none", "list": [{"x@2.37": 1}]}
    assert settle(said, v("2.36")) == {"networks": [], "list": [{}]}
    assert settle(said, v("2.37")) == {"networks": "none", "list": [{"x": 1}]}


def test_settle_keeps_a_key_that_is_wanted() -> None:
    """A key that is to be shown outside of its span is taken all the same, and only that one."""
    said = {"thing": {"tags@2.26": ["a"], "note@2.26": "b"}}
    assert settle(said, v("2.1"), ("thing", "tags")) == {"thing": {"tags": ["a"]}}


def test_trim_leaves_out_what_the_schema_does_not_name() -> None:
    """Keys that the schema doesn't name are left out, at any depth; the key to keep stays."""
    said = {"thing": {"name": "a", "tags": []}, "more": 1}
    assert trim(said, ENVELOPE) == {"thing": {"name": "a"}}
    assert trim(said, ENVELOPE, ("thing", "tags")) == {"thing": {"name": "a", "tags": []}}


def test_trim_goes_through_lists() -> None:
    """The items of a list are trimmed by the schema of its items."""
    assert trim([{"name": "a", "x": 1}], {"type": "array", "items": CLOSED}) == [{"name": "a"}]


def test_trim_without_a_schema() -> None:
    """Where nothing is said of the body, it stays as it is."""
    assert trim({"any": 1}, None) == {"any": 1}


@pytest.mark.parametrize(
    ("schema", "known"),
    [
        (CLOSED, True),
        ({"anyOf": [{"type": "null"}, CLOSED]}, True),
        ({"oneOf": [STRING, {"allOf": [CLOSED]}]}, True),
        ({"type": "object", "patternProperties": {"^n": STRING}, "additionalProperties": False}, True),
        ({"type": "object", "patternProperties": {"^x": STRING}, "additionalProperties": False}, False),
        ({"type": "object", "additionalProperties": STRING}, True),
        ({"type": "object"}, True),
        ({}, True),
        (STRING, False),
        ({"type": ["object", "null"]}, True),
        ({"type": "object", "properties": {}, "additionalProperties": False}, False),
    ],
)
def test_property_schema(schema: dict[str, Any], known: bool) -> None:
    """A key's schema is found through alternatives, patterns and free-form objects."""
    assert (property_schema(schema, "name") is not None) == known
    assert knows(schema, ("name",)) == known


def test_a_key_with_a_variable_fits_any_pattern() -> None:
    """A key that is a variable is taken for one that fits, since its value is known only later."""
    schema = {"type": "object", "patternProperties": {"^[0-9a-f-]{36}$": CLOSED}, "additionalProperties": False}
    assert property_schema(schema, "$provider") == CLOSED
    assert trim({"$provider": {"name": "a", "x": 1}}, schema) == {"$provider": {"name": "a"}}


def test_refuses() -> None:
    """A schema refuses an unknown key where it is closed, and ignores it where it is open."""
    assert refuses(CLOSED, ("x",))
    assert refuses(ENVELOPE, ("thing", "x"))
    assert not refuses(OPEN, ("x",))
    assert not refuses(None, ("x",))


def test_paths() -> None:
    """Every key of a body has its path, without the mark of its microversions."""
    body = {"thing": {"name": "a", "tags@2.26": [{"not": "told"}]}}
    assert list(paths(body)) == [("thing",), ("thing", "name"), ("thing", "tags")]
