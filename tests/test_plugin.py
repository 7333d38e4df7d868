"""Cases are pytest items with stable ids: selected, distributed and run again as any others are."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.microversion import Span
from conformance.plan import plan
from conformance.settings import Settings, read
from conformance.suite import load
from tests.conftest import Cloud
from tests.wrong_server import TINY

SPANS = {"compute": Span.parse("2.1..2.4")}


@pytest.fixture
def settings(surroundings: Path) -> Settings:
    """What a run of everything is asked for, without a cloud."""
    suite = load(TINY)
    wanted = frozenset(case.id for each in plan(suite.library.stories, suite.services, SPANS) for case in each)
    folder = surroundings / "results"
    folder.mkdir()
    whole = Settings(TINY, folder, "tiny", {"admin": "tiny"}, SPANS, bounds=SPANS, wanted=wanted, run="abc")
    whole.write(folder / "settings.json")
    return whole


def collected(settings: Settings, capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """The ids that pytest collects."""
    path, stories = settings.results / "settings.json", str(TINY / "scenarios")
    plain = ["-p", "no:cacheprovider", "-p", "conformance.plugin", "--conformance", str(path), "-c", os.devnull]
    pytest.main([stories, f"--rootdir={stories}", *plain, "--collect-only", "-q", *options])
    return [line for line in capsys.readouterr().out.splitlines() if "::" in line]


def workers(cloud: Cloud) -> set[str]:
    """The workers that performed the story of a server, by the names that they gave to what they made."""
    bodies = [asked.body["server"] for asked in cloud.server.log if asked.call == "POST /servers"]
    return {body["name"].split("-")[2] for body in bodies if "user_data" in body}


def test_settings_are_read_as_they_were_written(settings: Settings) -> None:
    """Every worker reads what the command wrote."""
    assert read(settings.results / "settings.json") == settings


def test_each_case_is_an_item(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """The ids are those of the plan, ``compute/<story>::<step>@<version>``, each once."""
    ids = collected(settings, capsys)

    assert sorted(ids) == sorted(settings.wanted)


def test_ids_begin_with_the_story(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """An id says service, story, step and microversion, and a stray key behind a plus sign."""
    ids = collected(settings, capsys, "-k", "create")

    versions = ("2.1", "2.2", "2.4")
    expected = {"compute/server::create+description@2.1", *(f"compute/server::create@{one}" for one in versions)}
    assert set(ids) == expected


def test_collection_opens_no_socket(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked of a cloud before the first case runs."""

    def connect(*_: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)

    assert len(collected(settings, capsys)) == len(settings.wanted)


