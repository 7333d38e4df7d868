"""A draft as text, held against what somebody wrote, and the paragraph that its summary is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.bump.comparison import beyond, compare, counted
from conformance.bump.drafting import Draft
from conformance.bump.paragraph import paragraph, summary
from conformance.bump.text import written
from conformance.edition import Edition
from conformance.reading import check
from tests.helpers import THINGS, v
from tests.sightings import edition

RST = """
2.8 - Show the 'size'
---------------------
Things have a size.

2.9 (Maximum in Xena)
---------------------

Add a new ``locked`` attribute to :ref:`things <t>`, e.g. to shown ones. It is true if
somebody locked it.

.. _microversion 2.10:

2.10
----
**things**

The ``GET /things`` API takes ``name``:

* as text
"""


@pytest.fixture
def known(tmp_path: Path) -> Edition:
    """What is known of things."""
    return edition(tmp_path, THINGS)


def test_a_short_entry_is_one_line() -> None:
    """As our files have it, its remarks above it."""
    draft = Draft(
        {"summary": "A server says whether it is locked.", "change": {"server": {"add": {"locked": "boolean"}}}}
    )
    draft.remark(("change", "server", "add", "locked"), "seen in 2 answers of GET /servers", "a guess: so it is")
    assert written(draft, "Drafted.") == (
        "# Drafted.\n"
        "summary: A server says whether it is locked.\n"
        "change:\n"
        "  # add locked: seen in 2 answers of GET /servers; a guess: so it is\n"
        "  server: {add: {locked: boolean}}\n"
    )


@pytest.mark.parametrize(
    "value",
    [
        {"add": {"a": "string?", "OS-DCF:x": {"type": ["string", "null"], "pattern": "^[^\\x00-\\x1f]*$"}}},
        {"allow": {"it's": {"enum": ["on", "1", "a b", "", "null", "#x", "- y"]}}},
        {"add": {f"key_{number}": {"for": "admin", "is": "string?"} for number in range(20)}},
        {"allow": {"sort_key": {"enum": [f"value_{number}" for number in range(40)]}}},
        {"drop": [f"OS-EXT:{number}" for number in range(30)]},
    ],
)
def test_what_is_written_is_read_again(value: dict[str, Any]) -> None:
    """Whatever stands in it, in lines that aren't too long."""
    delta = {"summary": "All kinds of things: and more.", "change": {"server": value}}
    text = written(Draft(delta))
    assert yaml.safe_load(text) == delta
    assert max(map(len, text.splitlines())) <= 125
    check(yaml.safe_load(text), "delta", "a draft")


def test_calls_and_ends_are_written() -> None:
    """Each on its line, in the order that our files have."""
    calls = {"GET /things/{thing}/size": {"body": {"size": "integer"}, "status": 200, "headers": {"location?": "uri"}}}
    text = written(Draft({"gone": ["GET /old"], "calls": calls, "summary": "Sizes can be read."}))
    assert '  GET /things/{thing}/size: {status: 200, body: {size: integer}, headers: {"location?": uri}}\n' in text
    assert text.endswith("gone:\n  - GET /old\n")


WRITTEN: dict[str, Any] = {
    "new": {"size": {"is": {"type": "integer", "minimum": 0}}},
    "change": {"thing": {"add": {"size": "size"}, "drop": ["name"]}, "thing_new": {"allow": {"colour": "string?"}}},
    "calls": {"GET /things/{thing}/size": {"status": 200, "body": {"size": "size"}}},
    "gone": ["DELETE /things/{thing}"],
}


def verdicts(known: Edition, drafted: dict[str, Any]) -> dict[str, int]:
    """How many lines there are of each verdict."""
    return counted(compare(WRITTEN, drafted, known))


def test_a_draft_that_says_the_same_is_right(known: Edition) -> None:
    """Whatever its shapes and parameters are called."""
    number = {"type": "integer", "minimum": 0}
    same = {
        "change": {"thing": {"drop": ["name"], "add": {"size": number}}, "thing_new": {"allow": {"colour": "string?"}}},
        "calls": {"GET /things/{id}/size": {"status": 200, "body": {"size": number}}},
        "gone": ["DELETE /things/{thing}"],
    }
    assert verdicts(known, same) == {"right": 6, "right but for bounds": 0, "wrong": 0, "not seen": 0}
    assert beyond(WRITTEN, same, known) == []


def test_what_a_draft_says_otherwise_is_told(known: Edition) -> None:
    """Without a bound, of another type, or not at all."""
    other = {"change": {"thing": {"add": {"size": "integer"}}, "thing_new": {"allow": {"colour": "integer"}}}}
    assert verdicts(known, other) == {"right": 0, "right but for bounds": 1, "wrong": 1, "not seen": 4}


def test_what_a_draft_says_beyond_is_told(known: Edition) -> None:
    """A key that nobody wrote."""
    more = {"change": {"thing": {"add": {"size": "integer", "mood": "string"}}}}
    assert [line.path for line in beyond(WRITTEN, more, known)] == [("change", "thing", "add", "mood")]


def test_a_paragraph_is_found() -> None:
    """Up to the next heading, without directives; a title that says something comes first."""
    assert paragraph(RST, v("2.9")).startswith("Add a new ``locked``")
    assert paragraph(RST, v("2.9")).endswith("locked it.")
    assert paragraph(RST, v("2.8")).startswith("Show the 'size'.\n\nThings")
    assert paragraph(RST, v("2.1")) == paragraph(RST, v("2.11")) == ""


def test_its_first_sentence_is_the_summary() -> None:
    """Without markup, and of the first part that is a sentence."""
    assert summary(paragraph(RST, v("2.9"))) == "Add a new locked attribute to things, e.g. to shown ones."
    assert summary(paragraph(RST, v("2.10"))) == "The GET /things API takes name."
    assert summary("") == ""
