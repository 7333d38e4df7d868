"""Histories: a folder of deltas, without a gap, folded oldest first."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.errors import DataError, UsageError
from conformance.history import load
from tests.helpers import THINGS, history, put, v

SUMMARY = "summary: A delta of a test.\n"


def refused(data: Path) -> DataError:
    """The error with which the history of compute is refused."""
    with pytest.raises(DataError) as caught:
        load("compute", data)
    return caught.value


def test_span_and_editions(tmp_path: Path) -> None:
    """A history has one edition a file, from the first number to the last."""
    loaded = history(tmp_path, THINGS, "", "gone: ['DELETE /things/{thing}']")
    assert str(loaded.span) == "2.1..2.3"
    assert loaded.at(v("2.2")).summary == "Delta number 2 of a test."
    assert loaded.at(v("2.3")).source.endswith("2.3.yaml")


def test_the_span_is_made_once(tmp_path: Path) -> None:
    """It is asked for at every look at an edition, so it is kept."""
    loaded = history(tmp_path, THINGS, "")
    assert loaded.span is loaded.span


def test_beyond_the_span(tmp_path: Path) -> None:
    """A microversion that the service doesn't have is refused with its bounds."""
    with pytest.raises(UsageError) as caught:
        history(tmp_path, THINGS, "").at(v("2.3"))
    assert caught.value == UsageError("unknown microversion compute 2.3", "", "compute has 2.1 to 2.2.")


def test_ten_comes_after_nine(tmp_path: Path) -> None:
    """Files are taken in the order of numbers, not of text."""
    loaded = history(tmp_path, *[""] * 11)
    assert [str(edition.version) for edition in loaded.editions][-3:] == ["2.9", "2.10", "2.11"]


def test_a_gap(tmp_path: Path) -> None:
    """A microversion without its file is refused with the file to write."""
    put(tmp_path / "compute" / "2.1.yaml", SUMMARY)
    path = put(tmp_path / "compute" / "2.3.yaml", SUMMARY)
    remedy = "Every microversion has its file: write 2.2.yaml, if only with a summary."
    assert refused(tmp_path) == DataError("a gap: 2.1 is followed by 2.3", str(path), remedy)


@pytest.mark.parametrize("name", ["2.1.yml", "2.x.yaml", "2.01.yaml", "2.1.yaml.orig", "2.yaml"])
def test_a_file_not_named_by_a_microversion(tmp_path: Path, name: str) -> None:
    """A file whose name is no microversion is refused."""
    path = put(tmp_path / "compute" / name, SUMMARY)
    remedy = "Name a delta by its microversion, such as 2.26.yaml."
    assert refused(tmp_path) == DataError("is not named by a microversion", str(path), remedy)


def test_an_empty_folder(tmp_path: Path) -> None:
    """A service without any delta is refused with how a history begins."""
    remedy = "A history begins with a file such as 2.1.yaml."
    assert refused(tmp_path) == DataError("no history here", str(tmp_path / "compute"), remedy)


def test_a_file_and_a_folder_of_one_microversion(tmp_path: Path) -> None:
    """A microversion that is written twice, as a file and as a folder, is refused."""
    put(tmp_path / "compute" / "2.1" / "a.yaml", SUMMARY)
    put(tmp_path / "compute" / "2.1.yaml", SUMMARY)
    assert refused(tmp_path).what == "a gap: 2.1 is followed by 2.1"


def test_an_empty_microversion_folder(tmp_path: Path) -> None:
    """A folder without a delta in it is refused, since its microversion says nothing."""
    put(tmp_path / "compute" / "2.1.yaml", SUMMARY)
    (tmp_path / "compute" / "2.2").mkdir()
    assert refused(tmp_path).where == str(tmp_path / "compute" / "2.2")


def test_a_folder_as_one_microversion(tmp_path: Path) -> None:
    """The files of a folder are one delta, whichever file mentions another's shape."""
    put(tmp_path / "compute" / "2.1" / "calls.yaml", SUMMARY + "calls: {GET /things: {status: 200, body: [thing]}}")
    put(tmp_path / "compute" / "2.1" / "shapes.yaml", SUMMARY + "new: {thing: {add: {id: uuid}}}")
    edition = load("compute", tmp_path).at(v("2.1"))
    assert edition.summary == "A delta of a test. A delta of a test."
    assert set(edition.calls) == {"GET /things"}
    assert set(edition.shapes) == {"thing"}


def test_an_unknown_service(tmp_path: Path) -> None:
    """A folder of a service that nobody knows isn't loaded."""
    with pytest.raises(UsageError) as caught:
        load("dns", tmp_path)
    assert caught.value.what == "unknown service 'dns'"
