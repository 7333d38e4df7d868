"""A run as a subunit stream, read by the tools that people have for those."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from subunit.v2 import ByteStreamToStreamResult
from testtools import StreamToDict

from conformance.report import subunit
from tests.conftest import Cloud

SHOWN = "compute/server::show@2.3"


def read(path: Path) -> dict[str, dict[str, Any]]:
    """The tests of a stream by their ids."""
    found: dict[str, Any] = {}
    result = StreamToDict(lambda test: found.__setitem__(str(test["id"]), test))
    result.startTestRun()
    with path.open("rb") as file:
        ByteStreamToStreamResult(file).run(result)
    result.stopTestRun()
    return found


def tool(*command: object, folder: Path) -> tuple[int, str]:
    """How a tool ends, and all that it says."""
    line = [sys.executable, "-m", *map(str, command)]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    ended = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


@pytest.fixture
def stream(cloud: Cloud) -> Path:
    """The stream of a run in which a key came late, as is known, and a server couldn't be made."""
    known = cloud.folder / "known.yaml"
    entry = "{service: compute, call: 'GET /servers/{server}', span: 2.1..2.4, code: missing, reason: Tags come later.}"
    known.write_text(f"- {entry}\n", encoding="utf-8")
    cloud.server.spoil("late")
    cloud.run("compute/server::show@2.*", "--known", known, "--subunit", cloud.folder / "a" / "known.subunit")
    cloud.server.spoil("quota")
    cloud.run("--known", known, "--subunit", cloud.folder / "a" / "run.subunit")
    return cloud.folder / "a" / "run.subunit"


def test_a_test_for_each_case(cloud: Cloud, stream: Path) -> None:
    """Each case is a test under its id; what wasn't reached failed, as it didn't pass."""
    outcomes = {"passed": "success", "failed": "fail", "not-reached": "fail"}
    expected = {name: outcomes[one["outcome"]] for name, one in cloud.records().items()}
    assert {name: test["status"] for name, test in read(stream).items()} == expected
    assert set(expected.values()) == {"success", "fail"}


def test_what_is_known_is_expected_to_fail(stream: Path) -> None:
    """A known departure is a failure that was expected, with its reason."""
    test = read(stream.with_name("known.subunit"))[SHOWN]
    assert test["status"] == "xfail"
    assert test["details"]["reason"].as_text() == "Tags come later.\n"


def test_details_tags_and_times(cloud: Cloud, stream: Path) -> None:
    """A test has its finding with the remedy, tags to filter by, and the time that the case took."""
    test = read(stream)["compute/server::create@2.2"]
    assert "Quota exceeded" in test["details"]["finding-1-status"].as_text()
    assert "remedy" in test["details"]["finding-1-status"].as_text()
    assert test["tags"] == {"service/compute", "microversion/2.2", "outcome/failed"}
    begun, ended = test["timestamps"]
    seconds = cloud.records()["compute/server::create@2.2"]["seconds"]
    assert (ended - begun).total_seconds() == pytest.approx(seconds, abs=1e-3)


def test_why_a_case_was_not_reached(stream: Path) -> None:
    """A case that wasn't reached says why."""
    details = read(stream)["compute/server::delete@2.2"]["details"]
    assert "step 'create': status, expected status 202" in details["reason"].as_text()


def test_stestr(cloud: Cloud, stream: Path) -> None:
    """stestr loads the stream, tells what failed and why, and counts as we do."""
    folder, count = cloud.folder, len(cloud.records())
    stestr = ("stestr", "--test-path", ".")
    _, told = tool(*stestr, "load", "--force-init", stream, folder=folder)
    assert "FAIL: compute/server::create@2.2" in told
    assert "Quota exceeded" in told
    _, told = tool(*stestr, "failing", "--list", folder=folder)
    assert set(told.split()) == cloud.outcomes("failed", "not-reached")
    code, told = tool(*stestr, "last", folder=folder)
    assert (code, f" - Passed: {count - 4}\n" in told, " - Failed: 4\n" in told) == (1, True, True)


def test_subunit2html(stream: Path) -> None:
    """os-testr makes a page of the stream."""
    page = stream.with_suffix(".html")
    code, _ = tool("os_testr.subunit2html", stream, page, folder=stream.parent)
    text = page.read_text(encoding="utf-8")
    assert (code, "create@2.2" in text, "Quota exceeded" in text) == (0, True, True)


def test_subunits_own_filters(cloud: Cloud, stream: Path) -> None:
    """The tools that come with subunit count and filter."""
    with stream.open("rb") as file:
        line = [sys.executable, "-m", "subunit.filter_scripts.subunit_stats"]
        told = subprocess.run(line, stdin=file, capture_output=True, check=False).stdout.decode()
    count = len(cloud.records())
    assert [row.split()[-1] for row in told.splitlines()[:3]] == [str(count), str(count - 4), "4"]


def test_a_stream_that_cannot_be_written(cloud: Cloud) -> None:
    """Where no file can be written, the run doesn't begin."""
    (cloud.folder / "taken").write_text("", encoding="utf-8")
    ended = cloud.run("--subunit", cloud.folder / "taken" / "run.subunit")
    assert (ended.code, "can't be written" in ended.err) == (2, True)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_tests_come_in_the_order_of_time(tmp_path: Path, order: Sequence[int]) -> None:
    """Whatever the order of the lines, the stream begins with what began first."""
    plain = {"service": "compute", "microversion": "2.1", "outcome": "passed", "seconds": 0.5, "reason": ""}
    lists: dict[str, Any] = {"findings": [], "warnings": [], "known": []}
    records = [{**plain, **lists, "id": f"{n}", "started": f"2026-01-02T03:04:0{n}.000+00:00"} for n in (0, 1)]
    subunit.write([records[number] for number in order], tmp_path / "stream")
    assert list(read(tmp_path / "stream")) == ["0", "1"]
