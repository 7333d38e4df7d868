"""The judge: for each finding an exchange that has it, beside the right answer, which passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from conformance.claim import SUCCESS
from conformance.document import Documents
from conformance.exchange import Exchange, Finding, Response
from conformance.judge import Standard, judge, judge_body
from tests.helpers import REQUEST_ID, documents, exchange, request, v

DELTA = """
    error: fault
    new:
      fault: {add: {message: string, code: integer}}
      colour: {is: {type: string, enum: [red, blue]}}
      label: {is: {type: string, pattern: "^[a-z]+$", maxLength: 5}}
      part: {add: {size: integer}}
      thing:
        add:
          id: uuid
          made: date-time
          address: ipv4
          address6: ipv6
          link: uri
          colour: colour
          label: label
          part: part?
          parts: [part]
          free: {type: object, patternProperties: {"^[a-z]+$": integer}, additionalProperties: false}
        allow: {note: string}
      cached: {add: {cache-control: {const: no-cache}, last-modified: string}}
    calls:
      GET /things/{thing}: {status: 200, body: {thing: thing}, headers: cached}
      DELETE /things/{thing}: {status: 204}
      GET /: {status: [200, 300], unversioned: true, body: object}
"""
THING: dict[str, Any] = {
    "id": "9d1b8b6e-3f0e-4d9b-9f2b-0a1b2c3d4e5f",
    "made": "2026-01-31T12:00:00Z",
    "address": "192.0.2.1",
    "address6": "2001:db8::1",
    "link": "http://192.0.2.1/things/1",
    "colour": "red",
    "label": "abc",
    "part": {"size": 1},
    "parts": [{"size": 1}, {"size": 2}],
    "free": {"a": 1},
    "note": "optional",
}
CACHED: dict[str, str | None] = {"cache_control": "no-cache", "last_modified": "Sat, 31 Jan 2026 12:00:00 GMT"}
SHOW, DELETE = "GET /things/{thing}", "DELETE /things/{thing}"


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    """A history of one microversion with a property of every kind."""
    return documents(tmp_path_factory.mktemp("judge"), DELTA)


def standard(things: Documents, call: str = SHOW, *statuses: int) -> Standard:
    """What an answer of a call is held against."""
    document, one = things.at(call, v("2.1")), v("2.1")
    return Standard("compute", call, one, one, statuses or document.status, document, things.error(one))


def changed(**changes: Any) -> dict[str, Any]:
    """The thing with some keys of another value; a key given as Ellipsis is away."""
    return {"thing": {key: value for key, value in {**THING, **changes}.items() if value is not ...}}


def right(data: Any = None, **headers: str | None) -> Exchange:
    """The right answer of the show call, but for these headers."""
    return exchange({"thing": THING} if data is None else data, 200, "2.1", **{**CACHED, **headers})


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    """The codes and pointers of findings."""
    return [(finding.code, finding.pointer) for finding in findings]


def test_the_right_answer_passes(things: Documents) -> None:
    """An answer as the history promises has no finding."""
    assert judge(right(), standard(things)) == []


@pytest.mark.parametrize("change", [{"note": ...}, {"part": None}, {"parts": []}, {"free": {}}])
def test_what_the_history_leaves_open_passes(things: Documents, change: dict[str, Any]) -> None:
    """An optional key may be away, a nullable one null, a list or a map empty."""
    assert judge(right(changed(**change)), standard(things)) == []


BODY_FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"id": ...}, "missing", "/thing/id"),
    ({"part": {}}, "missing", "/thing/part/size"),
    ({"parts": [{"size": 1}, {}]}, "missing", "/thing/parts/1/size"),
    ({"extra": 1}, "unexpected", "/thing/extra"),
    ({"parts": [{"size": 1, "x/y": 1}]}, "unexpected", "/thing/parts/0/x~1y"),
    ({"free": {"A": 1}}, "unexpected", "/thing/free/A"),
    ({"note": 1}, "type", "/thing/note"),
    ({"note": None}, "type", "/thing/note"),
    ({"part": "big"}, "type", "/thing/part"),
    ({"parts": {}}, "type", "/thing/parts"),
    ({"free": {"a": "1"}}, "type", "/thing/free/a"),
    ({"id": "9d1b8b6e3f0e4d9b9f2b0a1b2c3d4e5f"}, "format", "/thing/id"),
    ({"made": "2026-01-31T12:00:00"}, "format", "/thing/made"),
    ({"made": "2026-02-30T12:00:00Z"}, "format", "/thing/made"),
    ({"address": "192.0.2.256"}, "format", "/thing/address"),
    ({"address": "2001:db8::1"}, "format", "/thing/address"),
    ({"address6": "192.0.2.1"}, "format", "/thing/address6"),
    ({"link": "not a link"}, "format", "/thing/link"),
    ({"colour": "green"}, "value", "/thing/colour"),
    ({"label": "ABC"}, "value", "/thing/label"),
    ({"label": "abcdef"}, "value", "/thing/label"),
    ({"label": "abc\n"}, "value", "/thing/label"),
]


@pytest.mark.parametrize(("change", "code", "place"), BODY_FAULTS)
def test_one_fault_in_a_body_is_one_finding(things: Documents, change: dict[str, Any], code: str, place: str) -> None:
    """Each fault of a body has its code, its pointer, and no second finding beside it."""
    assert told(judge(right(changed(**change)), standard(things))) == [(code, place)]


def test_two_faults_are_two_findings(things: Documents) -> None:
    """Faults at different places are each told."""
    found = judge(right(changed(id=..., colour="green", a=1, b=2)), standard(things))
    assert sorted(told(found)) == [
        ("missing", "/thing/id"),
        ("unexpected", "/thing/a"),
        ("unexpected", "/thing/b"),
        ("value", "/thing/colour"),
    ]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x_openstack_request_id": None}, "request-id"),
        ({"x_openstack_request_id": "req-1"}, "request-id"),
        ({"openstack_api_version": None}, "version-header-missing"),
        ({"openstack_api_version": "compute 2.2"}, "version-header"),
        ({"openstack_api_version": "2.1"}, "version-header"),
        ({"x_openstack_nova_api_version": None}, "version-header-missing"),
        ({"x_openstack_nova_api_version": "2.2"}, "version-header"),
        ({"vary": None}, "vary"),
        ({"vary": "Accept-Encoding"}, "vary"),
        ({"content_type": "text/plain"}, "content-type"),
        ({"content_type": None}, "content-type"),
        ({"cache_control": None}, "header"),
        ({"cache_control": "max-age=60"}, "header"),
        ({"last_modified": None}, "header"),
    ],
)
def test_one_wrong_header_is_one_finding(things: Documents, headers: dict[str, str | None], code: str) -> None:
    """Each header that is away or wrong has its code, and no second finding beside it."""
    assert told(judge(right(**headers), standard(things))) == [(code, "")]


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "application/json; charset=UTF-8"},
        {"vary": "X-Auth-Token, openstack-api-version"},
        {"x_more": "not promised by anyone"},
    ],
)
def test_headers_written_otherwise_pass(things: Documents, headers: dict[str, str | None]) -> None:
    """A charset, another case, and a header more are no faults."""
    assert judge(right(**headers), standard(things)) == []


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda: Response(0, failure="the connection was refused"), "no-answer"),
        (lambda: Response(200, {}, b'{"thi', failure="cut short"), "no-answer"),
        (lambda: Response(404, {}, b"{}"), "status"),
        (lambda: Response(202, {}, b"{}"), "status"),
        (lambda: Response(500, {}, b"{}"), "server-error"),
        (lambda: Response(503, {}, b"<html>"), "server-error"),
    ],
)
def test_a_wrong_status_hides_what_follows_from_it(things: Documents, made: Callable[[], Response], code: str) -> None:
    """No answer and a wrong status are one finding, whatever else such an answer lacks."""
    assert told(judge(Exchange(request(), made()), standard(things))) == [(code, "")]


def test_any_success_is_told_shortly() -> None:
    """Of a request of which nobody says more, any success will do."""
    standard = Standard("network", "GET /v2.0/ports", v("0.0"), None, SUCCESS, None, {}, judged=False)
    [found] = judge(exchange({}, status=409), standard)
    assert (found.expected, found.seen[:10]) == ("status 2xx", "status 409")


@pytest.mark.parametrize("status", [200, 202])
def test_any_of_several_statuses_passes(things: Documents, status: int) -> None:
    """Where several statuses are wanted, each is right."""
    answer = exchange({"thing": THING}, status, "2.1", **CACHED)
    assert judge(answer, standard(things, SHOW, 200, 202)) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<!DOCTYPE html><p>Hello", "html"),
        (b"\n<HTML>", "html"),
        (b'{"thing": ', "not-json"),
        (b'{"thing": NaN}', "not-json"),
        (b"\xff\xfe", "not-json"),
        (b"", "not-json"),
    ],
)
def test_no_json(things: Documents, content: bytes, code: str) -> None:
    """A page in place of JSON is told from a body that is cut short or is nothing."""
    assert told(judge(right(content), standard(things))) == [(code, "")]


@pytest.mark.parametrize("data", [{"message": "gone"}, b"{}"])
def test_a_body_where_none_is_promised(things: Documents, data: Any) -> None:
    """A body where the history promises none is a finding."""
    assert told(judge(exchange(data, 204), standard(things, DELETE))) == [("unexpected-body", "")]


def test_no_body_passes(things: Documents) -> None:
    """An answer without a body needs no content type."""
    assert judge(exchange(None, 204, content_type=None), standard(things, DELETE)) == []


ERROR_FAULTS: list[tuple[Any, str, str]] = [
    ({"message": "no"}, "error-missing", "/code"),
    ({"message": "no", "code": "404"}, "error-type", "/code"),
    ({"message": "no", "code": 404, "trace": "x"}, "error-unexpected", "/trace"),
    (b"<html>", "html", ""),
    (b"no", "not-json", ""),
]


@pytest.mark.parametrize(("data", "code", "place"), ERROR_FAULTS)
def test_one_fault_in_an_error(things: Documents, data: Any, code: str, place: str) -> None:
    """The body of an error that is wanted is held against the service's error, under codes of its own."""
    assert told(judge(exchange(data, 404), standard(things, SHOW, 404))) == [(code, place)]


