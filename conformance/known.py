"""Known departures: expected findings, each with its reason. They still run, and are reported apart. Layer 1."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import attrs

from conformance import pointer
from conformance.document import Documents
from conformance.errors import DataError, UsageError
from conformance.exchange import Finding
from conformance.microversion import Microversion, Span
from conformance.reading import read

Cell = tuple[str, str, str, str]
"""What was asked: service, call, microversion, and the id of the case."""


@attrs.frozen
class Departure:
    """A finding that is expected at a call, within a span.

    An empty ``pointer`` stands for any place, and ``*`` in it for any one key or index; ``cases`` is a pattern for the
    ids of the cases that show it; ``expires`` is the last day on which it is known; ``reproduce`` is the least request
    that shows it, and what comes back.
    """

    service: str
    call: str
    span: Span
    code: str
    reason: str
    pointer: str = ""
    cases: str = "*"
    expires: date | None = None
    reproduce: str = ""

    @property
    def title(self) -> str:
        """What departs, where: ``compute GET /servers @2.1..2.35: missing at /servers/*/tags``."""
        span = self.span if self.span.first != self.span.last else self.span.first
        place = f" at {self.pointer}" if self.pointer else ""
        return f"{self.service} {self.call} @{span}: {self.code}{place}"

    def covers(self, service: str, call: str, microversion: str, case: str) -> bool:
        """Whether it speaks of this cell in a case (its id)."""
        here = (service, call) == (self.service, self.call) and Microversion.parse(microversion) in self.span
        return here and fnmatchcase(case, self.cases)

    def expects(self, finding: Finding, case: str) -> bool:
        """Whether a finding of a case (its id) is this departure."""
        same = finding.code == self.code and (not self.pointer or pointer.fits(finding.pointer, self.pointer))
        return same and self.covers(finding.service, finding.call, finding.microversion, case)


@attrs.frozen
class KnownDepartures:
    """All that is known of a cloud, and what was known of it until its entry ``expired``."""

    departures: tuple[Departure, ...] = ()
    expired: tuple[Departure, ...] = ()

    def reasons(self, findings: Iterable[Finding], case: str) -> Iterator[str]:
        """The reason of each finding of a case (its id) that is known."""
        found = (
            next((one.reason for one in self.departures if one.expects(finding, case)), "") for finding in findings
        )
        return (reason for reason in found if reason)

    def unseen(self, asked: Collection[Cell], shown: Collection[tuple[Finding, str]]) -> list[Departure]:
        """The departures that no finding of a case (its id) is, though what they speak of was asked."""
        missed = (one for one in self.departures if not any(one.expects(*each) for each in shown))
        return [one for one in missed if any(one.covers(*cell) for cell in asked)]

    def overdue(self, asked: Collection[Cell]) -> list[Departure]:
        """The departures that have expired, of those whose cells were asked."""
        return [one for one in self.expired if any(one.covers(*cell) for cell in asked)]


def load(paths: Iterable[Path], services: Mapping[str, Documents], today: date | None = None) -> KnownDepartures:
    """Read files of known departures; DataError for one that hasn't the form, or a call that there isn't.

    What expired before ``today`` (UTC) isn't known any more.
    """
    day = today or datetime.now(UTC).date()
    found = [one for path in paths for one in _read(path, services)]
    over = [one for one in found if one.expires and one.expires < day]
    return KnownDepartures(tuple(one for one in found if one not in over), tuple(over))


def _read(path: Path, services: Mapping[str, Documents]) -> Iterator[Departure]:
    for number, entry in enumerate(read(path, "known")):
        for departure in _departures(entry, where := f"{path}: {number}"):
            _check_call(departure, services, where)
            yield departure


def _departures(entry: dict[str, Any], where: str) -> Iterator[Departure]:
    calls = entry["call"] if isinstance(entry["call"], list) else [entry["call"]]
    values = {**entry, "span": Span.parse(entry["span"])}
    if "expires" in entry:
        values["expires"] = _day(entry["expires"], f"{where}/expires")
    yield from (Departure(**{**values, "call": call}) for call in calls)


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DataError(f"{text!r} is no day", where, "Write the last day on which it is known: 2027-03-01.") from None


def _check_call(departure: Departure, services: Mapping[str, Documents], where: str) -> None:
    """A call that nobody knows would never show, in silence; a service without data is none of this run's business."""
    if departure.service in services:
        try:
            services[departure.service].life(departure.call)
        except UsageError as error:
            raise DataError(error.what, where, error.remedy) from None


def ours(schemas: Path) -> list[Path]:
    """What we know of the released services: ``schemas/<service>/known.yaml``."""
    return sorted(schemas.glob("*/known.yaml"))
