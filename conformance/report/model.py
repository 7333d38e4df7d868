"""All that the page shows, as plain JSON. Layer 3; it opens only the data's own files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from conformance import evidence
from conformance.figures import spreads
from conformance.microversion import Microversion
from conformance.report import comparison, matrix, results, timeline
from conformance.report.changelog import changelog, texts
from conformance.report.matrix import Row
from conformance.report.past import Past
from conformance.suite import Suite

BATCH = 100  # exchanges that are packed together: enough to compress well, few enough to unpack at a click


def model(past: Past, earlier: Past | None, suite: Suite, data: Path) -> dict[str, list[Any]]:
    """What the page reads, by name; each is a list of values that are read one by one.

    ``run``, ``history`` and ``sources`` have one value; ``exchanges`` has one for each BATCH cases, in their order, and
    ``earlier`` one for each BATCH changes of the comparison. ``data`` is the folder that the suite was loaded from.
    """
    placed, listed = matrix.services(past, suite), matrix.rows(past, suite)
    names = [each["name"] for each in placed]
    changed = list(comparison.changes(earlier.records, past.records)) if earlier else []
    return {
        "run": [
            {
                "facts": facts(past),
                "services": placed,
                "guests": matrix.guests(listed),
                "cases": matrix.columns(listed, placed),
                "told": dict(matrix.told(listed)),
                "groups": list(_groups(listed, "findings")),
                "warnings": list(_groups(listed, "warnings")),
                "gates": list(_gates(past, suite)),
                "timelines": dict(timeline.pictures(past.records.values())),
                "figures": [spread.numbers() for spread in spreads(past.records.values())],
                "comparison": _comparison(past, earlier, changed, listed) if earlier else None,
            }
        ],
        "history": [{name: changelog(suite.services[name], data) for name in names}],
        "sources": [{path: text for name in names for path, text in texts(name, data).items()}],
        "exchanges": _batches([past.exchanges.get(row.key) for row in listed]),
        "earlier": _batches([earlier.exchanges.get(change.key) for change in changed] if earlier else []),
    }


def _batches(said: Sequence[str | None]) -> list[Any]:
    return [said[first : first + BATCH] for first in range(0, len(said), BATCH)]


def facts(past: Past) -> dict[str, Any]:
    """What a run was, in a few words and numbers."""
    settings = [part.settings for part in past.parts]
    totals = results.summary(past.records.values(), planned=len(past.planned))
    waiting = Counter(_home(case) for _, case in past.planned - past.records.keys())
    ended = Counter((_home(case), record["outcome"]) for (_, case), record in past.records.items())
    return {
        "cloud": ", ".join(dict.fromkeys(one.cloud for one in settings)),
        "folders": [str(part.folder) for part in past.parts],
        "spans": {service: str(span) for service, span in past.spans.items()},
        "every": all(one.every for one in settings),
        "negatives": any(one.negatives for one in settings),
        "finished": _minute(max(part.finished for part in past.parts)),
        "planned": totals["planned"],
        "ran": totals["ran"],
        "outcomes": {**totals["outcomes"], matrix.NOT_RUN: waiting.total()},
        "services": {
            name: {**{outcome: ended[name, outcome] for outcome in results.OUTCOMES}, matrix.NOT_RUN: waiting[name]}
            for name in past.spans
        },
        "findings": sum(1 for _ in results.grouped(_failed(past.records.values()))),
        "seconds": totals["seconds"],
    }


def _home(case: str) -> str:
    """The service that a case's story is of."""
    return case.partition("/")[0]


def _failed(records: Iterable[results.Record]) -> Iterator[results.Record]:
    return (one for one in records if one["outcome"] == "failed")


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _groups(listed: Iterable[Row], kind: str) -> Iterator[dict[str, Any]]:
    """Each finding of what failed, or each warning, once, with its cases by their place in the list."""
    told = (
        {"id": number, "findings": row.record.get(kind, [])}
        for number, row in enumerate(listed)
        if kind == "warnings" or row.record["outcome"] == "failed"
    )
    for group in results.grouped(told):
        versions = sorted(group.microversions, key=Microversion.parse)
        yield {"finding": attrs.asdict(group.finding), "microversions": versions, "cases": group.ids}


def _gates(past: Past, suite: Suite) -> Iterator[dict[str, Any]]:
    """What each gate of the run proved."""
    missing: dict[str, dict[str, str]] = {}
    for part in past.parts:
        missing.setdefault(part.settings.gate, {}).update(part.settings.missing)
    for name in sorted(missing.keys() & suite.gates.keys()):
        records = [record for (gate, _), record in past.records.items() if gate == name]
        yield evidence.told(suite.gates[name], records, missing[name])


def _comparison(
    past: Past, earlier: Past, changed: Iterable[comparison.Change], listed: Iterable[Row]
) -> dict[str, Any]:
    place = {row.key: number for number, row in enumerate(listed)}
    return {
        "earlier": facts(earlier),
        "changes": [
            {
                "kind": change.kind,
                "case": place[change.key],
                "was": change.before["outcome"] if change.before else None,
                "findings": change.before["findings"] if change.before else [],
            }
            for change in changed
        ],
        "added": len(past.records.keys() - earlier.records.keys()),
        "gone": len(earlier.records.keys() - past.records.keys()),
    }