def test_a_right_error_passes(things: Documents) -> None:
    """An error that is wanted and of the right shape passes, and needs no vary header nor those of a success."""
    answer = exchange({"message": "no", "code": 404}, 404, vary=None)
    assert judge(answer, standard(things, SHOW, 404)) == []


def test_an_error_names_its_version_too(things: Documents) -> None:
    """An error's answer names the microversion as any other."""
    answer = exchange({"message": "no", "code": 404}, 404, openstack_api_version=None)
    assert told(judge(answer, standard(things, SHOW, 404))) == [("version-header-missing", "")]


def test_a_version_document_needs_no_version_headers(things: Documents) -> None:
    """A version document is answered alike at every microversion, without version headers and request id."""
    plain = Exchange(request("/"), Response(200, {"content-type": "application/json"}, b"{}"))
    assert judge(plain, standard(things, "GET /")) == []


def test_no_version_is_checked_where_none_can_be_told(things: Documents) -> None:
    """Where no microversion was agreed on, the version headers aren't looked at."""
    unknown = attrs.evolve(standard(things), answered=None)
    assert judge(right(openstack_api_version="compute 2.7", vary=None), unknown) == []


def test_a_service_that_is_not_judged(things: Documents) -> None:
    """Of a service that isn't judged only the status counts."""
    loose = attrs.evolve(standard(things), judged=False)
    assert judge(Exchange(request(), Response(200)), loose) == []
    assert told(judge(Exchange(request(), Response(404)), loose)) == [("status", "")]


