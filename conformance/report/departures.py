"""What a run says beside its findings: of departures that are known, and of extra keys let pass. Layer 3; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs

from conformance import pointer
from conformance.exchange import Finding
from conformance.known import Departure, KnownDepartures
from conformance.microversion import Microversion
from conformance.report.results import RAN, Record

Extra = dict[str, dict[str, list[str]]]


@attrs.frozen
class Departures:
    """Those known that didn't show any more though they were asked for, those that have expired, and extra keys.

    ``extra`` has by call the place of each key (``*`` for any index), and the microversions at which it was seen.
    """

    unseen: tuple[Departure, ...]
    expired: tuple[Departure, ...]
    extra: Extra

    def lines(self) -> Iterator[str]:
        """For a terminal, each reason once."""
        for reason, titles in _by_reason(self.unseen):
            yield f"known departure not seen any more: {reason} ({titles})"
        for reason, titles in _by_reason(self.expired):
            yield f"known departure that has expired, and is no excuse any more: {reason} ({titles})"
        for call, places in self.extra.items():
            yield f"warning: unexpected keys of {call}: {', '.join(f'{one} @{_span(places[one])}' for one in places)}"

    def numbers(self) -> dict[str, Any]:
        """For machines."""
        plain = {"unseen": [_plain(one) for one in self.unseen], "expired": [_plain(one) for one in self.expired]}
        return {**plain, "extra": self.extra}


def departures(records: Sequence[Record], known: KnownDepartures) -> Departures:
    """What became of what is ``known`` in a run of these records.

    Only what passed, or departed as is known, can lack a departure: a failure may have kept it from showing.
    """
    cells = [(one["service"], one["call"], one["microversion"], one["id"]) for one in records if one["outcome"] in RAN]
    sound = {one["id"] for one in records if one["outcome"] in ("passed", "known")}
    shown = [(Finding(**entry), one["id"]) for one in records for entry in (*one["findings"], *one["warnings"])]
    unseen = known.unseen([cell for cell in cells if cell[-1] in sound], shown)
    return Departures(tuple(unseen), tuple(known.overdue(cells)), _extra(records))


def _extra(records: Iterable[Record]) -> Extra:
    seen: dict[str, dict[str, set[str]]] = {}
    for finding in (Finding(**entry) for one in records for entry in one["warnings"]):
        places = seen.setdefault(f"{finding.service} {finding.call}", {})
        places.setdefault(pointer.anywhere(finding.pointer), set()).add(finding.microversion)
    return {
        call: {place: sorted(found, key=Microversion.parse) for place, found in sorted(places.items())}
        for call, places in sorted(seen.items())
    }


def _span(versions: Sequence[str]) -> str:
    return versions[0] if len(versions) == 1 else f"{versions[0]}..{versions[-1]}"


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
