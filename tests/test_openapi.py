"""OpenAPI documents: what they say, that they are valid, and that nothing of the history is lost in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from conformance.document import Documents
from conformance.errors import UsageError
from conformance.microversion import SERVICES, Microversion
from conformance.openapi import openapi
from conformance.validation import compiled
from tests.helpers import REPOSITORY, documents, real, v
from tests.openapi_documents import accepts, bodies, losses, operation

HISTORY = (
    """
    error: fault
    new:
      fault: {add: {message: string}}
      about: {add: {versions: any}}
      strict: {add: {project: uuid}, allow: {limit: {anyOf: [string, [string]]}}}
      grouped: {is: {type: object, patternProperties: {"^want": string}, minProperties: 1, additionalProperties: false}}
      made: {add: {location: uri}, unknown: ignored}
      thing: {add: {id: uuid}, unknown: ignored}
      depth: {add: {deep: boolean}}
    calls:
      GET /: {status: 300, body: about, unversioned: true}
      GET /v2.1/: {status: 200, body: about}
      GET /things: {status: 200, query: strict, body: {things: [thing]}}
      GET /groups: {status: 200, query: grouped, body: any}
      POST /things: {status: [201, 202], takes: thing, query: {}, headers: made}
      GET /things/{thing}/keys/{key}: {status: 200, body: thing}
      DELETE /things/{thing}/keys/{name}: {status: 204}
      POST /things/{thing}/action stop: {status: 202, takes: {stop: "null"}}
      POST /things/{thing}/action show-me: {status: [200, 202], takes: {show-me: depth}, body: thing}
      POST /things/{thing}/action old: {status: 410, takes: any}
    """,
    "gone: ['POST /things/{thing}/action old']",
)


@pytest.fixture
def folded(tmp_path: Path) -> Documents:
    """A history with everything that a document has words for."""
    return documents(tmp_path, *HISTORY)


@pytest.fixture
def document(folded: Documents) -> dict[str, Any]:
    """Its first microversion as OpenAPI."""
    return openapi(folded, v("2.1"))


def parameters(document: dict[str, Any], call: str) -> dict[str, Any]:
    """The parameters of a call by name."""
    return {one["name"]: one for one in operation(document, call)["parameters"]}


def test_what_it_is(document: dict[str, Any]) -> None:
    """A document says of which service and microversion it is, what that one brought, and how one gets in."""
    assert document["openapi"] == "3.1.0"
    assert (document["info"]["title"], document["info"]["version"]) == ("OpenStack compute", "2.1")
    assert document["info"]["summary"] == "Delta number 1 of a test."
    assert document["servers"][0]["url"] == "{root}/v2.1"
    assert document["components"]["securitySchemes"]["token"]["name"] == "X-Auth-Token"


def test_the_microversion_is_a_required_header(document: dict[str, Any]) -> None:
    """Every call asks for the microversion in a header that must be there, but for those that know of none."""
    header = parameters(document, "GET /things")["OpenStack-API-Version"]
    assert (header["in"], header["required"], header["schema"]["enum"]) == ("header", True, ["compute 2.1"])
    assert "parameters" not in operation(document, "GET /")
    assert operation(document, "GET /")["security"] == []


def test_the_answers_headers(document: dict[str, Any]) -> None:
    """An answer says its microversion in the new and in the old header, and has a request id and Vary."""
    headers = operation(document, "POST /things")["responses"]["201"]["headers"]
    assert headers["OpenStack-API-Version"]["schema"]["enum"] == ["compute 2.1"]
    assert headers["X-OpenStack-Nova-API-Version"]["schema"]["enum"] == ["2.1"]
    assert all(headers[name]["required"] for name in ("Vary", "X-OpenStack-Request-Id", "location"))


def test_the_root(document: dict[str, Any]) -> None:
    """A path that isn't below the endpoint has a server of its own."""
    assert [document["paths"][path]["servers"][0]["url"] for path in ("/", "/v2.1/")] == ["{root}", "{root}"]
    assert "servers" not in document["paths"]["/things"]


def test_variables_of_a_path(document: dict[str, Any]) -> None:
    """Paths that differ in the names of variables alone are one path to OpenAPI."""
    item = document["paths"]["/things/{thing}/keys/{key}"]
    assert [one["name"] for one in item["parameters"]] == ["thing", "key"]
    assert {"get", "delete"} <= item.keys()


def test_a_query(document: dict[str, Any]) -> None:
    """Each key is a parameter, a list is said by repeating it, and what an unknown one gets is told."""
    asked = parameters(document, "GET /things")
    assert (asked["project"]["required"], asked["limit"]["required"]) == (True, False)
    assert (asked["limit"]["style"], asked["limit"]["explode"]) == ("form", True)
    assert operation(document, "GET /things")["x-openstack"] == {"unknown-query": "refused"}


def test_a_query_told_by_patterns(document: dict[str, Any]) -> None:
    """Keys that are told by a pattern are one parameter, an object of which each key is one in the query."""
    asked = parameters(document, "GET /groups")["query"]
    assert (asked["required"], asked["explode"]) == (True, True)
    assert set(asked["schema"]["patternProperties"]) == {"^want"}


