"""What a story expects of a body beyond its shape, and what it waits for. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance import pointer
from conformance.claim import Claim
from conformance.exchange import Exchange, Finding
from conformance.validation import short


def disappointed(claim: Claim, exchange: Exchange) -> list[Finding]:
    """What the story expected of an answer and didn't get; nothing where the answer isn't one that it wanted."""
    if exchange.response.failure or exchange.response.status not in claim.statuses or claim.stray:
        return []
    try:
        data = exchange.response.data if exchange.response.content else None
    except ValueError:
        return []
    return [_finding(claim, *unmet) for unmet in _unmet(claim, data)]


def _unmet(claim: Claim, data: Any) -> Iterator[tuple[str, str, str]]:
    for where, value in claim.expect.items():
        found = pointer.look(data, where)
        if found != (value,):
            yield where, short(value), short(found[0]) if found else "nothing there"
    for where in claim.has:
        if not pointer.look(data, where):
            yield where, "something there", "nothing there"
    for where in claim.lacks:
        if found := pointer.look(data, where):
            yield where, "nothing there", short(found[0])
    for kept in claim.keep:
        if not pointer.pick(data, kept):
            where = kept if isinstance(kept, str) else kept.get("at", "")
            yield where, "something to keep", "nothing there"


def _finding(claim: Claim, where: str, expected: str, seen: str) -> Finding:
    remedy = f"The story says so: {claim.where}."
    return Finding("expectation", claim.service, claim.call, str(claim.version), where, expected, seen, remedy)


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


def over(until: Any, exchange: Exchange) -> bool:
    """Whether waiting on is of no use: it has come, or never will."""
    return settled(until, exchange) or bool(broken(until, exchange))


def vain(until: Any, exchange: Exchange) -> str:
    """Why a wait that ended with this exchange was in vain, or nothing."""
    if until is None:
        return ""
    return broken(until, exchange) or ("" if settled(until, exchange) else _last_seen(until, exchange))


def awaited(claim: Claim, seen: str) -> Finding:
    """The finding for a wait that was in vain."""
    wanted = "404" if claim.until == "gone" else short(claim.until)
    expected = f"{wanted} within {claim.within:g} s"
    remedy = "Look into the service's log for what it was doing; a slow cloud may need a longer 'within' in the story."
    return Finding("wait", claim.service, claim.call, str(claim.version), "", expected, seen, remedy)


def _last_seen(until: Any, exchange: Exchange) -> str:
    """What was there when the time was up."""
    response = exchange.response
    if until == "gone":
        return f"status {response.status}"
    return short({where: (pointer.look(response.data, where) or ("nothing there",))[0] for where in until})
