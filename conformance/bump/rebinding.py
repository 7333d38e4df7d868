"""Answers that became what the history has another shape for: one line instead of many. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import attrs

from conformance.bump.answers import Answers, Change
from conformance.bump.drawing import Drawing
from conformance.bump.guessing import Known, best
from conformance.bump.lifting import above
from conformance.bump.places import Holder
from conformance.bump.sighting import Sightings
from conformance.edition import Edition

WORTH = 3  # so many changes of one shape in one call's answers


@attrs.frozen
class Rebinding:
    """A call whose answer is another shape from here on: its new body, and what differs from that shape."""

    call: str
    body: Any
    remarks: tuple[str, ...]


def rebindings(edition: Edition, sightings: Sightings, drawing: Drawing) -> Iterator[Rebinding]:
    """The calls for which another shape of the same family needs fewer words."""
    for call in sightings.calls:
        for key, shape in _shapes(edition, call):
            own = _changes(edition, sightings, call, shape)
            if len(own) < WORTH:
                continue
            rivals = [
                name for name in edition.shapes if name != shape and _root(edition, name) == _root(edition, shape)
            ]
            trials = {name: _trial(edition, sightings, call, key, name) for name in rivals}
            chosen = min(trials, key=lambda name: (len(trials[name]), len(name)), default=shape)
            if chosen in trials and len(trials[chosen]) + 1 < len(own):
                optional = {name for name, one in edition.properties(shape).items() if not one.required}
                changes = [_still(change, optional) for change in trials[chosen]]
                name, remarks = _named(drawing, f"{shape}_now", chosen, changes)
                found = Rebinding(call, {**edition.calls[call].body, key: name}, remarks)
                yield found
                yield from _siblings(edition, sightings, found)


def _still(change: Change, optional: Collection[str]) -> Change:
    """A key that the call's answers might lack before may be absent still."""
    return attrs.evolve(change, verb="allow") if change.verb == "add" and change.key in optional else change


def _siblings(edition: Edition, sightings: Sightings, found: Rebinding) -> Iterator[Rebinding]:
    """Calls that answered with the same, and of which nothing could be seen."""
    for name, call in edition.calls.items():
        unseen = not any(one.succeeded for one in sightings.of(name)[1])
        if name != found.call and call.body == edition.calls[found.call].body and unseen:
            yield attrs.evolve(found, call=name, remarks=(f"a guess: not seen; as {found.call}",))


def _root(edition: Edition, name: str) -> str:
    return above(edition, name)[-1]


def _shapes(edition: Edition, call: str) -> Iterator[tuple[str, str]]:
    """The shapes that stand in a call's answer written out, by their key."""
    body = edition.calls[call].body if call in edition.calls else None
    if isinstance(body, Mapping):
        yield from ((key, type_) for key, type_ in body.items() if isinstance(type_, str) and type_ in edition.shapes)


def _changes(edition: Edition, sightings: Sightings, call: str, shape: str) -> list[Change]:
    own = attrs.evolve(sightings, listed=tuple(one for one in sightings.listed if one.call == call))
    return [change for change in Answers.of(edition, own).changes() if change.holder == Holder(shape=shape)]


def _trial(edition: Edition, sightings: Sightings, call: str, key: str, shape: str) -> list[Change]:
    """What would have to be said of a shape if the call answered with it from the microversion on."""
    body = {**edition.calls[call].body, key: shape}
    trial = attrs.evolve(edition, calls={**edition.calls, call: attrs.evolve(edition.calls[call], body=body)})
    listed = tuple(one for one in sightings.listed if one.call == call and one.version == sightings.version)
    return list(_departures(Answers.of(trial, attrs.evolve(sightings, listed=listed)), Holder(shape=shape)))


def _departures(answers: Answers, holder: Holder) -> Iterator[Change]:
    """The keys that bodies have beyond a shape, and those that they lack."""
    _, at = answers.objects.get(holder, ([], []))
    known = answers.properties(holder)
    for key in dict.fromkeys(key for look in at for key in look.value if key not in known):
        having = [look for look in at if key in look.value]
        declared = tuple(schema for look in having if (schema := look.declared(key)))
        verb = "add" if len(having) == len(at) else "allow"
        yield Change(holder, verb, key, tuple(look.value[key] for look in having), declared)
    for key, own in known.items():
        mine = [look for look in at if own.persona in (None, look.sighting.persona)]
        if own.required and mine and not any(key in look.value for look in mine):
            yield Change(holder, "drop", key)


def _named(drawing: Drawing, name: str, shape: str, changes: list[Change]) -> tuple[str, tuple[str, ...]]:
    """The shape, or a new one that differs from it by changes."""
    remarks = [f"its answers look like {shape}"]
    if not changes:
        return shape, tuple(remarks)
    entry: dict[str, Any] = {"extends": shape}
    for change in changes:
        if change.verb == "drop":
            entry.setdefault("drop", []).append(change.key)
            continue
        drawn = best(drawing, change.key, change.values, change.declared, Known(shape))
        entry.setdefault(change.verb, {})[change.key] = drawn.type
        remarks += [f"{change.key}: {remark}" for remark in drawn.remarks]
    return drawing.shape(name, entry), tuple(remarks)
