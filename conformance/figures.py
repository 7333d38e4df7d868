"""Figures that steps measure, such as a downtime: taken from answers, and told over a whole run. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from statistics import median, quantiles
from typing import Any

import attrs

from conformance import pointer
from conformance.exchange import Exchange
from conformance.story import Step

Measured = Mapping[str, Mapping[str, Any]]
"""By the name of each figure its ``value`` and its ``unit``."""


def measured(step: Step, exchange: Exchange) -> Measured:
    """The figures of a step that an answer shows; what is no number is none."""
    shown = exchange.response.shown if step.figures else None
    found = {name: pointer.look(shown, one["at"]) for name, one in step.figures.items()}
    numbers = {name: seen[0] for name, seen in found.items() if seen and _number(seen[0])}
    return {name: {"value": value, "unit": step.figures[name]["unit"]} for name, value in numbers.items()}


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@attrs.frozen
class Spread:
    """All values of one figure in a story, in the order in which they were measured."""

    name: str
    story: str
    unit: str
    values: tuple[float, ...]

    def numbers(self) -> dict[str, Any]:
        """As JSON: how many there are, the least, the middle, what nine in ten don't exceed, and the most."""
        ninth = quantiles(self.values, n=10, method="inclusive")[8] if self.values[1:] else self.values[0]
        spread = {"least": min(self.values), "median": median(self.values), "nine-in-ten": ninth}
        rounded = {name: round(value, 3) for name, value in {**spread, "most": max(self.values)}.items()}
        own = {"name": self.name, "story": self.story, "unit": self.unit, "count": len(self.values)}
        return {**own, **rounded, "values": list(self.values)}

    def __str__(self) -> str:
        """A line for a terminal."""
        told = self.numbers()
        if not self.values[1:]:
            return f"{self.name}  {self.story}: {told['most']:g} {self.unit}"
        spread = f"{told['least']:g} to {told['most']:g} {self.unit}, median {told['median']:g} {self.unit}"
        return f"{self.name}  {self.story}: {spread}, over {told['count']}"


def spreads(records: Iterable[Mapping[str, Any]]) -> Iterator[Spread]:
    """The figures in the lines of results.jsonl, by story."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for record in records:
        story = record["id"].partition("::")[0]
        for name, one in record.get("figures", {}).items():
            found.setdefault((name, story, one["unit"]), []).append(one["value"])
    return (Spread(*key, tuple(values)) for key, values in found.items())
