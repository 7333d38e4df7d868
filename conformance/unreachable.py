"""What no run on the embedded cloud can show, and why: a written list, counted apart. Layer 1."""

from __future__ import annotations

from pathlib import Path

import attrs

from conformance.document import Documents
from conformance.errors import DataError, UsageError
from conformance.microversion import Microversion, Span
from conformance.reading import read


@attrs.frozen
class Unreachable:
    """A call that can't be shown with success within a span, and the reason."""

    call: str
    span: Span
    reason: str

    def __contains__(self, cell: tuple[str, Microversion]) -> bool:
        """Whether it speaks of this call at this microversion."""
        return cell[0] == self.call and cell[1] in self.span


def load(documents: Documents, folder: Path) -> tuple[Unreachable, ...]:
    """The list of a service, ``schemas/<service>/unreachable.yaml``; DataError for a call that there isn't."""
    path = folder / documents.history.service / "unreachable.yaml"
    if not path.exists():
        return ()
    return tuple(
        _entry(entry, documents, f"{path}: {number}") for number, entry in enumerate(read(path, "unreachable"))
    )


def _entry(entry: dict[str, str], documents: Documents, where: str) -> Unreachable:
    try:
        life = documents.life(entry["call"])
        span = Span.parse(entry["span"]).clip(life) if "span" in entry else life
    except UsageError as error:
        raise DataError(error.what, where, error.remedy) from None
    if span is None:
        raise DataError(f"{entry['call']} exists at {life}, not at {entry['span']}", where, "Mend the span.")
    return Unreachable(entry["call"], span, entry["reason"])
