"""Types drawn from schemas and from values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.bump.drawing import Drawing, Drawn, readable
from conformance.bump.guessing import EMPTY, NEVER, UNSEEN_NULL, Known, best, of_values
from tests.sightings import edition

DELTA = """
    error: fault
    new:
      fault: {add: {message: string}}
      name: {is: {type: string, minLength: 1, maxLength: 255}}
      generation: {is: {type: integer, minimum: 0}}
      thing: {add: {id: uuid, name: name, title: name, colour: string}}
      larger: {extends: thing, add: {size: integer}}
      other: {extends: thing}
    calls:
      GET /things: {status: 200, body: {things: [thing]}}
"""
UUID, TIME = "0f0e0d0c-1111-2222-3333-444455556666", "2026-11-23T06:45:58Z"


@pytest.fixture
def drawing(tmp_path: Path) -> Drawing:
    """A drawing over what is known of things."""
    return Drawing(edition(tmp_path, DELTA))


@pytest.mark.parametrize(
    ("schema", "type_"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["string", "null"]}, "string?"),
        ({"type": "string", "format": "uuid"}, "uuid"),
        ({"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}, "uuid?"),
        ({"type": "string", "minLength": 1, "maxLength": 255}, "name"),
        ({"type": "array", "items": {"type": "integer"}}, ["integer"]),
        ({"type": "array", "items": {}, "maxItems": 2}, {"type": "array", "items": "any", "maxItems": 2}),
        ({"type": "string", "minLength": 0, "maxLength": 9}, {"type": "string", "maxLength": 9}),
        ({"enum": ["b", "a"], "type": "string"}, {"enum": ["a", "b"]}),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            {"type": "object", "additionalProperties": "string"},
        ),
        (
            {"type": "object", "patternProperties": {"^[a-z]$": {"type": "string"}}, "additionalProperties": False},
            {"type": "object", "propertyNames": {"pattern": "^[a-z]$"}, "additionalProperties": "string"},
        ),
        (
            {"type": "object", "patternProperties": {"[a-z]": {"type": "string"}}, "minProperties": 1},
            {"type": "object", "patternProperties": {"[a-z]": "string"}, "minProperties": 1},
        ),
        ({"type": "object"}, "object"),
        ({}, "any"),
    ],
)
def test_schemas_become_types(drawing: Drawing, schema: Any, type_: Any) -> None:
    """In the notation of the history, by a name that it has where it has one."""
    assert drawing.of_schema(schema, "key").type == type_


def test_an_object_becomes_a_shape(drawing: Drawing) -> None:
    """With what must and what may be there; the same one twice is one, another one gets another name."""
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "null"}}, "required": ["a"]}
    closed = {**schema, "additionalProperties": False}
    assert drawing.of_schema(closed, "mood").type == drawing.of_schema(closed, "mood").type == "mood"
    assert drawing.of_schema(schema, "mood").type == "mood_2"
    assert drawing.new["mood"] == {"add": {"a": "integer"}, "allow": {"b": "null"}}
    assert drawing.new["mood_2"]["unknown"] == "ignored"


def test_a_shape_that_there_is_is_known(drawing: Drawing) -> None:
    """An object with the keys of one is that one, also where it may be null."""
    keys: dict[str, Any] = {"id": {"type": "string", "format": "uuid"}, "colour": {"type": "string"}}
    keys |= {key: {"type": "string", "minLength": 1, "maxLength": 255} for key in ("name", "title")}
    schema = {"type": "object", "properties": keys, "required": [*keys], "additionalProperties": False}
    assert drawing.of_schema(schema, "key").type in ("thing", "other")
    assert str(drawing.of_schema({**schema, "type": ["object", "null"]}, "key").type).endswith("?")


def test_a_pattern_that_nobody_can_read_is_told_by_what_it_refuses() -> None:
    """Of ASCII; and that it is a guess."""
    pattern, remark = readable("^[ -~" + "".join(map(chr, range(0xA0, 0x200))) + "]*$")
    assert pattern == r"^[^\x00-\x1f\x7f]*$"
    assert remark.startswith("a guess: ")


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ([1, 2], "integer"),
        ([1, 2.5], "number"),
        ([True], "boolean"),
        (["a", UUID], "string"),
        ([UUID], "uuid"),
        ([TIME, None], "date-time?"),
        (["192.0.2.1"], "ipv4"),
        (["http://[::1]/x"], "uri"),
        ([["a"], []], ["string"]),
        ([None], "string?"),
        ([{}], "object"),
        ([1, "a"], {"type": ["integer", "string"]}),
        (
            [{UUID: 1}],
            {
                "type": "object",
                "propertyNames": {"type": "string", "format": "uuid"},
                "additionalProperties": "integer",
            },
        ),
        ([{"a": 1}, {"b": 1}, {"c": 2}], {"type": "object", "additionalProperties": "integer"}),
    ],
)
def test_values_become_types(drawing: Drawing, values: list[Any], type_: Any) -> None:
    """The narrowest that all of them have."""
    assert of_values(drawing, values, "key").type == type_


def test_what_values_do_not_tell_is_said(drawing: Drawing) -> None:
    """Null in every body, empty in every body, a format that every value happens to have."""
    assert of_values(drawing, [None], "key").remarks == (NEVER,)
    assert of_values(drawing, [[]], "key").remarks == (EMPTY,)
    assert of_values(drawing, [UUID], "key").remarks == ("a guess: every value is a uuid",)


def test_keys_of_classes_stand_beside_named_ones(drawing: Drawing) -> None:
    """A map of resource classes with one key that has a name of its own."""
    drawn = of_values(drawing, [{"VCPU": 1, "count": 2}, {"VCPU": 1, "count": 2, "DISK_GB": 5}], "usages")
    assert drawn.type["properties"] == {"count": "integer"}
    assert drawn.type["patternProperties"] == {"^[A-Z0-9_]+$": "integer"}
    assert drawn.type["required"] == ["count"]


def test_the_family_knows_best(drawing: Drawing) -> None:
    """What shapes with the same ancestor say of a key comes before what the service declares."""
    assert best(drawing, "size", [1], [{"type": ["integer", "null"]}], Known("other")) == Drawn(
        "integer", ("as larger has it",)
    )


def test_what_is_declared_comes_next(drawing: Drawing) -> None:
    """If all values keep to it; a null that it allows and that was never there is a guess."""
    text = {"type": ["string", "null"]}
    assert best(drawing, "mood", ["calm"], [text]) == Drawn("string?", (UNSEEN_NULL,))
    assert best(drawing, "mood", ["calm", None], [text]) == Drawn("string?")
    assert best(drawing, "mood", [1], [text]).type == "integer"


def test_what_is_declared_is_as_it_was_seen(drawing: Drawing) -> None:
    """A declared object's keys are required if every value has them; what no value has is a guess."""
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "additionalProperties": False,
    }
    drawn = best(drawing, "mood", [{"a": 1}], [schema])
    assert drawing.new["mood"] == {"add": {"a": "integer"}, "allow": {"b": "integer"}}
    assert drawn.remarks == ("a guess: in no body: b",)


