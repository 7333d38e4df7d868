"""What is seen in answers: keys that come, go, or hold values of another kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.bump.answers import Answers, Change, declared_at
from conformance.bump.lifting import lifted
from conformance.edition import Edition
from tests.sightings import Seen, edition, seen

DELTA = """
    error: fault
    new:
      fault: {add: {message: string}}
      common: {add: {id: uuid, name: string, links: [link]}, allow: {note: string}}
      thing: {extends: common, add: {size: integer, secret: {for: admin, is: string}}}
      updated: {extends: common}
      link: {add: {href: string}}
      by_class: {is: {type: object, additionalProperties: integer}}
    calls:
      GET /things: {status: 200, body: {things: [thing]}}
      GET /things/{thing}: {status: 200, body: {thing: thing}}
      PUT /things/{thing}: {status: 200, body: {thing: updated}}
      GET /usages: {status: 200, body: {usages: by_class}}
"""
SHOW = "GET /things/{thing}"
THING = {"id": "0f0e0d0c-1111-2222-3333-444455556666", "name": "n", "links": [{"href": "x"}], "size": 1, "secret": "s"}


@pytest.fixture
def known(tmp_path: Path) -> Edition:
    """What is known of things."""
    return edition(tmp_path, DELTA)


def changes(known: Edition, *all_: Seen) -> list[Change]:
    """What is found."""
    return list(Answers.of(known, seen("2.2", *all_)).changes())


def show(below: Any, at: Any, **more: Any) -> Seen:
    """One thing that is shown."""
    return Seen(SHOW, {"thing": below}, {"thing": at}, **more)


def told(found: Iterator[Change] | list[Change]) -> set[tuple[str, str, str]]:
    """Shape, verb and key of changes."""
    return {(one.holder.shape, one.verb, one.key) for one in found}


def test_nothing_changed(known: Edition) -> None:
    """Equal answers tell nothing."""
    assert changes(known, show(THING, THING)) == []


def test_a_key_that_every_body_has_is_added(known: Edition) -> None:
    """It is said of the shape that stands there, with the values that it had."""
    (one,) = changes(known, show(THING, {**THING, "mood": "calm"}), show(THING, {**THING, "mood": "merry"}))
    assert (one.holder.shape, one.verb, one.key, one.values, one.seen) == (
        "thing",
        "add",
        "mood",
        ("calm", "merry"),
        {SHOW: 2},
    )


def test_a_key_that_some_bodies_have_is_allowed(known: Edition) -> None:
    """And it is said that it is a guess."""
    (one,) = changes(known, show(THING, {**THING, "mood": "calm"}), show(THING, THING))
    assert (one.verb, one.key) == ("allow", "mood")
    assert "a guess: 1 of 2 bodies lack it" in one.remarks


def test_a_key_that_one_persona_alone_sees_is_hers(known: Edition) -> None:
    """All of hers have it, and none of the others'."""
    mine = {key: value for key, value in THING.items() if key != "secret"}
    both = (show(THING, {**THING, "mood": "calm"}), show(mine, mine, persona="member"))
    (one,) = changes(known, *both)
    assert (one.verb, one.key, one.persona) == ("add", "mood", "admin")


def test_a_key_that_no_body_has_any_more_is_dropped(known: Edition) -> None:
    """One that was promised, and one that might be absent but was there before on the same resource."""
    less = {key: value for key, value in THING.items() if key != "size"}
    assert told(changes(known, show({**THING, "note": "a"}, less))) == {
        ("thing", "drop", "size"),
        ("thing", "drop", "note"),
    }


def test_a_key_that_one_may_not_see_was_not_dropped(known: Edition) -> None:
    """What only an administrator sees is no loss to a member."""
    mine = {key: value for key, value in THING.items() if key != "secret"}
    assert changes(known, show(mine, mine, persona="member")) == []


def test_a_promised_key_that_some_bodies_lack_may_be_absent(known: Edition) -> None:
    """It isn't dropped, but required no longer."""
    less = {key: value for key, value in THING.items() if key != "size"}
    assert told(changes(known, show(THING, less), show(THING, THING))) == {("thing", "loosen", "size")}


def test_a_value_of_another_kind_is_replaced(known: Edition) -> None:
    """Also where it is within a list, at the shape that the list is of."""
    larger = {**THING, "size": "large", "links": [{"href": 1}]}
    assert told(changes(known, show(THING, larger))) == {("thing", "replace", "size"), ("link", "replace", "href")}


def test_an_object_without_a_key_in_common_is_another_one(known: Edition) -> None:
    """It is replaced at the key that holds it, and nothing is said of the shape that it was."""
    other = {**THING, "links": [{"url": "x"}]}
    (one,) = changes(known, show(THING, other))
    assert (one.holder.shape, one.verb, one.key) == ("thing", "replace-within", "links")


def test_a_map_of_other_values_is_another_one(known: Edition) -> None:
    """Values of a map are looked at within the key that holds it."""
    found = changes(known, Seen("GET /usages", {"usages": {"A": 1}}, {"usages": {"A": {"B": 1}}}))
    assert {(one.holder.call, one.verb, one.key) for one in found} >= {("GET /usages", "replace", "usages")}


def test_what_departs_below_as_well_is_not_the_microversions(known: Edition) -> None:
    """A key that nobody promised, but that was there before, didn't come."""
    assert changes(known, show({**THING, "mood": "calm"}, {**THING, "mood": "calm"})) == []


def test_refusals_and_odd_requests_tell_nothing(known: Edition) -> None:
    """Only the answers of success are looked at."""
    refused = show({"message": "no"}, {"message": "no"}, status=(400, 400))
    assert changes(known, refused, show(THING, {**THING, "mood": "calm"}, odd=True)) == []


def test_one_change_of_a_family_is_said_once(known: Edition) -> None:
    """What all shapes that extend another show is said of that one."""
    updated = {key: THING[key] for key in ("id", "name", "links")}
    found = changes(
        known,
        show(THING, {**THING, "mood": "calm"}),
        Seen("PUT /things/{thing}", {"thing": updated}, {"thing": {**updated, "mood": "calm"}}),
    )
    (one,) = lifted(known, found, {"thing", "updated"})
    assert (one.holder.shape, one.seen) == ("common", {SHOW: 1, "PUT /things/{thing}": 1})


def test_a_change_stays_below_what_stood_still(known: Edition) -> None:
    """A shape of the family that was seen without the change keeps it from being said of both."""
    found = changes(known, show(THING, {**THING, "mood": "calm"}))
    assert told(lifted(known, found, {"thing", "updated"})) == {("thing", "add", "mood")}
    assert told(lifted(known, found, {"thing"})) == {("thing", "add", "mood")}


def test_what_a_service_declares_is_found_at_its_place() -> None:
    """Through lists, maps and alternatives."""
    name = {"type": "string"}
    item = {"oneOf": [{"type": "object", "properties": {"name": name}}, {"type": "object", "properties": {"id": {}}}]}
    schema = {"properties": {"things": {"type": "array", "items": item}, "map": {"additionalProperties": name}}}
    assert declared_at(schema, ("things", "*", "name")) == name
    assert declared_at(schema, ("map", "*")) == name
    assert declared_at(schema, ("no", "such")) is None