def test_placement_has_no_legacy_header(things: Documents) -> None:
    """A service without a legacy header isn't asked for one."""
    answer = right(openstack_api_version="placement 1.0", x_openstack_nova_api_version=None)
    other = attrs.evolve(standard(things), service="placement", answered=v("1.0"))
    assert judge(answer, other) == []


def test_a_finding_tells_all(things: Documents) -> None:
    """A finding names service, call, microversion, place, what was expected and what was seen."""
    finding = judge(right(changed(colour="green")), standard(things))[0]
    expected = Finding("value", "compute", SHOW, "2.1", "/thing/colour", 'enum ["red", "blue"]', "green")
    assert finding == expected
    assert str(finding).splitlines() == [
        "value: compute GET /things/{thing} @2.1 at /thing/colour",
        '  expected  enum ["red", "blue"]',
        "  seen      green",
    ]


def test_a_header_finding_tells_the_value(things: Documents) -> None:
    """A version header that is wrong is told beside the right one."""
    finding = judge(right(openstack_api_version="compute 2.2"), standard(things))[0]
    assert (finding.expected, finding.seen) == ("openstack-api-version: compute 2.1", "compute 2.2")
    assert judge(right(x_openstack_request_id=REQUEST_ID), standard(things)) == []


def test_judge_body(things: Documents) -> None:
    """A recorded body is judged alone, without its headers."""
    document = things.at(SHOW, v("2.1"))
    assert judge_body({"thing": THING}, document, v("2.1")) == []
    assert told(judge_body(changed(id=...), document, v("2.1"))) == [("missing", "/thing/id")]
    assert told(judge_body({}, things.at(DELETE, v("2.1")), v("2.1"))) == [("unexpected-body", "")]
