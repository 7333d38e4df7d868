"""A delta drafted from what was seen: calls that end, begin and answer otherwise, and what it says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from conformance.bump import exploring, steps, words
from conformance.bump.drafting import Draft, draft
from conformance.bump.examples import example
from conformance.bump.requests import declared_changes
from conformance.bump.sighting import Asked, Sightings
from conformance.edition import Edition
from conformance.exchange import Request
from conformance.story import Step, Story
from tests.helpers import v
from tests.sightings import Seen, before, edition, seen

DELTA = """
    error: fault
    new:
      fault: {add: {message: string}}
      lenient: {unknown: ignored}
      common: {add: {id: uuid, name: string}}
      thing: {extends: common, add: {size: integer, weight: integer, colour: string}, volatile: [size]}
      updated: {extends: common, allow: {hint: string}}
      thing_new: {add: {name: string}}
      dated: {add: {date: string}, unknown: ignored}
      claims: {add: {claims: {type: object, additionalProperties: integer}}}
    calls:
      GET /things: {status: 200, query: lenient, body: {things: [thing]}}
      POST /things: {status: 201, takes: {thing: thing_new}}
      GET /things/{thing}: {status: 200, body: {thing: thing}, headers: dated}
      PUT /things/{thing}: {status: 200, takes: {thing: thing_new}, body: {thing: updated}}
      POST /old/{thing}: {status: 200, body: {thing: updated}}
      DELETE /things/{thing}: {status: 204}
      GET /things/{thing}/claims: {status: 200, body: claims}
"""
UUID = "0f0e0d0c-1111-2222-3333-444455556666"
COMMON = {"id": UUID, "name": "n"}
THING = {**COMMON, "size": 1, "weight": 2, "colour": "red"}
SHOW, UPDATE, CREATE = "GET /things/{thing}", "PUT /things/{thing}", "POST /things"
NO_CALL = {"itemNotFound": {"message": "no such call at 2.2"}}


@pytest.fixture
def known(tmp_path: Path) -> Edition:
    """What is known of things."""
    return edition(tmp_path, DELTA)


def drafted(known: Edition, *all_: Seen, asked: Asked | None = None) -> Draft:
    """The draft of 2.2."""
    return draft(known, seen("2.2", *all_), asked or Asked(), "A summary of a test.")


def test_nothing_seen_is_a_summary_alone(known: Edition) -> None:
    """A delta that changes nothing."""
    assert drafted(known, Seen(SHOW, {"thing": THING}, {"thing": THING})).delta == {"summary": "A summary of a test."}


def test_answers_and_requests_come_together(known: Edition) -> None:
    """Each at its shape, with what is to be said of it."""
    takes: dict[str, Any] = {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    more = {**takes, "properties": {**takes["properties"], "mood": {"type": "string", "maxLength": 9}}}
    below, at = ({"takes": {"type": "object", "properties": {"thing": one}}} for one in (takes, more))
    moody = {"thing": {**THING, "mood": "calm"}}
    found = drafted(
        known,
        Seen(SHOW, {"thing": THING}, moody),
        Seen(CREATE, status=(201, 201), below=None, at=None, declared=(below, at)),
    )
    assert found.delta["change"] == {
        "thing_new": {"allow": {"mood": {"type": "string", "maxLength": 9}}},
        "thing": {"add": {"mood": {"type": "string", "maxLength": 9}}},
    }
    assert found.remarks["change", "thing", "add", "mood"] == [
        f"seen in 1 answers of {SHOW}",
        "a guess: as it is taken",
    ]


def test_a_status_a_body_and_headers_change(known: Edition) -> None:
    """What a call answers otherwise is said of the call; a body that looks like a shape is that one."""
    found = drafted(known, Seen(CREATE, None, THING, status=(201, 200), headers={"date": "today"}))
    assert found.delta["calls"] == {CREATE: {"status": 200, "body": "thing", "headers": "dated"}}
    assert drafted(known, Seen(SHOW, {"thing": THING}, None)).delta["calls"] == {SHOW: {"body": None}}


def test_an_answer_about_nothing_may_have_a_form_of_its_own(known: Edition) -> None:
    """What each answer has but those in which all is empty is required, and these are another shape."""
    call, one = "GET /things/{thing}/claims", {"claims": {"one": 1}}
    none = Seen(call, {"claims": {}}, {"claims": {}})
    found = drafted(known, none, Seen(call, one, {**one, "owner": "me"}))
    assert found.delta["new"] == {
        "no_claims": {"add": {"claims": {"type": "object", "maxProperties": 0}}},
        "claims_if_any": {"is": {"oneOf": ["claims", "no_claims"]}},
    }
    assert found.delta["change"] == {"claims": {"add": {"owner": "string"}}}
    assert found.delta["calls"] == {call: {"body": "claims_if_any"}}
    assert drafted(known, none, Seen(call, one, one), Seen(call, one, {**one, "owner": "me"})).delta["change"] == {
        "claims": {"allow": {"owner": "string"}}
    }


def test_an_answer_that_looks_like_another_shape_is_that_one(known: Edition) -> None:
    """One line in place of many; what differs is a new shape over it, and what wasn't seen is a guess."""
    whole = {"thing": {**THING, "hint": "h"}}
    found = drafted(known, Seen(UPDATE, {"thing": COMMON}, whole))
    assert found.delta["new"] == {"updated_now": {"extends": "thing", "allow": {"hint": "string"}}}
    assert found.delta["calls"] == {
        UPDATE: {"body": {"thing": "updated_now"}},
        "POST /old/{thing}": {"body": {"thing": "updated_now"}},
    }
    assert found.remarks["calls", "POST /old/{thing}", "body"] == [f"a guess: not seen; as {UPDATE}"]


