"""Performs the stories on both sides of a microversion and keeps all that was seen. Layer 3."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import attrs

from conformance.asker import Sender
from conformance.bump.sighting import Sighting, Sightings
from conformance.conversation import Memory, Partners, Talk, compose
from conformance.document import Documents
from conformance.errors import DataError
from conformance.exchange import Exchange, Request
from conformance.microversion import Microversion, Span
from conformance.oddity import STRANGER, Odd
from conformance.plan import Case, Performance, plan
from conformance.pointer import pick
from conformance.settings import Settings
from conformance.stage import Outcome
from conformance.suite import Suite

DECLARE = "X-Conformance-Declare"
DECLARED = "x-conformance-declared"
DECLARATIONS = "/conformance-declared"


@attrs.define
class Declarations:
    """What a service itself declares, if it is one that tells: its routes, and the schemas by which it judges."""

    client: Sender
    service: str
    _schemas: dict[str, Any] = attrs.field(factory=dict)

    def send(self, request: Request) -> Exchange:
        """Ask once, and have the answer say what it was held against."""
        return self.client.send(attrs.evolve(request, headers={**request.headers, DECLARE: "1"}))

    def of(self, exchange: Exchange) -> dict[str, Any]:
        """The schemas by their kind: ``takes``, ``query`` and ``answer``."""
        told = exchange.response.headers.get(DECLARED)
        return {kind: self._schema(digest) for kind, digest in json.loads(told).items()} if told else {}

    def routes(self) -> list[str]:
        """Every call that the service routes, with its own names of parameters; nothing if it doesn't tell."""
        answer = self._get("routes").response
        try:
            return list(answer.data) if answer.status == 200 and isinstance(answer.data, list) else []
        except ValueError:
            return []

    def _schema(self, digest: str) -> Any:
        if digest not in self._schemas:
            self._schemas[digest] = self._get(digest).response.data
        return self._schemas[digest]

    def _get(self, what: str) -> Exchange:
        return self.client.send(Request(self.service, "GET", f"{DECLARATIONS}/{what}"))


@attrs.frozen
class Attempt:
    """One look at a microversion of a service; ``before`` is the suite in which nothing of it is known.

    Resources are made as the settings' own data say; ``say`` is told what couldn't be made.
    """

    settings: Settings
    before: Suite
    service: str
    version: Microversion
    workers: int
    say: Callable[[str], None]

    @property
    def documents(self) -> Documents:
        """What is known of the service."""
        return self.before.services[self.service]

    def observe(self) -> Sightings:
        """Perform every story with its writes just below the microversion and at it, and its reads at both."""
        stories: dict[str, list[Performance]] = defaultdict(list)
        for performance in self.planned():
            stories[performance.story.group or performance.story.id].append(performance)
        listed = list(stories.values())
        shares = [
            [one for performances in listed[number :: self.workers] for one in performances]
            for number in range(self.workers)
        ]
        with ThreadPoolExecutor(self.workers) as pool:
            work = [pool.submit(self._perform, f"bump{number}", share) for number, share in enumerate(shares)]
            return Sightings(self.version, tuple(one for done in work for one in done.result()))

    def planned(self) -> list[Performance]:
        """Each story with its writes just below and at the microversion; what it reads is asked at both in each."""
        span, missing = Span(self.version.before, self.version), self.settings.missing
        own = [story for story in self.before.library.stories if story.service == self.service]
        stories = [story for story in own if not any(need in missing for need in story.needs)]
        performances = plan(stories, self.before.services, {self.service: span})
        swept: dict[str, dict[str, tuple[Case, ...]]] = defaultdict(dict)
        strange: set[str] = set()
        for performance in performances:
            swept[performance.story.id] |= _swept(performance, self.documents, strange)
        return [attrs.evolve(one, cases={**one.cases, **swept[one.story.id]}) for one in performances]

    def _perform(self, worker: str, performances: Iterable[Performance]) -> list[Sighting]:
        declarations = Declarations(self.settings.client(), self.service)
        talk = partial(tolerant, self.documents)
        stage = attrs.evolve(self.settings.stage(self.settings.suite(), worker), client=declarations, talk=talk)
        stories: dict[str, list[Performance]] = defaultdict(list)
        for performance in performances:
            stories[performance.story.id].append(performance)
        seen: list[Sighting] = []
        try:
            for identity, own in stories.items():
                if reason := stage.enter(own[0].story):
                    self.say(f"{identity}: {reason}")
                for performance in own if not reason else ():
                    outcomes = stage.perform(performance, {case.id for case in performance})
                    seen += _sightings(performance, outcomes, declarations)
                stage.exit(own[0].story)
        finally:
            stage.leave()
        return seen


def _swept(performance: Performance, documents: Documents, strange: set[str]) -> dict[str, tuple[Case, ...]]:
    """The cases of a performance's swept reads by step, and for each call once an unknown key in its query."""
    found: dict[str, tuple[Case, ...]] = {}
    for step in performance.story.steps:
        cases = performance.cases.get(step.name, ()) if step.swept else ()
        if cases and step.call not in strange and documents.at(step.call, cases[0].microversion).query is not None:
            strange.add(step.call)
            cases = tuple(one for case in cases for one in (_stranger(case), case))
        if cases:
            found[step.name] = cases
    return found


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
            yield Sighting(outcome.case, personas[outcome.case.step], scene, exchange, declarations.of(exchange))


def tolerant(
    before: Documents, performance: Performance, partners: Partners, memory: Memory, _wanted: Collection[str]
) -> Talk:
    """Ask all that can be asked: a step that isn't answered as below the microversion ends nothing."""
    for step in performance.story.steps:
        documents = partners.documents(step.service) if step.guest else before
        for case in performance.cases.get(step.name, ()):
            version = partners.newest(step.service) if step.guest else case.microversion
            try:
                ask = compose(step, version, documents, memory, case)
            except DataError:  # what it rests on wasn't to be had
                continue
            exchange = yield ask
            if not case.stray and exchange.response.status in ask.claim.statuses:
                _remember(step.keep, exchange, memory)


def _remember(keep: Mapping[str, Any], exchange: Exchange, memory: Memory) -> None:
    for name, place in keep.items():
        if found := pick(exchange.response.data, place) if exchange.response.content else ():
            memory[name] = found[0]
