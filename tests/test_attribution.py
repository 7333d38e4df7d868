"""What an exchange of unknown origin is about, told by its url and its headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.attribution import Attribution, Seen, UnknownError
from conformance.claim import Claim
from tests.helpers import real, v

PROJECT = "0123456789abcdef0123456789abcdef"
LEGACY = "x-openstack-nova-api-version"
HEADER = "openstack-api-version"


def claim(
    url: str,
    asked: Mapping[str, str] | None = None,
    answered: Mapping[str, str] | None = None,
    *,
    method: str = "GET",
    body: Any = None,
    status: int = 200,
    endpoints: tuple[tuple[str, str], ...] = (),
) -> Claim:
    """What an exchange is held against, by our own histories."""
    seen = Seen(method, url, asked or {}, body, status, answered or {})
    return Attribution(real().services, endpoints).claim(seen)


def refused(*arguments: Any, **more: Any) -> str:
    """Why an exchange isn't judged."""
    with pytest.raises(UnknownError) as caught:
        claim(*arguments, **more)
    return str(caught.value)


@pytest.mark.parametrize(
    ("url", "header", "service", "call"),
    [
        ("http://c/compute/v2.1/servers", "compute 2.26", "compute", "GET /servers"),
        ("http://c:8774/v2.1/servers/1?a=b", "compute 2.26", "compute", "GET /servers/{server}"),
        (f"http://c/v2.1/{PROJECT}/servers/detail", "compute 2.26", "compute", "GET /servers/detail"),
        ("http://c/compute/v2.1/", "compute 2.26", "compute", "GET /v2.1/"),
        ("http://c/compute", "compute 2.26", "compute", "GET /"),
        (f"http://c/volume/v3/{PROJECT}/volumes/1", "volume 3.60", "volume", "GET /volumes/{volume}"),
        ("http://c/volume/v3/volumes/1", "volume 3.60", "volume", "GET /volumes/{volume}"),
        ("http://c/placement/traits", "placement 1.6", "placement", "GET /traits"),
        ("http://c:8778/resource_providers/1/traits", "placement 1.6", "placement", None),
        ("https://c/a/b/placement/usages", "placement 1.9", "placement", "GET /usages"),
    ],
)
def test_a_service_that_a_header_names(url: str, header: str, service: str, call: str | None) -> None:
    """The header says the service and its microversion, and the path, wherever the service is, the call."""
    found = claim(url, {HEADER: header})
    assert (found.service, str(found.version)) == (service, header.partition(" ")[2])
    assert found.call == (call or "GET /resource_providers/{provider}/traits")
    assert found.answered == found.version


def test_nova_by_its_older_header() -> None:
    """Compute's older header says the microversion as well."""
    assert claim("http://c/v2.1/servers", {LEGACY: "2.40"}).version == v("2.40")


def test_several_services_in_a_header() -> None:
    """Of several services that a header names the path tells which one was asked."""
    found = claim("http://c/placement/traits", {HEADER: "compute 2.26, placement 1.10"})
    assert (found.service, found.version) == ("placement", v("1.10"))


@pytest.mark.parametrize(
    ("url", "service", "version"),
    [
        ("http://c/compute/v2.1/servers", "compute", "2.1"),
        ("http://c/placement/traits", "placement", "1.0"),
        (f"http://c/v3/{PROJECT}/volumes", "volume", "3.0"),
    ],
)
def test_a_service_that_only_the_path_tells(url: str, service: str, version: str) -> None:
    """Without a header the service answers at its oldest microversion, and the path tells which one it is."""
    found = claim(url)
    assert (found.service, found.version) == (service, v(version))


def test_the_answer_names_the_service() -> None:
    """If the request names none, the answer's header does."""
    assert claim("http://c/x/v3/types", {}, {HEADER: "volume 3.0"}).service == "volume"


@pytest.mark.parametrize("end", ["", "/"])
def test_an_endpoint_that_is_given(end: str) -> None:
    """An endpoint tells the service and where the path begins, whatever the URL looks like."""
    endpoints = (("compute", f"http://c/nova{end}"),)
    assert claim("http://c/nova/servers/1", endpoints=endpoints).call == "GET /servers/{server}"
    assert claim("http://c/nova/v2.1/servers/1", endpoints=endpoints).call == "GET /servers/{server}"
    assert claim("http://c/nova?a=b", endpoints=endpoints).call == "GET /"


