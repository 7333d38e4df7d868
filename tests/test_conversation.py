"""Conversations, held by hand: what is asked, what is kept, and when they end."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from conformance.conversation import Ask, Partners, Talk, bounds, converse, fresh, prepare
from conformance.document import Documents
from conformance.errors import DataError
from conformance.microversion import HEADER, Span
from conformance.plan import Performance, plan
from tests.helpers import documents, exchange, library

HISTORY = (
    """
    new:
      lenient: {unknown: ignored}
      thing: {add: {id: uuid}}
      thing_new: {add: {name: string}}
    calls:
      GET /things: {status: 200, query: lenient, body: [thing]}
      GET /things/{thing}: {status: 200, body: thing}
      POST /things: {status: 201, takes: {thing: thing_new}, body: thing}
      DELETE /things/{thing}: {status: 204}
      PUT /things/{thing}/disk: {status: 204, takes: any}
    """,
    """
    change: {thing_new: {allow: {tags: any}}, lenient: {allow: {tags: string}}}
    calls: {'GET /parts/{part}': {status: 200, body: thing}}
    """,
)
STORY = """
    steps:
      make: {POST: /things, body: {thing: {name: $name, tags: [a]}}, keep: {thing: /id}, makes: thing}
      show: {GET: "/things/$thing"}
      list: {GET: /things, query: {name: $name, tags: a}, expect: {/0/id: $thing}, has: [/0, /1@2.2], lacks: [/9]}
      remove: {DELETE: "/things/$thing"}
"""
KINDS = "thing: {service: compute, path: /things/$id, id: /id}"
NAME = {"name": "conformance-t-1"}


@pytest.fixture
def two(tmp_path: Path) -> Documents:
    """A history of two microversions."""
    return documents(tmp_path, *HISTORY)


def performances(data: Path, services: Documents, story: str = STORY) -> list[Performance]:
    """The performances of a story at 2.1 and 2.2."""
    stories = library(data, services, kinds=KINDS, one=story).stories
    return plan(stories, {"compute": services}, {})


def alone(documents: Documents) -> Partners:
    """A cloud that has this service and no other."""
    return Partners({"compute": documents}, {"compute": documents.history.span})


def ids(performance: Performance) -> set[str]:
    """The ids of all its cases."""
    return {case.id for case in performance}


def held(talk: Talk, *answers: tuple[int, Any]) -> list[Ask]:
    """What a conversation asks when it is given these answers, a status and a body each, and then only 404."""
    asked = [next(talk)]
    endless = itertools.chain(answers, itertools.repeat((404, None)))
    try:
        while True:
            status, data = next(endless)
            asked.append(talk.send(exchange(data, status)))
    except StopIteration:
        return asked


def told(asked: list[Ask]) -> list[str]:
    """The requests, shortly."""
    return [f"{ask.request.method} {ask.request.path}" for ask in asked]


def test_all_steps_in_order(tmp_path: Path, two: Documents) -> None:
    """A story's cases are asked one by one, and what is kept fills the later paths."""
    newest = performances(tmp_path, two)[-1]
    memory: dict[str, Any] = dict(NAME)
    asked = held(converse(newest, alone(two), memory, ids(newest)), (201, {"id": "7"}), (200, {}), (200, {}), (200, []))
    assert [ask.case.id.partition("::")[2] for ask in asked if ask.case] == [
        "make@2.2",
        "show@2.1",
        "show@2.2",
        "list+tags@2.1",
        "list@2.1",
        "list@2.2",
        "remove@2.2",
    ]
    assert told(asked)[1] == "GET /things/7"
    assert memory["thing"] == "7"


