"""The documentation: its examples do what they show, and it names all that it must."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.advice import _WORDS as ADVISED
from tests.conftest import Cloud
from tests.docs_examples import PAGES, Reader, matches, page
from tests.helpers import put


@pytest.fixture
def ready(cloud: Cloud) -> Callable[[str], bool]:
    """Prepare the wrong server; leave out what needs another cloud."""

    def prepare(need: str) -> bool:
        kind, _, fault = need.partition(", ")
        cloud.server.reset()
        if fault:
            cloud.server.spoil(fault)
        return kind in ("", "wrong server")

    return prepare


@pytest.mark.parametrize("path", PAGES, ids=page)
def test_examples(ready: Callable[[str], bool], tmp_path: Path, path: Path) -> None:
    """Each example of a page that needs no real cloud prints what the page says."""
    assert Reader(tmp_path / "reader", ready).read(path) > 0


@pytest.mark.parametrize("shown", ["here", "...there", "here\nand there", ""])
def test_a_wrong_example_is_told(tmp_path: Path, shown: str) -> None:
    """An example that prints something else fails, and both are shown."""
    path = put(tmp_path / "page.md", f"```console\n$ true\n$ echo it is\n{shown}\n```\n")
    with pytest.raises(AssertionError, match=r"page.md:1: \$ echo it is"):
        Reader(tmp_path / "reader", lambda need: True).read(path)


def test_an_example_of_several_lines(tmp_path: Path) -> None:
    """A command may go over several lines, and sees how the one before it ended."""
    path = put(tmp_path / "page.md", "```console\n$ cat <<END\n> a\n> b\n> END\na\nb\n$ false\n$ echo $?\n1\n```\n")
    assert Reader(tmp_path / "reader", lambda need: True).read(path) == 1


def test_anything() -> None:
    """Three points stand for anything, lines as well; nothing else does."""
    assert matches("one\n...\nend ...", "one\ntwo\nthree\nend of it\n")
    assert not matches("one\n...\nend", "one\ntwo\n")


def test_each_code_is_explained() -> None:
    """The page on findings explains each code for which there is advice."""
    text = next(path for path in PAGES if path.stem == "findings").read_text(encoding="utf-8")
    assert [code for code in [*ADVISED, "missing", "unexpected", "drift"] if f"`{code}`" not in text] == []
