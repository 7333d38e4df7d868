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
from conformance.report.results import OUTCOMES, RAN, Record
from conformance.suite import Suite
from conformance.unreachable import Unreachable

NOT_RUN = "not-run"
STATES = (*OUTCOMES, NOT_RUN)
_SAID = ("findings", "warnings", "reason", "known", "figures")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_NOTHING: Record = {"outcome": NOT_RUN, "seconds": 0.0, "findings": [], "reason": "", "known": []}


@attrs.frozen
class Row:
    """A case in its place; ``shows`` says whether its answer is what the history promises there, or a refusal.

    The place of a ``guest`` is where its story was performed; ``guest`` is the service that was asked.
    """

    key: Key
    service: str
    call: str
    at: Microversion
    shows: bool
    record: Record
    guest: str = ""


def rows(past: Past, suite: Suite) -> list[Row]:
    """Every case that ran or was to run; those of a step stand together, lowest microversion first.

    A case that never ran, and that the plan has no more, has no place. UsageError for a case of a call that the data
    doesn't have.
    """
    placed = (key for key in past.planned if key in past.records or key[1] in past.cases)
    found = [_row(key, past.records.get(key, _NOTHING), past.cases.get(key[1]), suite) for key in placed]
    return sorted(found, key=lambda row: (row.service, row.key[1].rpartition("@")[0], row.at, row.key[0]))


def _row(key: Key, record: Record, case: Case | None, suite: Suite) -> Row:
    """A case by the plan, or by its record where the plan has it no more."""
    home = key[1].partition("/")[0]
    service, call = (case.service, case.call) if case else (record["service"], record["call"])
    at = case.microversion if case else Microversion.parse(record["microversion"])
    if home != service or (case and case.guest):
        return Row(key, home, call, at, shows=True, record=record, guest=service)
    documents = suite.services.get(service)
    if documents is None or call not in documents.calls:
        remedy = "Name with --data the schemas/ and scenarios/ that the run used."
        raise UsageError(f"{service} has no call {call!r} here", f"the case {key[1]}", remedy)
    shown = shows(documents, case) if case else at in documents.life(call) and "+" not in key[1]
    return Row(key, home, call, at, shown, record)


def services(past: Past, suite: Suite) -> list[dict[str, Any]]:
    """The services that were tested, each with its microversions, its calls and its coverage, for the page."""
    return [_service(name, span, past, suite) for name, span in past.spans.items()]


def _service(name: str, asked: Span, past: Past, suite: Suite) -> dict[str, Any]:
    if name not in suite.services:
        raise UsageError(f"there is no data for {name} here", remedy="Name with --data what the run used.")
    documents = suite.services[name]
    span = asked.clip(documents.history.span) or documents.history.span
    done = {case for (_, case), record in past.records.items() if record["outcome"] in RAN}
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


def guests(listed: Iterable[Row]) -> list[dict[str, str]]:
    """What stories asked of other services: no cells, but cases all the same."""
    places = dict.fromkeys((row.service, row.guest, row.call) for row in listed if row.guest)
    return [{"service": service, "of": guest, "name": call} for service, guest, call in places]


def columns(listed: list[Row], placed: list[dict[str, Any]]) -> dict[str, Any]:
    """The cases as columns of numbers: indices into ``names``, ``states``, ``gates``, and the calls in their order.

    The guests come after the calls of all services.
    """
    order = {(each["name"], "", call["name"]): None for each in placed for call in each["calls"]}
    order |= {(one["service"], one["of"], one["name"]): None for one in guests(listed)}
    number = {place: index for index, place in enumerate(order)}
    names, gates = _Table(), _Table()
    return {
        "states": list(STATES),
        "name": [names[row.key[1].rpartition("@")[0]] for row in listed],
        "call": [number[row.service, row.guest, row.call] for row in listed],
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
        said = {name: row.record[name] for name in _SAID if row.record.get(name)}
        if said:
            yield index, said
