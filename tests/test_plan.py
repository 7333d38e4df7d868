"""The plan: which cases a story has, at which microversions, and what must come of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.coverage import measure
from conformance.document import Documents
from conformance.errors import UsageError
from conformance.microversion import Span
from conformance.oddity import Odd
from conformance.outline import Depth
from conformance.plan import Case, Performance, plan, select
from tests.helpers import documents, library, v

HISTORY = (
    """
    new:
      lenient: {unknown: ignored}
      strict: {}
      thing: {add: {id: uuid}}
      thing_new: {add: {name: string}}
    calls:
      GET /things: {status: 200, query: lenient, body: [thing]}
      GET /things/{thing}: {status: 200, body: thing, query: strict}
      POST /things: {status: 201, takes: {thing: thing_new}, body: thing}
      DELETE /things/{thing}: {status: 204}
    """,
    "",
    "change: {thing: {add: {tags: any}}, thing_new: {allow: {tags: any}}, lenient: {allow: {tags: string}}}",
    "calls: {GET /parts: {status: 200}, 'POST /things/{thing}/action go': {status: 202, takes: {go: any}}}",
    "",
    "gone: [GET /parts, 'POST /things/{thing}/action go']\nchange: {strict: {allow: {more: string}}}",
    "change: {thing_new: {drop: [tags]}}",
    "",
)


@pytest.fixture
def eight(tmp_path: Path) -> Documents:
    """A history of eight microversions."""
    return documents(tmp_path, *HISTORY)


def planned(
    data: Path, services: Documents, steps: str, span: str = "2.1..2.8", *, every: bool = False
) -> list[Performance]:
    """The performances of one story."""
    stories = library(data, services, one=f"steps:\n  {steps}").stories
    return plan(stories, {"compute": services}, {"compute": Span.parse(span)}, depth=Depth(every))


def ids(performances: list[Performance]) -> list[str]:
    """The ids of all cases, without the story."""
    return [case.id.partition("::")[2] for each in performances for case in each]


def case_of(performances: list[Performance], name: str) -> Case:
    """The case of that id."""
    return next(case for each in performances for case in each if case.id == f"compute/one::{name}")


def test_a_read_is_asked_on_both_sides_of_every_boundary(tmp_path: Path, eight: Documents) -> None:
    """A read is asked at its first and last microversion and on both sides of where it changes."""
    found = planned(tmp_path, eight, "show: {GET: /things/1}")
    assert ids(found) == ["show@2.1", "show@2.2", "show@2.3", "show@2.5", "show@2.6", "show@2.8"]
    assert [performance.id for performance in found] == ["compute/one@2.8"]


def test_every(tmp_path: Path, eight: Documents) -> None:
    """With every, each microversion of a call's life has its case."""
    found = planned(tmp_path, eight, "list: {GET: /things}", every=True)
    assert ids(found) == [f"list@2.{number}" for number in range(1, 9)]


def test_every_cell_once(tmp_path: Path, eight: Documents) -> None:
    """With every, a cell that one step shows is not shown by another as well; its boundaries still are."""
    found = planned(tmp_path, eight, "list: {GET: /things}\n  again: {GET: /things}", every=True)
    assert ids(found) == [
        *(f"list@2.{number}" for number in range(1, 9)),
        *(f"again@2.{number}" for number in (1, 2, 3, 8)),
    ]


def test_every_cell_for_each_persona(tmp_path: Path, eight: Documents) -> None:
    """What another persona reads is worth every microversion too, as it may look otherwise."""
    found = planned(tmp_path, eight, "list: {GET: /things}\n  theirs: {GET: /things, as: member}", every=True)
    assert len(ids(found)) == 16


def test_every_refusal_is_asked_at_the_default_depth(tmp_path: Path, eight: Documents) -> None:
    """A refusal shows no cell."""
    found = planned(tmp_path, eight, "unknown: {GET: /things/9, status: 404}\n  show: {GET: /things/1}", every=True)
    assert len([one for one in ids(found) if one.startswith("show")]) == 8
    assert len([one for one in ids(found) if one.startswith("unknown")]) == 6


def test_every_read_that_rides_along(tmp_path: Path, eight: Documents) -> None:
    """A read that can't be swept has its performances, at whatever microversion the story writes."""
    other = "remove: {DELETE: /things/1}"
    found = planned(tmp_path, eight, f"{other}\n  list: {{GET: /things, each: true}}\n  last: {other[8:]}", every=True)
    assert len([one for one in ids(found) if one.startswith("list")]) == 8


GUEST = """remove: {DELETE: /things/1}
  find: {service: compute, GET: /things, since: '2.3'}
  look: {service: image, GET: /v2/images}"""


