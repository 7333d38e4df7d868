"""A new microversion is one file of data and a step in a story; no Python is touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from conformance.__main__ import conformance
from tests.helpers import REPOSITORY, put

DELTA = """\
    summary: A server shows its mood, which can be set; servers can be asked for advice.
    new:
      mood: {is: {type: string, enum: [calm, merry]}}
    change:
      server_common: {add: {mood: mood}}
      server_update: {allow: {mood: mood}}
    calls:
      GET /servers/{server}/advice: {status: 200, query: no_query, body: {advice: string}}
"""
STORY = """\
    summary: What an invented microversion adds to a server.
    given: [server]
    steps:
      advice: {GET: /servers/$server/advice}
      cheer-up:
        PUT: /servers/$server
        body: {server: {mood: merry}}
        since: "2.104"
      moods: {GET: /servers/$server, since: "2.104", expect: {/server/mood@2.105: merry}}
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the data with 2.105."""
    for folder in ("schemas", "scenarios"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    put(tmp_path / "schemas" / "compute" / "2.105.yaml", DELTA)
    put(tmp_path / "scenarios" / "compute" / "server-mood.yaml", STORY)
    return tmp_path


def command(*arguments: str) -> str:
    """What the command prints when all is well."""
    result = CliRunner().invoke(conformance, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def planned(data: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    """The planned cases by id."""
    lines = command("plan", "--data", str(data), "--service", "compute", "--json", *arguments).splitlines()
    return {case["id"]: case for case in map(json.loads, lines)}


def test_the_new_call_is_planned_on_both_sides(data: Path) -> None:
    """The call that begins has its case at the new microversion, and its refusal just below."""
    cases = planned(data, "compute/server-mood::*")
    assert {"compute/server-mood::advice@2.104", "compute/server-mood::advice@2.105"} <= cases.keys()
    assert cases["compute/server-mood::advice@2.105"]["call"] == "GET /servers/{server}/advice"
    assert "compute/server-mood::advice@2.104  GET /servers/{server}/advice  404" in command(
        "plan", "--data", str(data)
    )


def test_the_new_key_is_planned_on_both_sides(data: Path) -> None:
    """The body key that begins is sent where it is known, and as an unknown key just below."""
    cases = planned(data, "compute/server-mood::cheer-up*")
    assert {"compute/server-mood::cheer-up+mood@2.104", "compute/server-mood::cheer-up@2.105"} <= cases.keys()


def test_stories_that_were_there_show_it_too(data: Path) -> None:
    """Every story that shows a server is asked at the new boundary without a word changed in it."""
    cases = planned(data)
    shown = {case["story"] for case in cases.values() if case["call"] == "GET /servers/{server}"}
    at = {
        case["story"]
        for one, case in cases.items()
        if one.endswith("@2.105") and case["call"] == "GET /servers/{server}"
    }
    assert len(shown & at) > 1


def test_it_is_read_by_every_command(data: Path) -> None:
    """The new microversion is in the difference, in what is shown of the call, and covered on both sides."""
    where = ("--data", str(data))
    assert "+ answer /server/mood: string" in command("schema", "diff", "compute", "2.104", "2.105", *where)
    shown = json.loads(command("schema", "show", "compute", "GET /servers/{server}/advice", *where))
    assert (shown["since"], shown["body"]["required"]) == ("2.105", ["advice"])
    missing = command("coverage", "--service", "compute", "--missing", *where).splitlines()
    ours = ("GET /servers/{server} @2.105", "GET /servers/{server}/advice @2.105", "PUT /servers/{server} @2.105")
    assert [line for line in missing if line.endswith(ours)] == []


def test_the_delta_is_short() -> None:
    """What it takes is a file of less than a dozen lines and a story of about as many."""
    assert len(DELTA.splitlines()) < 12
    assert len(STORY.splitlines()) < 12
    assert set(yaml.safe_load(DELTA)) <= {"summary", "new", "change", "calls"}
