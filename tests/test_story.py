"""Stories: read with every name checked, and each refusal told."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.document import Documents
from conformance.errors import DataError
from tests.helpers import THINGS, documents, library, put, v

KIND = "thing: {service: compute, path: /things/$id, id: /thing/id}"


@pytest.fixture
def things(tmp_path: Path) -> Documents:
    """A small history."""
    return documents(tmp_path, THINGS, "", "")


def refused(data: Path, things: Documents, story: str, given: str = "", kinds: str = "") -> DataError:
    """The error with which a story is refused."""
    with pytest.raises(DataError) as caught:
        library(data, things, given, kinds, one=story)
    return caught.value


def source(data: Path, place: str = "") -> str:
    """Where something stands in the story."""
    return f"{data / 'scenarios' / 'compute' / 'one.yaml'}{place}"


def test_a_story_is_read(tmp_path: Path, things: Documents) -> None:
    """A story has its name, its persona, its steps in order, and each step its call."""
    text = """
        as: member
        steps:
          list: {GET: /things}
          stop: {POST: /things/1/action, body: {stop: null}, as: admin, status: [202, 409], since: "2.2", before: 404}
    """
    story = library(tmp_path, things, one_more=text).stories[0]
    assert story.id == "compute/one-more"
    assert [(step.name, step.persona, step.call) for step in story.steps] == [
        ("list", "member", "GET /things"),
        ("stop", "admin", "POST /things/{thing}/action stop"),
    ]
    assert (story.steps[1].status, story.steps[1].since, story.steps[1].before) == ((202, 409), v("2.2"), (404,))


SEQUENCES = """
    looked: {list: {GET: /things}, one: {GET: "/things/$thing", as: reader}}
"""


def test_a_sequence_is_performed_in_a_story(tmp_path: Path, things: Documents) -> None:
    """Its steps stand in their place, named after it, as the administrator's unless they say otherwise."""
    put(tmp_path / "scenarios" / "sequences.yaml", SEQUENCES)
    text = """
        as: member
        steps:
          make: {POST: /things, body: {thing: {name: a}}, keep: {thing: /thing/id}}
          then: {do: looked, since: "2.2", last: "2.3"}
    """
    [make, *steps] = library(tmp_path, things, one=text).stories[0].steps
    assert make.persona == "member"
    assert [(step.name, step.persona) for step in steps] == [("then-list", "admin"), ("then-one", "reader")]
    assert {(step.since, step.last) for step in steps} == {(v("2.2"), v("2.3"))}
    assert steps[0].where == source(tmp_path, ": steps/then-list")


def test_an_unknown_sequence(tmp_path: Path, things: Documents) -> None:
    """A sequence that isn't there is refused with those that are."""
    put(tmp_path / "scenarios" / "sequences.yaml", SEQUENCES)
    remedy = "scenarios/sequences.yaml has looked."
    assert refused(tmp_path, things, "steps: {then: {do: watched}}") == DataError(
        "unknown sequence 'watched'", source(tmp_path, ": steps/then"), remedy
    )


def test_a_sequence_that_misses_what_it_uses(tmp_path: Path, things: Documents) -> None:
    """What a sequence uses must have been kept before its place in the story."""
    put(tmp_path / "scenarios" / "sequences.yaml", SEQUENCES)
    caught = refused(tmp_path, things, "steps: {then: {do: looked}}")
    assert (caught.what, caught.where) == ("nothing is kept under $thing", source(tmp_path, ": steps/then-one"))


@pytest.mark.parametrize("text", ["looked: {}", "looked: {again: {do: looked}}", "looked: {Bad: {GET: /things}}"])
def test_a_sequence_that_makes_no_sense(tmp_path: Path, things: Documents, text: str) -> None:
    """A sequence has steps, well named, and performs no other one."""
    put(tmp_path / "scenarios" / "sequences.yaml", text)
    assert "sequences.yaml" in refused(tmp_path, things, "steps: {list: {GET: /things}}").where


def test_a_sequence_takes_no_more(tmp_path: Path, things: Documents) -> None:
    """Beside do, only the microversions of its place can be said."""
    assert "'status'" in refused(tmp_path, things, "steps: {then: {do: looked, status: 200}}").what


def test_what_is_swept(tmp_path: Path, things: Documents) -> None:
    """A GET is swept unless it is asked each time, polls or negotiates; a write never is."""
    text = """
        steps:
          plain: {GET: /things}
          each: {GET: /things, each: true}
          until: {GET: /things, until: {/things: []}}
          asks: {GET: /things, asks: null}
          remove: {DELETE: /things/1}
    """
    story = library(tmp_path, things, one=text).stories[0]
    assert [step.name for step in story.steps if step.swept] == ["plain"]
    assert [step.name for step in story.steps if step.writes] == ["remove"]


def test_an_unknown_recipe(tmp_path: Path, things: Documents) -> None:
    """A recipe that nobody wrote is refused with those that there are."""
    found = refused(tmp_path, things, "given: [tihng]\nsteps: {a: {GET: /things}}", "thing: {steps: {}}")
    assert found == DataError("unknown recipe 'tihng'", source(tmp_path), "scenarios/given.yaml has thing.")


def test_an_unknown_need(tmp_path: Path, things: Documents) -> None:
    """A recipe that needs one that nobody wrote is refused in its own place."""
    found = refused(tmp_path, things, "steps: {a: {GET: /things}}", "thing: {needs: [part], steps: {}}")
    where = f"{tmp_path / 'scenarios' / 'given.yaml'}: thing"
    assert found == DataError("unknown recipe 'part'", where, "scenarios/given.yaml has thing.")


