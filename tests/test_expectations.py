"""What a story expects beyond the shape, and what it waits for."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from conformance.claim import Claim
from conformance.exchange import Exchange, Finding, Response
from conformance.expectations import awaited, broken, disappointed, over, settled, vain
from tests.helpers import exchange, request, v

CALL = "GET /things/{thing}"
CLAIM = Claim("compute", CALL, v("2.1"), (200,), v("2.1"), "admin", "show", "a.yaml: steps/show", within=5)
ACTIVE = {"/server/status": "ACTIVE"}


def server(**values: Any) -> Exchange:
    """An answer that shows a server."""
    return exchange({"server": values})


@pytest.mark.parametrize(
    "claim",
    [
        attrs.evolve(CLAIM, expect={"/server/name": "a", "/server/tags": []}),
        attrs.evolve(CLAIM, has=("/server/name",)),
        attrs.evolve(CLAIM, lacks=("/server/size", "/thing")),
        attrs.evolve(CLAIM, keep=("/server/name",)),
    ],
)
def test_what_comes_as_expected_passes(claim: Claim) -> None:
    """Values as expected, keys that are there and keys that are not there have no finding."""
    assert disappointed(claim, server(name="a", tags=[])) == []


@pytest.mark.parametrize(
    ("claim", "place", "expected", "seen"),
    [
        (attrs.evolve(CLAIM, expect={"/server/name": "b"}), "/server/name", "b", "a"),
        (attrs.evolve(CLAIM, expect={"/server/size": 1}), "/server/size", "1", "nothing there"),
        (attrs.evolve(CLAIM, expect={"/server/name": None}), "/server/name", "null", "a"),
        (attrs.evolve(CLAIM, has=("/server/size",)), "/server/size", "something there", "nothing there"),
        (attrs.evolve(CLAIM, lacks=("/server/name",)), "/server/name", "nothing there", "a"),
        (
            attrs.evolve(CLAIM, keep=("/server/id",)),
            "/server/id",
            "something to keep",
            "nothing there",
        ),
    ],
)
def test_a_disappointment_is_one_finding(claim: Claim, place: str, expected: str, seen: str) -> None:
    """Each expectation that isn't met is one finding, which names the story's step."""
    remedy = "The story says so: a.yaml: steps/show."
    finding = Finding("expectation", "compute", CALL, "2.1", place, expected, seen, remedy)
    assert disappointed(claim, server(name="a")) == [finding]


@pytest.mark.parametrize(
    "answer",
    [exchange({}, 404), Exchange(request(), Response(0, failure="refused")), exchange(b"<html>", 200)],
)
def test_another_answer_disappoints_nobody(answer: Exchange) -> None:
    """Where the answer isn't one that was wanted, the judge has said so already."""
    assert disappointed(attrs.evolve(CLAIM, expect={"/a": 1}), answer) == []


def test_a_stray_case_expects_nothing() -> None:
    """A case outside the history keeps nothing and expects nothing."""
    assert disappointed(attrs.evolve(CLAIM, keep=("/a",), stray=True), server(name="a")) == []


@pytest.mark.parametrize(
    ("until", "answer", "done"),
    [
        (ACTIVE, server(status="ACTIVE"), True),
        (ACTIVE, server(status="BUILD"), False),
        (ACTIVE, server(), False),
        ({"/server/status": ["ACTIVE", "SHUTOFF"]}, server(status="SHUTOFF"), True),
        ({"/server/status": "ACTIVE", "/server/locked": True}, server(status="ACTIVE", locked=False), False),
        ("gone", exchange({}, 404), True),
        ("gone", server(status="ACTIVE"), False),
        ("gone", exchange({}, 500), False),
        (ACTIVE, exchange({}, 404), True),
        (ACTIVE, Exchange(request(), Response(0, failure="refused")), True),
        (ACTIVE, exchange(b"<html>"), True),
    ],
)
def test_settled(until: Any, answer: Exchange, done: bool) -> None:
    """A wait ends when all has come, and when nothing can come any more."""
    assert settled(until, answer) == done


@pytest.mark.parametrize(
    ("until", "answer", "why"),
    [
        (ACTIVE, server(status="ERROR", fault={"message": "No host"}), "/server/status is ERROR: No host"),
        (ACTIVE, server(status="error"), "/server/status is ERROR: no fault is given"),
        (ACTIVE, server(status="BUILD"), ""),
        ({"/server/status": ["ERROR"]}, server(status="ERROR"), ""),
        ("gone", server(status="ERROR"), ""),
        (ACTIVE, exchange(b"<html>"), ""),
    ],
)
def test_broken(until: Any, answer: Exchange, why: str) -> None:
    """A status ERROR that nobody waits for ends the wait at once, with the fault that the service gives."""
    assert broken(until, answer) == why
    assert over(until, answer) == (bool(why) or settled(until, answer))


@pytest.mark.parametrize(
    ("until", "answer", "seen"),
    [
        (ACTIVE, server(status="BUILD"), '{"/server/status": "BUILD"}'),
        (ACTIVE, server(), '{"/server/status": "nothing there"}'),
        ("gone", server(status="ACTIVE"), "status 200"),
    ],
)
def test_last_seen(until: Any, answer: Exchange, seen: str) -> None:
    """When the time is up, what was there last is told."""
    assert vain(until, answer) == seen


@pytest.mark.parametrize(("until", "wanted"), [("gone", "404"), (ACTIVE, '{"/server/status": "ACTIVE"}')])
def test_awaited(until: Any, wanted: str) -> None:
    """A wait in vain is a finding that names what was waited for, how long, and what was there."""
    finding = awaited(attrs.evolve(CLAIM, until=until), "status 200")
    assert (finding.code, finding.expected, finding.seen) == ("wait", f"{wanted} within 5 s", "status 200")
    assert finding.remedy