def test_a_key_is_as_it_is_taken(drawing: Drawing) -> None:
    """Where requests take the same key, unless they may send null for it and no answer has it."""
    taken = Drawn({"type": "string", "maxLength": 9})
    assert best(drawing, "mood", ["calm"], [], Known(taken=taken)).type == taken.type
    assert best(drawing, "mood", ["calm"], [], Known(taken=Drawn("string?"))).type == "string"
    loose = Known(taken=Drawn({"type": "object", "patternProperties": {"[a-z]": "string"}}))
    assert best(drawing, "moods", [{"1": "calm"}], [], loose).remarks != ("a guess: as it is taken",)


def test_a_key_is_as_it_is_elsewhere(drawing: Drawing) -> None:
    """Or as the type that it is called by, if the values are of it."""
    assert best(drawing, "title", ["x"], []).type == "name"
    assert best(drawing, "consumer_generation", [1], []).type == "generation"
    assert best(drawing, "consumer_generation", [-1], []).type == "integer"


def test_a_map_stays_a_map(drawing: Drawing) -> None:
    """Of other values, though its keys look like names."""
    was = {"type": "object", "additionalProperties": "integer"}
    drawn = best(drawing, "usages", [{"all": {"count": 1}}], [], Known(was=was))
    assert drawn.type["additionalProperties"] in drawing.new
