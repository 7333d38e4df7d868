"""Folded documents: flat, closed JSON Schema of one call at one microversion for one persona."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.document import Documents, Schema, without_marks
from conformance.errors import UsageError
from tests.helpers import THINGS, documents, v

SHOW = "GET /things/{thing}"
UUID = {"type": "string", "format": "uuid"}
STRING = {"type": "string"}


def shown(data: Path, delta: str, persona: str | None = None) -> Any:
    """The schema of the thing that is shown after a delta."""
    found = documents(data, THINGS, delta).at(SHOW, v("2.2"), persona).body
    assert found is not None
    return found["properties"]["thing"]


def closed(required: list[str], **properties: Schema) -> Schema:
    """An object that has these properties and no others."""
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def test_a_body_is_flat_and_closed(tmp_path: Path) -> None:
    """A body has no reference left, requires what was added, and refuses what it doesn't name."""
    body = documents(tmp_path, THINGS).at(SHOW, v("2.1")).body
    assert body == closed(["thing"], thing=closed(["id", "name"], id=UUID, name=STRING))


def test_the_verbs_fold(tmp_path: Path) -> None:
    """Added is required, allowed optional, replaced of the new type, dropped refused."""
    delta = "change: {thing: {drop: [id], replace: {name: integer}, add: {b: any}, allow: {a: boolean}}}"
    expected = closed(["b", "name"], a={"type": "boolean"}, b={}, name={"type": "integer"})
    assert shown(tmp_path, delta) == expected


@pytest.mark.parametrize(
    ("type_", "schema"),
    [
        ("string?", {"type": ["string", "null"]}),
        ("any?", {"anyOf": [{}, {"type": "null"}]}),
        ("colour?", {"anyOf": [{"type": "string", "enum": ["red"]}, {"type": "null"}]}),
        ("[uuid]", {"type": "array", "items": UUID}),
        ("{type: array, items: colour}", {"type": "array", "items": {"type": "string", "enum": ["red"]}}),
        ("{anyOf: [uuid, 'null']}", {"anyOf": [UUID, {"type": "null"}]}),
        ("{type: object, patternProperties: {^a: uuid}}", {"type": "object", "patternProperties": {"^a": UUID}}),
        ("{not: uuid, additionalProperties: false}", {"not": UUID, "additionalProperties": False}),
    ],
)
def test_types_fold(tmp_path: Path, type_: str, schema: Schema) -> None:
    """Each way to write a type folds to plain JSON Schema."""
    delta = f"new: {{colour: {{is: {{type: string, enum: [red]}}}}}}\nchange: {{thing: {{add: {{x: {type_}}}}}}}"
    assert shown(tmp_path, delta)["properties"]["x"] == schema


def test_a_nullable_shape(tmp_path: Path) -> None:
    """A shape with a question mark may be null, and is as closed as ever otherwise."""
    found = shown(tmp_path, "new: {part: {add: {id: uuid}}}\nchange: {thing: {add: {part: part?}}}")
    assert found["properties"]["part"]["type"] == ["object", "null"]
    assert found["properties"]["part"]["additionalProperties"] is False


def test_a_key_written_with_a_question_mark_is_optional(tmp_path: Path) -> None:
    """In an object written out, a key that may be absent ends in a question mark."""
    body = documents(tmp_path, "calls: {GET /: {status: 200, body: {a: any, b?: uuid}}}").at("GET /", v("2.1")).body
    assert body == closed(["a"], a={}, b=UUID)


def test_a_persona_property(tmp_path: Path) -> None:
    """What one persona sees is required for it, refused for others, and optional where nobody says who asks."""
    delta = "change: {thing: {add: {host: {for: admin, is: string?}}}}"
    sides = {persona: shown(tmp_path, delta, persona) for persona in ("admin", "member", None)}
    assert "host" in sides["admin"]["required"]
    assert "host" not in sides["member"]["properties"]
    assert "host" in sides[None]["properties"]
    assert "host" not in sides[None]["required"]


def test_an_unknown_key_is_ignored_where_the_shape_says_so(tmp_path: Path) -> None:
    """A shape whose unknown keys are ignored is open."""
    query = documents(tmp_path, THINGS).at("GET /things", v("2.1")).query
    assert query == {"type": "object", "properties": {}, "required": [], "additionalProperties": True}