def test_a_call_that_answers_as_no_call_does_is_gone(known: Edition) -> None:
    """Known by the words of a call that isn't there."""
    gone = Seen(SHOW, {"thing": THING}, NO_CALL, status=(200, 404))
    text = '{"itemNotFound": {"message": "no such call at <version>"}}'
    assert drafted(known, gone, asked=Asked(absent=frozenset({text}))).delta["gone"] == [SHOW]


def test_a_call_that_fails_otherwise_could_not_be_seen(known: Edition) -> None:
    """It may be asked in another way; that is said, and nothing is drafted."""
    found = drafted(known, Seen(SHOW, {"thing": THING}, {"badRequest": {}}, status=(200, 400)))
    assert "gone" not in found.delta
    assert found.remarks["calls", SHOW][0].startswith("could not see: answered 400")


def test_a_call_without_parameters_that_is_not_found_is_gone(known: Edition) -> None:
    """Nothing of it could be asked for otherwise; but it is a guess."""
    found = drafted(known, Seen("GET /things", {"things": []}, NO_CALL, status=(200, 404)))
    assert found.delta["gone"] == ["GET /things"]
    assert found.remarks["gone", "GET /things"][0].startswith("a guess: ")


def test_a_call_that_takes_nothing_of_what_it_needed_is_gone(known: Edition) -> None:
    """Another one took its place."""
    old, new = ({"type": "object", "properties": {key: {}}, "required": [key]} for key in ("host", "status"))
    refused = Seen(
        UPDATE, {"thing": COMMON}, {"badRequest": {}}, status=(200, 400), declared=({"takes": old}, {"takes": new})
    )
    assert drafted(known, refused).delta["gone"] == [UPDATE]


SIZE = "GET /things/{thing}/size"


def begins(known: Edition, *all_: Seen) -> Asked:
    """What was asked of calls that begin."""
    sightings = seen("2.2", *all_)
    return Asked(begun={call: sightings.of(call)[1] for call in sightings.calls})


