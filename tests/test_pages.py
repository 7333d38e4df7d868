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
ELSEWHERE = "https://a.example/parts?marker=1"
WHOLE = page("1", "2", "3")


@pytest.mark.parametrize(
    ("first", "bodies", "fault"),
    [
        (page("1", "2"), [WHOLE, WHOLE], ("/things", "what the whole list has", 'without ["3"]')),
        (page("1", "2", link=LINK), [WHOLE, page(), WHOLE], ("/things", "what the whole list has", 'without ["3"]')),
        (page("1", "1"), [WHOLE], ("/things", "each item on one page", "1 once more")),
        (page("1", "2", link=LINK), [WHOLE, page("2", "3")], ("/things", "each item on one page", "2 once more")),
        (
            page("1", "2", link=LINK),
            [WHOLE, page("3", "9"), WHOLE],
            ("/things", "what the whole list has", 'also ["9"]'),
        ),
        (page("1", "2", link=LINK), [WHOLE, page(link=LINK)], ("/links", "no link from an empty page", LINK)),
        (page("1", link=ELSEWHERE), [WHOLE], ("/links", "a link to more of /things", ELSEWHERE)),
    ],
)
def test_what_may_be_wrong(first: Any, bodies: list[Any], fault: Fault) -> None:
    """An item lost, twice or strange, a link from an empty page or to elsewhere is told, if it is so each time."""
    _, found, left = read(first, *bodies, first, *bodies, first, *bodies)
    assert (found, left) == (fault, [])


def test_an_item_that_was_changed_meanwhile() -> None:
    """What is lost once, because somebody rebuilt it just then, is not when the list is read anew."""
    changed = [WHOLE, page(), WHOLE]
    _, fault, left = read(page("1", "2", link=LINK), *changed, page("1", "2", link=LINK), WHOLE, page("3"))
    assert (fault, left) == (None, [])


def test_an_empty_list_has_one_page() -> None:
    """Where there is nothing, nothing is lost."""
    assert read(page(), page()) == (["/things?name=a+b"], None, [])


def test_others_may_add_and_remove() -> None:
    """What was added or removed while the pages were read is found out by asking for the whole list once more."""
    _, fault, left = read(page("1", "2", link=LINK), WHOLE, page("4"), page("1", "2", "4"))
    assert (fault, left) == (None, [])


def test_a_list_that_is_too_long_to_be_read_at_once() -> None:
    """Where the service cuts the whole list too, what stands on later pages is not strange."""
    cut = page("1", "2", link=LINK)
    assert read(page("1", "2", link=LINK), cut, page("3"))[1] is None


def test_a_list_without_an_end() -> None:
    """New items for ever end the reading too."""
    first = page("1", link=LINK)
    told = {"/things": WHOLE, "/things?limit=1": first}
    turning, asked = turn(PAGES, request("/things?limit=1"), first), 0
    path, fault = next(turning).path, None
    try:
        while True:
            asked += 1
            path = turning.send(told.get(path) or page(str(asked + 3), link=LINK)).path
    except StopIteration as end:
        fault = end.value
    assert fault
    assert fault[:2] == ("/things", "what the whole list has")
    assert 300 < asked < 330