def test_another_url_is_not_below_an_endpoint() -> None:
    """A URL that merely begins with the same letters is another one."""
    assert "of no service" in refused("http://c/nova2/servers", endpoints=(("compute", "http://c/nova"),))


def test_an_action() -> None:
    """The body's key tells which action it is."""
    body = {"os-migrateLive": {"host": None}}
    found = claim("http://c/v2.1/servers/1/action", {HEADER: "compute 2.30"}, method="POST", body=body, status=202)
    assert found.call == "POST /servers/{server}/action os-migrateLive"


def test_any_refusal_will_do() -> None:
    """Whoever asked may have asked for what there isn't: success as promised, or a refusal, and no server error."""
    statuses = claim("http://c/v2.1/servers", {HEADER: "compute 2.30"}).statuses
    assert {200, 400, 404, 409} <= set(statuses)
    assert not {201, 300, 500, 503} & set(statuses)


def test_a_call_outside_its_life() -> None:
    """Where a call isn't there any more, or not yet, nothing but a refusal will do."""
    early = claim("http://c/v2.1/servers/1/tags", {HEADER: "compute 2.25"}, status=404)
    late = claim("http://c/v2.1/os-networks", {HEADER: "compute 2.36"}, status=404)
    assert 200 not in {*early.statuses, *late.statuses}


def test_the_latest_microversion() -> None:
    """The latest is what the answer says."""
    asked = {HEADER: "compute latest"}
    assert claim("http://c/v2.1/servers", asked, {HEADER: "compute 2.90"}).version == v("2.90")
    assert "latest" in refused("http://c/v2.1/servers", asked)


@pytest.mark.parametrize(("header", "status"), [("compute 2.5000", 406), ("compute two", 400), ("compute latest", 406)])
def test_no_microversion_that_both_know(header: str, status: int) -> None:
    """A refusal for its microversion is answered as before there was any, and nothing else than a refusal will do."""
    found = claim("http://c/v2.1/servers", {HEADER: header}, status=status)
    assert (found.answered, found.statuses) == (None, (400, 406))


@pytest.mark.parametrize(
    ("url", "header", "reason"),
    [
        ("http://c/v2.1/servers", "compute 2.5000", "at compute 2.5000, of which the history"),
        ("http://c/v2.1/nothing", "compute 2.26", "no call of compute in the history"),
        ("http://c/v1/nodes", "baremetal 1.50", "of another service"),
        ("http://c/identity/v3/auth/tokens", "", "of no service that headers, path or an --endpoint tell"),
        ("http://c/", "", "of no service"),
        ("http://c/identity/v3/", "", "of no service"),
        ("http://c/v2.1/servers/1/os-nothing/limits", "compute 2.26", "no call of compute"),
    ],
)
def test_what_is_not_judged(url: str, header: str, reason: str) -> None:
    """Other services, unknown calls and unknown microversions have their reasons."""
    assert reason in refused(url, {HEADER: header} if header else {})


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_other_methods(method: str) -> None:
    """A method that no call has is no call."""
    assert "no call of compute" in refused("http://c/v2.1/servers", {HEADER: "compute 2.26"}, method=method)


def test_a_service_with_a_header_of_its_own() -> None:
    """A header such as that of ironic tells of another service, whose paths are like those of ours."""
    assert refused("http://c/allocations/1", {"x-openstack-ironic-api-version": "1.50"}) == "of another service"


@pytest.mark.parametrize("status", [0, 302, 304, 401])
def test_what_no_service_answered(status: int) -> None:
    """No answer, a redirect, a cached answer and a token that doesn't hold say nothing of the service."""
    assert refused("http://c/v2.1/servers", {HEADER: "compute 2.26"}, status=status)


@pytest.mark.parametrize("body", [None, "text", []])
def test_an_action_without_its_body(body: Any) -> None:
    """An action whose request's body is missing can't be told from others."""
    words = refused("http://c/v2.1/servers/1/action", {HEADER: "compute 2.26"}, method="POST", body=body)
    assert "lacks the request's body" in words
