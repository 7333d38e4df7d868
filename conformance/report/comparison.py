"""Two runs compared: what began to fail, what was mended, what is otherwise than it was. Layer 3; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from conformance.report.past import Key
from conformance.report.results import Record

KINDS = ("began", "mended", "differs", "moved")
_SOUND = ("passed", "known")


@attrs.frozen
class Change:
    """A case that isn't as it was; ``before`` None: the earlier run didn't have it.

    ``kind`` is ``began`` (to fail), ``mended``, ``differs`` (fails with other findings) or ``moved`` (otherwise).
    """

    kind: str
    key: Key
    before: Record | None
    after: Record


def changes(before: Mapping[Key, Record], after: Mapping[Key, Record]) -> Iterator[Change]:
    """What changed from an earlier run to a later one; a new case that doesn't fail is no change."""
    for key, record in after.items():
        earlier = before.get(key)
        if kind := _kind(earlier, record):
            yield Change(kind, key, earlier, record)


def _kind(before: Record | None, after: Record) -> str:
    was, now = before["outcome"] if before else "", after["outcome"]
    if now == "failed":
        return "began" if before is None or was != "failed" else "differs" if _marks(before) != _marks(after) else ""
    if was == "failed" and now in _SOUND:
        return "mended"
    return "moved" if was not in ("", now) else ""


def _marks(record: Record) -> set[tuple[str, ...]]:
    """What tells findings apart; what was seen may differ by ids and times alone."""
    return {(one["code"], one["pointer"], one["expected"]) for one in record["findings"]}
