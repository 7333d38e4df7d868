"""A capture judged: what a run recorded by what it claimed there, anything else by its own headers. Layer 3; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import attrs

from conformance import har
from conformance.attribution import Attribution, Seen, UnknownError
from conformance.claim import Claim
from conformance.errors import DataError, UsageError
from conformance.exchange import Exchange, Request, Response
from conformance.har import OURS, Entry
from conformance.known import KnownDepartures
from conformance.report import redaction
from conformance.report.results import Record, plain
from conformance.verdict import Critic, Reads, Verdict

BY_THE_WAY = "asked by the way in a recorded run: polls before the last, second looks, clean-up"
NO_BODY = "whose answer's body the capture lacks"


@attrs.frozen
class Inspection:
    """A record (as in results.jsonl) for each exchange that was judged, and by reason what the others were."""

    records: list[Record] = attrs.field(factory=list)
    unjudged: dict[str, list[str]] = attrs.field(factory=lambda: defaultdict(list))


@attrs.frozen
class Inspector:
    """Judges the entries of a capture; ``where`` names it in errors."""

    critic: Critic
    attribution: Attribution
    known: KnownDepartures
    where: str

    def inspect(self, entries: Sequence[Entry]) -> Inspection:
        """Judge each entry, in their order; DataError for one that can't be what it says."""
        inspection, looks = Inspection(), _second_looks(entries)
        reads: dict[str, Reads] = defaultdict(Reads)
        for number, entry in enumerate(entries):
            try:
                claim, case = self._claim(entry)
                record = self._judge(
                    entry, claim, case or f"exchange {number}: {_title(entry)}", reads, looks.get(number)
                )
                inspection.records.append(record)
            except UnknownError as error:
                inspection.unjudged[str(error)].append(_title(entry))
            except (UsageError, ValueError) as error:
                words = error.what if isinstance(error, UsageError) else str(error)
                remedy = "What a run recorded is judged by the data that it had: name them with --data."
                raise DataError(words, f"{self.where}: entries/{number}", remedy if OURS in entry else "") from None
        return inspection

    def _claim(self, entry: Entry) -> tuple[Claim, str]:
        """What an exchange is held against, and the case if a run recorded it; UnknownError if it isn't judged."""
        if OURS not in entry:
            return self.attribution.claim(_seen(entry)), ""
        if "claim" not in entry[OURS]:
            raise UnknownError(BY_THE_WAY)
        claim = Claim.read(entry[OURS]["claim"])
        if claim.service in self.critic.services:
            self.critic.services[claim.service].life(claim.call)
        return claim, entry[OURS]["case"]

    def _judge(self, entry: Entry, claim: Claim, identity: str, reads: dict[str, Reads], look: Entry | None) -> Record:
        response = har.response(entry)
        if response is None:
            raise UnknownError(NO_BODY)
        exchange = Exchange(Request(claim.service, entry["request"]["method"], entry["request"]["url"]), response)
        verdict = self.critic.verdict(
            claim, exchange, reads[entry.get("pageref") or ""], lambda asked: _again(asked, look)
        )
        return self._record(identity, claim, entry, verdict)

    def _record(self, identity: str, claim: Claim, entry: Entry, verdict: Verdict) -> Record:
        outcome, reasons = self.known.outcome(verdict.findings, identity)
        return {
            "id": identity,
            "service": claim.service,
            "call": claim.call,
            "microversion": _microversion(entry, claim),
            "outcome": outcome,
            "started": entry.get("startedDateTime") or "",
            "seconds": round((entry.get("time") or 0) / 1000, 4),
            "findings": plain(verdict.findings),
            "warnings": plain(verdict.warnings),
            "reason": "",
            "known": reasons,
        }


def _title(entry: Entry) -> str:
    return f"{entry['request']['method']} {redaction.text(entry['request']['url'].partition('?')[0])}"


def _microversion(entry: Entry, claim: Claim) -> str:
    """That of the case, though another service is asked at one of its own; without a case, what was asked for."""
    case: str = entry.get(OURS, {}).get("case", "")
    return case.rpartition("@")[2] if "::" in case else str(claim.version)


def _seen(entry: Entry) -> Seen:
    request, response = entry["request"], entry["response"]
    asked, answered = har.headers(request), har.headers(response)
    return Seen(request["method"], request["url"], asked, har.body(entry), response["status"], answered)


def _second_looks(entries: Sequence[Entry]) -> dict[int, Entry]:
    """By the number of a read the entry in which the one before it was made again, to see whether it still holds."""
    latest: dict[str, int] = {}
    looks = {}
    for number, entry in enumerate(entries):
        mark, page = entry.get(OURS, {}), entry.get("pageref") or ""
        if "claim" in mark:
            latest[page] = number
        elif "again" in mark and page in latest:
            looks[latest[page]] = entry
    return looks


def _again(asked: Request, look: Entry | None) -> Exchange:
    response = har.response(look) if look else None
    return Exchange(asked, response or Response(0, failure="nobody looked twice"))
