"""Sightings made by hand: what a call answered just below a microversion, and at it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from conformance.bump.prior import prior
from conformance.bump.sighting import Sighting, Sightings
from conformance.edition import Edition
from conformance.exchange import Exchange, Request
from conformance.microversion import Microversion
from conformance.oddity import STRANGER, Odd
from conformance.plan import Case
from conformance.suite import Suite, load
from tests.helpers import history, put, response, v

_NUMBERS = itertools.count(1)


@attrs.frozen
class Seen:
    """What is seen of a call: the body below, and at the microversion; none where nothing was asked."""

    call: str
    below: Any = ...
    at: Any = ...
    status: tuple[int, int] = (200, 200)
    persona: str = "admin"
    declared: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {})
    path: str = "/things/1"
    odd: bool = False
    headers: Mapping[str, str] = attrs.field(factory=dict)

    def sightings(self, version: Microversion) -> list[Sighting]:
        """One for each side that was asked."""
        scene = f"scene {next(_NUMBERS)}"
        sides = ((version.before, self.below, 0), (version, self.at, 1))
        return [self._one(at, data, side, scene) for at, data, side in sides if data is not ...]

    def _one(self, version: Microversion, data: Any, side: int, scene: str) -> Sighting:
        method = self.call.partition(" ")[0]
        odd = Odd("unknown", (STRANGER,), in_query=True, value="1") if self.odd else None
        case = Case(
            f"compute/story::step@{version}",
            "compute",
            "story",
            "step",
            self.call,
            version,
            method != "GET",
            (),
            odd=odd,
        )
        answer = response(data, self.status[side], str(version), **(self.headers if side else {}))
        exchange = Exchange(Request("compute", method, self.path, self.persona), answer)
        return Sighting(case, self.persona, scene, exchange, self.declared[side])


def seen(version: str, *all_: Seen) -> Sightings:
    """All that was seen."""
    at = v(version)
    return Sightings(at, tuple(one for each in all_ for one in each.sightings(at)))


def before(data: Path, *deltas: str) -> Suite:
    """The suite of some deltas, as it was before the microversion that follows them."""
    known = history(data, *deltas)
    put(data / "scenarios" / "compute" / "story.yaml", "summary: A story of a test.\nsteps: {step: {GET: /things}}\n")
    return prior(load(data), "compute", known.span.last.after)


def edition(data: Path, *deltas: str) -> Edition:
    """What some deltas come to."""
    return history(data, *deltas).editions[-1]
