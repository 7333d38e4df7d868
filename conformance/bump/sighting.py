"""What was seen of a call at one of the two microversions. Layer 2; values without behaviour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from conformance.exchange import Exchange
from conformance.microversion import Microversion
from conformance.plan import Case
from conformance.story import Story


@attrs.frozen
class Sighting:
    """An exchange, what it was asked for, and the schemas that the service itself held it against, if it tells them.

    ``declared`` may have ``takes``, ``query`` and ``answer``. ``scene`` is the same for what was asked in the same
    performance, step, path and person's name: two of one scene read one resource. ``apart`` is whether the service may
    have answered otherwise just below.
    """

    case: Case
    persona: str
    scene: str
    exchange: Exchange
    declared: Mapping[str, Any] = attrs.field(factory=dict)
    apart: bool = True

    @property
    def twin(self) -> Sighting:
        """What would have been seen just below, where the service tells that it is the same."""
        return attrs.evolve(self, case=attrs.evolve(self.case, microversion=self.version.before))

    @property
    def call(self) -> str:
        """The call."""
        return self.case.call

    @property
    def version(self) -> Microversion:
        """The microversion at which it was asked."""
        return self.case.microversion

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.exchange.response.status

    @property
    def succeeded(self) -> bool:
        """Whether the call did what it is for."""
        return 200 <= self.status < 300

    @property
    def data(self) -> Any:
        """The answer's body, None where there is none or it isn't JSON."""
        try:
            return self.exchange.response.data if self.exchange.response.content else None
        except ValueError:
            return None


@attrs.frozen
class Sightings:
    """All sightings of a service on both sides of ``version``; ``spared`` are stories that had nothing more to show."""

    version: Microversion
    listed: tuple[Sighting, ...]
    spared: tuple[str, ...] = ()

    def of(self, call: str) -> tuple[list[Sighting], list[Sighting]]:
        """Those of a call: just below, and at the microversion."""
        own = [one for one in self.listed if one.call == call]
        return [one for one in own if one.version < self.version], [one for one in own if one.version == self.version]

    @property
    def calls(self) -> list[str]:
        """The calls that were seen."""
        return sorted({one.call for one in self.listed})

    def pairs(self, call: str) -> Iterator[tuple[Sighting, Sighting]]:
        """Two successful reads of one resource, just below and at the microversion."""
        below, at = self.of(call)
        found = {one.scene: one for one in _read(below)}
        yield from ((found[one.scene], one) for one in _read(at) if one.scene in found)


@attrs.frozen
class Asked:
    """What was asked besides the stories: sightings to add, those of calls that begin, and the texts of no call.

    ``told``: whether the service tells its routes and schemas. ``story`` asked what begins.
    """

    more: tuple[Sighting, ...] = ()
    begun: Mapping[str, list[Sighting]] = attrs.field(factory=dict)
    absent: frozenset[str] = frozenset()
    told: bool = False
    story: Story | None = None


def _read(listed: Iterable[Sighting]) -> Iterator[Sighting]:
    return (one for one in listed if one.succeeded and not one.case.writes and not one.case.stray)
