"""What schemas demand, and values that break it."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.rules import ABSENT, Place, broken, example, places

UUID = {"type": "string", "format": "uuid"}
CLOSED = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "value", "kinds"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 9}, ABSENT, {"type": [], "least": 0, "most": 10}),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1e300}, ABSENT, {"type": [], "least": 0, "most": 2e300}),
        ({"type": "string", "minLength": 2, "maxLength": 3}, ABSENT, {"type": [], "short": "x", "long": "xxxx"}),
        ({"enum": ["a"]}, ABSENT, {"type": [], "value": "no such value"}),
        ({"type": "string", "pattern": "^[^,/]*$"}, ABSENT, {"type": [], "value": "no,such/value"}),
        ({"type": "string", "pattern": "^\\S.*\\S$"}, ABSENT, {"type": [], "value": " no such value "}),
        (
            {"anyOf": [{"type": "integer", "minimum": 1}, {"const": ""}]},
            ABSENT,
            {"type": [], "least": 0, "value": "no such value"},
        ),
        (
            {"type": "array", "items": UUID, "minItems": 1, "maxItems": 1},
            ["b"],
            {"type": {}, "few": [], "many": ["b0", "b1"]},
        ),
        (
            {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            ABSENT,
            {"type": {}, "twice": ["a", "a"]},
        ),
        (
            {"type": "object", "minProperties": 1, "maxProperties": 1},
            {"k": 1},
            {"type": [], "few": {}, "many": {"k0": 1, "k1": 1}},
        ),
        (
            {"type": "object", "patternProperties": {"^[a-z]{1,9}$": {}}, "additionalProperties": False},
            {"k": 1},
            {"type": [], "name": {"x" * 256: 1}},
        ),
        ({}, ABSENT, {}),
    ],
)
def test_each_rule_is_broken(schema: dict[str, Any], value: Any, kinds: dict[str, Any]) -> None:
    """Each demand has a value just outside of it, and what is allowed isn't told."""
    assert dict(broken(Place(("a",), schema, value))) == kinds


@pytest.mark.parametrize(
    ("schema", "said", "paths"),
    [
        ({"properties": {"a": UUID, "b": {"items": {"properties": {"c": UUID}}}}}, {}, ["a", "b", "b.0", "b.0.c"]),
        ({"properties": {"a": CLOSED}}, {}, ["a"]),
        ({"properties": {"a": CLOSED}}, {"a": {"a": "x"}}, ["a", "a.a"]),
        ({"properties": {"a": {"items": CLOSED}}}, {}, ["a"]),
        ({"properties": {"a": {"items": CLOSED}}}, {"a": [{"a": "x"}]}, ["a", "a.0", "a.0.a"]),
        ({"additionalProperties": UUID}, {"x": "y"}, ["x"]),
        ({"additionalProperties": UUID}, ABSENT, ["a"]),
        ({"anyOf": [{"type": "null"}, {"properties": {"a": UUID}}]}, None, ["a"]),
    ],
)
def test_every_place_is_found(schema: dict[str, Any], said: Any, paths: list[str]) -> None:
    """Every place, said or not, is found; into what isn't said only where nothing is required."""
    assert [".".join(place.path) for place in places(schema, said)] == paths


@pytest.mark.parametrize("schema", [{"type": "boolean"}, UUID, {"enum": [7, "b"]}, {"type": "array"}, {"type": "null"}])
def test_an_example_conforms(schema: dict[str, Any]) -> None:
    """Where an example comes to mind it is one."""
    found = example(schema)
    assert found is not ABSENT
    assert example({"type": "string", "pattern": "^no example of this$"}) is ABSENT
