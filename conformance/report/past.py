"""A run that is over, read back from its folder; the parts of one run are read as one. Layer 3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from itertools import combinations
from pathlib import Path

import attrs

from conformance import settings as settings_module
from conformance.errors import UsageError
from conformance.microversion import Span
from conformance.plan import Case, Performance
from conformance.report import exchanges, results
from conformance.report.results import Record
from conformance.settings import Settings
from conformance.suite import Suite

Key = tuple[str, str]


@attrs.frozen
class Part:
    """What one folder holds. The records are by gate (empty for none) and case."""

    folder: Path
    settings: Settings
    records: Mapping[Key, Record]
    exchanges: Mapping[Key, str]
    finished: datetime

    @property
    def silent(self) -> set[Key]:
        """What was to run, and has no record here."""
        ran = {case for _, case in self.records}
        return {(self.settings.gate, case) for case in self.settings.wanted - ran}


@attrs.frozen(slots=False)
class Past:
    """One run, perhaps of several parts; a case that several of them ran counts as it ran in the last one named."""

    parts: tuple[Part, ...]
    performances: tuple[Performance, ...]

    @cached_property
    def cases(self) -> dict[str, Case]:
        """The cases that were to run, by id."""
        wanted = frozenset[str]().union(*(part.settings.wanted for part in self.parts))
        return {case.id: case for each in self.performances for case in each if case.id in wanted}

    @cached_property
    def records(self) -> dict[Key, Record]:
        """What became of the cases."""
        return {key: record for part in self.parts for key, record in part.records.items()}

    @cached_property
    def planned(self) -> frozenset[Key]:
        """All that ran, and what was to run and has no record."""
        return frozenset(self.records).union(*(part.silent for part in self.parts))

    @cached_property
    def exchanges(self) -> dict[Key, str]:
        """The exchange of each record that has one, from the part that the record is of."""
        last = {key: part for part in self.parts for key in part.records}
        return {key: part.exchanges[key] for key, part in last.items() if key in part.exchanges}

    @property
    def spans(self) -> dict[str, Span]:
        """The microversions of each service that was tested."""
        spans: dict[str, Span] = {}
        for part in self.parts:
            for service, span in part.settings.spans.items():
                known = spans.get(service, span)
                spans[service] = Span(min(known.first, span.first), max(known.last, span.last))
        return spans

    @property
    def repeated(self) -> int:
        """How many cases ran in more than one part."""
        return sum(len(part.records) for part in self.parts) - len(self.records)


def read(folders: Sequence[Path], suite: Suite) -> Past:
    """The run that is in ``folders``; UsageError for a folder without a run, and for runs of different clouds."""
    parts = tuple(map(_part, folders))
    for part in parts:
        _of_stories(part)
    for one, other in combinations(parts, 2):
        _same_cloud(one, other)
    return Past(parts, tuple(_performances(parts, suite)))


def _part(folder: Path) -> Part:
    records = results.read(folder)
    said = exchanges.read(folder)
    keys = {(one.get("gate") or "", one["id"]): one for one in records}
    finished = datetime.fromtimestamp((folder / "results.jsonl").stat().st_mtime, UTC)
    return Part(folder, _settings(folder), keys, {key: said[key[1]] for key in keys if key[1] in said}, finished)


def _settings(folder: Path) -> Settings:
    path = folder / "settings.json"
    try:
        return settings_module.read(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        remedy = "Name the folder that a run left: it has results.jsonl, settings.json and allure-results/."
        raise UsageError("has no settings of a run", str(path), remedy) from None


def _of_stories(part: Part) -> None:
    if any(not one["microversion"] for one in part.records.values()):
        remedy = "Look into its junit.xml; the page shows microversions."
        raise UsageError("holds a project's own tests, which have no microversions", str(part.folder), remedy)


def _same_cloud(one: Part, other: Part) -> None:
    for service, span in one.settings.bounds.items():
        there = other.settings.bounds.get(service, span)
        if there != span:
            what = f"is a run of another cloud than {one.folder}: {service} has {there} there and {span} here"
            raise UsageError(what, str(other.folder), "Parts of one run are merged; compare two runs with --against.")


def _performances(parts: Iterable[Part], suite: Suite) -> Iterator[Performance]:
    """Every performance of the parts' plans; parts of one plan share it."""
    seen: list[tuple[object, ...]] = []
    for settings in (part.settings for part in parts):
        mark = (settings.spans, settings.bounds, settings.every, settings.negatives, settings.gate)
        if mark not in seen:
            seen.append(mark)
            yield from settings.plan(suite)
