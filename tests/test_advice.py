"""Advice: a finding's remedy names the delta that promised, began or ended what it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.advice import advise
from conformance.document import Documents
from conformance.exchange import Finding
from tests.helpers import documents, v

HISTORY = (
    """
    new:
      thing: {add: {id: uuid, old: string}}
    calls: {'GET /things/{thing}': {status: 200, body: {thing: thing, things: [thing]}}}
    """,
    "change: {thing: {add: {tags: any}}}",
    "change: {thing: {drop: [old]}}",
    "",
)


@pytest.fixture
def four(tmp_path: Path) -> Documents:
    """A history in which a key begins at 2.2 and another ends at 2.3."""
    return documents(tmp_path, *HISTORY)


def remedy(four: Documents, code: str, at: str, place: str = "", seen: str = "") -> str:
    """The remedy of a finding, with the folder of the deltas cut away."""
    finding = Finding(code, "compute", "GET /things/{thing}", at, place, "expected", seen)
    folder = str(Path(four.history.at(v("2.1")).source).parent)
    return advise(finding, four, v(at)).remedy.replace(f"{folder}/", "")


@pytest.mark.parametrize("place", ["/thing/tags", "/things/0/tags"])
def test_too_early(four: Documents, place: str) -> None:
    """A key that is shown before its microversion is told with the delta in which it begins."""
    assert remedy(four, "unexpected", "2.1", place) == "'tags' begins at 2.2 (2.2.yaml): it is shown too early."


def test_too_late(four: Documents) -> None:
    """A key that is shown after its end is told with the delta that ended it."""
    assert remedy(four, "unexpected", "2.4", "/thing/old") == "'old' ended with 2.3 (2.3.yaml): it is shown too late."


def test_undeclared(four: Documents) -> None:
    """A key that no microversion names needs a new one."""
    words = "No microversion promises 'extra' here: a new key needs a new microversion, or a delta that names it."
    assert remedy(four, "unexpected", "2.4", "/thing/extra") == words


@pytest.mark.parametrize(
    ("key", "at", "since"),
    [("tags", "2.2", "2.2"), ("tags", "2.4", "2.2"), ("id", "2.4", "2.1"), ("old", "2.2", "2.1")],
)
def test_missing(four: Documents, key: str, at: str, since: str) -> None:
    """A key that is away is told with the delta from which on it is promised."""
    words = f"{key!r} is promised from {since} on ({since}.yaml): show it from there on."
    assert remedy(four, "missing", at, f"/thing/{key}") == words


def test_missing_in_an_error(four: Documents) -> None:
    """A key that an error lacks has no delta of the call, and is asked for plainly."""
    assert remedy(four, "error-missing", "2.4", "/code") == "'code' is promised here: show it."


@pytest.mark.parametrize(
    ("code", "at", "source"), [("type", "2.1", "2.1"), ("value", "2.4", "2.3"), ("format", "2.2", "2.2")]
)
def test_promised_by(four: Documents, code: str, at: str, source: str) -> None:
    """What is wrong with a value names the delta that last said what the call answers."""
    assert remedy(four, code, at, "/thing/id").endswith(f" Promised by {source}.yaml.")


def test_quota(four: Documents) -> None:
    """A refusal for the quota says so, and how to get rid of what runs have left."""
    words = remedy(four, "status", "2.1", seen="status 403: Quota exceeded for instances")
    assert words.startswith("The project's quota is used up")
    assert "conformance sweep" in words


CODES = (
    "no-answer", "status", "server-error", "request-id", "version-header", "version-header-missing", "vary",
    "content-type", "header", "unexpected-body", "html", "not-json", "type", "format", "value",
)  # fmt: skip


@pytest.mark.parametrize("code", [*CODES, "error-type", "a-code-of-tomorrow"])
def test_every_finding_gets_a_remedy(four: Documents, code: str) -> None:
    """No finding stays without a remedy, not even one of a code that nobody has words for yet."""
    assert len(remedy(four, code, "2.1")) > 20


def test_codes_have_words_of_their_own(four: Documents) -> None:
    """Each code has a remedy of its own."""
    assert len({remedy(four, code, "2.1") for code in CODES}) == len(CODES)


def test_a_remedy_stays(four: Documents) -> None:
    """A finding that has a remedy keeps it."""
    finding = Finding("drift", "compute", "GET /things/{thing}", "2.1", "", "a", "b", "Do this.")
    assert advise(finding, four, v("2.1")) is finding


def test_a_call_beyond_its_life(four: Documents) -> None:
    """A finding of a call that nobody knows has advice too."""
    finding = Finding("type", "compute", "GET /thongs", "2.1", "/a", "a", "b")
    assert advise(finding, four, v("2.1")).remedy.startswith("Change the answer back")
