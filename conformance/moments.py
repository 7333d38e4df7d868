"""What was seen when while a story was performed: the tracks of its steps. Layer 2; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from conformance import pointer
from conformance.exchange import Exchange

Moment = tuple[float, float, str, str]
"""From when until when something was seen (seconds since 1970), on which track, and what; empty for nothing."""


@attrs.define
class Moments:
    """What is seen at the pointer of each track, as often as it is asked for; the same in a row is one moment."""

    tracks: Mapping[str, str]
    _seen: dict[str, list[Moment]] = attrs.field(factory=dict)

    def see(self, exchange: Exchange, at: float) -> None:
        """Take what an exchange shows that ended at that time."""
        if not self.tracks or (data := exchange.response.shown) is None:
            return
        for track, where in self.tracks.items():
            found = pointer.look(data, where)
            self._take(track, found[0] if found else None, at)

    def _take(self, track: str, value: Any, at: float) -> None:
        seen = self._seen.setdefault(track, [])
        if isinstance(value, Mapping) and value.keys() == {"from", "until"}:
            seen.append((value["from"], value["until"], track, track))
        elif seen and seen[-1][3] == words(value):
            seen[-1] = (seen[-1][0], at, track, seen[-1][3])
        else:
            seen.append((at, at, track, words(value)))

    def told(self) -> tuple[Moment, ...]:
        """All moments, those of a track in their order."""
        return tuple(moment for moments in self._seen.values() for moment in moments)


def words(value: Any) -> str:
    """What stands for a value: of an object its keys."""
    if value is None or value == {}:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)
