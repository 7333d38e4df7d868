"""Where one step is asked: its life, the microversions worth it, its edges, and keys that aren't known yet. Layer 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from conformance.document import Document, Documents
from conformance.microversion import Microversion, Span
from conformance.story import Step
from conformance.template import Path, knows, paths


@attrs.frozen
class Outline:
    """Where one step is asked: the microversions worth it, its whole life, and the edges with what must come there."""

    step: Step
    life: Span | None
    points: frozenset[Microversion]
    edges: Mapping[Microversion, tuple[int, ...]]
    keys: Mapping[Microversion, tuple[tuple[Path, bool], ...]]

    @property
    def moments(self) -> frozenset[Microversion]:
        """All microversions at which the step has something to show."""
        return self.points | self.edges.keys() | self.keys.keys()


def outline(step: Step, documents: Documents, span: Span, *, every: bool = False) -> Outline:
    """Where a step is asked, at the default depth or at every microversion."""
    if step.negotiates:
        return Outline(step, span, frozenset(), {}, {})
    existence = documents.life(step.call)
    whole = Span(step.since or existence.first, step.last or existence.last)
    life = whole.clip(existence)
    life = life.clip(span) if life else None
    if life is None:
        return Outline(step, None, frozenset(), dict(_edges(step, documents, whole, span)), {})
    points = frozenset(life) if every else _points(step, documents, life)
    keys = {} if step.exact or step.status else _unknown_keys(step, documents, life)
    return Outline(step, life, points, dict(_edges(step, documents, whole, span)), keys)


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


def _unknown_keys(step: Step, documents: Documents, life: Span) -> dict[Microversion, tuple[tuple[Path, bool], ...]]:
    """Each key that a step says, at the microversions next to those at which the call knows it."""
    said = [(path, False) for path in paths(step.body)] + [((key.partition("@")[0],), True) for key in step.query]
    found: dict[Microversion, tuple[tuple[Path, bool], ...]] = {}
    for point in documents.boundaries(step.call):
        if point in life and point.before in life:
            older, newer = documents.at(step.call, point.before), documents.at(step.call, point)
            for path, in_query in dict.fromkeys(said):
                for version in _strangers(older, newer, path, in_query=in_query, sides=(point.before, point)):
                    found[version] = (*found.get(version, ()), (path, in_query))
    return found


def _strangers(
    older: Document, newer: Document, path: Path, *, in_query: bool, sides: tuple[Microversion, Microversion]
) -> Iterator[Microversion]:
    one, other = (older.query, newer.query) if in_query else (older.takes, newer.takes)
    if knows(other, path) and not knows(one, path) and knows(one, path[:-1]):
        yield sides[0]
    if knows(one, path) and not knows(other, path) and knows(other, path[:-1]):
        yield sides[1]
