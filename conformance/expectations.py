"""What a story expects of a body beyond its shape, and what it waits for. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance import pointer
from conformance.conversation import Ask
from conformance.exchange import Exchange, Finding
from conformance.validation import short


def disappointed(ask: Ask, exchange: Exchange) -> list[Finding]:
    """What the story expected of an answer and didn't get; nothing where the answer isn't one that it wanted."""
    case = ask.case
    if exchange.response.failure or exchange.response.status not in ask.statuses or (case and case.stray):
        return []
    try:
        data = exchange.response.data if exchange.response.content else None
    except ValueError:
        return []
    return [_finding(ask, *unmet) for unmet in _unmet(ask, data)]


def _unmet(ask: Ask, data: Any) -> Iterator[tuple[str, str, str]]:
    for where, value in ask.expect.items():
        found = pointer.look(data, where)
        if found != (value,):
            yield where, short(value), short(found[0]) if found else "nothing there"
    for where in ask.has:
        if not pointer.look(data, where):
            yield where, "something there", "nothing there"
    for where in ask.lacks:
        if found := pointer.look(data, where):
            yield where, "nothing there", short(found[0])
    for kept in ask.step.keep.values():
        if not pointer.pick(data, kept):
            where = kept if isinstance(kept, str) else kept["at"]
            yield where, "something to keep", "nothing there"


def _finding(ask: Ask, where: str, expected: str, seen: str) -> Finding:
    step = ask.step
    remedy = f"The story says so: {step.where}."
    return Finding("expectation", step.service, step.call, str(ask.version), where, expected, seen, remedy)


def settled(until: Any, exchange: Exchange) -> bool:
    """Whether what a step waits for has come."""
    response = exchange.response
    if until == "gone":
        return response.status == 404
    if response.failure or response.status >= 400:
        return True  # nothing to wait for any more: the judge says what is wrong
    try:
        return all(_is(pointer.look(response.data, where), value) for where, value in until.items())
    except ValueError:
        return True


def _is(found: tuple[Any, ...], value: Any) -> bool:
    """Whether a place has the value, or one of several; null stands for nothing being there as well."""
    seen = found[0] if found else None
    return seen in value if isinstance(value, list) else (seen == value and (bool(found) or value is None))


def broken(until: Any, exchange: Exchange) -> str:
    """Why waiting on is in vain: a status ERROR that nobody waits for, with the fault that the service gives."""
    try:
        data = exchange.response.data
    except ValueError:
        return ""
    for where, value in until.items() if isinstance(until, Mapping) else ():
        found = pointer.look(data, where)
        wanted = value if isinstance(value, list) else [value]
        if found and str(found[0]).lower() == "error" and not any(str(one).lower() == "error" for one in wanted):
            fault = pointer.look(data, where.rpartition("/")[0] + "/fault/message")
            return f"{where} is ERROR: {fault[0] if fault else 'no fault is given'}"
    return ""


def awaited(ask: Ask, seen: str) -> Finding:
    """The finding for a wait that was in vain."""
    step = ask.step
    wanted = "404" if step.until == "gone" else short(step.until)
    remedy = "Look into the service's log for what it was doing; a slow cloud may need a longer 'within' in the story."
    return Finding(
        "wait", step.service, step.call, str(ask.version), "", f"{wanted} within {step.within:g} s", seen, remedy
    )


def last_seen(until: Any, exchange: Exchange) -> str:
    """What was there when the time was up."""
    response = exchange.response
    if until == "gone":
        return f"status {response.status}"
    return short({where: (pointer.look(response.data, where) or ("nothing there",))[0] for where in until})