def test_keys_follow_the_microversion(tmp_path: Path, two: Documents) -> None:
    """A body says only the keys that the call knows at the microversion."""
    older, newer = performances(tmp_path, two)
    bodies = [next(converse(each, alone(two), dict(NAME), {f"compute/one::make@{each.at}"})) for each in (newer,)]
    assert bodies[0].request.body == {"thing": {"name": "conformance-t-1", "tags": ["a"]}}
    plain = next(converse(older, alone(two), dict(NAME), {"compute/one::make@2.1"}))
    assert plain.request.body == {"thing": {"name": "conformance-t-1"}}


def test_an_unknown_key_is_sent(tmp_path: Path, two: Documents) -> None:
    """The case of an unknown key sends the same request with that key."""
    stray = next(converse(performances(tmp_path, two)[0], alone(two), dict(NAME), {"compute/one::make+tags@2.1"}))
    assert stray.request.body == {"thing": {"name": "conformance-t-1", "tags": ["a"]}}
    assert stray.claim.statuses == (400,)
    assert not stray.claim.expect


def test_a_query_is_written_into_the_path(tmp_path: Path, two: Documents) -> None:
    """Query parameters that the call knows stand in the path, encoded, behind those that stand there already."""
    story = "steps: {list: {GET: '/things?limit=1', query: {tags: 'a b', name: x}}}"
    found = performances(tmp_path, two, story)[0]
    asked = held(converse(found, alone(two), {}, ids(found)), (200, []), (200, []), (200, []))
    assert told(asked) == ["GET /things?limit=1&tags=a+b", "GET /things?limit=1", "GET /things?limit=1&tags=a+b"]


def test_expectations_follow_the_microversion(tmp_path: Path, two: Documents) -> None:
    """What is expected is filled with what was kept, and holds only where it is in force."""
    newest = performances(tmp_path, two)[-1]
    memory = {**NAME, "thing": "7"}
    asked = held(converse(newest, alone(two), memory, ids(newest)), (201, {"id": "7"}), (200, {}), (200, {}), (200, []))
    older, newer = asked[4].claim, asked[5].claim
    assert (older.expect, older.has, older.lacks) == ({"/0/id": "7"}, ("/0",), ("/9",))
    assert newer.has == ("/0", "/1")


def test_headers(tmp_path: Path, two: Documents) -> None:
    """Each request asks for its microversion in the service's own tongue."""
    ask = next(converse(performances(tmp_path, two)[0], alone(two), dict(NAME), {"compute/one::make@2.1"}))
    assert ask.request.headers == {"Accept": "application/json", HEADER: "compute 2.1"}
    assert str(ask.claim.answered) == "2.1"


def test_what_will_be_made_is_told_beforehand(tmp_path: Path, two: Documents) -> None:
    """A step that makes something says its kind and its name before it is asked."""
    made = next(converse(performances(tmp_path, two)[0], alone(two), dict(NAME), {"compute/one::make@2.1"})).makes
    assert made is not None
    assert (made.kind.path, made.path, made.name) == ("/things/$id", "", "conformance-t-1")


def test_it_ends_when_a_write_fails(tmp_path: Path, two: Documents) -> None:
    """Nothing more is asked when a write wasn't answered as it must."""
    newest = performances(tmp_path, two)[-1]
    assert told(held(converse(newest, alone(two), dict(NAME), ids(newest)), (409, None))) == ["POST /things"]


def test_it_ends_when_nothing_is_to_keep(tmp_path: Path, two: Documents) -> None:
    """Nothing more is asked when an answer lacks what the later steps need."""
    newest = performances(tmp_path, two)[-1]
    assert told(held(converse(newest, alone(two), dict(NAME), ids(newest)), (201, {}))) == ["POST /things"]


def test_it_goes_on_when_a_read_fails(tmp_path: Path, two: Documents) -> None:
    """A read on which nothing rests may fail without ending the conversation."""
    newest = performances(tmp_path, two)[-1]
    asked = held(converse(newest, alone(two), dict(NAME), ids(newest)), (201, {"id": "7"}))
    assert told(asked)[-1] == "DELETE /things/7"


