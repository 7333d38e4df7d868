"""The written list of what can't be reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.document import Documents
from conformance.errors import DataError
from conformance.microversion import Microversion
from conformance.unreachable import load
from tests.helpers import documents

HISTORY = ("calls: {GET /things: {status: 200}}", "gone: [GET /things]")


@pytest.fixture
def two(tmp_path: Path) -> Documents:
    """A call that ends at the second microversion."""
    return documents(tmp_path, *HISTORY)


def written(tmp_path: Path, text: str) -> Path:
    """A folder of schemas with a list."""
    (tmp_path / "schemas" / "compute").mkdir(parents=True, exist_ok=True)
    (tmp_path / "schemas" / "compute" / "unreachable.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "schemas"


def test_no_list(tmp_path: Path, two: Documents) -> None:
    """Without a list nothing is excused."""
    assert load(two, tmp_path / "none") == ()


def test_a_call_is_excused_for_its_life(tmp_path: Path, two: Documents) -> None:
    """Without a span an entry speaks of the whole life of its call, and of no more."""
    folder = written(tmp_path, "- {call: GET /things, reason: Nobody can see it.}\n")
    [entry] = load(two, folder)
    assert ("GET /things", Microversion(2, 1)) in entry
    assert ("GET /things", Microversion(2, 2)) not in entry


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("- {call: GET /nothing, reason: Nobody can see it.}", "unknown call 'GET /nothing' of compute"),
        (
            "- {call: GET /things, span: '2.2', reason: Nobody can see it.}",
            "GET /things exists at 2.1..2.1, not at 2.2",
        ),
    ],
)
def test_what_there_is_not_needs_no_excuse(tmp_path: Path, two: Documents, text: str, what: str) -> None:
    """An entry for a call that there isn't, or not there, is refused."""
    with pytest.raises(DataError) as caught:
        load(two, written(tmp_path, text))
    assert caught.value.what == what
