"""Performs the stories on both sides of a microversion and keeps all that was seen. Layer 3."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import attrs

from conformance.bump.declarations import Declarations
from conformance.bump.interest import Agenda, Interest
from conformance.bump.sighting import Sighting, Sightings
from conformance.conversation import Ask, Memory, Partners, Talk, compose
from conformance.document import Documents
from conformance.errors import DataError
from conformance.exchange import Exchange
from conformance.microversion import Microversion, Span
from conformance.oddity import STRANGER, Odd
from conformance.plan import Case, Performance, plan
from conformance.pointer import pick
from conformance.settings import Settings
from conformance.stage import Outcome, Stage
from conformance.story import Step
from conformance.suite import Suite

BRIEF = 5.0  # seconds


@attrs.frozen
class Attempt:
    """One look at a microversion of a service; ``before`` is the suite in which nothing of it is known.

    Resources are made as the settings' own data say; ``say`` is told what couldn't be made. ``cases`` are patterns of
    ids: a story is performed if it has one of that kind; all are if there is no pattern. ``progress`` is told how many
    stories had their turn, of how many.
    """

    settings: Settings
    before: Suite
    service: str
    version: Microversion
    workers: int
    say: Callable[[str], None]
    cases: tuple[str, ...] = ()
    progress: Callable[[int, int], None] = lambda _done, _all: None

    @property
    def documents(self) -> Documents:
        """What is known of the service."""
        return self.before.services[self.service]

    def observe(self) -> Sightings:
        """Perform every story with its writes at the microversion, and what is told apart there also just below it."""
        performances: dict[str, list[Performance]] = defaultdict(list)
        for performance in self.planned():
            performances[performance.story.id].append(performance)
        known = self.documents.history.at(self.version.before)
        agenda = Agenda.of(Interest(known), [own[0].story for own in performances.values()])
        with ThreadPoolExecutor(self.workers) as pool:
            work = [pool.submit(self._perform, f"bump{n}", agenda, performances) for n in range(self.workers)]
            seen = tuple(one for each in work for one in each.result())
        return Sightings(self.version, seen, tuple(sorted(story.id for story in agenda.spared)))

    def planned(self) -> list[Performance]:
        """Each story with its writes at the microversion and just below; what it reads is asked at both in each."""
        span, missing = Span(self.version.before, self.version), self.settings.missing
        own = [story for story in self.before.library.stories if story.service == self.service]
        stories = [story for story in own if not any(need in missing for need in story.needs)]
        planned = plan(stories, self.before.services, {self.service: span})
        wanted = {case.story for one in planned for case in one if not self.cases or _matches(case, self.cases)}
        strange: set[str] = set()
        reads: dict[str, dict[str, tuple[Case, ...]]] = defaultdict(dict)
        performances = [one for one in reversed(planned) if one.story.name in wanted]
        for one in performances:
            for step in one.story.steps:
                cases = () if step.writes or step.guest else one.cases.get(step.name, ())
                if cases and step.name not in reads[one.story.id]:
                    reads[one.story.id][step.name] = tuple(self._read(step, cases[-1], strange))
        return [attrs.evolve(one, cases={**one.cases, **reads[one.story.id]}) for one in performances]

    def _read(self, step: Step, case: Case, strange: set[str]) -> Iterator[Case]:
        """The cases of a read; for each call once with a key in its query that nobody knows."""
        life = self.documents.life(step.call)
        sides = [side for side in (self.version, self.version.before) if side in life]
        read = [_at(case, side) for side in sides]
        if step.swept and step.call not in strange and self.documents.at(step.call, sides[0]).query is not None:
            strange.add(step.call)
            yield from map(_stranger, read)
        yield from read

    def _perform(
        self, worker: str, agenda: Agenda, performances: Mapping[str, Sequence[Performance]]
    ) -> list[Sighting]:
        """What one worker saw in the stories that it took."""
        declarations = Declarations(self.settings.client(), self.service)
        stage = self._stage(worker, declarations)
        seen: list[Sighting] = []
        try:
            for story in agenda.turns():
                own = self._story(stage, performances[story.id], declarations)
                agenda.interest.take(own)
                seen += own
                self.progress(len(performances) - len(agenda.waiting), len(performances))
        finally:
            stage.leave()
        return seen

    def _stage(self, worker: str, declarations: Declarations) -> Stage:
        """A stage on which recipes are made by all that is known, at most at the newest microversion of that."""
        known = self.settings.suite()
        stage = attrs.evolve(
            self.settings.stage(known, worker), client=declarations, talk=partial(tolerant, self.documents)
        )
        span = known.services[self.service].history.span
        if self.version in span:
            return stage
        bounds = {**stage.bounds, self.service: span.clip(stage.bounds[self.service]) or span}
        return attrs.evolve(stage, services=self.before.services, bounds=bounds)

    def _story(self, stage: Stage, performances: Sequence[Performance], declarations: Declarations) -> list[Sighting]:
        """What was seen in a story: below the microversion it is performed if what it writes is told apart there.

        What it rests on is prepared for each side: what is refused at the microversion may have left it otherwise.
        """
        story, seen = performances[0].story, list[Sighting]()
        for performance in performances:
            if seen and not any(one.case.writes and one.apart for one in seen):
                continue
            if reason := stage.enter(story):
                self.say(f"{story.id}: {reason}")
            else:
                outcomes = stage.perform(performance, {case.id for case in performance})
                seen += list(_sightings(performance, outcomes, declarations))
            stage.exit(story)
        return [*seen, *(one.twin for one in seen if one.version == self.version and not one.apart)]


def _matches(case: Case, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(case.id, pattern) for pattern in patterns)


def _at(case: Case, version: Microversion) -> Case:
    return attrs.evolve(case, id=f"{case.id.rpartition('@')[0]}@{version}", microversion=version)


def _stranger(case: Case) -> Case:
    """The same with a key that nobody knows: whether that is refused is seen from outside."""
    odd = Odd("unknown", (STRANGER,), in_query=True, value="1")
    return attrs.evolve(case, id=case.id.replace("@", f"+{odd.name}@"), statuses=(), odd=odd)


def _sightings(performance: Performance, outcomes: Iterable[Outcome], declarations: Declarations) -> Iterator[Sighting]:
    personas = {step.name: step.persona for step in performance.story.steps}
    for outcome in outcomes:
        exchange = outcome.exchange
        if exchange and not exchange.response.failure and not outcome.case.guest:
            scene = f"{performance.id} {outcome.case.step} {exchange.request.path}"
            told, apart = declarations.of(exchange), declarations.apart(exchange)
            yield Sighting(outcome.case, personas[outcome.case.step], scene, exchange, told, apart)


def tolerant(
    before: Documents, performance: Performance, partners: Partners, memory: Memory, _wanted: Collection[str]
) -> Talk:
    """Ask all that can be asked: a step that isn't answered as below the microversion ends nothing.

    A read that isn't told apart at the microversion isn't asked below it. What a read keeps is used on its side alone.
    """
    kept: dict[Microversion, dict[str, Any]] = defaultdict(dict)
    refused = False
    for step in performance.story.steps:
        documents, same = partners.documents(step.service) if step.guest else before, set[Odd | None]()
        for case in performance.cases.get(step.name, ()):
            version = partners.newest(step.service) if step.guest else case.microversion
            if case.odd in same:
                continue
            try:
                ask = compose(step, version, documents, {**memory, **kept[version]}, case)
            except DataError:  # what it rests on wasn't to be had
                continue
            exchange = yield _briefly(ask) if refused else ask
            good = exchange.response.status in ask.claim.statuses
            refused |= step.writes and not (good or case.stray)
            if not (step.writes or step.guest or Declarations.apart(exchange)):
                same.add(case.odd)
            if good and not case.stray:
                found = _kept(step.keep, exchange)
                kept[version] |= {} if step.writes or step.guest else found
                memory.update(found if version == performance.at or step.guest else {})


def _briefly(ask: Ask) -> Ask:
    """What comes of something that was refused isn't waited for as long."""
    return attrs.evolve(ask, claim=attrs.evolve(ask.claim, within=min(ask.claim.within, BRIEF)))


def _kept(keep: Mapping[str, Any], exchange: Exchange) -> dict[str, Any]:
    content = exchange.response.content
    found = {name: pick(exchange.response.data, place) if content else () for name, place in keep.items()}
    return {name: values[0] for name, values in found.items() if values}
