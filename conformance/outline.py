"""Where one step is asked: its life, the microversions worth it, its edges, and keys that aren't known yet. Layer 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from conformance.document import Document, Documents
from conformance.microversion import Microversion, Span
from conformance.oddity import Odd, negatives, untimely
from conformance.story import Step
from conformance.template import knows, paths


@attrs.frozen
class Outline:
    """Where one step is asked: the microversions worth it, its whole life, and the edges with what must come there."""

    step: Step
    life: Span | None
    points: frozenset[Microversion]
    edges: Mapping[Microversion, tuple[int, ...]]
    odds: Mapping[Microversion, tuple[Odd, ...]]

    @property
    def moments(self) -> frozenset[Microversion]:
        """All microversions at which the step has something to show."""
        return self.points | self.edges.keys() | self.odds.keys()


@attrs.frozen
class Depth:
    """How much is asked: at ``every`` microversion, and with ``negatives``.

    Each negative and, beyond the default depth, each cell is asked once: those ``asked`` and ``shown`` by steps before.
    ``succeeding`` are the calls of which some step succeeds: of these no refused step gets one more thing wrong.
    ``near`` is a span of which every step asks all that it lives through.
    """

    every: bool = False
    negatives: bool = False
    succeeding: frozenset[str] = frozenset()
    asked: set[tuple[str, tuple[object, ...]]] = attrs.field(factory=set)
    shown: set[tuple[str, str, Microversion]] = attrs.field(factory=set)
    near: Span | None = None


def outline(step: Step, documents: Documents, span: Span, depth: Depth) -> Outline:
    """Where a step is asked, at the default depth or at every microversion."""
    if step.negotiates:
        return Outline(step, span, frozenset(), {}, {})
    if step.guest:
        return Outline(step, Span(step.since or span.first, step.last or span.last).clip(span), frozenset(), {}, {})
    existence = documents.life(step.call)
    whole = Span(step.since or existence.first, step.last or existence.last)
    life = whole.clip(existence)
    life = life.clip(span) if life else None
    if life is None:
        return Outline(step, None, frozenset(), dict(_edges(step, documents, whole, span)), {})
    points = _points(step, documents, life) | frozenset((depth.near and depth.near.clip(life)) or ())
    odds: dict[Microversion, tuple[Odd, ...]] = {}
    keys = _unknown_keys(step, documents, life) if succeeds(step, documents) else ()
    for version, odd in [*keys, *_negatives(step, documents, life, depth)]:
        odds[version] = (*odds.get(version, ()), odd)
    return Outline(step, life, points, dict(_edges(step, documents, whole, span)), odds)


def succeeds(step: Step, documents: Documents) -> bool:
    """Whether a step asks for what the history promises, so that the same with one thing wrong tells something."""
    if step.exact or step.until or step.negotiates or step.guest:
        return False
    return not step.status or bool({*step.status} & {*documents.at(step.call, documents.life(step.call).last).status})


def _negatives(step: Step, documents: Documents, life: Span, depth: Depth) -> Iterator[tuple[Microversion, Odd]]:
    """What the history refuses of a step's requests, each thing once: of a refused step where no other is to be had."""
    instead = step.call not in depth.succeeding and not step.until and 400 not in step.status
    if not depth.negatives or not (succeeds(step, documents) or instead):
        return
    for version, odd in [*_wrong(step, documents, life, depth), *_untimely(step, documents, life)]:
        always = depth.every or odd.kind == "untimely"
        mark = (step.call, (odd.kind, odd.path, odd.in_query, repr(odd.value), version if always else None))
        if mark not in depth.asked:
            depth.asked.add(mark)
            yield version, odd


def _wrong(step: Step, documents: Documents, life: Span, depth: Depth) -> Iterator[tuple[Microversion, Odd]]:
    """Where a refusal begins, or at every microversion."""
    turns = [life.first, *(point for point in documents.boundaries(step.call) if point in life)]
    for version in life if depth.every else dict.fromkeys(turns):
        for odd in negatives(step, version, documents.at(step.call, version)):
            yield version, odd


def _untimely(step: Step, documents: Documents, life: Span) -> Iterator[tuple[Microversion, Odd]]:
    """Just before a key's first microversion, and just after its last."""
    for point in documents.boundaries(step.call):
        if point in life and point.before in life:
            older, newer = documents.at(step.call, point.before), documents.at(step.call, point)
            yield from ((point.before, odd) for odd in untimely(step, older, newer, point))
            yield from ((point, odd) for odd in untimely(step, newer, older, point.before))


def _points(step: Step, documents: Documents, life: Span) -> frozenset[Microversion]:
    boundaries = documents.boundaries(step.call)
    sides = {side for point in boundaries for side in (point.before, point)}
    return frozenset(side for side in sides | {life.first, life.last} if side in life)


def _edges(step: Step, documents: Documents, whole: Span, span: Span) -> Iterator[tuple[Microversion, tuple[int, ...]]]:
    """The microversions just outside a step's life, and the status that must come there."""
    existence = documents.life(step.call)
    default = (400,) if " " in step.call.partition(" ")[2] else (404,)
    before = step.before or (default if whole.first == existence.first else ())
    if before and whole.first > documents.history.span.first and whole.first.before in span:
        yield whole.first.before, before
    after = step.after or (default if whole.last == existence.last else ())
    if after and whole.last < documents.history.span.last and whole.last.after in span:
        yield whole.last.after, after


def _unknown_keys(step: Step, documents: Documents, life: Span) -> Iterator[tuple[Microversion, Odd]]:
    """Each key that a step says, at the microversions next to those at which the call knows it."""
    said = [Odd("key", path) for path in paths(step.body)]
    said += [Odd("key", (key.partition("@")[0],), in_query=True) for key in step.query]
    for point in documents.boundaries(step.call):
        if point in life and point.before in life:
            older, newer = documents.at(step.call, point.before), documents.at(step.call, point)
            for odd in dict.fromkeys(said):
                for version in _strangers(older, newer, odd, sides=(point.before, point)):
                    yield version, odd


def _strangers(
    older: Document, newer: Document, odd: Odd, *, sides: tuple[Microversion, Microversion]
) -> Iterator[Microversion]:
    one, other = (older.query, newer.query) if odd.in_query else (older.takes, newer.takes)
    if knows(other, odd.path) and not knows(one, odd.path) and knows(one, odd.path[:-1]):
        yield sides[0]
    if knows(one, odd.path) and not knows(other, odd.path) and knows(other, odd.path[:-1]):
        yield sides[1]
