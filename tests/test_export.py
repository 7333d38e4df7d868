"""The export: a file a microversion, in the form that is promised to other tools."""

from __future__ import annotations

import json
from pathlib import Path

from conformance.export import export
from tests.helpers import documents

HISTORY = (
    """
    error: fault
    new:
      fault: {add: {message: string}}
      thing: {add: {id: uuid, seen: date-time}, volatile: [seen]}
    calls:
      GET /things/{thing}: {status: 200, body: thing}
      PUT /things/{thing}: {status: [200, 202], takes: {name?: string}, query: {force?: boolean}}
    """,
    "gone: ['PUT /things/{thing}']",
)
THING = {
    "type": "object",
    "properties": {"id": {"type": "string", "format": "uuid"}, "seen": {"type": "string", "format": "date-time"}},
    "required": ["id", "seen"],
    "additionalProperties": False,
}


def test_a_file_a_microversion(tmp_path: Path) -> None:
    """There is a file for each microversion, and their number is told."""
    assert export(documents(tmp_path / "data", *HISTORY), tmp_path / "out" / "compute") == 2
    assert sorted(path.name for path in (tmp_path / "out" / "compute").iterdir()) == ["2.1.json", "2.2.json"]


def test_the_form(tmp_path: Path) -> None:
    """A file has the calls with status, body, takes and query as JSON Schema or null, and the error."""
    export(documents(tmp_path / "data", *HISTORY), tmp_path)
    exported = json.loads((tmp_path / "2.1.json").read_text())
    put = exported["calls"]["PUT /things/{thing}"]
    assert exported["calls"]["GET /things/{thing}"] == {"status": [200], "body": THING, "takes": None, "query": None}
    assert (put["status"], put["body"], set(put["takes"]["properties"]), put["query"]["required"]) == (
        [200, 202],
        None,
        {"name"},
        [],
    )
    assert exported["error"]["required"] == ["message"]


def test_an_ended_call_is_away(tmp_path: Path) -> None:
    """A call that ended isn't exported any more."""
    export(documents(tmp_path / "data", *HISTORY), tmp_path)
    assert set(json.loads((tmp_path / "2.2.json").read_text())["calls"]) == {"GET /things/{thing}"}


def test_no_mark_of_ours(tmp_path: Path) -> None:
    """Nothing that only we know is exported."""
    export(documents(tmp_path / "data", *HISTORY), tmp_path)
    assert "x-volatile" not in (tmp_path / "2.1.json").read_text()


def test_the_same_twice(tmp_path: Path) -> None:
    """Exporting again gives the same bytes, so that exports can be compared."""
    folded = documents(tmp_path / "data", *HISTORY)
    first, second = tmp_path / "first", tmp_path / "second"
    export(folded, first)
    export(folded, second)
    assert (first / "2.1.json").read_bytes() == (second / "2.1.json").read_bytes()
