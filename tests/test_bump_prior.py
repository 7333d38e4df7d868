"""The data as they were before a microversion."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.bump.prior import prior
from conformance.errors import UsageError
from conformance.suite import Suite, load
from tests.helpers import THINGS, history, put, real, v

DELTA = """
    change:
      thing_new: {allow: {colour: string}}
    calls:
      GET /things/{thing}/size: {status: 200, body: {size: integer}}
"""
STORY = """
    summary: A story of a test.
    steps:
      create:
        POST: /things
        body: {thing: {name: $name, colour@2.2: red}}
        keep: {thing: /thing/id}
      size: {GET: /things/$thing/size, keep: {size: /size}}
      by-size: {GET: /things, query: {size: $size}}
      until-then: {GET: /things/$thing, last: "2.1", after: 404}
      from-then: {GET: /things/$thing, since: "2.2", before: 404}
"""


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Two microversions of things, and a story that knows both."""
    history(tmp_path, THINGS, DELTA)
    put(tmp_path / "scenarios" / "compute" / "things.yaml", STORY)
    return load(tmp_path)


def test_the_microversion_changes_nothing(suite: Suite) -> None:
    """The history ends at it, with what there was just below."""
    documents = prior(suite, "compute", v("2.2")).services["compute"]
    assert documents.history.span.last == v("2.2")
    assert documents.at("POST /things", v("2.2")).takes == documents.at("POST /things", v("2.1")).takes
    assert "GET /things/{thing}/size" not in documents.calls


def test_steps_that_came_later_are_unknown(suite: Suite) -> None:
    """A call that begins then has no step, nor has what rests on it; a step that begins then isn't there either."""
    (story,) = prior(suite, "compute", v("2.2")).library.stories
    assert [step.name for step in story.steps] == ["create", "until-then"]


def test_steps_are_as_they_were_written_then(suite: Suite) -> None:
    """A key that is said from then on isn't said, and a step that ended just below goes on."""
    create, until_then = prior(suite, "compute", v("2.2")).library.stories[0].steps
    assert create.body == {"thing": {"name": "$name"}}
    assert (until_then.last, until_then.after) == (None, ())


def test_the_next_one_may_be_unknown(suite: Suite) -> None:
    """A microversion of which nothing is written yet is what this is for."""
    assert prior(suite, "compute", v("2.3")).services["compute"].history.span.last == v("2.3")


@pytest.mark.parametrize("version", ["2.1", "2.4"])
def test_something_must_be_known_just_below(suite: Suite, version: str) -> None:
    """Neither the first one nor one beyond a gap can be compared with anything."""
    with pytest.raises(UsageError, match=f"nothing is known of compute just below {version}"):
        prior(suite, "compute", v(version))


@pytest.mark.parametrize("version", ["2.3", "2.26", "2.75", "2.104"])
def test_our_own_stories_can_be_told_at_any_microversion(version: str) -> None:
    """Most of the steps that there are had something to ask then as well."""
    suite = prior(real(), "compute", v(version))
    steps = [step for story in suite.library.stories for step in story.steps if not step.guest]
    assert len(steps) > 300
    assert {step.call for step in steps} <= set(suite.services["compute"].calls)
