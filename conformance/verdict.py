"""The verdict on an exchange: what the judge, its story and the read before it find wrong. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from conformance import expectations
from conformance.advice import advise
from conformance.claim import Claim
from conformance.document import Document, Documents
from conformance.exchange import Exchange, Finding, Request
from conformance.judge import Standard, judge
from conformance.neighbours import Read, compare
from conformance.report import redaction

Reads = dict[str, tuple[Request, Read]]
Again = Callable[[Request], Exchange]


@attrs.frozen
class Verdict:
    """What is wrong with an exchange, and what would be but is let pass as a warning."""

    findings: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


@attrs.frozen
class Critic:
    """Holds exchanges against their claims and the histories of ``services``; one without a history by its status.

    Where it is ``lenient``, keys that nobody promised are warnings.
    """

    services: Mapping[str, Documents]
    lenient: bool = False

    def verdict(self, claim: Claim, exchange: Exchange, reads: Reads, again: Again) -> Verdict:
        """What is wrong. ``reads`` are those of the performance; ``again`` makes one of their requests once more."""
        document = self._document(claim)
        judged = judge(exchange, self._standard(claim, document))
        warnings = [finding for finding in judged if self.lenient and _extra(finding)]
        findings = [finding for finding in judged if finding not in warnings]
        told = {finding.pointer for finding in judged}
        findings += [one for one in expectations.disappointed(claim, exchange) if one.pointer not in told]
        if not findings and (vain := expectations.vain(claim.until, exchange)):
            findings = [expectations.awaited(claim, vain)]
        if document and _comparable(claim, exchange, document):
            asked, before = reads.pop(claim.step, (None, None))
            if not findings:
                read = Read(claim.version, document, exchange.response.data)
                reads[claim.step] = (exchange.request, read)
                if asked and before and asked.path == exchange.request.path:
                    findings = self._drift(asked, before, read, again)
        return Verdict(self._advised(claim, findings), self._advised(claim, warnings))

    def _document(self, claim: Claim) -> Document | None:
        """What the history says of the call; None where it says nothing at this microversion."""
        documents = self.services.get(claim.service)
        if documents is None or not documents.exists(claim.call, claim.version):
            return None
        return documents.at(claim.call, claim.version, claim.persona)

    def _standard(self, claim: Claim, document: Document | None) -> Standard:
        documents = self.services.get(claim.service)
        # Where no microversion was agreed on, a service answers as it did before there was any.
        version = claim.version if claim.answered or not documents else documents.history.span.first
        error = documents.error(version) if documents else {}
        return Standard(
            claim.service, claim.call, claim.version, claim.answered, claim.statuses, document, error, bool(documents)
        )

    def _drift(self, asked: Request, before: Read, read: Read, again: Again) -> list[Finding]:
        """What differs from the read before, and still does when that is made again: else somebody else changed it."""
        document = read.document
        if self.services[document.service].restated(document.call, before.version, read.version):
            return []
        found = compare(before, read)
        if not found:
            return []
        try:
            return compare(attrs.evolve(before, data=again(asked).response.data), read)
        except ValueError:
            return found

    def _advised(self, claim: Claim, findings: list[Finding]) -> tuple[Finding, ...]:
        """The findings as they may be shown, each with what to do about it."""
        shown = [redaction.finding(finding) for finding in findings]
        documents = self.services.get(claim.service)
        return tuple(advise(finding, documents, claim.version) if documents else finding for finding in shown)


def _extra(finding: Finding) -> bool:
    """Whether a body merely has a key more than is promised."""
    return finding.code in ("unexpected", "error-unexpected")


def _comparable(claim: Claim, exchange: Exchange, document: Document) -> bool:
    """Whether an answer is one of a sweep over an unchanged resource."""
    sweep = claim.swept and not claim.stray
    return sweep and document.body is not None and exchange.response.status in document.status