def test_recipes_that_need_each_other(tmp_path: Path, things: Documents) -> None:
    """Two recipes that need each other can't be made, and are refused."""
    given = "a: {needs: [b], steps: {}}\nb: {needs: [a], steps: {}}"
    found = refused(tmp_path, things, "given: [a]\nsteps: {x: {GET: /things}}", given)
    expected = DataError("the recipe 'b' needs itself", "scenarios/given.yaml: b", "Break the circle of needs.")
    assert found == expected


def test_an_unknown_kind(tmp_path: Path, things: Documents) -> None:
    """A kind that nobody described is refused, since nobody would know how to remove it."""
    found = refused(tmp_path, things, "steps: {a: {POST: /things, makes: thng}}", kinds=KIND)
    remedy = "Say in scenarios/kinds.yaml how it is found and removed."
    assert found == DataError("unknown kind 'thng'", source(tmp_path, ": steps/a"), remedy)


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ("GET: /thongs", "no call GET /thongs"),
        ("PUT: /things", "no call PUT /things"),
        ("GET: /things/1/2", "no call GET /things/1/2"),
        ("POST: /things/1/action, body: {start: null}", "no call POST /things/1/action start"),
    ],
)
def test_an_unknown_call(tmp_path: Path, things: Documents, step: str, what: str) -> None:
    """A request that fits no call of the history is refused."""
    found = refused(tmp_path, things, f"steps: {{a: {{{step}}}}}")
    assert found == DataError(
        what, source(tmp_path, ": steps/a"), "Add the call to schemas/compute/, or mend the path."
    )


def test_an_unknown_variable(tmp_path: Path, things: Documents) -> None:
    """A variable that no step before kept is refused."""
    found = refused(tmp_path, things, "steps: {a: {GET: /things/$thing, keep: {thing: /thing/id}}}")
    assert (found.what, found.where) == ("nothing is kept under $thing", source(tmp_path, ": steps/a"))


@pytest.mark.parametrize(
    "step",
    [
        "GET: /things, query: {name: $x}",
        "POST: /things, body: {thing: {name: $x}}",
        "GET: /things, expect: {/things: $x}",
        "GET: /things, headers: {a: $x}",
        "GET: /things, has: [/$x]",
        "GET: /things, until: {/things: $x}",
        "GET: /things, asks: compute $x",
        "POST: /things, makes: {service: compute, path: /things/$x}",
    ],
)
def test_an_unknown_variable_anywhere(tmp_path: Path, things: Documents, step: str) -> None:
    """A variable is checked wherever a step may use one."""
    assert refused(tmp_path, things, f"steps: {{a: {{{step}}}}}").what == "nothing is kept under $x"


def test_variables_of_recipes_and_preparation(tmp_path: Path, things: Documents) -> None:
    """What a recipe, its needs and the preparation keep may be used, and what is always there."""
    given = """
        part: {steps: {a: {GET: /things, keep: {part: /things/0/id}}}}
        thing: {needs: [part], steps: {a: {GET: /things/$part, keep: {thing: /thing/id}}}}
    """
    story = """
        given: [thing]
        prepare: {p: {GET: "/things/$thing", keep: {other: /thing/id}}}
        steps: {s: {GET: "/things/$other?a=$part&b=$name&c=$uuid9"}}
    """
    assert library(tmp_path, things, given, one=story).stories[0].given == ("thing",)


def test_a_float_for_since(tmp_path: Path, things: Documents) -> None:
    """An unquoted microversion is refused with its trap."""
    found = refused(tmp_path, things, "steps: {a: {GET: /things, since: 2.2}}")
    remedy = 'Write the microversion in quotes, "2.2": YAML loads an unquoted 2.10 as the number 2.1.'
    assert found == DataError("2.2 is not of type 'string'", source(tmp_path, ": steps/a/since"), remedy)


@pytest.mark.parametrize(
    "step",
    [
        "{}",
        "{GET: /things, PUT: /things}",
        "{GET: things}",
        "{GET: /things, sttatus: 200}",
        "{GET: /things, status: 20}",
        "{GET: /things, as: root}",
        "{GET: /things, expect: {things: 1}}",
        "{GET: /things, until: soon}",
        "{GET: /things, within: 0}",
    ],
)
def test_a_step_of_the_wrong_form(tmp_path: Path, things: Documents, step: str) -> None:
    """A step that isn't one is refused at its place."""
    found = refused(tmp_path, things, f"steps: {{a: {step}}}")
    assert found.where.startswith(source(tmp_path, ": steps"))


@pytest.mark.parametrize("name", ["A", "two words", "a_b", "a@b"])
def test_a_step_of_a_wrong_name(tmp_path: Path, things: Documents, name: str) -> None:
    """A step's name is lower-case words with hyphens, since it is a part of an id."""
    assert refused(tmp_path, things, f"steps: {{'{name}': {{GET: /things}}}}").where == source(tmp_path, ": steps")


def test_a_service_that_is_not_judged(tmp_path: Path, things: Documents) -> None:
    """A step of a service without a history has no call, and needs none."""
    story = library(tmp_path, things, one="prepare: {n: {service: network, GET: /v2.0/x}}\nsteps: {a: {GET: /things}}")
    assert story.stories[0].prepare[0].call == ""


def test_what_is_kept_must_be_findable(tmp_path: Path, things: Documents) -> None:
    """A JMESPath that is none is refused with its place, before anything is asked."""
    found = refused(tmp_path, things, 'steps: {a: {GET: /things, keep: {thing: {finds: "things[?"}}}}')
    assert (found.what.partition(":")[0], found.where) == ("finds is no JMESPath", source(tmp_path, ": steps/a"))
