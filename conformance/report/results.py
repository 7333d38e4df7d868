"""results.jsonl and summary.json: a line a case, and what it all came to. Layer 3."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from conformance.errors import UsageError
from conformance.exchange import Finding
from conformance.figures import spreads
from conformance.report import redaction

if TYPE_CHECKING:  # a stage needs a cloud's client, which those who only read results don't
    from conformance.stage import Outcome

Record = dict[str, Any]
OUTCOMES = ("passed", "failed", "known", "not-reached", "skipped")
RAN = ("passed", "failed", "known")


def record(outcome: Outcome, gate: str = "") -> Record:
    """A case's outcome as a line of results.jsonl, with the name of the gate that it ran for."""
    case = outcome.case
    return {
        "id": case.id,
        "service": case.service,
        "call": case.call,
        "microversion": str(case.microversion),
        "outcome": outcome.outcome,
        "started": outcome.started.isoformat(timespec="milliseconds"),
        "seconds": round(outcome.seconds, 4),
        "findings": plain(outcome.findings),
        "warnings": plain(outcome.warnings),
        "reason": redaction.text(outcome.reason),
        "known": list(dict.fromkeys(outcome.known)),
        **({"figures": outcome.figures} if outcome.figures else {}),
        **({"moments": redaction.data(list(map(list, outcome.moments)))} if outcome.moments else {}),
        **({"gate": gate} if gate else {}),
    }


def plain(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as they stand in a line."""
    return [redaction.data(attrs.asdict(finding)) for finding in findings]


def read(folder: Path) -> list[Record]:
    """The records of a results folder; a case that ran twice counts as it ran last."""
    path = folder / "results.jsonl" if folder.is_dir() else folder
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines]
        return list({one["id"]: one for one in records}.values())
    except OSError as error:
        raise UsageError(f"can't read results: {error.strerror}", str(path), "Name the folder of a run.") from None
    except (ValueError, KeyError, TypeError):
        raise UsageError("is no results file", str(path), "Name the folder of a run, or its results.jsonl.") from None


def summary(records: Iterable[Record], planned: int) -> Record:
    """Counts by outcome and service, and what share of the plan ran."""
    listed = list(records)
    outcomes = Counter(one["outcome"] for one in listed)
    ran = sum(outcomes[name] for name in RAN)
    services = sorted({one["service"] for one in listed})
    return {
        "planned": planned,
        "ran": ran,
        "share": round(ran / planned, 4) if planned else 0.0,
        "outcomes": {name: outcomes[name] for name in OUTCOMES},
        "services": {
            name: dict(Counter(one["outcome"] for one in listed if one["service"] == name)) for name in services
        },
        "seconds": round(sum(one["seconds"] for one in listed), 2),
        "figures": [spread.numbers() for spread in spreads(listed)],
    }


@attrs.frozen
class Group:
    """The same finding at several microversions."""

    finding: Finding
    microversions: tuple[str, ...]
    ids: tuple[str, ...]


def grouped(records: Iterable[Record]) -> Iterator[Group]:
    """Findings that differ by nothing but their microversion and their case, together."""
    groups: dict[tuple[str, ...], list[tuple[Finding, str]]] = {}
    for one in records:
        for entry in one["findings"]:
            finding = Finding(**entry)
            key = (finding.code, finding.service, finding.call, finding.pointer, finding.expected)
            groups.setdefault(key, []).append((finding, one["id"]))
    for found in groups.values():
        versions = tuple(dict.fromkeys(finding.microversion for finding, _ in found))
        yield Group(found[0][0], versions, tuple(dict.fromkeys(identity for _, identity in found)))


def text(records: list[Record], totals: Mapping[str, Any], folder: Path, notes: Iterable[str] = ()) -> str:
    """The summary for a terminal: each finding once with what to do, what wasn't reached and why, and the share.

    ``notes`` are lines of what else is to be told.
    """
    lines = [words for group in grouped(one for one in records if one["outcome"] == "failed") for words in about(group)]
    known = Counter(reason for one in records if one["outcome"] == "known" for reason in one["known"])
    lines += [f"known departure ({count} cases): {reason}" for reason, count in known.most_common()]
    lines += notes
    lines += [f"figure  {spread}" for spread in spreads(records)]
    reasons = Counter(one["reason"] for one in records if one["outcome"] == "not-reached")
    lines += [f"not reached ({count} cases): {reason}" for reason, count in reasons.most_common()]
    skipped = Counter(one["reason"] for one in records if one["outcome"] == "skipped")
    lines += [f"skipped ({count} cases): {reason}" for reason, count in skipped.most_common()]
    counts = ", ".join(f"{count} {name}" for name, count in totals["outcomes"].items() if count)
    lines.append(
        f"{counts or 'nothing ran'}; {totals['ran']} of {totals['planned']} planned cases ran ({totals['share']:.1%})"
    )
    lines.append(f"results: {folder}")
    return "\n".join(lines)


def about(group: Group) -> list[str]:
    """A group for a terminal, with an empty line at its end."""
    count = len(group.ids)
    cases = group.ids[0] if count == 1 else f"{group.ids[0]} and {count - 1} more"
    versions = group.microversions
    at = "" if len(versions) == 1 else f" (seen at {len(versions)} microversions, {versions[0]} to {versions[-1]})"
    return [f"{group.finding}{at}", f"  case      {cases}", ""]