def test_it_goes_on_when_an_unknown_key_is_answered_wrongly(tmp_path: Path, two: Documents) -> None:
    """A case of an unknown key keeps nothing and ends nothing, whatever comes of it."""
    oldest = performances(tmp_path, two)[0]
    memory: dict[str, Any] = dict(NAME)
    asked = held(converse(oldest, alone(two), memory, ids(oldest)), (201, {"id": "stray"}), (201, {"id": "7"}))
    assert told(asked) == ["POST /things", "POST /things", "DELETE /things/7"]
    assert memory["thing"] == "7"


def test_a_subset_still_makes_what_it_needs(tmp_path: Path, two: Documents) -> None:
    """One wanted case is asked with the writes around it, and without the other reads and refusals."""
    newest = performances(tmp_path, two)[-1]
    asked = held(converse(newest, alone(two), dict(NAME), {"compute/one::show@2.1"}), (201, {"id": "7"}), (200, {}))
    assert told(asked) == ["POST /things", "GET /things/7", "DELETE /things/7"]


def test_an_edge_is_asked_as_inside(tmp_path: Path, two: Documents) -> None:
    """Just outside its life a step is asked as it is within, with the keys that are in force there."""
    story = "steps: {part: {GET: /parts/1, query: {a@2.2: 1}, exact: true}}"
    found = performances(tmp_path, two, story)[0]
    edge = next(converse(found, alone(two), {}, {"compute/one::part@2.1"}))
    assert (edge.request.path, edge.claim.statuses) == ("/parts/1?a=1", (404,))
    assert edge.claim.stray
    assert edge.request.headers[HEADER] == "compute 2.1"


@pytest.mark.parametrize("last", ["", ", last: '2.1'"])
def test_an_edge_above_is_asked_as_below_it(tmp_path: Path, last: str) -> None:
    """Where a call ends, by itself or by what the step says, it is asked as it was at its last microversion."""
    gone = documents(tmp_path, *HISTORY, "gone: [POST /things]")
    story = f"steps: {{make: {{POST: /things, body: {{thing: {{name: a, tags: [b]}}}}{last}}}}}"
    found = performances(tmp_path, gone, story)[-1]
    edge = next(converse(found, alone(gone), {}, ids(found)))
    assert edge.request.body == {"thing": {"name": "a"} if last else {"name": "a", "tags": ["b"]}}
    assert edge.request.headers[HEADER] == f"compute {found.at}"


def test_what_is_waited_for_is_filled(tmp_path: Path, two: Documents) -> None:
    """A variable may stand in what a step waits for."""
    story = "steps: {wait: {GET: /things/1, until: {/name: $name}}}"
    ask = next(converse(performances(tmp_path, two, story)[0], alone(two), dict(NAME), {"compute/one::wait@2.1"}))
    assert ask.claim.until == {"/name": "conformance-t-1"}


def test_octets(tmp_path: Path, two: Documents) -> None:
    """A body of octets goes as it is, under its content type."""
    story = "steps: {disk: {PUT: /things/1/disk, octets: 'not {json'}}"
    ask = next(converse(performances(tmp_path, two, story)[0], alone(two), {}, {"compute/one::disk@2.1"}))
    assert (ask.request.body, ask.request.octets) == (None, b"not {json")
    assert ask.request.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("asks", "answered", "header", "version"),
    [
        ("null", "$min", None, "2.1"),
        ("compute latest", "$max", "compute latest", "2.2"),
        ("compute $beyond", "null", "compute 2.3", None),
        ("volume 3.0", "$min", "volume 3.0", "2.1"),
    ],
)
def test_negotiation(
    tmp_path: Path, two: Documents, asks: str, answered: str, header: str | None, version: str | None
) -> None:
    """A step of negotiation asks in its own header, or in none, and says which microversion must answer."""
    found = performances(tmp_path, two, f"steps: {{a: {{GET: /things, asks: {asks}, answered: {answered}}}}}")[0]
    ask = next(converse(found, alone(two), dict(bounds(two.history.span)), ids(found)))
    assert ask.request.headers.get(HEADER) == header
    assert (str(ask.claim.answered) if ask.claim.answered else None) == version


