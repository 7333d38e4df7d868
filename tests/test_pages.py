"""Lists that are read page by page, held by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from conformance.pages import Fault, turn
from tests.helpers import request

PAGES = {"items": "/things", "id": "/id", "links": "/links"}


def page(*ids: str, link: str = "") -> dict[str, Any]:
    """A page with these things, and a link to the next one."""
    told = {"things": [{"id": one} for one in ids]}
    return {**told, "links": [{"rel": "next", "href": link}]} if link else told


def read(first: Any, *bodies: Any) -> tuple[list[str], Fault | None, Sequence[Any]]:
    """The paths that are asked for, what is wrong in the end, and the bodies that nobody asked for."""
    turning, left = turn(PAGES, request("/things?name=a+b&limit=2"), first), list(bodies)
    try:
        asked = [next(turning).path]
        while True:
            asked.append(turning.send(left.pop(0)).path)
    except StopIteration as end:
        return asked, end.value, left


def test_links_are_followed_to_their_end() -> None:
    """The whole list is asked for, and then page after page by the link's query alone, never at the link's host."""
    second = "https://elsewhere.example/api/things?name=a+b&limit=2&marker=2"
    asked, fault, _ = read(page("1", "2", link=second), page("1", "2", "3"), page("3"))
    assert asked == ["/things?name=a+b", "/things?name=a+b&limit=2&marker=2"]
    assert fault is None


LINK = "https://a.example/things?marker=2"
WHOLE = page("1", "2", "3")


@pytest.mark.parametrize(
    ("first", "bodies", "fault"),
    [
        (page("1", "2"), [WHOLE], ("/things", '["3"] on one of the pages', "on none of them")),
        (page("1", "2", link=LINK), [WHOLE, page()], ("/things", '["3"] on one of the pages', "on none of them")),
        (page("1", "1"), [WHOLE], ("/things", "an item of the whole list that is on no page before", "1, twice")),
        (
            page("1", "2", link=LINK),
            [WHOLE, page("9", link=LINK)],
            ("/things", "an item of the whole list that is on no page before", "9, which is not in it"),
        ),
        (page("1", "2", link=LINK), [WHOLE, page(link=LINK)], ("/links", "no link from an empty page", LINK)),
        (
            page("1", link="https://a.example/parts?marker=1"),
            [WHOLE],
            ("/links", "a link to a next page of /things", "https://a.example/parts?marker=1"),
        ),
    ],
)
def test_what_may_be_wrong(first: Any, bodies: list[Any], fault: Fault) -> None:
    """An item lost, twice or strange, a link without an end and one that leads elsewhere end the reading."""
    _, found, left = read(first, *bodies)
    assert (found, left) == (fault, [])


def test_an_empty_list_has_one_page() -> None:
    """Where there is nothing, nothing is lost."""
    assert read(page(), page()) == (["/things?name=a+b"], None, [])
