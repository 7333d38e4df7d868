"""Coverage: cells and boundaries, how many there are, how many the plan has, how many were exercised. Layer 2."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import attrs

from conformance.document import Documents
from conformance.microversion import Microversion, Span
from conformance.plan import Case, Performance
from conformance.unreachable import Unreachable

Cell = tuple[str, Microversion]
Boundary = tuple[str, Microversion]


@attrs.frozen
class Coverage:
    """What there is of a service, and what of it is planned and exercised."""

    calls: int
    cells: frozenset[Cell]
    planned: frozenset[Cell]
    exercised: frozenset[Cell]
    boundaries: frozenset[Boundary]
    planned_boundaries: frozenset[Boundary]
    exercised_boundaries: frozenset[Boundary]
    excused: frozenset[Cell]
    excused_boundaries: frozenset[Boundary]

    @property
    def missing(self) -> list[Cell]:
        """Cells that nothing plans, and that no list gives a reason for."""
        return sorted(self.cells - self.planned - self.excused)

    @property
    def missing_boundaries(self) -> list[Boundary]:
        """Boundaries that nothing plans on both sides, and that no list gives a reason for."""
        return sorted(self.boundaries - self.planned_boundaries - self.excused_boundaries)

    def numbers(self) -> dict[str, object]:
        """As ``conformance coverage --json`` prints it."""
        return {
            "calls": self.calls,
            "cells": len(self.cells),
            "planned": len(self.planned),
            "exercised": len(self.exercised),
            "boundaries": {
                "total": len(self.boundaries),
                "planned": len(self.planned_boundaries),
                "exercised": len(self.exercised_boundaries),
            },
            "unreachable": {"cells": len(self.excused), "boundaries": len(self.excused_boundaries)},
        }


def measure(
    documents: Documents,
    performances: Iterable[Performance],
    span: Span,
    done: Collection[str],
    unreachable: Collection[Unreachable] = (),
) -> Coverage:
    """The coverage of a service within ``span``; ``done`` are the ids of cases that ran to an end."""
    stories = [each for each in performances if each.story.service == documents.history.service]
    cases = [case for each in stories for case in each if not case.guest]
    ran = [case for case in cases if case.id in done]
    cells = frozenset(_cells(documents, span))
    boundaries = frozenset(_boundaries(documents, span))
    planned, both_sides = cells & _shown(documents, cases), _both_sides(documents, boundaries, cases)
    return Coverage(
        calls=len(documents.calls),
        cells=cells,
        planned=planned,
        exercised=cells & _shown(documents, ran),
        boundaries=boundaries,
        planned_boundaries=both_sides,
        exercised_boundaries=_both_sides(documents, boundaries, ran),
        excused=frozenset(cell for cell in cells - planned if any(cell in each for each in unreachable)),
        excused_boundaries=frozenset(
            (call, point)
            for call, point in boundaries - both_sides
            if any((call, point) in each or (call, point.before) in each for each in unreachable)
        ),
    )


def _cells(documents: Documents, span: Span) -> Iterator[Cell]:
    for call in documents.calls:
        for version in documents.life(call).clip(span) or ():
            yield call, version


def _boundaries(documents: Documents, span: Span) -> Iterator[Boundary]:
    for call in documents.calls:
        yield from ((call, point) for point in documents.boundaries(call) if point in span and point.before in span)


def _shown(documents: Documents, cases: Iterable[Case]) -> frozenset[Cell]:
    """The cells that cases show."""
    return frozenset((case.call, case.microversion) for case in cases if shows(documents, case))


def shows(documents: Documents, case: Case) -> bool:
    """Whether a case shows its cell: with an answer that the history promises, not with a refusal."""
    if case.stray or case.microversion not in documents.life(case.call):
        return False
    return bool(set(case.statuses) & set(documents.at(case.call, case.microversion).status))


def _both_sides(documents: Documents, boundaries: Iterable[Boundary], cases: Iterable[Case]) -> frozenset[Boundary]:
    """The boundaries asked on both sides; where the call doesn't exist, its refusal is what shows that side."""
    shown = _shown(documents, cases)
    refused = frozenset((case.call, case.microversion) for case in cases if case.outside)

    def seen(call: str, version: Microversion) -> bool:
        return (call, version) in (shown if version in documents.life(call) else refused)

    return frozenset((call, point) for call, point in boundaries if seen(call, point) and seen(call, point.before))