def test_a_guest_is_asked_in_every_performance(tmp_path: Path, eight: Documents) -> None:
    """A step that names its service comes whenever the story is performed, within what it says itself."""
    found = planned(tmp_path, eight, GUEST)
    assert ids(found) == ["remove@2.1", "look@2.1", "remove@2.8", "find@2.8", "look@2.8"]
    assert [case.service for case in found[0]] == ["compute", "image"]


def test_a_guest_is_no_cell(tmp_path: Path, eight: Documents) -> None:
    """What a guest asks counts for no coverage: it is asked at another microversion."""
    covered = measure(eight, planned(tmp_path, eight, GUEST), eight.history.span, ())
    assert {call for call, _ in covered.planned} == {"DELETE /things/{thing}"}


def test_a_write_is_performed_at_its_moments(tmp_path: Path, eight: Documents) -> None:
    """A story is performed once for each microversion at which a write has something to show."""
    found = planned(tmp_path, eight, "make: {POST: /things, body: {thing: {name: a}}}")
    assert [str(performance.at) for performance in found] == ["2.1", "2.2", "2.3", "2.6", "2.7", "2.8"]
    assert ids(found) == ["make@2.1", "make@2.2", "make@2.3", "make@2.6", "make@2.7", "make@2.8"]


def test_reads_are_swept_in_the_newest_performance(tmp_path: Path, eight: Documents) -> None:
    """A read stands in the newest performance alone, over all its microversions."""
    found = planned(tmp_path, eight, "remove: {DELETE: /things/1}\n  list: {GET: /things}")
    swept = {str(each.at): [str(case.microversion) for case in each.cases["list"]] for each in found}
    assert swept == {"2.1": [], "2.8": ["2.1", "2.2", "2.3", "2.8"]}


def test_the_sweep_is_where_most_writes_live(tmp_path: Path, eight: Documents) -> None:
    """Reads are swept where the writes exist, not in a performance in which a call that made the resource is gone."""
    found = planned(
        tmp_path, eight, "go: {POST: /things/1/action, body: {go: 1}}\n  list: {GET: /things, since: '2.3'}"
    )
    swept = [str(each.at) for each in found if each.cases["list"]]
    assert swept == ["2.5"]


def test_each(tmp_path: Path, eight: Documents) -> None:
    """A read that says each is asked in every performance, at its microversion."""
    found = planned(tmp_path, eight, "remove: {DELETE: /things/1}\n  list: {GET: /things, each: true}")
    assert ids(found) == ["remove@2.1", "list@2.1", "remove@2.8", "list@2.8"]


@pytest.mark.parametrize(
    ("step", "edges"),
    [
        ("{GET: /parts}", {"2.3": (404,), "2.6": (404,)}),
        ("{GET: /parts, before: 400, after: [404, 410]}", {"2.3": (400,), "2.6": (404, 410)}),
        ("{POST: /things/1/action, body: {go: 1}}", {"2.3": (400,), "2.6": (400,)}),
        ("{GET: /things, since: '2.4', last: '2.6'}", {}),
        ("{GET: /things, since: '2.4', before: 409}", {"2.3": (409,)}),
        ("{GET: /things, last: '2.6', after: 410}", {"2.7": (410,)}),
        ("{GET: /things, before: 404, after: 404}", {}),
        ("{GET: /parts, since: '2.5'}", {"2.6": (404,)}),
    ],
)
def test_edges(tmp_path: Path, eight: Documents, step: str, edges: dict[str, tuple[int, ...]]) -> None:
    """Just outside a step's life stands its refusal: 404 or, for an action, 400, unless the story says else."""
    found = planned(tmp_path, eight, f"a: {step}")
    assert {str(case.microversion): case.statuses for each in found for case in each if case.outside} == edges


@pytest.mark.parametrize(
    ("name", "statuses", "in_query"),
    [("make+tags@2.2", (400,), False), ("make+tags@2.7", (400,), False), ("list+tags@2.2", (200,), True)],
)
def test_unknown_keys(tmp_path: Path, eight: Documents, name: str, statuses: tuple[int, ...], in_query: bool) -> None:
    """A key is asked just outside its own life, where it must be refused or ignored as the history says."""
    steps = "make: {POST: /things, body: {thing: {name: a, tags: []}}}\n  list: {GET: /things, query: {tags: a}}"
    case = case_of(planned(tmp_path, eight, steps), name)
    assert (case.statuses, bool(case.odd and case.odd.in_query), case.outside) == (statuses, in_query, False)


def test_unknown_keys_are_only_outside_their_life(tmp_path: Path, eight: Documents) -> None:
    """A key that begins and ends has one case on each side, and none within its life."""
    found = planned(tmp_path, eight, "make: {POST: /things, body: {thing: {name: a, tags: []}}}")
    assert [one for one in ids(found) if "+" in one] == ["make+tags@2.2", "make+tags@2.7"]
    assert case_of(found, "make+tags@2.2").odd == Odd("key", ("thing", "tags"))


