"""Data files are read strictly, and each fault is told with its place and its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.errors import DataError
from conformance.reading import data_folder, read
from tests.helpers import REPOSITORY, put

SUMMARY = "summary: A thing begins here.\n"


def fault(path: Path, form: str = "delta") -> DataError:
    """The error with which a file is refused."""
    with pytest.raises(DataError) as caught:
        read(path, form)
    return caught.value


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    """A file of the right form gives its data as it stands."""
    assert read(put(tmp_path / "2.1.yaml", SUMMARY), "delta") == {"summary": "A thing begins here."}


def test_a_key_twice(tmp_path: Path) -> None:
    """A key that stands twice is refused, since the first would be lost in silence."""
    path = put(tmp_path / "2.1.yaml", SUMMARY + "gone: []\ngone: []\n")
    what = "is not YAML: the key 'gone' stands twice (line 3, column 1)"
    assert fault(path) == DataError(what, str(path), "Mend the line it names.")


def test_a_nested_key_twice(tmp_path: Path) -> None:
    """A key that stands twice is found at any depth."""
    path = put(tmp_path / "2.1.yaml", SUMMARY + "new:\n  thing: {add: {id: uuid, id: string}}\n")
    what = "is not YAML: the key 'id' stands twice (line 3, column 27)"
    assert fault(path) == DataError(what, str(path), "Mend the line it names.")


def test_not_yaml(tmp_path: Path) -> None:
    """Broken YAML is refused with the line at which it breaks."""
    path = put(tmp_path / "2.1.yaml", "summary: [unclosed\n")
    found = fault(path)
    assert found.what.startswith("is not YAML: ")
    assert found.what.endswith("(line 2, column 1)")
    assert (found.where, found.remedy) == (str(path), "Mend the line it names.")


def test_not_text(tmp_path: Path) -> None:
    """A file that isn't UTF-8 is refused by name."""
    path = tmp_path / "2.1.yaml"
    path.write_bytes(b"summary: \xff\xfe\n")
    found = fault(path)
    assert found.what.startswith("is not YAML: ")
    assert found.where == str(path)


def test_unreadable(tmp_path: Path) -> None:
    """A file that isn't there is refused with the system's reason."""
    path = tmp_path / "2.1.yaml"
    remedy = "Check the path and its permissions."
    assert fault(path) == DataError("can't be read: No such file or directory", str(path), remedy)


def test_a_float_for_a_version(tmp_path: Path) -> None:
    """An unquoted microversion is refused with the trap that it fell into."""
    path = put(tmp_path / "a.yaml", SUMMARY + "steps: {show: {GET: /things, since: 2.10}}\n")
    remedy = 'Write the microversion in quotes, "2.1": YAML loads an unquoted 2.10 as the number 2.1.'
    expected = DataError("2.1 is not of type 'string'", f"{path}: steps/show/since", remedy)
    assert fault(path, "story") == expected


def test_an_unknown_key(tmp_path: Path) -> None:
    """An unknown key is refused with the list of those that are known."""
    path = put(tmp_path / "2.1.yaml", SUMMARY + "news: {}\n")
    what = "Additional properties are not allowed ('news' was unexpected)"
    assert fault(path) == DataError(what, str(path), "Known keys are calls, change, error, gone, new, summary, unseen.")


def test_a_missing_summary(tmp_path: Path) -> None:
    """A delta says in one sentence what changed, or it is refused."""
    path = put(tmp_path / "2.1.yaml", "gone: []\n")
    found = fault(path)
    assert (found.what, found.where) == ("'summary' is a required property", str(path))


def test_a_summary_that_is_no_sentence(tmp_path: Path) -> None:
    """A summary without a full stop is refused with what a summary is."""
    path = put(tmp_path / "2.1.yaml", "summary: A thing begins here\n")
    remedy = "summary is one sentence that says what changed, with a full stop at its end."
    assert fault(path) == DataError("'A thing begins here' does not match '[.]$'", f"{path}: summary", remedy)


def test_an_empty_file(tmp_path: Path) -> None:
    """An empty file is refused as one that lacks everything."""
    path = put(tmp_path / "2.1.yaml", "")
    assert fault(path).where == str(path)


@pytest.mark.parametrize(
    "text",
    ["new: {thing: {add: {on: string}}}", "new: {thing: {add: {200: string}}}", "? [a]\n: b"],
)
def test_what_json_does_not_have(tmp_path: Path, text: str) -> None:
    """A key that YAML reads as a boolean, number or list is refused and doesn't crash the reader."""
    path = put(tmp_path / "2.1.yaml", SUMMARY + text + "\n")
    assert fault(path).where.startswith(str(path))


def test_a_bare_date_is_text(tmp_path: Path) -> None:
    """A date needs no quotes: it is the text that stands there, as JSON has no dates."""
    path = put(tmp_path / "2.1.yaml", SUMMARY + "gone: [2020-01-01]\n")
    assert read(path, "delta")["gone"] == ["2020-01-01"]


def test_a_summary_in_a_block(tmp_path: Path) -> None:
    """A summary written as a block ends with a line break, on which the two validators don't agree; it is refused."""
    path = put(tmp_path / "2.1.yaml", "summary: |\n  A thing begins here.\n")
    assert fault(path).where == f"{path}: summary"


def test_data_folder_of_a_checkout() -> None:
    """In a checkout the data lies beside the package."""
    assert data_folder() == REPOSITORY
