"""JSON pointers are written and followed as RFC 6901 says."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.pointer import look, parts, pick, write


@pytest.mark.parametrize(
    ("way", "pointer"),
    [
        ([], ""),
        (["server", "tags", 0], "/server/tags/0"),
        (["a/b", "c~d"], "/a~1b/c~0d"),
        ([""], "/"),
        (["~1"], "/~01"),
    ],
)
def test_written_and_read_back(way: list[str | int], pointer: str) -> None:
    """A pointer's steps are escaped when written, and come back unescaped."""
    assert write(way) == pointer
    assert parts(pointer) == [str(step) for step in way]


@pytest.mark.parametrize(
    ("data", "pointer", "found"),
    [
        ({"a": [1, 2]}, "/a/1", (2,)),
        ({"a": [1, 2]}, "/a/2", ()),
        ({"a": [1, 2]}, "/a/-1", ()),
        ({"a": None}, "/a", (None,)),
        ({"a": None}, "/a/b", ()),
        ({"0": "key"}, "/0", ("key",)),
        ({"OS-EXT-STS:task_state": "x"}, "/OS-EXT-STS:task_state", ("x",)),
        ([1], "", ([1],)),
        ("text", "/0", ()),
    ],
)
def test_followed(data: Any, pointer: str, found: tuple[Any, ...]) -> None:
    """A pointer gives the value it leads to, and tells none from null."""
    assert look(data, pointer) == found


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        ("/hosts/0/name", ("one",)),
        ({"at": "/hosts/1/name", "part": "^(t.)"}, ("tw",)),
        ({"at": "/hosts/1/name", "part": "^(x)"}, ()),
        ({"at": "/hosts/7/name", "part": "^(t.)"}, ()),
        ({"finds": "hosts[?up].name | [0]"}, ("two",)),
        ({"finds": "hosts[?up].age | [0]"}, ()),
        ({"finds": "sort(hosts)"}, ()),
    ],
)
def test_kept(kept: Any, found: tuple[Any, ...]) -> None:
    """What is kept has a fixed place, is a part of a text, or is looked for."""
    assert pick({"hosts": [{"name": "one", "up": False}, {"name": "two", "up": True}]}, kept) == found
