"""The README's table of tests that are run today: each story in it is there, and no story of a gate is forgotten."""

from __future__ import annotations

import re

import pytest

from tests.helpers import REPOSITORY, real

SECTION = (REPOSITORY / "README.md").read_text(encoding="utf-8").partition("## Gates\n")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| ([a-z-]+) \| (.+) \| (`.+`) \|$", SECTION, re.MULTILINE)
STORY = re.compile(r"`((?:compute|volume)/[a-z-]+)`")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_a_row(row: tuple[str, str, str]) -> None:
    """Its stories are among those that its gate runs."""
    gate = real().gates[row[0]]
    run = {story.id for story in real().library.stories if gate.has(story)}
    assert set(STORY.findall(row[2])) <= run
    assert STORY.findall(row[2])


@pytest.mark.parametrize("gate", real().gates)
def test_no_story_is_forgotten(gate: str) -> None:
    """Each story of a gate is in the table, or is said to have no counterpart."""
    run = {story.id for story in real().library.stories if real().gates[gate].has(story)}
    tabled = {story for name, _, stories in ROWS if name == gate for story in STORY.findall(stories)}
    without = set(STORY.findall(SECTION.rpartition("\n|")[2].partition("\n")[2]))
    assert run - without == tabled
    assert not tabled & without
