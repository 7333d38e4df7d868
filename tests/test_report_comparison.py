"""Two runs compared, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.report.comparison import Change, changes
from tests.runs import failed

KEY = ("", "compute/a::b@2.1")


def record(outcome: str, **more: Any) -> dict[str, Any]:
    """A record of a case."""
    return {"id": KEY[1], "outcome": outcome, "findings": [], **more}


def kinds(before: dict[str, Any] | None, after: dict[str, Any]) -> list[str]:
    """What kind of change one case is, if any."""
    return [change.kind for change in changes({KEY: before} if before else {}, {KEY: after})]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("passed", "failed", "began"),
        ("known", "failed", "began"),
        ("not-reached", "failed", "began"),
        ("failed", "passed", "mended"),
        ("failed", "known", "mended"),
        ("failed", "not-reached", "moved"),
        ("passed", "not-reached", "moved"),
        ("passed", "known", "moved"),
        ("not-reached", "passed", "moved"),
    ],
)
def test_a_change(before: str, after: str, kind: str) -> None:
    """A case that isn't as it was has a kind: what began to fail, what was mended, and what went otherwise."""
    assert kinds(record(before), record(after)) == [kind]


@pytest.mark.parametrize("outcome", ["passed", "known", "failed", "not-reached"])
def test_no_change(outcome: str) -> None:
    """A case that is as it was is no change."""
    assert kinds(record(outcome), record(outcome)) == []


def test_a_new_case() -> None:
    """A case that wasn't there before is a change only if it fails."""
    assert kinds(None, record("failed")) == ["began"]
    assert kinds(None, record("passed")) == []


def test_another_finding() -> None:
    """A case that fails otherwise than before is told; another id or time in what was seen makes no difference."""
    before = record(**failed())

    assert kinds(before, record(**failed(pointer="/server/name"))) == ["differs"]
    assert kinds(before, record(**failed(seen="no such key at all"))) == []


def test_both_sides_are_kept() -> None:
    """A change has both records, and a case of the earlier run alone is none."""
    before, after = record("passed"), record(**failed())
    gone = ("", "compute/a::c@2.1")

    assert list(changes({KEY: before, gone: before}, {KEY: after})) == [Change("began", KEY, before, after)]
