"""Requests with one thing wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.document import Document
from conformance.microversion import Microversion
from conformance.oddity import STRANGER, Odd, negatives, refused, spoil
from conformance.outline import Depth
from conformance.plan import plan
from conformance.story import Step
from tests.helpers import documents, library

HISTORY = """
new:
  thing:
    add: {name: {type: string, minLength: 1, maxLength: 3}, size: {type: integer, minimum: 0, maximum: 9}}
    allow: {kind: {enum: [a, b]}, more: {type: object, additionalProperties: string}, parts: [part], unsaid: boolean}
  part: {allow: {id: uuid}}
  lenient: {unknown: ignored, allow: {limit: {type: string, pattern: "^[0-9]+$"}, unsaid: {type: string, maxLength: 2}}}
calls:
  POST /things: {status: 201, takes: {thing: thing}}
  GET /things: {status: 200, query: lenient}
  GET /parts: {status: 200, query: {need: string}}
  PUT /things/{thing}: {status: 200, takes: {thing: thing}}
"""
LATER = """
change: {part: {allow: {tag: string}}, thing: {drop: [unsaid]}, lenient: {allow: {marker: string, mine: string}}}
"""
STORY = """
steps:
  make: {POST: /things, body: {thing: {name: abc, size: 1, kind: a, more: {x: y}}}}
  list: {GET: /things, query: {limit: "1", mine: "1"}}
  parts: {GET: /parts, query: {need: a}}
  refused: {PUT: /things/1, body: {thing: {name: abc, size: 1}}, status: 404}
"""


@pytest.fixture
def asked(tmp_path: Path) -> dict[str, tuple[Step, Document]]:
    """The steps of a story, and the documents of their calls."""
    found = documents(tmp_path, HISTORY)
    [story] = library(tmp_path, found, one=STORY).stories
    return {step.name: (step, found.at(step.call, Microversion(2, 1))) for step in story.steps}


def odds(asked: dict[str, tuple[Step, Document]], name: str) -> dict[str, Odd]:
    """The negatives of a step by their names."""
    step, document = asked[name]
    return {odd.name: odd for odd in negatives(step, Microversion(2, 1), document)}


def test_every_rule_of_a_body_is_broken_once(asked: dict[str, tuple[Step, Document]]) -> None:
    """An unknown key at each level, each required one missing, each type wrong, both ends of each bound, each enum.

    It is no matter whether the step says the key.
    """
    assert set(odds(asked, "make")) == {
        f"{STRANGER}:unknown", "thing:missing", "thing:type", f"thing.{STRANGER}:unknown",
        "thing.name:missing", "thing.name:type", "thing.name:short", "thing.name:long",
        "thing.size:missing", "thing.size:type", "thing.size:least", "thing.size:most",
        "thing.kind:type", "thing.kind:value", "thing.more:type", "thing.more.x:type", "thing.unsaid:type",
        "thing.parts:type", "thing.parts.0:type", f"thing.parts.0.{STRANGER}:unknown", "thing.parts.0.id:type",
        "thing.parts.0.id:value",
    }  # fmt: skip


def test_an_unknown_parameter_may_be_ignored(asked: dict[str, tuple[Step, Document]]) -> None:
    """What must come of it is what the history says: here no refusal."""
    odd = odds(asked, "list")[f"{STRANGER}:unknown"]
    assert not refused(odd, asked["list"][1])


def test_a_strange_value_is_refused(asked: dict[str, tuple[Step, Document]]) -> None:
    """A parameter's value that its schema refuses must be refused by the service too."""
    odd = odds(asked, "list")["limit:value"]
    assert (odd.value, refused(odd, asked["list"][1])) == ("no such value", True)
    assert odds(asked, "list")["unsaid:long"].value == "xxx"


def test_a_required_parameter_is_left_out(asked: dict[str, tuple[Step, Document]]) -> None:
    """A query without a parameter that it must have is refused."""
    assert set(odds(asked, "parts")) == {"need:missing", f"{STRANGER}:unknown"}
    assert spoil({"need": "a"}, odds(asked, "parts")["need:missing"], ("need",)) == {}


@pytest.mark.parametrize(
    ("odd", "spoilt"),
    [
        (Odd("missing", ("thing", "name")), {"thing": {"size": 1}}),
        (Odd("type", ("thing", "name"), value=[]), {"thing": {"name": [], "size": 1}}),
        (Odd("unknown", ("x",), value=True), {"thing": {"name": "a", "size": 1}, "x": True}),
        (Odd("key", ("thing", "name")), {"thing": {"name": "a", "size": 1}}),
        (
            Odd("type", ("thing", "parts", "0", "id"), value=1),
            {"thing": {"name": "a", "size": 1, "parts": [{"id": 1}]}},
        ),
    ],
)
def test_one_thing_is_spoilt(odd: Odd, spoilt: dict[str, Any]) -> None:
    """A spoilt request differs by the odd thing and nothing else."""
    assert spoil({"thing": {"name": "a", "size": 1}}, odd, odd.path) == spoilt


def test_an_item_is_spoilt_in_its_place() -> None:
    """What stands beside it in the array stays."""
    odd = Odd("missing", ("parts", "0", "id"))
    assert spoil({"parts": [{"id": 1, "a": 2}, {"id": 3}]}, odd, odd.path) == {"parts": [{"a": 2}, {"id": 3}]}


def cases(data: Path, *deltas: str, negatives: bool = True) -> dict[str, tuple[int, ...]]:
    """The odd cases of the story's plan, with what must come."""
    found = documents(data, *deltas)
    stories = library(data, found, one=STORY).stories
    planned = plan(stories, {"compute": found}, {}, depth=Depth(negatives=negatives))
    return {case.id.partition("::")[2]: case.statuses for each in planned for case in each if case.odd}


def test_keys_are_asked_beside_their_lives(tmp_path: Path) -> None:
    """Just outside its life a key that nobody says is refused, or ignored as the history says; one that is said too."""
    found = cases(tmp_path, HISTORY, LATER)
    assert found["make+thing.parts.0.tag:untimely@2.1"] == found["make+thing.unsaid:untimely@2.2"] == (400,)
    assert found["list+marker:untimely@2.1"] == found["list+mine@2.1"] == (200,)
    assert "list+mine:untimely@2.1" not in found
    assert set(cases(tmp_path, HISTORY, LATER, negatives=False)) == {"list+mine@2.1"}


def test_a_refused_step_serves_where_no_other_does(tmp_path: Path) -> None:
    """What a call takes is broken even where no story can make the call succeed."""
    found = cases(tmp_path, HISTORY)
    assert found["refused+thing.name:missing@2.1"] == (400,)
