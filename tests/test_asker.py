"""Asking and judging one thing, with answers made by hand in place of a cloud."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import attrs
import pytest

from conformance.asker import Asker
from conformance.conversation import compose
from conformance.document import Documents
from conformance.exchange import Exchange, Request
from conformance.ledger import Ledger
from conformance.verdict import Critic, Reads
from tests.helpers import documents, library, response, v

HISTORY = "new: {thing: {add: {name: string}}}\ncalls: {GET /things: {status: 200, body: {things: [thing]}}}"


@attrs.define
class Told:
    """Answers what it is told, whatever is asked, each at its own microversion."""

    answers: list[tuple[str, Any]]
    seconds: float = 0.0
    sent: list[float] = attrs.field(factory=list)

    def send(self, request: Request) -> Exchange:
        """The next answer, which says how long it took."""
        self.sent.append(time.monotonic())
        version, names = self.answers.pop(0)
        answer = response({"things": [{"name": name} for name in names]}, version=version)
        return Exchange(request, attrs.evolve(answer, seconds=self.seconds))


@pytest.fixture
def two(tmp_path: Path) -> Documents:
    """A list of things at two microversions, the second of which changes nothing."""
    return documents(tmp_path, HISTORY, "gone: []")


def codes(data: Path, two: Documents, *answers: tuple[str, list[str]]) -> list[str]:
    """The codes found when a list is swept over both microversions."""
    [story] = library(data, two, one="steps: {list: {GET: /things}}").stories
    asker = Asker(Told(list(answers)), Critic({"compute": two}), Ledger(data / "ledger"))
    reads = Reads()
    found = [asker.ask(compose(story.steps[0], v(text), two, {}), reads)[1].findings for text in ("2.1", "2.2")]
    return [finding.code for findings in found for finding in findings]


def test_an_unchanged_list_is_no_drift(tmp_path: Path, two: Documents) -> None:
    """Two equal reads at adjacent microversions conform."""
    assert codes(tmp_path, two, ("2.1", ["a"]), ("2.2", ["a"])) == []


def test_what_somebody_else_changed_is_no_drift(tmp_path: Path, two: Documents) -> None:
    """If the older microversion shows the change as well when it is asked again, the resource was changed."""
    assert codes(tmp_path, two, ("2.1", ["a"]), ("2.2", ["b"]), ("2.1", ["b"])) == []


def test_what_the_microversion_changed_is_a_drift(tmp_path: Path, two: Documents) -> None:
    """If the older microversion still shows what it did, the newer one changed it unasked."""
    assert codes(tmp_path, two, ("2.1", ["a"]), ("2.2", ["b"]), ("2.1", ["a"])) == ["drift"]


def test_a_slow_cloud_is_asked_less_often(tmp_path: Path, two: Documents) -> None:
    """What is waited for is asked for again after twice the time that the last answer took, and no sooner."""
    [story] = library(tmp_path, two, one="steps: {wait: {GET: /things, until: {/things/0/name: b}}}").stories
    told = Told([("2.1", ["a"]), ("2.1", ["b"])], seconds=0.2)
    asker = Asker(told, Critic({"compute": two}), Ledger(tmp_path / "ledger"))
    asker.ask(compose(story.steps[0], v("2.1"), two, {}), Reads())
    first, second = told.sent
    assert second - first >= 2 * told.seconds
