"""Differences between two microversions, told call by call."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.difference import differences
from conformance.document import Documents
from conformance.errors import UsageError
from tests.helpers import documents, v

HISTORY = (
    """
    new:
      query: {unknown: ignored, allow: {limit: integer}}
      thing: {add: {id: uuid, kind: string}, allow: {note: string}, volatile: [kind]}
      thing_new: {add: {name: string}}
    calls:
      GET /things: {status: 200, query: query, body: {things: [thing]}}
      GET /things/{thing}: {status: 200, body: {thing: thing}}
      POST /things: {status: 201, takes: {thing: thing_new}, body: {thing: thing}}
      DELETE /things/{thing}: {status: 204}
    """,
    "change: {thing: {add: {tags: {type: array, items: string, maxItems: 5}}}}",
    """
    change:
      thing: {drop: [note], replace: {kind: string?}}
      thing_new: {allow: {tags: any}}
      query: {unknown: refused}
    """,
    """
    calls: {'PUT /things/{thing}': {status: [200, 202], takes: thing_new, body: {thing: thing}}}
    gone: ['DELETE /things/{thing}']
    """,
    "calls: {POST /things: {status: 202, body: null}}",
)


@pytest.fixture
def five(tmp_path: Path) -> Documents:
    """A history in which everything that can change does."""
    return documents(tmp_path, *HISTORY)


def told(five: Documents, older: str, newer: str) -> list[str]:
    """The differences as text, by line."""
    return "\n".join(map(str, differences(five, v(older), v(newer)))).splitlines()


def test_a_key_that_comes(five: Documents) -> None:
    """A new key is told with its type and its bounds, and calls that changed alike stand together by their places."""
    assert told(five, "2.1", "2.2") == [
        "GET /things",
        "  + answer /things/*/tags: array, maxItems 5",
        "  + answer /things/*/tags/*: string",
        "GET /things/{thing}",
        "POST /things",
        "  + answer /thing/tags: array, maxItems 5",
        "  + answer /thing/tags/*: string",
    ]


def test_keys_that_go_and_change(five: Documents) -> None:
    """What goes, what changes its type, and what may be sent is told, without a word of our own marks."""
    assert told(five, "2.2", "2.3") == [
        "GET /things",
        "  ~ answer /things/*/kind: string or null (was string)",
        "  - answer /things/*/note",
        "  ~ query /: object (was object, unknown keys are ignored)",
        "GET /things/{thing}",
        "  ~ answer /thing/kind: string or null (was string)",
        "  - answer /thing/note",
        "POST /things",
        "  ~ answer /thing/kind: string or null (was string)",
        "  - answer /thing/note",
        "  + body /thing/tags: any, may be absent",
    ]


def test_calls_that_begin_and_end(five: Documents) -> None:
    """A call that begins is told with what it takes and answers, one that ends with where."""
    found = told(five, "2.3", "2.4")
    assert found[:2] == ["DELETE /things/{thing}", "  ends: it isn't there from 2.4 on"]
    assert found[2:5] == ["PUT /things/{thing}", "  begins", "  answers status 200 or 202 with"]
    assert "  + body /name: string" in found


def test_a_status_that_changes(five: Documents) -> None:
    """Another status is told beside the one that it was."""
    found = told(five, "2.4", "2.5")
    assert found[:2] == ["POST /things", "  answers status 202 where it was 201"]
    assert "  - answer /thing/id" in found


def test_nothing(five: Documents) -> None:
    """A microversion differs in nothing from itself."""
    assert told(five, "2.3", "2.3") == []


def test_over_several(five: Documents) -> None:
    """Over several microversions the ends are compared; what came and went in between isn't told."""
    assert "  - answer /thing/note" in told(five, "2.1", "2.5")


def test_an_unknown_microversion(five: Documents) -> None:
    """A microversion that the service doesn't have is refused."""
    with pytest.raises(UsageError, match=r"unknown microversion compute 2\.9"):
        differences(five, v("2.1"), v("2.9"))


def test_a_choice_of_objects_is_told_key_by_key(tmp_path: Path) -> None:
    """The keys of the first where it stands, those of another behind its number."""
    chosen = documents(
        tmp_path,
        """
        new:
          thing: {add: {id: uuid}}
          lost: {add: {status: string}}
        calls: {GET /thing: {status: 200, body: {thing: {oneOf: [thing, lost]}}}}
        """,
        "change: {thing: {add: {name: string}}, lost: {add: {since: string}}}",
    )
    assert told(chosen, "2.1", "2.2") == [
        "GET /thing",
        "  + answer /thing(2)/since: string",
        "  + answer /thing/name: string",
    ]