def test_nothing_stays_nothing(tmp_path: Path) -> None:
    """A call without a body, takes or query folds to None for each."""
    found = documents(tmp_path, THINGS).at("DELETE /things/{thing}", v("2.1"))
    assert (found.body, found.takes, found.query, found.headers) == (None, None, None, None)


def test_volatile_marks(tmp_path: Path) -> None:
    """A volatile key bears a mark of ours, which is taken away for anyone else."""
    found = shown(tmp_path, "change: {thing: {volatile: [name]}}")
    assert found["properties"]["name"] == {**STRING, "x-volatile": True}
    assert without_marks(found) == closed(["id", "name"], id=UUID, name=STRING)


HISTORY = (
    THINGS,
    "new: {note: {add: {text: string}}}",
    "change: {thing: {add: {note: note}}}",
    "change: {note: {replace: {text: string?}}}",
    "change: {thing_new: {allow: {note: note}}}",
    "gone: ['DELETE /things/{thing}']",
    "calls: {GET /things: {body: {things: [thing]}}}",
)


@pytest.fixture
def seven(tmp_path: Path) -> Documents:
    """A history of seven microversions."""
    return documents(tmp_path, *HISTORY)


@pytest.mark.parametrize(
    ("call", "points"),
    [
        (SHOW, ["2.1", "2.3", "2.4"]),
        ("POST /things", ["2.1", "2.3", "2.4", "2.5"]),
        ("DELETE /things/{thing}", ["2.1", "2.6"]),
        ("POST /things/{thing}/action stop", ["2.1"]),
    ],
)
def test_turning_points(seven: Documents, call: str, points: list[str]) -> None:
    """A call turns where it begins, ends, or a shape that it mentions at any depth changes."""
    assert seven.turning_points(call) == list(map(v, points))
    assert seven.boundaries(call) == list(map(v, points[1:]))


def test_a_begin_is_a_boundary_above_the_first_microversion(tmp_path: Path) -> None:
    """A call that begins later has a boundary there."""
    assert documents(tmp_path, THINGS, "calls: {GET /: {status: 200}}").boundaries("GET /") == [v("2.2")]


def test_life(seven: Documents) -> None:
    """A call lives from its first microversion to the last before its end."""
    assert str(seven.life("DELETE /things/{thing}")) == "2.1..2.5"
    assert str(seven.life(SHOW)) == "2.1..2.7"


def test_an_unknown_call(seven: Documents) -> None:
    """A call that the service never had is refused with where to look."""
    with pytest.raises(UsageError) as caught:
        seven.life("GET /thongs")
    remedy = "'conformance schema show compute' lists the calls."
    assert caught.value == UsageError("unknown call 'GET /thongs' of compute", "", remedy)


def test_a_call_outside_its_life(seven: Documents) -> None:
    """A call at a microversion at which it doesn't exist is refused with its life."""
    with pytest.raises(UsageError) as caught:
        seven.at("DELETE /things/{thing}", v("2.6"))
    expected = UsageError("DELETE /things/{thing} doesn't exist at 2.6", "", "It exists at 2.1..2.5.")
    assert caught.value == expected


def test_a_document_is_folded_once(seven: Documents) -> None:
    """Between two turning points there is one document, and one for each persona."""
    assert seven.at(SHOW, v("2.1")) is seven.at(SHOW, v("2.2"))
    assert seven.at(SHOW, v("2.4"), "admin") is seven.at(SHOW, v("2.7"), "admin")
    assert seven.at(SHOW, v("2.4")).since == v("2.4")


def test_restated(seven: Documents) -> None:
    """A delta that names a call's body anew says that its values may differ from there on."""
    assert seven.restated("GET /things", v("2.6"), v("2.7"))
    assert not seven.restated("GET /things", v("2.5"), v("2.6"))
    assert not seven.restated(SHOW, v("2.6"), v("2.7"))


def test_error(tmp_path: Path) -> None:
    """An error's body has the type that the base says, as it is at the microversion."""
    folded = documents(tmp_path, THINGS, "change: {fault: {add: {code: integer}}}")
    assert folded.error(v("2.1")) == closed(["message"], message=STRING)
    assert folded.error(v("2.2"))["required"] == ["code", "message"]
