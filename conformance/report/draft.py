"""A first file of known departures from the results of a run; its reasons are for people to write. Layer 3; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import attrs
import yaml

from conformance import pointer
from conformance.exchange import Finding
from conformance.known import KnownDepartures
from conformance.microversion import Microversion, Span
from conformance.report.results import RAN, Record

REASON = "TODO"  # no reason: a file in which it stands is refused
Moments = dict[str, set[Microversion]]  # by what a case's id says before its microversion


@attrs.define
class _Sight:
    """A finding wherever it was seen, and the cases in which it was."""

    finding: Finding
    moments: Moments = attrs.field(factory=lambda: defaultdict(set))

    @property
    def ids(self) -> list[str]:
        return [f"{stem}@{moment}" for stem, moments in self.moments.items() for moment in sorted(moments)]


def draft(records: Sequence[Record], known: KnownDepartures) -> tuple[str, int]:
    """The text of the file, and how many departures it has; what is ``known`` already isn't in it."""
    asked: dict[tuple[str, str], Moments] = defaultdict(lambda: defaultdict(set))
    for one in records:
        if one["outcome"] in RAN:
            stem, _, moment = one["id"].rpartition("@")
            asked[one["service"], one["call"]][stem].add(Microversion.parse(moment))
    entries = [
        _text(sight, span, cases)
        for sight in _sights(records, known)
        for span, cases in _spans(sight.moments, asked[sight.finding.service, sight.finding.call])
    ]
    return "\n".join(entries), len(entries)


def _sights(records: Sequence[Record], known: KnownDepartures) -> list[_Sight]:
    """The findings that differ by nothing but their microversion, their case and the place in a list, together."""
    sights: dict[tuple[str, ...], _Sight] = {}
    for one in records:
        for finding in (Finding(**entry) for entry in one["findings"] if one["outcome"] == "failed"):
            if not list(known.reasons([finding], one["id"])):
                key = (finding.service, finding.call, finding.code, pointer.anywhere(finding.pointer))
                sight = sights.setdefault(key, _Sight(finding))
                sight.moments[one["id"].rpartition("@")[0]].add(Microversion.parse(finding.microversion))
    return [sights[key] for key in sorted(sights)]


def _spans(shown: Moments, asked: Mapping[str, set[Microversion]]) -> Iterator[tuple[Span, str]]:
    """The spans in which a finding showed itself at each microversion that was asked.

    A pattern of cases comes with them where other cases of the call didn't show it.
    """
    odd = {stem.partition("+")[2] for stem in shown}
    common = f"*+{odd.pop()}@*" if len(odd) == 1 and odd != {""} else ""
    for cases in ("*", common):
        there = {stem: moments for stem, moments in asked.items() if cases and fnmatchcase(f"{stem}@", cases)}
        spans = list(_runs(set().union(*shown.values()), set().union(*there.values())))
        if spans and not _quiet(spans, shown, there):
            yield from ((span, cases) for span in spans)
            return
    for stem, moments in shown.items():
        yield from ((span, f"{stem}@*") for span in _runs(moments, asked[stem]))


def _runs(shown: set[Microversion], asked: set[Microversion]) -> Iterator[Span]:
    """Spans from the first to the last of those that showed it, without one between that didn't."""
    run: list[Microversion] = []
    for moment in sorted(asked):
        if moment in shown:
            run.append(moment)
        elif run:
            yield Span(run[0], run[-1])
            run = []
    if run:
        yield Span(run[0], run[-1])


def _quiet(spans: Sequence[Span], shown: Moments, asked: Mapping[str, set[Microversion]]) -> bool:
    """Whether some case within the spans didn't show it."""
    missed = (moments - shown.get(stem, set()) for stem, moments in asked.items())
    return any(moment in span for moments in missed for moment in moments for span in spans)


def _text(sight: _Sight, span: Span, cases: str) -> str:
    finding, ids = sight.finding, sight.ids
    entry: dict[str, Any] = {"service": finding.service, "call": finding.call}
    entry |= {"span": str(span) if span.first != span.last else str(span.first), "code": finding.code}
    entry |= {"pointer": pointer.anywhere(finding.pointer)} if finding.pointer else {}
    entry |= {"cases": cases} if cases != "*" else {}
    where = ids[0] if len(ids) == 1 else f"{ids[0]} and {len(ids) - 1} more"
    said = f"# Expected {finding.expected}, seen {finding.seen}: {where}".splitlines()
    return " ".join(said) + "\n" + yaml.safe_dump([{**entry, "reason": REASON}], sort_keys=False, width=1000)
