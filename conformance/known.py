"""Known departures: expected findings, each with its reason. They still run, and are reported apart. Layer 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import attrs

from conformance.exchange import Finding
from conformance.microversion import Microversion, Span
from conformance.reading import read


@attrs.frozen
class Departure:
    """A finding that is expected at a call, within a span.

    An empty ``pointer`` stands for any place; ``cases`` is a pattern for the ids of the cases that show it;
    ``reproduce`` is the least request that shows it, and what comes back.
    """

    service: str
    call: str
    span: Span
    code: str
    reason: str
    pointer: str = ""
    cases: str = "*"
    reproduce: str = ""

    def covers(self, service: str, call: str, microversion: str) -> bool:
        """Whether it speaks of this cell."""
        return (service, call) == (self.service, self.call) and Microversion.parse(microversion) in self.span

    def expects(self, finding: Finding, case: str) -> bool:
        """Whether a finding of a case (its id) is this departure."""
        here = self.covers(finding.service, finding.call, finding.microversion)
        there = self.pointer in ("", finding.pointer) and fnmatchcase(case, self.cases)
        return here and there and finding.code == self.code


@attrs.frozen
class KnownDepartures:
    """All that is known of a cloud."""

    departures: tuple[Departure, ...] = ()

    def reasons(self, findings: Iterable[Finding], case: str) -> Iterator[str]:
        """The reason of each finding of a case (its id) that is known."""
        found = (
            next((one.reason for one in self.departures if one.expects(finding, case)), "") for finding in findings
        )
        return (reason for reason in found if reason)

    def unseen(self, passed: Iterable[tuple[str, str, str, str]], seen: Iterable[str]) -> list[Departure]:
        """The departures that didn't show though a case of theirs (service, call, microversion, id) was asked."""
        asked, shown = set(passed), set(seen)
        missed = [one for one in self.departures if one.reason not in shown]
        return [
            one for one in missed if any(one.covers(*cell) and fnmatchcase(case, one.cases) for *cell, case in asked)
        ]


def load(paths: Iterable[Path]) -> KnownDepartures:
    """Read files of known departures; DataError for one that hasn't the form."""
    entries = [entry for path in paths for entry in read(path, "known")]
    return KnownDepartures(tuple(departure for entry in entries for departure in _departures(entry)))


def _departures(entry: dict[str, Any]) -> Iterator[Departure]:
    calls = entry["call"] if isinstance(entry["call"], list) else [entry["call"]]
    yield from (Departure(**{**entry, "call": call, "span": Span.parse(entry["span"])}) for call in calls)


def ours(schemas: Path) -> list[Path]:
    """What we know of the released services: ``schemas/<service>/known.yaml``."""
    return sorted(schemas.glob("*/known.yaml"))