def test_without_its_option_the_plugin_does_nothing(pytester: pytest.Pytester) -> None:
    """Where the plugin is merely there, the tests of others run as ever."""
    pytester.makepyfile("def test_one(): pass")

    pytester.runpytest_inprocess("-p", "conformance.plugin", "-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_cases_by_pattern(cloud: Cloud) -> None:
    """The command takes ids and patterns of them."""
    cloud.run("compute/server::show@2.*", "compute/tags::list@2.3")

    shown = {f"compute/server::show@2.{minor}" for minor in (1, 2, 3, 4)}
    assert cloud.records().keys() == shown | {"compute/tags::list@2.3"}


def test_cases_by_keyword(cloud: Cloud) -> None:
    """``-k`` selects cases, and what they rest on is done all the same without counting."""
    ended = cloud.run("--pytest=-k", "--pytest=show")

    assert cloud.records().keys() == {f"compute/server::show@2.{minor}" for minor in (1, 2, 3, 4)}
    assert "4 passed" in ended.out
    assert not cloud.server.servers


def test_a_keyword_that_selects_nothing(cloud: Cloud) -> None:
    """A run of nothing isn't a run that passed."""
    assert cloud.run("--pytest=-k", "--pytest=nothing").code == 2


def test_a_pattern_that_matches_nothing(cloud: Cloud) -> None:
    """A case that isn't planned is wrong usage, and the command that lists them is named."""
    ended = cloud.run("compute/nothing::*")

    assert (ended.code, "'conformance plan' lists every case" in ended.err) == (2, True)


def test_only_what_failed_last(cloud: Cloud) -> None:
    """``--last-failed`` asks for what the run before found wrong."""
    cloud.server.spoil("late")
    cloud.run()

    cloud.run("--pytest=--last-failed")

    assert cloud.outcomes("failed") == cloud.records().keys() == {"compute/server::show@2.3"}


def test_an_early_stop(cloud: Cloud) -> None:
    """``-x`` stops at the first failure, and what was made is removed."""
    cloud.server.spoil("quota")

    ended = cloud.run("--pytest=-x")

    assert (ended.code, cloud.outcomes("failed")) == (1, {"compute/server::create@2.2"})
    assert (cloud.server.servers, cloud.ledgers()) == ({}, [])


def test_two_workers_do_what_one_does(cloud: Cloud) -> None:
    """The same cases have the same outcomes however many workers there are, and nothing is left by any of them."""
    cloud.server.spoil("quota")
    cloud.run()
    alone = {name: one["outcome"] for name, one in cloud.records().items()}

    cloud.run("--results", cloud.folder / "two", workers=2)

    assert {name: one["outcome"] for name, one in cloud.records(cloud.folder / "two").items()} == alone
    assert (cloud.server.servers, cloud.ledgers()) == ({}, [])


def test_a_story_stays_on_one_worker(cloud: Cloud) -> None:
    """All performances of a story are done by the same worker, one after another."""
    cloud.run(workers=2)

    (worker,) = workers(cloud)
    assert worker in ("gw0", "gw1")


def test_an_error_of_our_own(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the suite itself breaks, the case isn't reached and says why; it doesn't pass."""
    monkeypatch.setattr("conformance.verdict.judge", lambda *_: 1 / 0)

    ended = cloud.run("compute/versions::root@2.4")

    assert ended.code == 1
    (one,) = cloud.records().values()
    assert one["outcome"] == "not-reached"
    assert "ZeroDivisionError" in one["reason"] + ended.out


def test_a_case_that_cannot_be_got_ready(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as an error and not performed, so that the run doesn't pass."""
    monkeypatch.setattr("conformance.plugin.CaseItem.setup", lambda _: 1 / 0)

    ended = cloud.run("compute/server::create@2.1")

    assert (ended.code, "1 error" in ended.out) == (1, True)
    assert "POST /servers" not in {asked.call for asked in cloud.server.log}


def test_what_goes_wrong_afterwards(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as an error beside the case itself, which passed."""
    monkeypatch.setattr("conformance.plugin.CaseItem.teardown", lambda _: 1 / 0)

    ended = cloud.run("compute/versions::root@2.4")

    assert (ended.code, cloud.outcomes("passed")) == (1, {"compute/versions::root@2.4"})
    assert "1 passed, 1 error" in ended.out


def test_a_recipe_that_fails(cloud: Cloud) -> None:
    """If what stories rest on can't be made, none of their cases is reached, each says why, and the run fails."""
    cloud.server.spoil("quota")
    assert cloud.server.fault
    cloud.server.fault = type(cloud.server.fault)("POST /servers", (2, 4), cloud.server.fault.spoil)

    ended = cloud.run("compute/tags::*")

    assert (ended.code, cloud.outcomes("not-reached")) == (1, set(cloud.records()))
    assert all("the recipe server failed: step 'create'" in one["reason"] for one in cloud.records().values())


def test_the_command_as_a_module(surroundings: Path) -> None:
    """``python -m conformance`` is the command, with the exit code of the error that it tells."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    line = [sys.executable, "-m", "conformance", "run", "--cloud", "nowhere", "--data", str(TINY)]

    ended = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)

    assert ended.returncode == 3
    assert ended.stderr.startswith("error: cloud nowhere")


def test_a_story_is_played_to_its_end(cloud: Cloud) -> None:
    """What it did to something that it didn't make is undone, also when only a case before that was asked for."""
    assert cloud.run("compute/tags::list@2.3").code == 0

    assert [asked.call for asked in cloud.server.log if "tags" in asked.call][-1] == "DELETE /servers/{server}/tags"
