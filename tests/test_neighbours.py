"""Neighbours: two reads of one resource differ by what the history declares, and by nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.document import Documents
from conformance.exchange import Finding
from conformance.neighbours import Read, compare
from tests.helpers import documents, v

SHOW = "GET /things/{thing}"
HISTORY = (
    """
    new:
      part: {add: {size: integer}, allow: {note: string}, volatile: [size]}
      thing:
        add:
          name: string
          kind: string
          tags: [string]
          parts: [part]
          seen: string
          free: {type: object, additionalProperties: string}
          other: {anyOf: [part, "null"]}
        allow: {note: string, host: string}
        volatile: [seen, host]
    calls: {'GET /things/{thing}': {status: 200, body: {thing: thing}}}
    """,
    "",
    "change: {thing: {drop: [name], replace: {kind: integer}, add: {more: string}}}",
)
OLD: dict[str, Any] = {
    "name": "a",
    "kind": "small",
    "tags": ["x", "y"],
    "parts": [{"size": 1, "note": "n"}],
    "seen": "12:00",
    "free": {"k": "v"},
    "other": {"size": 1},
    "note": "n",
    "host": "h",
}


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    """A history whose third microversion changes the thing."""
    return documents(tmp_path_factory.mktemp("neighbours"), *HISTORY)


def drift(three: Documents, change: dict[str, Any], newer: str = "2.2") -> list[Finding]:
    """What is found between 2.1 and a newer read with some keys changed; Ellipsis takes one away."""
    data = {key: value for key, value in {**OLD, **change}.items() if value is not ...}
    older = Read(v("2.1"), three.at(SHOW, v("2.1")), {"thing": OLD})
    return compare(older, Read(v(newer), three.at(SHOW, v(newer)), {"thing": data}))


def test_equal_reads_pass(three: Documents) -> None:
    """Two reads that are equal have no finding."""
    assert drift(three, {}) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": "b"}, "/name"),
        ({"name": None}, "/name"),
        ({"tags": ["y", "x"]}, "/tags/0"),
        ({"tags": ["x"]}, "/tags"),
        ({"tags": {}}, "/tags"),
        ({"parts": [{"size": 1, "note": "m"}]}, "/parts/0/note"),
        ({"parts": [{"size": 1}]}, "/parts/0/note"),
        ({"free": {"k": "w"}}, "/free/k"),
        ({"free": {"k": "v", "l": "w"}}, "/free/l"),
        ({"other": {"size": 1, "note": "n"}}, "/other/note"),
        ({"note": ...}, "/note"),
    ],
)
def test_what_no_delta_declares_is_a_drift(three: Documents, change: dict[str, Any], place: str) -> None:
    """A value that changes, a list that does, an optional key that comes or goes: each is a drift at its place."""
    found = drift(three, change)
    places = {finding.pointer for finding in found}
    assert f"/thing{place}" in places
    assert all(finding.code == "drift" for finding in found)


@pytest.mark.parametrize(
    "change",
    [{"seen": "12:01"}, {"host": "i"}, {"host": ...}, {"parts": [{"size": 2, "note": "n"}]}, {"other": {"size": 2}}],
)
def test_volatile_values_pass(three: Documents, change: dict[str, Any]) -> None:
    """A value that the history calls volatile may change, wherever it stands, and an optional one come and go."""
    assert drift(three, change) == []


def test_declared_changes_pass(three: Documents) -> None:
    """What the newer delta drops, adds and replaces is no drift."""
    assert drift(three, {"name": ..., "kind": 1, "more": "m"}, "2.3") == []


def test_a_drift_beside_declared_changes(three: Documents) -> None:
    """A change that isn't declared is found beside those that are."""
    found = drift(three, {"name": ..., "kind": 1, "more": "m", "note": "changed"}, "2.3")
    assert [finding.pointer for finding in found] == ["/thing/note"]


def test_a_drift_tells_all(three: Documents) -> None:
    """A drift names the newer microversion, the value of the older, what is seen, and that no delta says so."""
    remedy = "No delta above 2.1 up to 2.2 changes this: the service did, unasked."
    expected = Finding("drift", "compute", SHOW, "2.2", "/thing/name", "as at 2.1: a", "b", remedy)
    assert drift(three, {"name": "b"}) == [expected]


def test_an_undeclared_key_is_the_judges_matter(three: Documents) -> None:
    """A key that neither microversion names is told by the judge, and not a second time."""
    assert drift(three, {"extra": 1}) == []


def test_a_body_without_a_schema(tmp_path: Path) -> None:
    """Bodies of which the history says nothing at all must be equal too."""
    folded = documents(tmp_path, "calls: {GET /: {status: 200, body: any}}", "")
    one, other = (Read(v(at), folded.at("GET /", v(at)), {"a": at}) for at in ("2.1", "2.2"))
    assert [finding.pointer for finding in compare(one, other)] == ["/a"]
