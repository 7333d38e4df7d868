"""States seen while something is waited for must follow each other as their machine says."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.claim import Claim
from conformance.errors import DataError
from conformance.exchange import Exchange, Response
from conformance.trail import Trail
from tests.helpers import documents, exchange, library, request, v

MACHINE = {
    "queued": ["preparing", "error"],
    "preparing": ["running"],
    "running": ["completed", "error"],
    "completed": [],
    "error": [],
}
CLAIM = Claim("compute", "GET /os-migrations", v("2.1"), (200,), v("2.1"), where="a.yaml: steps/wait")


def strayed(*states: str | None) -> list[tuple[str, str]]:
    """What is expected and seen in the findings about these states, in their order."""
    trail = Trail({"/migrations/0/status": MACHINE})
    for state in states:
        trail.step(exchange({"migrations": [{"status": state}] if state else []}))
    return [(one.expected, one.seen) for one in trail.findings(CLAIM)]


@pytest.mark.parametrize(
    "states",
    [("queued", "preparing", "running", "completed"), ("queued", "completed"), (None, "running", "running"), ()],
)
def test_a_legal_path(states: tuple[str | None, ...]) -> None:
    """States that polling missed are no fault, nor is one that lasts."""
    assert strayed(*states) == []


@pytest.mark.parametrize(
    ("states", "found"),
    [
        (("running", "preparing"), ("completed or error after running", "preparing")),
        (("completed", "running"), ("nothing after completed", "running")),
        (("queued", "lost"), ("completed or error or preparing or running after queued", "lost")),
        (("lost",), ("completed or error or preparing or queued or running", "lost")),
    ],
)
def test_an_illegal_transition(states: tuple[str, ...], found: tuple[str, str]) -> None:
    """A state that can't come after the one before it is a finding, and so is one that nobody knows."""
    assert strayed(*states) == [found]


@pytest.mark.parametrize(
    "response", [Response(200, content=b"<html>"), Response(500, content=b"{}"), Response(0, failure="x")]
)
def test_an_answer_that_shows_nothing(response: Response) -> None:
    """What is no answer is the judge's to find."""
    trail = Trail({"/status": MACHINE})
    trail.step(Exchange(request(), response))
    assert list(trail.findings(CLAIM)) == []


def test_states_that_nobody_wrote_down(tmp_path: Path) -> None:
    """A step that follows unknown states is refused."""
    with pytest.raises(DataError, match="no states 'moon'"):
        library(
            tmp_path,
            documents(tmp_path, "calls: {GET /a: {status: 200}}"),
            one="steps: {a: {GET: /a, until: {/a: 1}, follows: {/a: moon}}}",
        )