def test_actions_are_one_operation(document: dict[str, Any]) -> None:
    """The actions at a path are alternatives of one body, told from each other by their key."""
    schema = operation(document, "POST /things/{thing}/action stop")["requestBody"]["content"]["application/json"]
    told = {one["x-openstack"]["action-name"]: one["required"] for one in schema["schema"]["oneOf"]}
    assert told == {"stop": ["stop"], "show-me": ["show-me"], "old": ["old"]}
    for name, value in (("stop", None), ("show-me", {"deep": True}), ("old", 7)):
        assert accepts(document, schema["schema"], {name: value})
    for wrong in ({}, {"stop": 1}, {"stop": None, "show-me": {"deep": True}}, {"go": None}):
        assert not accepts(document, schema["schema"], wrong)


def test_the_answers_of_actions(folded: Documents, document: dict[str, Any]) -> None:
    """What several actions answer with one status stands together, and each status names its actions."""
    answers = operation(document, "POST /things/{thing}/action stop")["responses"]
    assert answers["200"]["description"] == "OK: show-me."
    assert answers["202"]["description"] == "Accepted: stop, show-me."
    assert answers["410"]["description"] == "Gone: old."
    assert "410" not in operation(openapi(folded, v("2.2")), "POST /things/{thing}/action stop")["responses"]


def test_errors(document: dict[str, Any]) -> None:
    """Every refusal has the error's shape, and no status beside those promised is a success."""
    answers = operation(document, "GET /things")["responses"]
    assert set(answers) == {"200", "401", "4XX", "5XX"}
    assert bodies(answers["4XX"])[0]["required"] == ["message"]
    assert "default" not in answers


def test_an_unknown_microversion(folded: Documents) -> None:
    """A microversion that the service never had is wrong usage."""
    with pytest.raises(UsageError, match=r"unknown microversion compute 2\.3"):
        openapi(folded, v("2.3"))


def refusals(document: dict[str, Any]) -> list[str]:
    """What a validator that others wrote says against a document."""
    return [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()]


def test_a_small_document_is_valid(folded: Documents, document: dict[str, Any]) -> None:
    """It is what the standard asks for, and nothing of the history is lost in it."""
    assert refusals(document) == []
    for version in folded.history.span:
        assert list(losses(folded, openapi(folded, version), version)) == []


def test_a_loss_is_seen(folded: Documents, document: dict[str, Any]) -> None:
    """The test for losses tells a document that leaves something out."""
    spoils: list[Callable[[Any], object]] = [
        lambda one: one["paths"]["/things"]["get"]["parameters"].pop(),
        lambda one: one["paths"]["/things"]["get"]["x-openstack"].update({"unknown-query": "ignored"}),
        lambda one: one["paths"]["/things"]["post"]["responses"].pop("202"),
        lambda one: one["components"]["schemas"]["thing"].update(required=[]),
        lambda one: one["paths"]["/things"]["post"]["responses"]["201"]["headers"].pop("location"),
    ]
    for spoil in spoils:
        spoiled = deepcopy(document)
        spoil(spoiled)
        with pytest.raises((AssertionError, KeyError)):
            assert list(losses(folded, spoiled, v("2.1"))) == []


def some(service: str, step: int) -> Iterator[Microversion]:
    """Every so manieth microversion of a service, the newest first, and the oldest."""
    span = list(real().services[service].history.span)
    return iter(dict.fromkeys([*span[::-step], span[0]]))


@pytest.mark.parametrize("service", SERVICES)
def test_the_real_documents_are_valid(service: str) -> None:
    """The newest and the oldest are valid; tests/exhaustive has a test of each."""
    for version in (real().services[service].history.span.first, real().services[service].history.span.last):
        assert refusals(openapi(real().services[service], version)) == []


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_lost(service: str) -> None:
    """Read back, a document says of each call what the history says; tests/exhaustive has a test of each."""
    folded = real().services[service]
    for version in some(service, 12):
        assert list(losses(folded, openapi(folded, version), version)) == []


@pytest.mark.parametrize("service", SERVICES)
def test_operations_have_names_of_their_own(service: str) -> None:
    """No two operations of a document share a name, and a call keeps its own over all microversions."""
    names: dict[str, tuple[str, str]] = {}
    for version in some(service, 6):
        document = openapi(real().services[service], version)
        for path, item in document["paths"].items():
            for method in item.keys() - {"parameters", "servers"}:
                assert names.setdefault(item[method]["operationId"], (path, method)) == (path, method)


@pytest.mark.parametrize("service", SERVICES)
def test_actions_at_a_path_share_their_query(service: str) -> None:
    """What OpenAPI makes one operation of takes one query."""
    queries: dict[str, Any] = {}
    for name, call in real().services[service].history.editions[-1].calls.items():
        if len(parts := name.split(" ")) > 2:
            assert queries.setdefault(parts[1], call.query) == call.query, name


def test_what_the_history_accepts() -> None:
    """A real answer, and the same with a key too many or too few, is judged alike by both."""
    body = json.loads((REPOSITORY / "tests" / "data" / "server-2.104.json").read_text(encoding="utf-8"))
    folded, call = real().services["compute"], "GET /servers/{server}"
    document = openapi(folded, v("2.104"))
    ours = compiled(folded.at(call, v("2.104")).body or {})
    answer = document["paths"]["/servers/{server}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    values = [body, {"server": {**body["server"], "more": 1}}, {}, {"server": {**body["server"], "created": "today"}}]
    values += [
        {"server": {key: body["server"][key] for key in body["server"] if key != left}} for left in body["server"]
    ]
    verdicts = [ours.conforms(value) for value in values]
    assert verdicts[0]
    assert not all(verdicts[1:])
    assert [accepts(document, answer, value) for value in values] == verdicts
