"""How a story is told on both sides of a microversion, whatever is answered there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from conformance.bump.performing import BRIEF, tolerant
from conformance.conversation import Ask, Partners, Talk
from conformance.document import Documents
from conformance.exchange import Exchange
from conformance.plan import Performance, plan
from tests.helpers import documents, exchange, library

HISTORY = """
    new:
      thing: {add: {id: string}}
    calls:
      GET /things: {status: 200, body: [thing]}
      GET /things/{thing}: {status: 200, body: thing}
      PUT /things/{thing}: {status: 204, takes: any}
"""
STORY = """
    steps:
      list: {GET: /things, keep: {thing: /0/id}}
      show: {GET: /things/$thing}
      change: {PUT: /things/$thing, body: {}}
      wait: {GET: /things/$thing, until: {/id: done}}
"""


@pytest.fixture
def two(tmp_path: Path) -> Documents:
    """Two microversions that are the same."""
    return documents(tmp_path, HISTORY, "calls: {}")


def told(data: Path, two: Documents) -> Talk:
    """The story with its writes at 2.2, each read at 2.2 first."""
    performance = plan(library(data, two, one=STORY).stories, {"compute": two}, {})[-1]
    cases = {
        name: tuple(sorted(own, key=lambda case: case.microversion)[::-1]) for name, own in performance.cases.items()
    }
    newest_first: Performance = attrs.evolve(performance, cases=cases)
    return tolerant(two, newest_first, Partners({"compute": two}, {"compute": two.history.span}), {}, ())


def asked(talk: Talk, *answers: Exchange) -> list[Ask]:
    """What is asked in a talk in which these are the answers."""
    asks = [next(talk)]
    for answer in answers:
        try:
            asks.append(talk.send(answer))
        except StopIteration:
            break
    return asks


def answer(data: Any, *, apart: bool = True, status: int = 200) -> Exchange:
    """Of a service that tells whether it would be another one below."""
    return exchange(data, status, "2.2", x_conformance_apart="yes" if apart else "no")


def lines(asks: list[Ask]) -> list[tuple[str, str]]:
    """Path and microversion."""
    return [(ask.request.path, str(ask.claim.version)) for ask in asks]


def test_what_is_kept_is_used_on_its_side(tmp_path: Path, two: Documents) -> None:
    """A thing may be known by another id below."""
    asks = asked(told(tmp_path, two), answer([{"id": "new"}]), answer([{"id": "old"}]), answer({}), answer({}))
    assert lines(asks)[:4] == [("/things", "2.2"), ("/things", "2.1"), ("/things/new", "2.2"), ("/things/old", "2.1")]
    assert lines(asks)[4] == ("/things/new", "2.2")


def test_a_read_that_is_not_told_apart_is_not_asked_below(tmp_path: Path, two: Documents) -> None:
    """The service says that it would answer the same."""
    asks = asked(told(tmp_path, two), answer([{"id": "new"}], apart=False), answer({}))
    assert lines(asks) == [("/things", "2.2"), ("/things/new", "2.2"), ("/things/new", "2.1")]


def test_what_was_refused_is_not_waited_for_long(tmp_path: Path, two: Documents) -> None:
    """The story goes on, for what else it shows."""
    before = (answer([{"id": "new"}], apart=False), answer({}, apart=False))
    assert asked(told(tmp_path, two), *before, answer(None, status=204))[-1].claim.within == 60
    assert asked(told(tmp_path, two), *before, answer({}, status=400))[-1].claim.within == BRIEF
