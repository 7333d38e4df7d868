"""What a run says of the departures that are known of a cloud. Layer 3; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs

from conformance.exchange import Finding
from conformance.known import Departure, KnownDepartures
from conformance.report.results import RAN, Record


@attrs.frozen
class Departures:
    """Those that were asked for and didn't show any more, and those that have expired."""

    unseen: tuple[Departure, ...]
    expired: tuple[Departure, ...]

    def lines(self) -> Iterator[str]:
        """For a terminal, each reason once."""
        for reason, titles in _by_reason(self.unseen):
            yield f"known departure not seen any more: {reason} ({titles})"
        for reason, titles in _by_reason(self.expired):
            yield f"known departure that has expired, and is no excuse any more: {reason} ({titles})"

    def numbers(self) -> dict[str, Any]:
        """For machines."""
        return {"unseen": [_plain(one) for one in self.unseen], "expired": [_plain(one) for one in self.expired]}


def departures(records: Sequence[Record], known: KnownDepartures) -> Departures:
    """What became of what is ``known`` in a run of these records.

    Only what passed, or departed as is known, can lack a departure: a failure may have kept it from showing.
    """
    cells = [(one["service"], one["call"], one["microversion"], one["id"]) for one in records if one["outcome"] in RAN]
    sound = {one["id"] for one in records if one["outcome"] in ("passed", "known")}
    shown = [(Finding(**entry), one["id"]) for one in records for entry in one["findings"]]
    unseen = known.unseen([cell for cell in cells if cell[-1] in sound], shown)
    return Departures(tuple(unseen), tuple(known.overdue(cells)))


def _by_reason(found: Iterable[Departure]) -> Iterator[tuple[str, str]]:
    """Each reason with the titles of what it excused, cut where there are many."""
    titles: dict[str, list[str]] = {}
    for one in found:
        ending = f", until {one.expires}" if one.expires else ""
        titles.setdefault(one.reason, []).append(f"{one.title}{ending}")
    for reason, several in titles.items():
        yield reason, several[0] if len(several) == 1 else f"{several[0]}, and {len(several) - 1} more"


def _plain(one: Departure) -> dict[str, str]:
    plain = {name: str(value) for name, value in attrs.asdict(one, recurse=False).items() if value is not None}
    return {name: value for name, value in plain.items() if value}