def test_bounds() -> None:
    """The variables of negotiation name the ends of a service's span and what lies beyond them."""
    assert bounds(Span.parse("2.1..2.9")) == {"min": "2.1", "max": "2.9", "beyond": "2.10", "below": "2.0"}
    assert bounds(Span.parse("1.0..1.39"))["below"] == "0.9"


def test_fresh_variables() -> None:
    """Each performance has a name and identifiers of its own beside what is remembered."""
    numbers = itertools.count(1)
    one, other = fresh({"server": "7"}, "r", numbers), fresh({}, "r", numbers)
    assert (one["name"], other["name"], one["symbol"]) == (
        "conformance-r-1",
        "conformance-r-2",
        "CUSTOM_CONFORMANCE_R_1",
    )
    assert one["server"] == "7"
    assert len({one["uuid"], one["uuid2"], other["uuid"], other["uuid2"]}) == 4


def test_prepare(tmp_path: Path, two: Documents) -> None:
    """Preparation is asked at the newest microversion, or at the one that it says, and keeps what it keeps."""
    story = """
        prepare:
          make: {POST: /things, body: {thing: {name: a, tags: []}}, keep: {thing: /id}}
          old: {GET: "/things/$thing", at: "2.1"}
          net: {service: network, POST: /v2.0/x, body: {a: 1}}
        steps: {list: {GET: /things}}
    """
    steps = performances(tmp_path, two, story)[0].story.prepare
    talk = prepare(steps, alone(two), {})
    asked = held(talk, (201, {"id": "7"}), (200, {}), (201, None))
    assert told(asked) == ["POST /things", "GET /things/7", "POST /v2.0/x"]
    assert [str(ask.claim.version) for ask in asked] == ["2.2", "2.1", "0.0"]
    assert (HEADER in asked[2].request.headers, 201 in asked[2].claim.statuses) == (False, True)


def test_prepare_ends_when_it_fails(tmp_path: Path, two: Documents) -> None:
    """Preparation that isn't answered as it must ends."""
    story = "prepare: {a: {DELETE: /things/1}, b: {DELETE: /things/2}}\nsteps: {list: {GET: /things}}"
    steps = performances(tmp_path, two, story)[0].story.prepare
    talk = prepare(steps, alone(two), {})
    assert told(held(talk, (404, None))) == ["DELETE /things/1"]


def test_a_kept_value_that_is_missing_is_told(tmp_path: Path, two: Documents) -> None:
    """A variable that is not in the memory is an error of the data, with the step as its place."""
    newest = performances(tmp_path, two)[-1]
    with pytest.raises(DataError) as caught:
        next(converse(newest, alone(two), {}, ids(newest)))
    assert caught.value.what == "nothing is kept under $name"
    assert caught.value.where.endswith("one.yaml: steps/make")


GUEST = """
    steps:
      remove: {DELETE: /things/1}
      find: {service: compute, GET: /things, keep: {found: /0/id}}
      look: {service: image, GET: /v2/images/$found, status: 404}
"""


def test_a_guest_is_asked_at_the_newest_microversion(tmp_path: Path, two: Documents) -> None:
    """It is asked at the newest one of its own service, whatever the story's is; some services have none."""
    found = performances(tmp_path, two, GUEST)[0]
    asked = held(converse(found, alone(two), {}, ids(found)), (204, None), (200, [{"id": "7"}]), (404, None))

    assert [(ask.request.path, str(ask.claim.version)) for ask in asked] == [
        ("/things/1", "2.1"),
        ("/things", "2.2"),
        ("/v2/images/7", "0.0"),
    ]
    assert [ask.claim.statuses for ask in asked] == [(204,), (200,), (404,)]
