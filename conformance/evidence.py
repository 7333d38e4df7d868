"""What the cases of a gate prove: each piece of its evidence as taken, refuted or not taken. Layer 2; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from conformance.gate import Evidence, Gate

GOOD = ("passed", "known")


@attrs.frozen
class Piece:
    """A piece of evidence: ``taken``, ``refuted`` or ``not taken``, and why it isn't taken, or not from all."""

    evidence: Evidence
    state: str
    reason: str = ""

    def __str__(self) -> str:
        """A line for a terminal."""
        why = f": {self.reason}" if self.reason else ""
        return f"{self.state:<9}  {self.evidence.name}  {self.evidence.what}{why}"


def weigh(gate: Gate, records: Sequence[Mapping[str, Any]], missing: Mapping[str, str]) -> list[Piece]:
    """Each piece of a gate's evidence by what became of its cases; ``missing`` are needs that the cloud lacks.

    What a project's own tests leave out by themselves is told, and takes nothing from what the others show.
    """
    own = ("skipped",) if gate.command else ()
    return [_weighed(one, records, missing, own) for one in gate.evidence]


def _weighed(
    one: Evidence, records: Iterable[Mapping[str, Any]], missing: Mapping[str, str], own: Collection[str]
) -> Piece:
    if lacking := next((missing[need] for need in one.needs if need in missing), ""):
        return Piece(one, "not taken", lacking)
    cases = [record for record in records if one.by(record["id"].rsplit("@", 1)[0])]
    failed = [case["id"] for case in cases if case["outcome"] == "failed"]
    if failed:
        return Piece(one, "refuted", f"{failed[0]} failed" + (f", and {len(failed) - 1} more" if failed[1:] else ""))
    left = [case for case in cases if case["outcome"] in own]
    silent = [case for case in cases if case["outcome"] not in (*GOOD, *own)] or (left if left == cases else [])
    if silent or not cases:
        return Piece(one, "not taken", silent[0]["reason"] if silent else "none of its cases ran")
    return Piece(one, "taken", f"{len(left)} of {len(cases)} were left out, {left[0]['reason']!r}" if left else "")


def told(gate: Gate, records: Sequence[Mapping[str, Any]], missing: Mapping[str, str]) -> dict[str, Any]:
    """The gate's part of summary.json: needs, stories with the outcomes of their cases, and evidence.

    Of a gate with a command it has, in place of stories, the outcomes of the project's tests.
    """
    outcomes: dict[str, Counter[str]] = {}
    for one in records:
        home = one["service"] if gate.command else one["id"].partition("::")[0]
        outcomes.setdefault(home, Counter())[one["outcome"]] += 1
    performed = {home: dict(outcomes[home]) for home in sorted(outcomes)}
    pieces = {
        piece.evidence.name: {"what": piece.evidence.what, "state": piece.state, "reason": piece.reason}
        for piece in weigh(gate, records, missing)
    }
    needs = {need: missing.get(need, "met") for need in gate.wishes}
    return {"name": gate.name, "needs": needs, _kind(gate): performed, "evidence": pieces}


def _kind(gate: Gate) -> str:
    return "tests" if gate.command else "stories"


def lines(gate: Gate, records: Sequence[Mapping[str, Any]], missing: Mapping[str, str]) -> Iterator[str]:
    """The gate's part of the summary on a terminal."""
    part = told(gate, records, missing)
    yield f"gate {gate.name}: {gate.summary}"
    yield from (f"  need      {need}: {state}" for need, state in part["needs"].items())
    for home, outcomes in part[_kind(gate)].items():
        counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
        yield f"  {'tests' if gate.command else 'story':<9} {home}: {counts}"
    yield from (f"  {piece}" for piece in weigh(gate, records, missing))
