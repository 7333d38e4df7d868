"""One worker of a run: performs each story as its cases come, and removes what it made after the last. Layer 4."""

from __future__ import annotations

import collections
import pickle
from collections.abc import Generator, Iterator
from functools import cached_property
from pathlib import Path

import attrs

from conformance import settings as settings_module
from conformance.plan import Case, Performance
from conformance.settings import Settings
from conformance.stage import Outcome, Stage
from conformance.story import Story
from conformance.suite import Suite


@attrs.define(slots=False)
class Runner:
    """One worker: performs each story as its items come, and cleans up after the last of them."""

    settings: Settings
    suite: Suite
    stage: Stage
    selected: set[str] = attrs.field(factory=set)
    _current: Performance | None = None
    _talk: Iterator[Outcome] = attrs.field(factory=lambda: iter(()))
    _seen: dict[str, Outcome] = attrs.field(factory=dict)
    _entered: str | None = None

    @classmethod
    def of(cls, settings: Path, worker: str = "main", handed: bytes = b"") -> Runner:
        """The runner of a worker by the settings of the run, which loads the data if they aren't ``handed`` to it."""
        known = settings_module.read(settings)
        suite = pickle.loads(handed) if handed else known.suite()  # noqa: S301 - from the process that started this one
        return cls(known, suite, known.stage(suite, worker))

    @cached_property
    def hand(self) -> bytes:
        """The data for a worker: to unpack them takes a sixth of the time that it takes to load them."""
        return pickle.dumps(self.suite)

    def outcome(self, performance: Performance, case: Case) -> Outcome:
        """The outcome of a case, after everything in its story that comes before."""
        if reason := self._lacking(performance.story):
            return Outcome(case, "skipped", reason=reason)
        if self._current is not performance:
            self._begin(performance)
        while case.id not in self._seen:
            outcome = next(self._talk, None) or Outcome(case, "not-reached", reason="the story broke off before")
            self._seen[outcome.case.id] = outcome
        return self._seen[case.id]

    def _lacking(self, story: Story) -> str:
        """Why the cloud can't show a story, if it lacks what that needs."""
        return next((self.settings.missing[need] for need in story.needs if need in self.settings.missing), "")

    def _begin(self, performance: Performance) -> None:
        if self._entered is None:
            self._entered = self.stage.enter(performance.story)
        self._current, self._seen = performance, {}
        self._talk = self.stage.perform(performance, self.selected, self._entered)

    def end(self, following: Performance | None, *, short: bool = False) -> None:
        """Clean up after the current performance, and after its story if another one follows.

        Unless it is cut ``short``, it is played to its end: a story undoes at last what it did to what it didn't make.
        """
        if self._current is None or self._current is following:
            return
        collections.deque(() if short else self._talk, maxlen=0)
        if isinstance(self._talk, Generator):
            self._talk.close()
        if following is None or following.story is not self._current.story:
            self.stage.exit(self._current.story)
            self._entered = None
        self._current = None
