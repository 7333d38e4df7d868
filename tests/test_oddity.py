"""Requests with one thing wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.document import Document
from conformance.microversion import Microversion
from conformance.oddity import STRANGER, Odd, negatives, spoil, statuses
from conformance.story import Step
from tests.helpers import documents, library

HISTORY = """
new:
  thing:
    add: {name: {type: string, minLength: 1, maxLength: 3}, size: {type: integer, minimum: 0, maximum: 9}}
    allow: {kind: {enum: [a, b]}, more: {type: object, additionalProperties: string}}
  lenient: {unknown: ignored, allow: {limit: {type: string, pattern: "^[0-9]+$"}}}
calls:
  POST /things: {status: 201, takes: {thing: thing}}
  GET /things: {status: 200, query: lenient}
"""
STORY = """
steps:
  make: {POST: /things, body: {thing: {name: abc, size: 1, kind: a, more: {x: y}}}}
  list: {GET: /things, query: {limit: "1"}}
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
    """An unknown key at each level, each required one missing, each type wrong, both ends of each bound, each enum."""
    assert set(odds(asked, "make")) == {
        f"{STRANGER}:unknown", "thing:missing", "thing:type", f"{STRANGER}:unknown",
        "name:missing", "name:type", "name:least", "name:most",
        "size:missing", "size:type", "size:least", "size:most",
        "kind:type", "kind:value", "more:type",
    }  # fmt: skip


def test_an_unknown_parameter_may_be_ignored(asked: dict[str, tuple[Step, Document]]) -> None:
    """What must come of it is what the history says: here success."""
    odd = odds(asked, "list")[f"{STRANGER}:unknown"]
    assert statuses(odd, asked["list"][1]) == (200,)


def test_a_strange_value_is_refused(asked: dict[str, tuple[Step, Document]]) -> None:
    """A parameter's value that its schema refuses must be refused by the service too."""
    odd = odds(asked, "list")["limit:value"]
    assert (odd.value, statuses(odd, asked["list"][1])) == ("no such value", (400,))


@pytest.mark.parametrize(
    ("odd", "spoilt"),
    [
        (Odd("missing", ("thing", "name")), {"thing": {"size": 1}}),
        (Odd("type", ("thing", "name"), value=[]), {"thing": {"name": [], "size": 1}}),
        (Odd("unknown", ("x",), value=True), {"thing": {"name": "a", "size": 1}, "x": True}),
        (Odd("key", ("thing", "name")), {"thing": {"name": "a", "size": 1}}),
    ],
)
def test_one_thing_is_spoilt(odd: Odd, spoilt: dict[str, Any]) -> None:
    """A spoilt request differs by the odd thing and nothing else."""
    assert spoil({"thing": {"name": "a", "size": 1}}, odd, odd.path) == spoilt
