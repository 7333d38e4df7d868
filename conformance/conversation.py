"""A performance as a conversation: a generator that yields what to ask and is sent the answers. Layer 2; no I/O."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Collection, Generator, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlencode

import attrs

from conformance.claim import SUCCESS, Claim
from conformance.document import Document, Documents
from conformance.exchange import Exchange, Request
from conformance.microversion import HEADER, Microversion, Span, tongue
from conformance.oddity import spoil
from conformance.plan import Case, Performance
from conformance.pointer import pick
from conformance.story import Kind, Step
from conformance.template import fill, in_force, settle, trim

Memory = MutableMapping[str, Any]


@attrs.frozen
class Made:
    """What a request is about to create: its path if that is known beforehand, its kind, and the name it will bear."""

    kind: Kind
    path: str
    name: str
    remove: Mapping[str, Any]


@attrs.frozen
class Ask:
    """A request, what must come of it, and what has to be remembered of it."""

    step: Step
    request: Request
    claim: Claim
    case: Case | None = None
    makes: Made | None = None


Talk = Generator[Ask, Exchange, None]


@attrs.frozen
class Partners:
    """The services that are spoken to: the histories of those that are judged, and what the cloud has of each."""

    services: Mapping[str, Documents]
    has: Mapping[str, Span]

    def documents(self, service: str) -> Documents | None:
        """The history by which a service's answers are judged; None if they aren't."""
        return self.services.get(service) if service in self.has else None

    def newest(self, service: str) -> Microversion:
        """The newest microversion that the cloud has and we know."""
        documents = self.documents(service)
        return min(self.has[service].last, documents.history.span.last) if documents else Microversion(0, 0)


def fresh(memory: Mapping[str, Any], run: str, numbers: itertools.count[int]) -> dict[str, Any]:
    """The variables of a new performance: those of ``memory``, and a name, a symbol and identifiers of its own."""
    name = f"conformance-{run}-{next(numbers)}"
    own = {f"uuid{number}": str(uuid.uuid4()) for number in range(2, 10)}
    symbol = f"CUSTOM_{name.upper().replace('-', '_')}"
    return {**memory, **own, "uuid": str(uuid.uuid4()), "name": name, "symbol": symbol}


def bounds(span: Span) -> dict[str, str]:
    """The variables with which a story asks at the edges of what a service has, and beyond."""
    below = Microversion(span.first.major - 1, 9) if span.first.minor == 0 else span.first.before
    return {"min": str(span.first), "max": str(span.last), "beyond": str(span.last.after), "below": str(below)}


def converse(performance: Performance, partners: Partners, memory: Memory, wanted: Collection[str]) -> Talk:
    """Ask what a performance asks, as far as the ``wanted`` cases need; what is kept goes into ``memory``.

    It ends early when a step on which others rest isn't answered as it must. A guest is asked at the
    newest microversion of its service, as in a preparation.
    """
    for step in performance.story.steps:
        documents = partners.documents(step.service)
        cases = performance.cases.get(step.name, ())
        witnesses = _witnesses(cases, wanted) if step.swept else ()
        for case in cases:
            if case.id in wanted or case.id in witnesses or _needed(step, case):
                version = _newest(step, partners) if step.guest else case.microversion
                ask = compose(step, version, documents, memory, case)
                exchange = yield ask
                if not _keep(step, exchange, ask.claim.statuses, memory, stray=case.stray or step.negotiates):
                    return


def prepare(steps: Collection[Step], partners: Partners, memory: Memory) -> Talk:
    """Ask a recipe's steps, each at the newest microversion that its service has; it ends as ``converse`` does."""
    for step in steps:
        ask = compose(step, _newest(step, partners), partners.documents(step.service), memory)
        exchange = yield ask
        if not _keep(step, exchange, ask.claim.statuses, memory, stray=False):
            return


def _newest(step: Step, partners: Partners) -> Microversion:
    newest = partners.newest(step.service)
    return min(step.at or newest, newest)


def _witnesses(cases: Collection[Case], wanted: Collection[str]) -> set[str]:
    """The reads just below the wanted ones of a sweep: a drift shows itself only against its neighbour."""
    reads = [case for case in cases if not case.stray]
    return {older.id for older, newer in itertools.pairwise(reads) if newer.id in wanted}


def _needed(step: Step, case: Case) -> bool:
    """Whether later steps may rest on a case that nobody asked for by itself."""
    return not case.stray and (step.writes or bool(step.keep) or step.until is not None)


def _keep(step: Step, exchange: Exchange, statuses: tuple[int, ...], memory: Memory, *, stray: bool) -> bool:
    """Remember what the step keeps; whether the conversation can go on."""
    response = exchange.response
    if stray:
        return True
    if response.status not in statuses:
        return not (step.writes or step.keep or step.until is not None)
    for name, pointer in step.keep.items():
        found = pick(response.data, pointer) if response.content else ()
        if not found:
            return False
        memory[name] = found[0]
    return True


