"""A list read page by page: its links followed to their end, with no item lost or twice. Layer 2; no I/O."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs

from conformance import pointer
from conformance.claim import Claim
from conformance.exchange import Finding, Request
from conformance.validation import short

Fault = tuple[str, str, str]
"""A pointer into the page that was read last, what was expected there, and what was seen."""
Talk = Generator[Request, Any, Fault | None]
_AGAIN = 2  # so often is a list read anew that seems wrong
_ADDED = 100  # so many items may somebody else add while the pages are read; more is a list without an end


def turn(pages: Mapping[str, str], request: Request, first: Any) -> Talk:
    """Ask for the whole list, then for one page after another; it is sent their bodies and ends with what is wrong.

    ``pages`` are pointers: to the ``items`` of a page, from an item to its ``id``, and to the page's ``links``.
    ``request`` asked for the ``first`` page. What somebody else adds, removes or changes meanwhile is nobody's fault:
    what is wrong is so each time.
    """
    fault = yield from _turn(pages, request, first)
    for _ in range(_AGAIN):
        if fault is None:
            return None
        fault = yield from _turn(pages, request, (yield request))
    return fault


def _turn(pages: Mapping[str, str], request: Request, first: Any) -> Talk:
    full = yield _whole(request)
    whole, seen = _ids(pages, full), list[Any]()
    if fault := (yield from _walk(pages, request, first, seen, most=len(whole) + _ADDED)):
        return fault
    cut = bool(_next(pages, full))  # the service gives no more than so many at once, whatever is asked for
    lost, strange = _missing(whole, seen), [] if cut else _missing(seen, whole)
    if lost or strange:
        again = _ids(pages, (yield _whole(request)))
        lost, strange = [one for one in lost if one in again], _missing(strange, again)
    if lost or strange:
        return pages["items"], "what the whole list has", f"without {short(lost)}" if lost else f"also {short(strange)}"
    return None


def _walk(pages: Mapping[str, str], request: Request, page: Any, seen: list[Any], *, most: int) -> Talk:
    """Follow the links until there is none, or ``most`` items were ``seen``; what is wrong on the way."""
    path = request.path.partition("?")[0]
    while True:
        found, link = _ids(pages, page), _next(pages, page)
        if twice := [one for one in found if one in seen or found.count(one) > 1]:
            return pages["items"], "each item on one page", f"{short(twice[0])} once more"
        seen += found
        if not link or len(seen) > most:
            return None
        if not found:
            return pages["links"], "no link from an empty page", link
        if not urlsplit(link).path.endswith(path):
            return pages["links"], f"a link to more of {path}", link
        # Never the link's own host: behind a proxy it may be wrong, and a token must not go where an answer says.
        page = yield attrs.evolve(request, path=f"{path}?{urlsplit(link).query}")


def _missing(items: list[Any], others: list[Any]) -> list[Any]:
    return [one for one in items if one not in others]


def _next(pages: Mapping[str, str], page: Any) -> str:
    links = (pointer.look(page, pages["links"]) or ([],))[0]
    return next((str(one["href"]) for one in links if one["rel"] == "next"), "")


def _whole(request: Request) -> Request:
    """The same request for all items at once."""
    path, _, query = request.path.partition("?")
    kept = [(key, value) for key, value in parse_qsl(query, keep_blank_values=True) if key not in ("limit", "marker")]
    return attrs.evolve(request, path=f"{path}?{urlencode(kept)}" if kept else path)


def _ids(pages: Mapping[str, str], page: Any) -> list[Any]:
    items = (pointer.look(page, pages["items"]) or ([],))[0]
    return [found for item in items for found in pointer.look(item, pages["id"])]


def finding(claim: Claim, fault: Fault) -> Finding:
    """What is wrong with the pages, as a finding."""
    remedy = "Each item must be on one page: the link keeps the filters and the order, and the last item is its marker."
    return Finding("pages", claim.service, claim.call, str(claim.version), *fault, remedy)
