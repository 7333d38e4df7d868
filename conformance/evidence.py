"""What the cases of a gate prove: each piece of its evidence as taken, refuted or not taken. Layer 2; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from conformance.gate import Evidence, Gate

GOOD = ("passed", "known")


@attrs.frozen
class Piece:
    """A piece of evidence: ``taken``, ``refuted`` or ``not taken``, and why where it isn't taken."""

    evidence: Evidence
    state: str
    reason: str = ""

    def __str__(self) -> str:
        """A line for a terminal."""
        why = f": {self.reason}" if self.reason else ""
        return f"{self.state:<9}  {self.evidence.name}  {self.evidence.what}{why}"


def weigh(gate: Gate, records: Sequence[Mapping[str, Any]], missing: Mapping[str, str]) -> list[Piece]:
    """Each piece of a gate's evidence by what became of its cases; ``missing`` are needs that the cloud lacks."""
    return [_weighed(one, records, missing) for one in gate.evidence]


def _weighed(one: Evidence, records: Iterable[Mapping[str, Any]], missing: Mapping[str, str]) -> Piece:
    if lacking := next((missing[need] for need in one.needs if need in missing), ""):
        return Piece(one, "not taken", lacking)
    cases = [record for record in records if one.by(record["id"].rpartition("@")[0])]
    failed = [case["id"] for case in cases if case["outcome"] == "failed"]
    if failed:
        return Piece(one, "refuted", f"{failed[0]} failed" + (f", and {len(failed) - 1} more" if failed[1:] else ""))
    silent = [case for case in cases if case["outcome"] not in GOOD]
    if silent or not cases:
        return Piece(one, "not taken", silent[0]["reason"] if silent else "none of its cases ran")
    return Piece(one, "taken")


def told(gate: Gate, records: Sequence[Mapping[str, Any]], missing: Mapping[str, str]) -> dict[str, Any]:
    """The gate's part of summary.json: needs, stories with the outcomes of their cases, and evidence."""
    stories = {
        story: dict(Counter(one["outcome"] for one in records if one["id"].startswith(f"{story}::")))
        for story in sorted({one["id"].partition("::")[0] for one in records})
    }
    pieces = {
        piece.evidence.name: {"what": piece.evidence.what, "state": piece.state, "reason": piece.reason}
        for piece in weigh(gate, records, missing)
    }
    needs = {need: missing.get(need, "met") for need in gate.wishes}
    return {"name": gate.name, "needs": needs, "stories": stories, "evidence": pieces}


def lines(gate: Gate, records: Sequence[Mapping[str, Any]], missing: Mapping[str, str]) -> Iterator[str]:
    """The gate's part of the summary on a terminal."""
    part = told(gate, records, missing)
    yield f"gate {gate.name}: {gate.summary}"
    yield from (f"  need      {need}: {state}" for need, state in part["needs"].items())
    for story, outcomes in part["stories"].items():
        counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
        yield f"  story     {story}: {counts}"
    yield from (f"  {piece}" for piece in weigh(gate, records, missing))
