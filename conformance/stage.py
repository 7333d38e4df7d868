"""Where performances happen: a conversation is driven over the client, judged, and cleaned up after. Layer 3."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Protocol

import attrs
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_exponential

from conformance import expectations, pointer
from conformance.advice import advise
from conformance.conversation import Ask, Made, Talk, bounds, converse, fresh, prepare
from conformance.document import Documents
from conformance.errors import ConformanceError
from conformance.exchange import Exchange, Finding, Request
from conformance.judge import Standard, judge
from conformance.ledger import Entry, Ledger
from conformance.microversion import Span
from conformance.neighbours import Read, compare
from conformance.plan import Case, Performance
from conformance.report import redaction
from conformance.story import Library, Step, Story
from conformance.sweep import Sweeper

Reads = dict[str, tuple[str, Read | None]]


class Sender(Protocol):
    """What asks the cloud; the client, or whatever stands in for it."""

    def send(self, request: Request) -> Exchange:
        """Ask once."""
        ...


@attrs.frozen
class Outcome:
    """What became of a case: ``passed``, ``failed`` or ``not-reached``, with the exchange that shows it."""

    case: Case
    outcome: str
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    exchange: Exchange | None = None
    reason: str = ""


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
    memory: dict[str, Any] = attrs.field(factory=dict)
    leftovers: list[str] = attrs.field(factory=list)
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

    def perform(self, performance: Performance, wanted: Collection[str], reason: str = "") -> Iterator[Outcome]:
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

    def clear(self, mark: int) -> None:
        """Remove what was made since ``mark``."""
        self.leftovers += self.sweeper.sweep(self.ledger, mark)

    def _play(self, performance: Performance, wanted: Collection[str]) -> Iterator[Outcome]:
        documents = self.services[performance.story.service]
        span = self.bounds[performance.story.service]
        memory = {**fresh({**self.memory, **self._prepared}, self.run, self._numbers), **bounds(span)}
        return self._drive(converse(performance, documents, memory, wanted))

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
            blames = [_blame(one) for one in self._drive(prepare(steps, self.services, self.spans, memory), title)]
            self._made[key] = next((f"{title} failed: {blame}" for blame in blames if blame), "")
            into.update({name: memory[name] for step in steps for name in step.keep if name in memory})
        return self._made[key]

    def _drive(self, talk: Talk, title: str = "") -> Iterator[Outcome]:
        reads: Reads = {}
        ask = next(talk, None)
        while ask:
            exchange, findings, seconds = self._ask(ask)
            findings += self._drift(ask, exchange, findings, reads)
            case = ask.case or Case(title, ask.step.service, "", ask.step.name, ask.step.call, ask.version, False, ())
            advised = tuple(self._advised(ask, finding) for finding in findings)
            yield Outcome(case, "failed" if findings else "passed", seconds, advised, exchange)
            if any(finding.code == "wait" for finding in findings):
                return  # what rests on a state that never came would only fail after it
            try:
                ask = talk.send(exchange)
            except StopIteration:
                return

    def _drift(self, ask: Ask, exchange: Exchange, findings: list[Finding], reads: Reads) -> list[Finding]:
        """Compare a swept read with the one before it, if both are sound and asked for the same."""
        if not _comparable(ask, exchange):
            return []
        path, before = reads.pop(ask.step.name, ("", None))
        if findings or ask.document is None:
            return []
        read = Read(ask.version, ask.document, exchange.response.data)
        reads[ask.step.name] = (ask.request.path, read)
        restated = before and self.services[ask.step.service].restated(ask.step.call, before.version, ask.version)
        return compare(before, read) if before and path == ask.request.path and not restated else []

    def _advised(self, ask: Ask, finding: Finding) -> Finding:
        service, finding = ask.step.service, redaction.finding(finding)
        return advise(finding, self.services[service], ask.version) if service in self.services else finding

    def _ask(self, ask: Ask) -> tuple[Exchange, list[Finding], float]:
        number = self.ledger.intend(_entry(ask.makes)) if ask.makes else 0
        exchange, waited, vain = (
            self._wait(ask) if ask.step.until is not None else (self.client.send(ask.request), 0, "")
        )
        self._book(ask, exchange, number)
        findings = judge(exchange, self._standard(ask))
        told = {finding.pointer for finding in findings}
        findings += [one for one in expectations.disappointed(ask, exchange) if one.pointer not in told]
        if vain and not findings:
            findings = [expectations.awaited(ask, vain)]
        return exchange, findings, waited or exchange.response.seconds

    def _standard(self, ask: Ask) -> Standard:
        service, call = ask.step.service, ask.step.call or f"{ask.step.method} {ask.step.path}"
        judged = service in self.services
        # Where no microversion was agreed on, a service answers as it did before there was any.
        version = ask.version if ask.answered or not judged else self.services[service].history.span.first
        error = self.services[service].error(version) if judged else {}
        return Standard(service, call, ask.version, ask.answered, ask.statuses, ask.document, error, judged)

    def _wait(self, ask: Ask) -> tuple[Exchange, float, str]:
        """Ask until it has come, is in vain, or the time is up: the last exchange, the seconds, and why in vain."""
        until = ask.step.until
        vain = ""

        def unfinished(exchange: Exchange) -> bool:
            nonlocal vain
            vain = expectations.broken(until, exchange)
            return not vain and not expectations.settled(until, exchange)

        retrying = Retrying(
            stop=stop_after_delay(ask.step.within),
            wait=wait_exponential(multiplier=0.03, max=0.5),
            retry=retry_if_result(unfinished),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        exchange: Exchange = retrying(self.client.send, ask.request)
        if not vain and not expectations.settled(until, exchange):
            vain = expectations.last_seen(until, exchange)
        return exchange, float(retrying.statistics.get("delay_since_first_attempt", 0)), vain

    def _book(self, ask: Ask, exchange: Exchange, number: int) -> None:
        """Tell the ledger what came of it."""
        response = exchange.response
        if ask.makes and response.status >= 400:
            self.ledger.gone(number)
        elif ask.makes and 200 <= response.status < 300:
            self.ledger.made(number, _path_of(ask.makes, exchange))
        elif ask.request.method == "DELETE" and 200 <= response.status < 300:
            self.ledger.gone_at(ask.request.path.partition("?")[0])


def _entry(made: Made) -> Entry:
    kind = made.kind
    return Entry(kind.service, made.path, made.name, template=kind.path, find=dict(kind.find), within=kind.within)


def _path_of(made: Made, exchange: Exchange) -> str:
    try:
        found = pointer.look(exchange.response.data, made.kind.id) if made.kind.id else ()
    except ValueError:
        found = ()
    return made.kind.path.replace("$id", str(found[0])) if found else made.path


def _comparable(ask: Ask, exchange: Exchange) -> bool:
    """Whether an answer is one of a sweep over an unchanged resource."""
    stray = ask.case and ask.case.stray
    document = ask.document if ask.step.swept and not stray else None
    return bool(document and document.body is not None and exchange.response.status in document.status)


def _blame(outcome: Outcome) -> str:
    """What went wrong at a step, in a line, for those that rest on it."""
    if not outcome.findings:
        return ""
    first = outcome.findings[0]
    return f"step {outcome.case.step!r}: {first.code}, expected {first.expected}, seen {first.seen}"