def test_a_call_that_begins_is_drafted(known: Edition) -> None:
    """From what it answered and what it was held against."""
    query = {"type": "object", "properties": {}, "additionalProperties": True}
    asked = begins(known, Seen(SIZE, at={"size": 1, "thing": THING}, declared=({}, {"query": query})))
    found = drafted(known, asked=asked)
    assert found.delta["calls"] == {
        SIZE: {"status": 200, "query": "lenient", "body": {"size": "integer", "thing": "thing"}}
    }
    assert found.remarks["calls", SIZE][0] == "seen to succeed once"


def test_what_a_call_that_begins_takes_is_as_it_declares(known: Edition) -> None:
    """Written out, a key that may be absent with its mark; and all its statuses."""
    takes = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"]}
    call, at = "PUT /things/{thing}/size", {"takes": {**takes, "additionalProperties": False}}
    asked = begins(known, *(Seen(call, at=None, status=(0, status), declared=({}, at)) for status in (201, 204)))
    assert drafted(known, asked=asked).delta["calls"] == {
        call: {"status": [201, 204], "takes": {"a": "integer", "b?": "string"}}
    }


def test_a_call_that_never_succeeded_is_a_guess(known: Edition) -> None:
    """It is there, and that is all that was seen."""
    found = drafted(known, asked=begins(known, Seen(SIZE, at={"conflict": {}}, status=(0, 409))))
    assert found.delta["calls"] == {SIZE: {"status": 200}}
    assert found.remarks["calls", SIZE][0].startswith("a guess: could not see it succeed, it answered 409")


def test_routes_that_nobody_knows_are_candidates(tmp_path: Path) -> None:
    """With the names that the history gives to what stands in paths."""
    documents = before(tmp_path, DELTA).services["compute"]
    routes = ["GET /things/{id}", "GET /things/{thing_id}/sizes/{id}", "POST /os-moods", "GET /"]
    assert exploring.candidates(routes, documents) == ["GET /things/{thing}/sizes/{size}", "POST /os-moods"]


def test_a_call_begins_that_is_not_there_below(known: Edition) -> None:
    """One that is refused on both sides with the same words isn't."""
    there, never = (
        Seen(SIZE, NO_CALL, {"size": 1}, status=(404, 200)),
        Seen("GET /moods", NO_CALL, NO_CALL, status=(404, 404)),
    )
    always = Seen(SHOW, {"thing": THING}, {"thing": THING})
    assert exploring.begun(seen("2.2", there, never, always)) == [SIZE]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"enum": [True, "on", False]}, False),
        ({"enum": ["enabled", "disabled"]}, "enabled"),
        ({"type": ["null", "integer"], "minimum": 3}, 3),
        ({"type": "array", "items": {"type": "string", "maxLength": 4}}, ["conf"]),
        ({"type": "string", "pattern": "^[A-Z_]+$"}, "CONFORMANCE"),
        ({"type": "string", "format": "uuid"}, "$uuid3"),
        ({"properties": {"a": {"type": "boolean"}, "b": {}}, "required": ["a"]}, {"a": False}),
        ({"oneOf": [{"const": "x"}, {"type": "integer"}]}, "x"),
    ],
)
def test_examples_keep_to_their_schema(schema: Any, value: Any) -> None:
    """And do as little harm as they can."""
    assert example(schema) == value


def test_the_story_of_a_call_that_begins_is_as_it_was_asked() -> None:
    """Only what succeeded is told, each with its status where there are several."""
    call = "PUT /things/{thing}/tags/{tag}"
    step = Step("put-1", "compute", "PUT", "/things/$thing/tags/$uuid2", call, "admin", "")
    again, vain = attrs.evolve(step, name="put-2"), attrs.evolve(step, name="put-3")
    sightings = [
        attrs.evolve(one, case=attrs.evolve(one.case, step=name))
        for name, status in (("put-1", 201), ("put-2", 204), ("put-3", 400))
        for one in Seen(call, at=None, status=(0, status)).sightings(v("2.2"))
    ]
    story = Story("compute", "drafted", "", "", ("thing",), (), (step, again, vain))
    shown = steps.calls(Asked(begun={call: sightings}, story=story))
    assert steps.written(v("2.2"), shown) == (
        "summary: What begins at 2.2, as it was drafted from what a cloud showed.\n"
        "given: [thing]\n"
        "steps:\n"
        "  set-tags-one: {PUT: /things/$thing/tags/$uuid2, status: 201}\n"
        "  set-tags-one-2: {PUT: /things/$thing/tags/$uuid2, status: 204}\n"
    )


