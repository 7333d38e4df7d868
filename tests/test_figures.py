"""Figures: taken from answers where a story says so, and told over a run."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

from conformance.exchange import Exchange, Request
from conformance.figures import measured, spreads
from tests.conftest import Cloud
from tests.helpers import real, response

STEP = attrs.evolve(real().library.stories[0].steps[0], figures={"downtime": {"at": "/gap", "unit": "s"}})


def exchange(data: Any, status: int = 200) -> Exchange:
    """An answer with that body."""
    return Exchange(Request("guests", "GET", "/"), response(data, status=status))


def test_a_figure() -> None:
    """It is the number at its place, with its unit."""
    assert measured(STEP, exchange({"gap": 0.31})) == {"downtime": {"value": 0.31, "unit": "s"}}


@pytest.mark.parametrize("data", [{"gap": None}, {"gap": True}, {"gap": "0.3"}, {}, []])
def test_what_is_no_figure(data: Any) -> None:
    """What isn't a number is none."""
    assert measured(STEP, exchange(data)) == {}


@pytest.mark.parametrize("answer", [exchange({"gap": 1}, status=500), exchange(b"<html>")], ids=["refusal", "no JSON"])
def test_an_answer_that_failed(answer: Exchange) -> None:
    """Nothing was measured then."""
    assert measured(STEP, answer) == {}


def record(name: str, value: float) -> dict[str, Any]:
    """A line of results with a downtime."""
    return {"id": name, "figures": {"downtime": {"value": value, "unit": "s"}}}


def test_the_spread_of_a_figure() -> None:
    """All that one story measured is told together, in its order."""
    values = [0.2, 0.1, 0.4, 0.3]
    records = [record(f"compute/twenty::hop-{number}-watched@2.1", value) for number, value in enumerate(values)]
    [spread, other] = spreads([*records, record("compute/once::watched@2.1", 1.5), {"id": "compute/once::show@2.1"}])
    assert spread.numbers() == {
        "name": "downtime",
        "story": "compute/twenty",
        "unit": "s",
        "count": 4,
        "least": 0.1,
        "median": 0.25,
        "nine-in-ten": 0.37,
        "most": 0.4,
        "values": values,
    }
    assert str(spread) == "downtime  compute/twenty: 0.1 to 0.4 s, median 0.25 s, over 4"
    assert str(other) == "downtime  compute/once: 1.5 s"


def test_a_run_that_measures(cloud: Cloud) -> None:
    """The figure stands in the case's line, in the summary and on the terminal; one that isn't there is a finding."""
    steps = """
      look: {service: guests, GET: /s1/192.0.2.1, figures: {downtime: {at: /gap, unit: s}}}
      again: {service: guests, GET: /s1/192.0.2.1, figures: {length: {at: /length, unit: m}}}
    """
    ended = cloud.run("--data", cloud.showing(steps, gap=0.25), "compute/looking::*")
    [first, second] = cloud.records().values()
    assert first["figures"] == {"downtime": {"value": 0.25, "unit": "s"}}
    assert (second["outcome"], second["findings"][0]["pointer"]) == ("failed", "/length")
    assert json.loads((cloud.results / "summary.json").read_text())["figures"][0]["values"] == [0.25]
    assert "figure  downtime  compute/looking: 0.25 s" in ended.out
