"""Where performances happen: a conversation is driven over the client, judged, and cleaned up after. Layer 3."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Set
from datetime import UTC, datetime
from typing import Any

import attrs

from conformance.asker import Asker
from conformance.client import Sender
from conformance.conversation import Ask, Partners, Talk, bounds, converse, fresh, prepare
from conformance.document import Documents
from conformance.errors import ConformanceError
from conformance.exchange import Exchange, Finding
from conformance.figures import Measured, measured
from conformance.known import KnownDepartures
from conformance.ledger import Ledger
from conformance.library import Library
from conformance.microversion import Span
from conformance.moments import Moment, Moments
from conformance.plan import Case, Performance
from conformance.recording import Recorder
from conformance.story import Step, Story
from conformance.sweep import Sweeper
from conformance.verdict import Critic, Reads


@attrs.frozen
class Outcome:
    """What became of a case, with the exchange that shows it: ``passed``, ``failed``, ``known`` or ``not-reached``.

    ``known`` gives the reasons of the known departures that its findings are; ``warnings`` are let pass, and
    ``figures`` were measured; ``moments`` are what its step's tracks showed when.
    """

    case: Case
    outcome: str
    started: datetime = attrs.field(factory=lambda: datetime.now(UTC), kw_only=True)
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    exchange: Exchange | None = None
    reason: str = ""
    known: tuple[str, ...] = ()
    warnings: tuple[Finding, ...] = ()
    figures: Measured = attrs.field(factory=dict)
    moments: tuple[Moment, ...] = ()


@attrs.define(slots=False)
class Stage:
    """One worker's stage: what was made once for all stories is kept here, and taken down at the end."""

    client: Sender
    services: Mapping[str, Documents]
    spans: Mapping[str, Span]
    bounds: Mapping[str, Span]
    library: Library
    ledger: Ledger
    sweeper: Sweeper
    run: str
    known: KnownDepartures
    lenient: bool = False
    slow: float = 1.0
    recorder: Recorder | None = None
    talk: Callable[[Performance, Partners, dict[str, Any], Set[str]], Talk] = converse
    memory: dict[str, Any] = attrs.field(factory=dict)
    _made: dict[str, str] = attrs.field(factory=dict)
    _prepared: dict[str, Any] = attrs.field(factory=dict)
    _story_mark: int = 0
    _numbers: itertools.count[int] = attrs.field(factory=lambda: itertools.count(1))

    def enter(self, story: Story) -> str:
        """Make what a story rests on; why that isn't to be had, or nothing."""
        try:
            return self._enter(story)
        except ConformanceError as error:
            return str(error)

    def _enter(self, story: Story) -> str:
        for name in story.given:
            if reason := self._recipe(name):
                return reason
        self._story_mark, self._prepared = self.ledger.mark, {}
        return self._once(story.id, story.prepare, f"the preparation of {story.id}", self._prepared)

    def perform(self, performance: Performance, wanted: Set[str], reason: str = "") -> Iterator[Outcome]:
        """The outcome of each case as it comes; those that couldn't be reached come last, with the reason.

        ``reason`` says why the story couldn't be entered. What is made is removed when the iterator ends or is closed.
        """
        reached: set[str] = set()
        mark = self.ledger.mark
        try:
            try:
                for outcome in () if reason else self._play(performance, wanted):
                    reached.add(outcome.case.id)
                    reason = _blame(outcome) or reason
                    yield outcome
            except ConformanceError as error:
                reason = str(error)
            for case in performance:
                if case.id in wanted and case.id not in reached:
                    yield Outcome(case, "not-reached", reason=reason or "an earlier step ended the story")
        finally:
            self.clear(mark)

    def exit(self, story: Story) -> None:
        """Remove what the story prepared."""
        self.clear(self._story_mark)
        self._made.pop(story.id, None)

    def leave(self) -> None:
        """Remove all that was made here; what stays is in the ledger for a later sweep."""
        self.clear(0)
        self.ledger.close()
        if self.recorder:
            self.recorder.close()

    def clear(self, mark: int) -> None:
        """Remove what was made since ``mark``."""
        self.sweeper.sweep(self.ledger, mark)

    def _play(self, performance: Performance, wanted: Set[str]) -> Iterator[Outcome]:
        span = self.bounds[performance.story.service]
        memory = {**fresh({**self.memory, **self._prepared}, self.run, self._numbers), **bounds(span)}
        talk = self.talk(performance, Partners(self.services, self.bounds), memory, wanted)
        return self._drive(talk, performance.id)

    def _recipe(self, name: str) -> str:
        recipe = self.library.recipes[name]
        for need in recipe.needs:
            if reason := self._recipe(need):
                return reason
        return self._once(f"given {name}", recipe.steps, f"the recipe {name}", self.memory)

    def _once(self, key: str, steps: Collection[Step], title: str, into: dict[str, Any]) -> str:
        """Perform the steps of a recipe or a preparation, if that wasn't done; why it failed, or nothing."""
        if key not in self._made:
            memory = fresh({**self.memory, **into}, self.run, self._numbers)
            talk = prepare(steps, Partners(self.services, self.bounds), memory)
            blames = [_blame(one) for one in self._drive(talk, title)]
            self._made[key] = next((f"{title} failed: {blame}" for blame in blames if blame), "")
            into.update({name: memory[name] for step in steps for name in step.keep if name in memory})
        return self._made[key]

    def _drive(self, talk: Talk, title: str) -> Iterator[Outcome]:
        """Ask what a conversation wants to know; ``title`` names it, and what is no case of a plan."""
        critic = Critic(self.services, self.lenient)
        asker, reads = Asker(self.client, critic, self.ledger, self.slow, title, self.recorder), Reads()
        ask = next(talk, None)
        while ask:
            begun = datetime.now(UTC)
            moments = Moments(ask.step.tracks)
            exchange, verdict, seconds = asker.ask(ask, reads, moments)
            case, findings = ask.case or _no_case(title, ask), verdict.findings
            outcome, known = self.known.outcome(findings, case.id)
            yield Outcome(
                case,
                outcome,
                seconds,
                findings,
                exchange,
                started=begun,
                known=tuple(known),
                warnings=verdict.warnings,
                figures=measured(ask.step, exchange),
                moments=moments.told(),
            )
            if any(finding.code == "wait" for finding in findings):
                return  # what rests on a state that never came would only fail after it
            try:
                ask = talk.send(exchange)
            except StopIteration:
                return


def _no_case(title: str, ask: Ask) -> Case:
    """What is asked for a recipe or a preparation, as if it were a case of that title."""
    return Case(title, ask.claim.service, "", ask.step.name, ask.step.call, ask.claim.version, False, ())


def _blame(outcome: Outcome) -> str:
    """What went wrong at a step, in a line, for those that rest on it."""
    if not outcome.findings:
        return ""
    first = outcome.findings[0]
    return f"step {outcome.case.step!r}: {first.code}, expected {first.expected}, seen {first.seen}"