def test_a_new_key_is_shown_in_a_step_that_there_is(tmp_path: Path) -> None:
    """The smallest of its call, from the microversion below on."""
    suite = before(tmp_path, DELTA)
    step = Step("create", "compute", "POST", "/things", CREATE, "admin", "", body={"thing": {"name": "$name"}})
    library = attrs.evolve(suite.library, stories=(Story("compute", "story", "", "", (), (), (step,)),))
    old = {"type": "object", "properties": {"thing": {"type": "object", "properties": {"name": {}}}}}
    new = {
        "type": "object",
        "properties": {"thing": {"type": "object", "properties": {"name": {}, "mood": {"type": "string"}}}},
    }
    sightings = _of_step(
        seen("2.2", Seen(CREATE, None, None, status=(201, 201), declared=({"takes": old}, {"takes": new}))), "create"
    )
    changes = declared_changes(suite.services["compute"].history.at(v("2.1")), sightings, "takes")
    (shown,) = steps.keys(library, sightings, changes, {})
    assert (shown.name, shown.entry) == (
        "create-with-mood",
        {"POST": "/things", "body": {"thing": {"name": "$name", "mood": "conformance"}}, "since": "2.1"},
    )


def _of_step(sightings: Sightings, name: str) -> Sightings:
    listed = tuple(attrs.evolve(one, case=attrs.evolve(one.case, step=name)) for one in sightings.listed)
    return attrs.evolve(sightings, listed=listed)


def test_it_is_told_call_by_call_and_as_a_diff(tmp_path: Path) -> None:
    """In the words of any difference between microversions, and without what changes by itself."""
    suite = before(tmp_path, DELTA)
    documents = suite.services["compute"]
    sightings = seen("2.2", Seen(SHOW, {"thing": THING}, {"thing": {**THING, "size": 2, "mood": "calm"}}))
    found = draft(documents.history.at(v("2.1")), sightings, Asked(), "A summary of a test.")
    told = {
        one.difference.calls[0]: one for one in words.observed(words.drafted_documents(documents, found), sightings)
    }
    assert told[SHOW].difference.lines == ("+ answer /thing/mood: string",)
    assert '+    "mood": "calm",' in told[SHOW].diff
    assert not any("size" in line for line in told[SHOW].diff)


def test_what_could_not_be_seen_is_told(tmp_path: Path) -> None:
    """A call that nothing asked, one that never succeeded, a key that was null, and what only a schema tells."""
    documents = before(tmp_path, DELTA).services["compute"]
    moody = Seen(SHOW, {"thing": THING}, {"thing": {**THING, "mood": None}})
    sightings = seen("2.2", moody, Seen(UPDATE, {}, {}, status=(409, 409)))
    found = draft(documents.history.at(v("2.1")), sightings, Asked(), "A summary of a test.")
    told = [*words.unseen(sightings, Asked(), found), *words.unasked(documents, sightings)]
    assert "thing add mood: it was null in every body" in told
    assert f"no answer of success: {UPDATE} (409)" in told
    assert "no story asks DELETE /things/{thing}" in told
    assert any("--source" in line for line in told)


def test_a_request_is_named() -> None:
    """A request of a sighting is the one that was sent."""
    (one,) = Seen(SHOW, at={}, persona="member").sightings(v("2.2"))
    assert one.exchange.request == Request("compute", "GET", "/things/1", "member")
