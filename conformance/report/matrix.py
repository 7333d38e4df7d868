"""The map of a run: calls by microversions, and every case in its place. Layer 3; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from conformance.coverage import measure, shows
from conformance.document import Documents
from conformance.errors import UsageError
from conformance.microversion import Microversion, Span
from conformance.plan import Case
from conformance.report.past import Key, Past
from conformance.report.results import OUTCOMES, Record
from conformance.suite import Suite
from conformance.unreachable import Unreachable

NOT_RUN = "not-run"
STATES = (*OUTCOMES, NOT_RUN)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_RAN = ("passed", "failed", "known")
_NOTHING: Record = {"outcome": NOT_RUN, "seconds": 0.0, "findings": [], "reason": "", "known": []}


@attrs.frozen
class Row:
    """A case in its place; ``shows`` says whether its answer is what the history promises there, or a refusal."""

    key: Key
    service: str
    call: str
    at: Microversion
    shows: bool
    record: Record


def rows(past: Past, suite: Suite) -> list[Row]:
    """Every case that ran or was to run; those of a step stand together, lowest microversion first.

    UsageError for a case of a call that the data doesn't have.
    """
    found = [_row(key, past.records.get(key, _NOTHING), past.cases.get(key[1]), suite) for key in past.planned]
    return sorted(found, key=lambda row: (row.service, row.key[1].rpartition("@")[0], row.at, row.key[0]))


def _row(key: Key, record: Record, case: Case | None, suite: Suite) -> Row:
    if case:
        documents = suite.services[case.service]
        return Row(key, case.service, case.call, case.microversion, shows(documents, case), record)
    service, call, at = record["service"], record["call"], Microversion.parse(record["microversion"])
    if service not in suite.services or call not in suite.services[service].calls:
        remedy = "Name with --data the schemas/ and scenarios/ that the run used."
        raise UsageError(f"{service} has no call {call!r} here", f"the case {key[1]}", remedy)
    return Row(key, service, call, at, at in suite.services[service].life(call) and "+" not in key[1], record)


def services(past: Past, suite: Suite) -> list[dict[str, Any]]:
    """The services that were tested, each with its microversions, its calls and its coverage, for the page."""
    return [_service(name, span, past, suite) for name, span in past.spans.items()]


def _service(name: str, asked: Span, past: Past, suite: Suite) -> dict[str, Any]:
    if name not in suite.services:
        raise UsageError(f"there is no data for {name} here", remedy="Name with --data what the run used.")
    documents = suite.services[name]
    span = asked.clip(documents.history.span) or documents.history.span
    done = {case for (_, case), record in past.records.items() if record["outcome"] in _RAN}
    covered = measure(documents, past.performances, span, done, suite.unreachable[name])
    return {
        "name": name,
        "major": span.first.major,
        "first": span.first.minor,
        "last": span.last.minor,
        "calls": [_call(documents, call, suite.unreachable[name]) for call in calls(documents)],
        "coverage": covered.numbers(),
    }


def calls(documents: Documents) -> list[str]:
    """The calls of a service by their paths, reads first; an action stands below its path."""
    return sorted(documents.calls, key=_place)


def _place(call: str) -> tuple[list[str], int, str]:
    method, _, rest = call.partition(" ")
    path, _, action = rest.partition(" ")
    return path.split("/"), _METHODS.index(method) if method in _METHODS else len(_METHODS), action


def _call(documents: Documents, call: str, unreachable: Iterable[Unreachable]) -> dict[str, Any]:
    life = documents.life(call)
    return {
        "name": call,
        "life": [life.first.minor, life.last.minor],
        "turns": [point.minor for point in documents.turning_points(call)],
        "excused": [[one.span.first.minor, one.span.last.minor, one.reason] for one in unreachable if one.call == call],
    }


def columns(listed: list[Row], placed: list[dict[str, Any]]) -> dict[str, Any]:
    """The cases as columns of numbers: indices into ``names``, ``states``, ``gates``, and the calls in their order."""
    order = {(each["name"], call["name"]): None for each in placed for call in each["calls"]}
    number = {place: index for index, place in enumerate(order)}
    names, gates = _Table(), _Table()
    return {
        "states": list(STATES),
        "name": [names[row.key[1].rpartition("@")[0]] for row in listed],
        "call": [number[row.service, row.call] for row in listed],
        "at": [row.at.minor for row in listed],
        "state": [STATES.index(row.record["outcome"]) for row in listed],
        "gate": [gates[row.key[0]] for row in listed],
        "milliseconds": [round(row.record["seconds"] * 1000) for row in listed],
        "shows": [int(row.shows) for row in listed],
        "names": list(names),
        "gates": list(gates),
    }


class _Table(dict[str, int]):
    """Numbers texts as they come."""

    def __missing__(self, text: str) -> int:
        self[text] = len(self)
        return self[text]


def told(listed: Iterable[Row]) -> Iterator[tuple[int, dict[str, Any]]]:
    """What a run said of those cases that it said anything of, by their place in the list."""
    for index, row in enumerate(listed):
        said = {name: row.record[name] for name in ("findings", "reason", "known") if row.record.get(name)}
        if said:
            yield index, said
