"""The verdict on an exchange: judge, story and neighbours together, and what a lenient critic lets pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from conformance.claim import Claim
from conformance.document import Documents
from conformance.exchange import Exchange, Request, Response
from conformance.verdict import Critic, Reads, Verdict
from tests.helpers import REQUEST_ID, documents, exchange, response, v

LIST = "GET /things"
HISTORY = (
    "new: {thing: {add: {name: string}}, fault: {add: {message: string}}}\n"
    "error: fault\ncalls: {GET /things: {status: 200, body: {things: [thing]}}}",
    "gone: []",
)
CLAIM = Claim("compute", LIST, v("2.1"), (200,), v("2.1"), "admin", "list", "a.yaml: steps/list", swept=True)
THING = {"name": "a"}


@pytest.fixture
def two(tmp_path: Path) -> Documents:
    """A list of things at two microversions, the second of which changes nothing."""
    return documents(tmp_path, *HISTORY)


def never(request: Request) -> Exchange:
    """Nobody asks a second time here."""
    raise AssertionError(request)


def alone(two: Documents, claim: Claim, answer: Exchange, *, lenient: bool = False) -> Verdict:
    """The verdict on one exchange."""
    return Critic({"compute": two}, lenient).verdict(claim, answer, Reads(), never)


def swept(two: Documents, older: Any, newer: Any, again: Response, *, lenient: bool = False) -> Verdict:
    """The verdict on the second of two reads, with what the older one answers when it is asked again."""
    critic, reads = Critic({"compute": two}, lenient), Reads()
    critic.verdict(CLAIM, exchange({"things": older}), reads, never)
    later = attrs.evolve(CLAIM, version=v("2.2"), answered=v("2.2"))
    return critic.verdict(later, exchange({"things": newer}, version="2.2"), reads, lambda one: Exchange(one, again))


def codes(verdict: Verdict) -> tuple[list[str], list[str]]:
    """The codes of the findings and of the warnings."""
    return [one.code for one in verdict.findings], [one.code for one in verdict.warnings]


def test_a_right_answer(two: Documents) -> None:
    """What the history promises and the story expects has neither finding nor warning."""
    claim = attrs.evolve(CLAIM, expect={"/things/0/name": "a"})
    assert alone(two, claim, exchange({"things": [THING]})) == Verdict()


def test_judge_and_story_speak_of_different_places(two: Documents) -> None:
    """What the story expects at a place is told where the judge has found nothing there."""
    claim = attrs.evolve(CLAIM, has=("/things/0/name", "/things/1"))
    found = alone(two, claim, exchange({"things": [{}]})).findings
    assert [(one.code, one.pointer) for one in found] == [("missing", "/things/0/name"), ("expectation", "/things/1")]


def test_a_wait_that_ended_in_vain(two: Documents) -> None:
    """If the last answer isn't what was waited for, that is a finding, unless the judge has found one."""
    claim = attrs.evolve(CLAIM, until={"/things/0/name": "b"}, within=5)
    assert codes(alone(two, claim, exchange({"things": [THING]}))) == (["wait"], [])
    assert codes(alone(two, claim, exchange({"things": [{"name": 1}]}))) == (["type"], [])


def test_every_finding_has_its_remedy(two: Documents) -> None:
    """What is found comes with what to do about it."""
    (one,) = alone(two, CLAIM, exchange({"things": [{"name": 1}]})).findings
    assert one.remedy


def test_no_secret_is_seen(two: Documents) -> None:
    """What was seen at a secret's place is hidden."""
    (one,) = alone(two, CLAIM, exchange({"things": [{**THING, "adminPass": "s3cret"}]})).findings
    assert "s3cret" not in str(one)


def test_a_service_without_a_history(two: Documents) -> None:
    """Of a service that isn't judged only the status counts."""
    claim = Claim("network", "GET /ports", v("0.0"), (200,), None)
    assert alone(two, claim, exchange({"anything": 1})) == Verdict()
    assert codes(alone(two, claim, exchange({}, 404))) == (["status"], [])


def test_an_answer_at_no_microversion(two: Documents) -> None:
    """Where no microversion was agreed on, an error has the shape of the oldest, whatever was asked for."""
    claim = attrs.evolve(CLAIM, version=v("2.2"), statuses=(406,), answered=None)
    answer = Exchange(exchange().request, Response(406, {"x-openstack-request-id": REQUEST_ID}, b""))
    assert codes(alone(two, claim, answer)) == (["not-json"], [])


def test_a_drift(two: Documents) -> None:
    """What differs from the read before, and still does when that is made again, is a drift."""
    told = swept(two, [THING], [{"name": "b"}], response({"things": [THING]}))
    assert codes(told) == (["drift"], [])


@pytest.mark.parametrize("again", [Response(0, failure="refused"), response(b"<html>")])
def test_a_drift_that_cannot_be_looked_at_twice(two: Documents, again: Response) -> None:
    """If the older read can't be made again, the drift stands."""
    assert codes(swept(two, [THING], [{"name": "b"}], again)) == (["drift"], [])


def test_an_extra_key(two: Documents) -> None:
    """A key that nobody promised is a finding, and to a lenient critic a warning with its remedy."""
    answer = exchange({"things": [{**THING, "colour": "blue"}]})
    assert codes(alone(two, CLAIM, answer)) == (["unexpected"], [])
    lenient = alone(two, CLAIM, answer, lenient=True)
    assert codes(lenient) == ([], ["unexpected"])
    assert lenient.warnings[0].remedy


def test_an_extra_key_in_an_error(two: Documents) -> None:
    """Nor does an error's body with a key more fail before a lenient critic."""
    claim = attrs.evolve(CLAIM, statuses=(404,))
    answer = exchange({"message": "No.", "hint": "Look elsewhere."}, 404)
    assert codes(alone(two, claim, answer, lenient=True)) == ([], ["error-unexpected"])


def test_leniency_is_about_extra_keys_alone(two: Documents) -> None:
    """A key that is missing, or of another type, is a finding to a lenient critic too."""
    answer = exchange({"things": [{"colour": "blue"}, {"name": 1}]})
    assert codes(alone(two, CLAIM, answer, lenient=True)) == (["missing", "type"], ["unexpected"])


def test_what_stands_beside_extra_keys_is_still_compared(two: Documents) -> None:
    """Reads with extra keys are compared all the same, but for those keys, of which nothing is promised."""
    older, newer = [{**THING, "colour": "blue"}], [{"name": "b", "colour": "red"}]
    told = swept(two, older, newer, response({"things": older}), lenient=True)
    assert [(one.code, one.pointer) for one in told.findings] == [("drift", "/things/0/name")]
