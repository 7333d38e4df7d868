"""``conformance plan`` and ``coverage``: what there is to ask, without a cloud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cloud, Ended, command
from tests.wrong_server import TINY

FIELDS = {"id", "service", "story", "step", "call", "microversion", "writes"}


def tiny(*arguments: object) -> Ended:
    """A command over the tiny data."""
    return command(*arguments, "--data", TINY)


def planned(*arguments: object) -> list[dict[str, Any]]:
    """What ``plan --json`` prints."""
    ended = tiny("plan", "--json", *arguments)
    assert ended.code == 0
    return [json.loads(line) for line in ended.out.splitlines()]


def covered(*arguments: object) -> dict[str, Any]:
    """What ``coverage --json`` prints."""
    ended = tiny("coverage", "--json", *arguments)
    assert (ended.code, len(ended.out.splitlines())) == (0, 1)
    return dict(json.loads(ended.out)["compute"])


def test_the_fields_of_a_planned_case() -> None:
    """Each line of JSON is a case with the fields that other tools read."""
    cases = planned()

    assert {frozenset(case) for case in cases} == {frozenset(FIELDS)}
    assert len({case["id"] for case in cases}) == len(cases)


def test_a_planned_case() -> None:
    """A case says its call, its microversion as text, and whether it may change something."""
    (case,) = planned("compute/tags::add@2.3")

    assert case == {
        "id": "compute/tags::add@2.3",
        "service": "compute",
        "story": "tags",
        "step": "add",
        "call": "PUT /servers/{server}/tags/{tag}",
        "microversion": "2.3",
        "writes": True,
    }


def test_a_plan_for_people() -> None:
    """A line a case, with what must come of it; how many there are isn't mixed with them."""
    ended = tiny("plan", "compute/tags::add@*")

    assert "compute/tags::add@2.3  PUT /servers/{server}/tags/{tag}  201 or 204\n" in ended.out
    assert len(ended.out.splitlines()) == 3
    assert ended.err.startswith("3 cases")


def test_a_span_narrows_the_plan() -> None:
    """Only microversions of the span are asked for."""
    assert {case["microversion"] for case in planned("--span", "compute=2.2..2.3")} == {"2.2", "2.3"}
    assert {case["microversion"] for case in planned("--span", "compute=2.3")} == {"2.3"}


def test_every_cell() -> None:
    """``--every`` plans each cell that the default depth leaves out."""
    usual = {case["id"] for case in planned()}

    assert {case["id"] for case in planned("--every")} > usual
    assert covered("--every")["planned"] == covered()["cells"]


def test_a_plan_is_stable() -> None:
    """Two plans of the same data are equal, in the same order."""
    assert planned() == planned()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("plan", "--service", "computer"), "unknown service 'computer'"),
        (("plan", "--service", "placement"), "no data for placement"),
        (("plan", "--span", "2.1..2.3"), "names no service"),
        (("plan", "--span", "computer=2.1"), "unknown service 'computer'"),
        (("plan", "--span", "compute=2.3..2.1"), "ends before it begins"),
        (("plan", "--span", "compute=two"), "'two' is not a microversion"),
        (("plan", "compute/nothing::*"), "no case matches compute/nothing::*"),
        (("coverage", "--service", "computer"), "unknown service 'computer'"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], told: str) -> None:
    """What makes no sense ends with 2, and is told with a remedy and without a traceback."""
    ended = tiny(*arguments)

    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert len(ended.err.strip().splitlines()) == 2


def test_a_folder_without_data(tmp_path: Path) -> None:
    """A folder that has no schemas is refused by name."""
    ended = command("plan", "--data", tmp_path)

    assert (ended.code, f"{tmp_path / 'schemas'}: no schemas here" in ended.err) == (2, True)


def test_the_shape_of_coverage() -> None:
    """Coverage counts calls, cells and boundaries, in the shape that other tools read."""
    numbers = covered()

    assert numbers.keys() >= {"calls", "cells", "planned", "exercised", "boundaries"}
    assert numbers["boundaries"].keys() >= {"total", "planned", "exercised"}
    assert numbers["exercised"] == numbers["boundaries"]["exercised"] == 0


def test_the_numbers_of_coverage() -> None:
    """Five calls have four cells each, and three calls have two; each boundary of the tiny data is planned."""
    numbers = covered()

    assert (numbers["calls"], numbers["cells"]) == (8, 5 * 4 + 3 * 2)
    assert numbers["boundaries"]["planned"] == numbers["boundaries"]["total"] == 6


def test_what_a_run_exercised(cloud: Cloud) -> None:
    """With a folder of results, what ran counts as exercised, whether it passed or failed."""
    cloud.server.spoil("late")
    cloud.run()

    numbers = covered(cloud.results)

    assert numbers["exercised"] == numbers["planned"]
    assert numbers["boundaries"]["exercised"] == numbers["boundaries"]["total"]


def test_what_was_not_reached_is_not_exercised(cloud: Cloud) -> None:
    """A case that wasn't reached shows nothing."""
    cloud.server.spoil("quota")
    cloud.run("compute/server::delete@2.2")

    assert covered(cloud.results)["exercised"] == 0


def test_what_is_missing() -> None:
    """``--missing`` names each cell that nothing plans."""
    ended = tiny("coverage", "--missing")

    assert "no cell: DELETE /servers/{server} @2.3" in ended.out


@pytest.mark.parametrize("name", ["plan", "run", "coverage", "schema", "check", "cloud", "sweep"])
def test_help(name: str) -> None:
    """Every command explains itself."""
    ended = command(name, "--help")

    assert ended.code == 0
    assert f"conformance {name}" in ended.out
