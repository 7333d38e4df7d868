"""A list read page by page: its links followed to their end, with no item lost or twice. Layer 2; no I/O."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs

from conformance import pointer
from conformance.conversation import Ask
from conformance.exchange import Finding, Request
from conformance.validation import short

Fault = tuple[str, str, str]
"""A pointer into the page that was read last, what was expected there, and what was seen."""


def turn(pages: Mapping[str, str], request: Request, first: Any) -> Generator[Request, Any, Fault | None]:
    """Ask for the whole list, then for one page after another; it is sent their bodies and ends with what is wrong.

    ``pages`` are pointers: to the ``items`` of a page, from an item to its ``id``, and to the page's ``links``.
    ``request`` asked for the ``first`` page. It ends by itself, as every page must bring items that are still missing.
    """
    missing = _ids(pages, (yield _whole(request)))
    seen: list[Any] = []
    page = first
    while True:
        for one in (found := _ids(pages, page)):
            if one not in missing:
                expected = "an item of the whole list that is on no page before"
                return pages["items"], expected, f"{short(one)}, {'twice' if one in seen else 'which is not in it'}"
            missing.remove(one)
            seen.append(one)
        link = next((one["href"] for one in _links(pages, page) if one["rel"] == "next"), "")
        if not link and missing:
            return pages["items"], f"{short(missing)} on one of the pages", "on none of them"
        if not link:
            return None
        path = request.path.partition("?")[0]
        if not found or not urlsplit(link).path.endswith(path):
            return pages["links"], f"a link to a next page of {path}" if found else "no link from an empty page", link
        # Never the link's own host: behind a proxy it may be wrong, and a token must not go where an answer says.
        page = yield attrs.evolve(request, path=f"{path}?{urlsplit(link).query}")


def _whole(request: Request) -> Request:
    """The same request for all items at once."""
    path, _, query = request.path.partition("?")
    kept = [(key, value) for key, value in parse_qsl(query, keep_blank_values=True) if key not in ("limit", "marker")]
    return attrs.evolve(request, path=f"{path}?{urlencode(kept)}" if kept else path)


def _ids(pages: Mapping[str, str], page: Any) -> list[Any]:
    items = (pointer.look(page, pages["items"]) or ([],))[0]
    return [found for item in items for found in pointer.look(item, pages["id"])]


def _links(pages: Mapping[str, str], page: Any) -> list[Any]:
    links: list[Any] = (pointer.look(page, pages["links"]) or ([],))[0]
    return links


def finding(ask: Ask, fault: Fault) -> Finding:
    """What is wrong with the pages, as a finding."""
    remedy = "Each item must be on one page: the link keeps the filters and the order, and the last item is its marker."
    return Finding("pages", ask.step.service, ask.step.call, str(ask.version), *fault, remedy)