@pytest.mark.parametrize("more", ["exact: true", "status: 400"])
def test_no_unknown_keys_for_exact_steps(tmp_path: Path, eight: Documents, more: str) -> None:
    """A step that is sent as written, or that must be refused anyway, has no generated cases."""
    found = planned(tmp_path, eight, f"make: {{POST: /things, body: {{thing: {{tags: []}}}}, {more}}}")
    assert not [one for one in ids(found) if "+" in one]


def test_a_strict_query(tmp_path: Path, eight: Documents) -> None:
    """An unknown query parameter is refused where the shape says so."""
    found = planned(tmp_path, eight, "show: {GET: /things/1, query: {more: 1}}")
    assert case_of(found, "show+more@2.5").statuses == (400,)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("2.3..2.6", ["a@2.3", "a@2.4", "a@2.5", "a@2.6"]),
        ("2.4..2.5", ["a@2.4", "a@2.5"]),
        ("2.4", ["a@2.4"]),
        ("2.7..2.8", []),
        ("2.9..2.20", []),
    ],
)
def test_a_span_clips(tmp_path: Path, eight: Documents, span: str, expected: list[str]) -> None:
    """Nothing outside the span is asked, on neither side."""
    assert ids(planned(tmp_path, eight, "a: {GET: /parts}", span)) == expected


def test_negotiation_is_asked_once(tmp_path: Path, eight: Documents) -> None:
    """A step of negotiation has one case, under the microversion that must answer, or else the newest."""
    steps = """none: {GET: /things, asks: null, answered: $min}
  latest: {GET: /things, asks: compute latest, answered: $max}
  named: {GET: /things, asks: compute 2.3, answered: '2.3'}
  beyond: {GET: /things, asks: compute $beyond, status: 406}"""
    found = planned(tmp_path, eight, steps)
    assert ids(found) == ["none@2.1", "latest@2.8", "named@2.3", "beyond@2.8"]
    assert case_of(found, "beyond@2.8").statuses == (406,)


def test_promised_statuses(tmp_path: Path, eight: Documents) -> None:
    """A case wants the step's own status, a 404 where the step waits for that, or what the history says."""
    steps = "a: {POST: /things, status: 409}\n  b: {GET: /things/1, until: gone}\n  c: {DELETE: /things/1}"
    found = planned(tmp_path, eight, steps)
    wanted = [case_of(found, name).statuses for name in ("a@2.1", "b@2.1", "c@2.1")]
    assert wanted == [(409,), (404,), (204,)]


@pytest.mark.parametrize("every", [False, True])
def test_ids_are_unique_and_stable(tmp_path: Path, eight: Documents, every: bool) -> None:
    """No two cases share an id, and planning again gives the same plan."""
    steps = "make: {POST: /things, body: {thing: {name: a, tags: []}}}\n  show: {GET: /things/1}\n  p: {GET: /parts}"
    first = planned(tmp_path, eight, steps, every=every)
    assert len(set(ids(first))) == len(ids(first))
    assert planned(tmp_path, eight, steps, every=every) == first


def test_default_cases_are_among_every(tmp_path: Path, eight: Documents) -> None:
    """Every asks all that the default depth asks."""
    steps = "make: {POST: /things, body: {thing: {tags: []}}}\n  show: {GET: /things/1}"
    assert set(ids(planned(tmp_path, eight, steps))) <= set(ids(planned(tmp_path, eight, steps, every=True)))


def test_select(tmp_path: Path, eight: Documents) -> None:
    """Patterns choose cases by id; none chooses all."""
    found = planned(tmp_path, eight, "show: {GET: /things/1}\n  list: {GET: /things}")
    assert select(found, ["*::list@2.[12]"]) == {"compute/one::list@2.1", "compute/one::list@2.2"}
    assert len(select(found, [])) == len(ids(found))


def test_select_nothing(tmp_path: Path, eight: Documents) -> None:
    """A pattern that matches no case is refused, so that nothing goes green by being empty."""
    with pytest.raises(UsageError) as caught:
        select(planned(tmp_path, eight, "show: {GET: /things/1}"), ["nope"])
    assert caught.value == UsageError("no case matches nope", "", "'conformance plan' lists every case.")


def test_a_case_tells_all(tmp_path: Path, eight: Documents) -> None:
    """A case names its service, story, step, call, microversion and what must come."""
    case = case_of(planned(tmp_path, eight, "remove: {DELETE: /things/1}"), "remove@2.8")
    expected = Case(
        "compute/one::remove@2.8", "compute", "one", "remove", "DELETE /things/{thing}", v("2.8"), True, (204,)
    )
    assert case == expected
