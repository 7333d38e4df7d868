"""Asks one thing: over the client, into the ledger, before the judge. Layer 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import attrs
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_exponential

from conformance import expectations, pointer
from conformance.advice import advise
from conformance.conversation import Ask, Made
from conformance.document import Documents
from conformance.exchange import Exchange, Finding, Request, Response
from conformance.judge import Standard, judge
from conformance.ledger import Entry, Ledger
from conformance.neighbours import Read, compare
from conformance.report import redaction

Reads = dict[str, tuple[Request, Read]]


class Sender(Protocol):
    """What asks the cloud; the client, or whatever stands in for it."""

    def send(self, request: Request) -> Exchange:
        """Ask once."""
        ...


@attrs.frozen
class Asker:
    """Asks the cloud, judged by the histories of ``services``; a service without one only by its status."""

    client: Sender
    services: Mapping[str, Documents]
    ledger: Ledger

    def ask(self, ask: Ask, reads: Reads) -> tuple[Exchange, tuple[Finding, ...], float]:
        """The exchange, what is wrong with it, and the seconds it took; ``reads`` are those of the performance."""
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
        findings += self._drift(ask, exchange, findings, reads)
        return exchange, tuple(self._advised(ask, finding) for finding in findings), waited or exchange.response.seconds

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
        elif _removed(ask, response):
            self.ledger.gone_at(ask.request.path.partition("?")[0])

    def _advised(self, ask: Ask, finding: Finding) -> Finding:
        service, finding = ask.step.service, redaction.finding(finding)
        return advise(finding, self.services[service], ask.version) if service in self.services else finding

    def _drift(self, ask: Ask, exchange: Exchange, findings: list[Finding], reads: Reads) -> list[Finding]:
        """Compare a swept read with the one before it, if both are sound and asked for the same."""
        if not _comparable(ask, exchange):
            return []
        asked, before = reads.pop(ask.step.name, (None, None))
        if findings or ask.document is None:
            return []
        read = Read(ask.version, ask.document, exchange.response.data)
        reads[ask.step.name] = (ask.request, read)
        if asked is None or before is None or asked.path != ask.request.path:
            return []
        if self.services[ask.step.service].restated(ask.step.call, before.version, ask.version):
            return []
        return compare(before, read) and self._again(asked, before, read)

    def _again(self, asked: Request, before: Read, read: Read) -> list[Finding]:
        """Read at the older microversion once more: what changed there as well was changed by somebody else."""
        response = self.client.send(asked).response
        try:
            return compare(attrs.evolve(before, data=response.data), read)
        except ValueError:
            return compare(before, read)


def _entry(made: Made) -> Entry:
    kind = made.kind
    return Entry(
        kind.service,
        made.path,
        made.name,
        template=kind.path,
        find=dict(kind.find),
        within=kind.within,
        remove=dict(made.remove),
        release=dict(kind.release),
    )


def _path_of(made: Made, exchange: Exchange) -> str:
    try:
        found = pointer.look(exchange.response.data, made.kind.id) if made.kind.id else ()
    except ValueError:
        found = ()
    return made.kind.path.replace("$id", str(found[0])) if found else made.path


def _removed(ask: Ask, response: Response) -> bool:
    """Whether an answer shows that what was asked for is gone."""
    if ask.step.until == "gone":
        return response.status == 404
    return ask.request.method == "DELETE" and 200 <= response.status < 300


def _comparable(ask: Ask, exchange: Exchange) -> bool:
    """Whether an answer is one of a sweep over an unchanged resource."""
    stray = ask.case and ask.case.stray
    document = ask.document if ask.step.swept and not stray else None
    return bool(document and document.body is not None and exchange.response.status in document.status)