def compose(
    step: Step, version: Microversion, documents: Documents | None, memory: Mapping[str, Any], case: Case | None = None
) -> Ask:
    """The request of a step at a microversion, and what must come of it."""
    exists = documents and version in documents.life(step.call)
    document = documents.at(step.call, version, step.persona) if documents and exists else None
    inside = _inside(step, version, documents) if documents and case and case.outside else version
    request = _request(step, version, _asking(step, inside, documents), memory, case, inside=inside)
    wanted = (case.statuses if case else ()) or step.status
    claim = Claim(
        service=step.service,
        call=step.call or f"{step.method} {step.path}",
        version=version,
        statuses=wanted or (document.status if document else SUCCESS),
        answered=_answered(step, version, memory) if documents else None,
        persona=step.persona,
        step=step.name,
        where=step.where,
        swept=step.swept,
        keep=tuple(step.keep.values()),
        until=fill(step.until, memory, step.where) if step.until else None,
        within=step.within,
        pages=step.pages,
        follows=step.follows,
    )
    claim = attrs.evolve(claim, stray=True) if case and case.stray else _expecting(claim, step, memory)
    return Ask(step, request, claim, case, _made(step, memory) if step.makes else None)


def _expecting(claim: Claim, step: Step, memory: Mapping[str, Any]) -> Claim:
    """The claim with what the story expects of the body."""
    return attrs.evolve(
        claim,
        expect=fill(settle(step.expect, claim.version), memory, step.where),
        has=_holding((*step.has, *(one["at"] for one in step.figures.values())), claim.version, memory),
        lacks=_holding(step.lacks, claim.version, memory),
    )


def _made(step: Step, memory: Mapping[str, Any]) -> Made:
    assert step.makes is not None
    path = "" if step.makes.id else str(fill(step.makes.path, memory, step.where))
    remove = fill(step.makes.remove, {**memory, "path": "$path"}, step.where)
    return Made(step.makes, path, str(memory.get("name", "")), remove)


def _answered(step: Step, version: Microversion, memory: Mapping[str, Any]) -> Microversion | None:
    if not step.negotiates:
        return version
    return Microversion.parse(fill(step.answered, memory, step.where)) if step.answered else None


def _asking(step: Step, inside: Microversion, documents: Documents | None) -> Document | None:
    """The document whose keys are asked for: at an edge the one inside, so that the very same is asked outside."""
    exists = documents and step.call and inside in documents.life(step.call)
    return documents.at(step.call, inside, step.persona) if documents and exists else None


def _holding(pointers: tuple[str, ...], version: Microversion, memory: Mapping[str, Any]) -> tuple[str, ...]:
    held = (name for name, holds in (in_force(one, version) for one in pointers) if holds)
    return tuple(str(fill(name, memory)) for name in held)


def _request(
    step: Step,
    version: Microversion,
    document: Document | None,
    memory: Mapping[str, Any],
    case: Case | None,
    *,
    inside: Microversion,
) -> Request:
    odd = case.odd if case else None
    said, known = odd.path if odd and odd.kind == "key" else (), tuple(fill(list(odd.path), memory)) if odd else ()
    in_query = bool(odd and odd.in_query)
    body = fill(settle(step.body, inside, () if in_query else said), memory, step.where)
    query = fill(settle(step.query, inside, said if in_query else ()), memory, step.where)
    if document and not step.exact:
        body = trim(body, document.takes, known if said and not in_query else ())
        query = trim(query, document.query, known if said and in_query else ())
    if odd:
        body, query = (body, spoil(query, odd, known)) if in_query else (spoil(body, odd, known), query)
    path = str(fill(step.path, memory, step.where))
    if query:
        path += ("&" if "?" in path else "?") + urlencode(query, doseq=True)
    return Request(
        service=step.service,
        method=step.method,
        path=path,
        persona=step.persona,
        headers=_headers(step, version, document is not None or bool(step.call), memory),
        body=body,
        octets=None if step.octets is None else step.octets.encode(),
    )


def _inside(step: Step, version: Microversion, documents: Documents) -> Microversion:
    """The microversion next to an edge at which the step belongs: what is asked there is asked outside as well."""
    first = step.since or documents.life(step.call).first
    return version.after if version < first else version.before


def _headers(step: Step, version: Microversion, judged: bool, memory: Mapping[str, Any]) -> dict[str, str]:
    headers = {"Accept": "application/json"}
    if step.octets is not None:
        headers["Content-Type"] = "application/json" if judged else "application/octet-stream"
    headers |= fill(step.headers, memory, step.where)
    if step.negotiates:
        return headers if step.asks is None else {**headers, HEADER: str(fill(step.asks, memory, step.where))}
    return {**headers, **tongue(step.service).ask(version)} if judged else headers
