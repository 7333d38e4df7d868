"""Which stories are worth performing, by what was seen so far."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from conformance.bump.interest import Agenda, Interest, ordered
from conformance.bump.sighting import Sighting
from conformance.story import Step, Story
from tests.helpers import v
from tests.sightings import Seen, edition

DELTA = """
    error: fault
    new:
      fault: {add: {message: string}}
      thing: {add: {id: uuid, sizes: {type: object, additionalProperties: integer}}}
    calls:
      GET /things/{thing}: {status: 200, body: {thing: thing}}
      PUT /things/{thing}: {status: 200, body: {thing: thing}}
"""
SHOW, CHANGE = "GET /things/{thing}", "PUT /things/{thing}"
THING = {"id": "0f0e0d0c-1111-2222-3333-444455556666", "sizes": {"one": 1}}


@pytest.fixture
def interest(tmp_path: Path) -> Interest:
    """Of somebody who knows of things."""
    return Interest(edition(tmp_path, DELTA))


def story(*calls: str, name: str = "story", persona: str = "admin") -> Story:
    """One that asks calls."""
    steps = [Step("step", "compute", call.partition(" ")[0], "/things/1", call, persona, "a test") for call in calls]
    return Story("compute", name, "", "", (), (), tuple(steps))


def shown(at: Any, *, apart: bool = True, status: int = 200) -> Iterator[Sighting]:
    """A thing that is shown at the microversion."""
    seen = Seen(SHOW, ..., {"thing": at}, (200, status)).sightings(v("2.2"))
    yield from (attrs.evolve(one, apart=apart) for one in seen)


def test_what_was_never_seen_is_wanted(interest: Interest) -> None:
    """By call and by who asks; what was refused was not seen."""
    interest.take(shown({}, status=409, apart=False))
    assert interest.wants(story(SHOW))
    interest.take(shown(THING, apart=False))
    assert not interest.wants(story(SHOW))
    assert interest.wants(story(SHOW, persona="member"))
    assert interest.wants(story(SHOW, CHANGE))


def test_what_is_told_apart_is_wanted_until_it_has_nothing_new(interest: Interest) -> None:
    """A new key, or one that was never null, is new; the keys of a map are not."""
    for at in (THING, {**THING, "sizes": {"two": 2}}, {**THING, "mood": "calm"}, {**THING, "mood": None}):
        interest.take(shown(at))
        assert interest.wants(story(SHOW))
    interest.take(shown({**THING, "mood": "sour"}))
    assert interest.wants(story(SHOW))
    interest.take(shown(THING))
    assert not interest.wants(story(SHOW))


def test_a_state_in_which_both_sides_are_alike_is_not_new(interest: Interest) -> None:
    """It is the microversion that is looked at, and not the thing."""
    for number in range(3):
        assert interest.wants(story(SHOW))
        thing = {**THING, f"state{number}": number}
        interest.take(Seen(SHOW, {"thing": thing}, {"thing": {**thing, "mood": "calm"}}).sightings(v("2.2")))
    assert not interest.wants(story(SHOW))


def test_the_first_stories_ask_the_most(interest: Interest) -> None:
    """Each asks as much as can be of what none before it does."""
    stories = [story(SHOW, name="show"), story(name="nothing"), story(SHOW, CHANGE, name="both")]
    assert [one.name for one in ordered(stories)] == ["both", "show", "nothing"]


def test_what_takes_long_comes_later(interest: Interest) -> None:
    """A story that waits is performed if no other showed what it asks."""
    slow = story(SHOW, CHANGE, name="slow")
    waits = attrs.evolve(slow, steps=tuple(attrs.evolve(step, until={"/id": 1}) for step in slow.steps))
    assert [one.name for one in ordered([waits, story(SHOW, name="quick")])] == ["quick", "slow"]


def test_stories_of_a_group_are_never_out_together(interest: Interest) -> None:
    """Another worker gets the next of another group, or nothing; whoever has one gets the next of them."""
    hosts = [attrs.evolve(story(SHOW, name=name), group="hosts") for name in ("one", "two", "three")]
    agenda = Agenda(interest, [*hosts, story(CHANGE, name="free")])
    mine, other = agenda.turns(), agenda.turns()
    assert [next(mine).name, next(other).name] == ["one", "free"]
    assert list(other) == []
    assert next(mine).name == "two"
    interest.take(shown(THING, apart=False))
    assert list(mine) == []
    assert [one.name for one in agenda.spared] == ["three"]
