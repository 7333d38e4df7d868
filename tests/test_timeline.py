"""Tracks: what was seen when, and the picture that is made of it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

from conformance.exchange import Exchange, Request
from conformance.moments import Moments
from conformance.report import timeline
from tests.conftest import Cloud
from tests.helpers import response

SVG = "{http://www.w3.org/2000/svg}"


def seen(track: str, pointer: str, *answers: tuple[float, Any]) -> list[Any]:
    """The moments of one track, of answers that came at those times."""
    moments = Moments({track: pointer})
    for at, data in answers:
        moments.see(Exchange(Request("compute", "GET", "/"), response(data)), at)
    return list(moments.told())


def test_the_same_in_a_row_is_one_moment() -> None:
    """It lasts from when it was first seen until it was last seen."""
    answers = [(1.0, {"state": "queued"}), (2.0, {"state": "queued"}), (3.0, {"state": "running"})]
    assert seen("phase", "/state", *answers) == [(1.0, 2.0, "phase", "queued"), (3.0, 3.0, "phase", "running")]


def test_what_stands_for_a_value() -> None:
    """Of an object its keys, of nothing nothing; what tells when it was is that time."""
    assert seen("held", "/a", (1.0, {"a": {"p": {}, "q": {}}}))[0][3] == "p, q"
    assert [one[3] for one in seen("held", "/a", (1.0, {"a": {}}), (2.0, {}), (3.0, []))] == [""]
    assert seen("silence", "/s", (9.0, {"s": {"from": 4.0, "until": 4.5}})) == [(4.0, 4.5, "silence", "silence")]


def test_an_answer_that_shows_nothing() -> None:
    """A refusal, and what isn't JSON, is no moment."""
    moments = Moments({"phase": "/state"})
    for answer in (response({"state": "x"}, status=404), response(b"<html>")):
        moments.see(Exchange(Request("compute", "GET", "/"), answer), 1.0)
    assert moments.told() == ()


def test_a_picture() -> None:
    """Each track is a lane, and what was seen stands until something else was, as long as its bar is."""
    moments = [
        (10.0, 11.0, "phase", "queued"),
        (12.0, 20.0, "phase", "<running>"),
        (15.0, 15.5, "longest silence", "longest silence"),
        (10.0, 10.0, "held", "p"),
        (18.0, 20.0, "held", ""),
    ]
    drawn = ET.fromstring(timeline.draw("compute/one@2.1", moments))
    bars = {bar[0].text: float(bar[1].attrib["width"]) for bar in drawn.iter(f"{SVG}g")}
    second = timeline.WIDTH / 10
    assert bars == {"queued": 2 * second, "<running>": 8 * second, "0.50 s": 0.5 * second, "p": 8 * second}
    assert {"phase", "held", "longest silence", "10 s"} <= {text.text for text in drawn.iter(f"{SVG}text")}


def test_a_run_leaves_its_pictures(cloud: Cloud) -> None:
    """One for each performance that was tracked, named after it; a case's line has the moments."""
    steps = "{look: {service: guests, GET: /s1/192.0.2.1, tracks: {phase: /phase}}}"
    cloud.run("--data", cloud.showing(steps, phase="running"))
    [record] = [one for name, one in cloud.records().items() if name.startswith("compute/looking::")]
    assert [one[2:] for one in record["moments"]] == [["phase", "running"]]
    assert [path.name for path in (cloud.results / timeline.FOLDER).iterdir()] == [
        f"compute-looking@{record['microversion']}.svg"
    ]
    assert json.loads((cloud.results / "summary.json").read_text())["outcomes"]["failed"] == 0
