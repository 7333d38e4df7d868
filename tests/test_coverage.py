"""Coverage: cells and boundaries counted on a history small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.coverage import Coverage, measure
from conformance.document import Documents
from conformance.microversion import Span
from conformance.outline import Depth
from conformance.plan import plan
from conformance.unreachable import Unreachable
from tests.helpers import documents, library, v

HISTORY = (
    "new: {thing: {add: {id: uuid}}}\ncalls: {GET /things: {status: 200, body: [thing]}, GET /old: {status: 200}}",
    "",
    "change: {thing: {add: {size: any}}}\ncalls: {GET /parts: {status: 200}}",
    "gone: [GET /old]",
    "",
)
LIST = "list: {GET: /things}"
PARTS = "parts: {GET: /parts}"
OLD = "old: {GET: /old}"


@pytest.fixture
def five(tmp_path: Path) -> Documents:
    """Three calls over five microversions: 5 and 3 and 3 cells, and a boundary each."""
    return documents(tmp_path, *HISTORY)


def counted(
    data: Path, five: Documents, *steps: str, span: str = "2.1..2.5", every: bool = False, done: tuple[str, ...] = ()
) -> Coverage:
    """The coverage of a story of these steps."""
    text = "steps:\n" + "".join(f"  {step}\n" for step in steps)
    within = Span.parse(span)
    performances = plan(
        library(data, five, one=text).stories, {"compute": five}, {"compute": within}, depth=Depth(every)
    )
    return measure(five, performances, within, {f"compute/one::{name}" for name in done})


def test_default_depth(tmp_path: Path, five: Documents) -> None:
    """At default depth all boundaries are planned, and of the cells those next to them."""
    assert counted(tmp_path, five, LIST, PARTS, OLD).numbers() == {
        "calls": 3,
        "cells": 11,
        "planned": 8,
        "exercised": 0,
        "boundaries": {"total": 3, "planned": 3, "exercised": 0},
        "unreachable": {"cells": 0, "boundaries": 0},
    }


def test_every(tmp_path: Path, five: Documents) -> None:
    """With every, all cells are planned."""
    found = counted(tmp_path, five, LIST, PARTS, OLD, every=True)
    assert (found.planned, found.missing, found.missing_boundaries) == (found.cells, [], [])


def test_what_nothing_plans(tmp_path: Path, five: Documents) -> None:
    """A call that no story asks has all its cells and boundaries missing."""
    found = counted(tmp_path, five, LIST, OLD, every=True)
    assert found.missing == [("GET /parts", v(text)) for text in ("2.3", "2.4", "2.5")]
    assert found.missing_boundaries == [("GET /parts", v("2.3"))]


def test_a_refusal_shows_no_cell(tmp_path: Path, five: Documents) -> None:
    """A case that wants an error does not show that the call answers as promised."""
    found = counted(tmp_path, five, "list: {GET: /things, status: 404}")
    assert found.planned == frozenset()


def test_both_sides_are_needed(tmp_path: Path, five: Documents) -> None:
    """A boundary of which one side isn't asked isn't planned."""
    found = counted(tmp_path, five, "parts: {GET: /parts, since: '2.4'}", "list: {GET: /things, since: '2.3'}")
    assert found.planned_boundaries == frozenset()


def test_exercised(tmp_path: Path, five: Documents) -> None:
    """What ran is counted by the ids of cases, and a boundary needs both sides of it."""
    found = counted(tmp_path, five, LIST, PARTS, done=("list@2.2", "list@2.3", "parts@2.3"))
    assert len(found.exercised) == 3
    assert found.exercised_boundaries == {("GET /things", v("2.3"))}


def test_a_refusal_shows_the_side_without_the_call(tmp_path: Path, five: Documents) -> None:
    """Where the call doesn't exist, its refusal is what shows that side."""
    found = counted(tmp_path, five, PARTS, OLD, done=("parts@2.2", "parts@2.3", "old@2.3", "old@2.4"))
    assert found.exercised_boundaries == {("GET /parts", v("2.3")), ("GET /old", v("2.4"))}


def test_a_span(tmp_path: Path, five: Documents) -> None:
    """Within a span only its own cells count, and the boundaries with both sides in it."""
    found = counted(tmp_path, five, LIST, PARTS, OLD, span="2.3..2.4")
    assert len(found.cells) == 5
    assert found.boundaries == {("GET /old", v("2.4"))}


def test_unreachable(tmp_path: Path, five: Documents) -> None:
    """What a list says can't be reached is counted apart, and isn't missing."""
    reason = [Unreachable("GET /parts", Span.parse("2.3..2.5"), "No such hardware.")]
    found = measure(five, [], five.history.span, (), reason)
    assert len(found.excused) == 3
    assert found.excused_boundaries == {("GET /parts", v("2.3"))}
    assert ("GET /parts", v("2.3")) not in found.missing
