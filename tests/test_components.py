"""Shapes as components."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.components import Components, references
from tests.helpers import history

HISTORY = """
    new:
      name: {is: {type: string, maxLength: 9}}
      alias: {is: name}
      thing: {add: {id: uuid, name: name}, volatile: [id]}
      detail: {extends: thing, unknown: ignored, add: {inner: "part?"}, allow: {more: [part]}}
      part: {add: {key: alias}}
      unused: {add: {id: uuid}}
    calls:
      GET /things: {status: 200, body: {things: [detail]}}
    """
UUID = {"type": "string", "format": "uuid"}


@pytest.fixture
def components(tmp_path: Path) -> Components:
    """The shapes of a small history."""
    return Components(history(tmp_path, HISTORY).editions[0])


def ref(name: str) -> dict[str, str]:
    """A reference to a shape."""
    return {"$ref": f"#/components/schemas/{name}"}


def test_a_shape_is_referred_to(components: Components) -> None:
    """In a schema a reference stands in the place of each shape."""
    schema = components.schema({"things": ["detail"], "note?": "string?"})
    assert schema == {
        "type": "object",
        "properties": {"note": {"type": ["string", "null"]}, "things": {"type": "array", "items": ref("detail")}},
        "required": ["things"],
        "additionalProperties": False,
    }


def test_a_component_has_what_it_extends(components: Components) -> None:
    """A shape written out has all its keys and its rule for unknown ones, and no mark of ours."""
    assert components.component("detail") == {
        "type": "object",
        "properties": {
            "id": UUID,
            "inner": {"anyOf": [ref("part"), {"type": "null"}]},
            "more": {"type": "array", "items": ref("part")},
            "name": ref("name"),
        },
        "required": ["id", "inner", "name"],
        "additionalProperties": True,
    }


def test_written_out(components: Components) -> None:
    """What is written out is never a reference itself, however many shapes stand behind one another."""
    assert components.written_out("alias") == {"type": "string", "maxLength": 9}
    assert components.written_out("string") == {"type": "string"}
    assert components.written_out(None) is None


def test_only_what_is_needed(components: Components) -> None:
    """The shapes that are needed are those referred to, and those that these refer to."""
    needed = components.needed([components.schema({"things": ["detail"]})])
    assert list(needed) == ["alias", "detail", "name", "part"]
    assert set(references(needed)) == {"alias", "name", "part"}
