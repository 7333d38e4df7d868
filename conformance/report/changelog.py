"""The history as the page shows it: what each microversion changed, from which any two can be compared. Layer 3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conformance.difference import described
from conformance.document import Documents
from conformance.history import deltas

Words = dict[str, str | None]


def changelog(documents: Documents, data: Path) -> dict[str, Any]:
    """A service's microversions, each with its summary and files, and the steps of each call."""
    service = documents.history.service
    files = [[path.relative_to(data).as_posix() for path in paths] for _, paths in deltas(data / "schemas" / service)]
    return {
        "first": documents.history.span.first.minor,
        "summaries": [edition.summary for edition in documents.history.editions],
        "files": files,
        "calls": {call: list(_steps(documents, call)) for call in documents.calls},
    }


def _steps(documents: Documents, call: str) -> Iterator[tuple[int, Words]]:
    """Where a call turns, and the words that are other from there on; None: nothing is there any more."""
    known: dict[str, str] = {}
    for point in documents.turning_points(call):
        if point in documents.life(call):
            words = described(documents.at(call, point))
            gone: Words = dict.fromkeys(known.keys() - words.keys())
            yield point.minor, {**gone, **{place: said for place, said in words.items() if known.get(place) != said}}
            known = words


def texts(service: str, data: Path) -> dict[str, str]:
    """The files of a service's history as they are written, by their names below the data's folder."""
    paths = (path for _, found in deltas(data / "schemas" / service) for path in found)
    return {path.relative_to(data).as_posix(): path.read_text(encoding="utf-8") for path in paths}
