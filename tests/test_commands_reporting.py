"""``conformance report``: a run, its parts, or two runs, as one page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cloud, command
from tests.runs import failed, leave
from tests.test_report_page import unpacked
from tests.wrong_server import ADMIN_PASS, PASSWORD, TINY, USER_DATA

SHOWN = "compute/server::show@2.3"
LISTED = "compute/versions::list@2.1"


def test_the_page_of_a_run(cloud: Cloud) -> None:
    """A page is written into the folder of a run, with its findings and its exchanges, and the path is told."""
    cloud.server.spoil("late")
    cloud.run()

    ended = command("report", cloud.results, "--data", TINY)

    text = (cloud.results / "report.html").read_text(encoding="utf-8")
    (run,) = unpacked(text, "run")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"{cloud.results / 'report.html'}: {len(cloud.records())} cases, ")
    assert [group["finding"]["code"] for group in run["groups"]] == ["missing"]
    assert any("HTTP" in said or "GET /servers/" in said for batch in unpacked(text, "exchanges") for said in batch)


def test_no_secret_is_in_the_page(cloud: Cloud) -> None:
    """What a run hides stays hidden."""
    cloud.server.spoil("leaky")
    cloud.run()

    command("report", cloud.results, "--data", TINY)

    text = (cloud.results / "report.html").read_text(encoding="utf-8")
    said = "".join(str(unpacked(text, name)) for name in ("run", "exchanges")) + text
    assert [one for one in (PASSWORD, ADMIN_PASS, USER_DATA, "planted-token") if one in said] == []


def test_another_place(tmp_path: Path) -> None:
    """``--output`` says where the page goes; a folder for it is made."""
    folder = leave(tmp_path / "run", wanted=[SHOWN])

    ended = command("report", folder, "--data", TINY, "--output", tmp_path / "pages" / "a.html")

    assert (ended.code, (tmp_path / "pages" / "a.html").exists(), (folder / "report.html").exists()) == (0, True, False)


def test_parts_of_a_run(tmp_path: Path) -> None:
    """Several folders are parts of one run; if they overlap, it is said which counts, and how to compare instead."""
    one, other = leave(tmp_path / "1", wanted=[SHOWN, LISTED]), leave(tmp_path / "2", wanted=[SHOWN])

    ended = command("report", one, other, "--data", TINY)

    assert ended.out.startswith(f"{one / 'report.html'}: 2 cases, ")
    assert "1 cases ran in more than one" in ended.err
    assert "--against" in ended.err


def test_two_runs(tmp_path: Path) -> None:
    """``--against`` compares with an earlier run, which may have parts as well."""
    before = [leave(tmp_path / "1", {SHOWN: failed()}, wanted=[SHOWN]), leave(tmp_path / "2", wanted=[LISTED])]
    after = leave(tmp_path / "3", wanted=[SHOWN, LISTED])

    ended = command("report", after, "--against", before[0], "--against", before[1], "--data", TINY)

    (run,) = unpacked((after / "report.html").read_text(encoding="utf-8"), "run")
    assert ended.code == 0
    assert [change["kind"] for change in run["comparison"]["changes"]] == ["mended"]
    assert run["comparison"]["earlier"]["planned"] == 2


def test_an_interrupted_run(tmp_path: Path) -> None:
    """A run that was cut short has a page that says what didn't run."""
    folder = leave(tmp_path / "run", wanted=[SHOWN, LISTED], silent=[SHOWN])

    command("report", folder, "--data", TINY)

    assert "<title>1 of 2 cases did not run" in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["", "empty", "absent"])
def test_what_is_no_run(tmp_path: Path, name: str) -> None:
    """No folder, one without a run, and one that isn't there are refused."""
    (tmp_path / "empty").mkdir()

    assert command("report", *([tmp_path / name] if name else []), "--data", TINY).code == 2


def test_a_place_that_can_not_be_written(tmp_path: Path) -> None:
    """A path that is no place for a file is told with a remedy."""
    folder = leave(tmp_path / "run", wanted=[SHOWN])
    (tmp_path / "file").touch()

    ended = command("report", folder, "--data", TINY, "--output", tmp_path / "file" / "a.html")

    assert (ended.code, "Name another place with --output" in ended.err) == (2, True)
