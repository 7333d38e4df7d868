"""Schemas that mean the same have one form."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.bump.canon import canonical, text

SAME: list[tuple[Any, Any]] = [
    ({"type": ["string"]}, {"type": "string"}),
    ({"type": "string", "enum": ["b", "a"]}, {"enum": ["a", "b"]}),
    ({"const": "a"}, {"enum": ["a"]}),
    ({"type": "string", "minLength": 0, "title": "A text"}, {"type": "string"}),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": ["null", "string"]}),
    ({"oneOf": [{"type": "object"}, {"type": "null"}]}, {"type": ["object", "null"]}),
    ({"type": "object", "properties": {}, "additionalProperties": True}, {"type": "object"}),
    ({"type": "integer", "additionalProperties": False}, {"type": "integer"}),
    ({"type": "string", "pattern": "^[a-c._-]*$"}, {"type": "string", "pattern": "^[._a-c-]*$"}),
    ({"type": "string", "pattern": "[a-c]{1,9}"}, {"type": "string", "pattern": "[abc]"}),
    (
        {"type": "object", "patternProperties": {"^[a-z]+$": {"type": "string"}}, "additionalProperties": False},
        {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}, "additionalProperties": {"type": "string"}},
    ),
]
OTHER: list[tuple[Any, Any]] = [
    ({"type": "string"}, {"type": ["string", "null"]}),
    ({"type": "integer"}, {"type": "number"}),
    ({"type": "string", "maxLength": 1}, {"type": "string"}),
    ({"type": "string", "pattern": "^[a-c]*$"}, {"type": "string", "pattern": "^[a-c]+$"}),
    ({"type": "object", "properties": {}, "additionalProperties": False}, {"type": "object"}),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_has_one_form(one: Any, other: Any) -> None:
    """Ways to write a schema that accept the same values are told alike."""
    assert text(one) == text(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_differs_stays_different(one: Any, other: Any) -> None:
    """What accepts other values isn't taken for the same."""
    assert text(one) != text(other)


def test_a_form_is_its_own_form() -> None:
    """Doing it twice changes nothing more."""
    for pair in (*SAME, *OTHER):
        for schema in pair:
            assert canonical(canonical(schema)) == canonical(schema)


def test_the_schema_itself_is_left_alone() -> None:
    """What is compared isn't changed."""
    schema = {"properties": {"a": {"type": ["string"]}}, "required": ["b", "a"]}
    canonical(schema)
    assert schema == {"properties": {"a": {"type": ["string"]}}, "required": ["b", "a"]}
