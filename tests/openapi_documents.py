"""An OpenAPI document read back into what a history says of its calls, to tell whether anything was lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from conformance.document import Document, Documents, without_marks
from conformance.microversion import HEADER, Microversion

Part = dict[str, Any]
COMMON = {HEADER.lower(), "x-openstack-nova-api-version", "vary", "x-openstack-request-id"}  # of every answer


def resolved(document: Part, part: Any) -> Any:
    """A part of a document without references, however deep."""
    if isinstance(part, list):
        return [resolved(document, inner) for inner in part]
    if not isinstance(part, Mapping):
        return part
    if "$ref" not in part:
        return {key: resolved(document, inner) for key, inner in part.items()}
    found: Any = document
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return {**resolved(document, found), **{key: inner for key, inner in part.items() if key != "$ref"}}


def canonical(schema: Any) -> Any:
    """A schema in which what may be null is said in one way."""
    if isinstance(schema, list):
        return [canonical(inner) for inner in schema]
    if not isinstance(schema, Mapping):
        return schema
    schema = {key: canonical(inner) for key, inner in schema.items()}
    match schema:
        case {"anyOf": [{"type": str(kind)} as inner, {"type": "null"}], **rest} if not rest:
            return {**inner, "type": [kind, "null"]} if inner.keys().isdisjoint({"enum", "const"}) else schema
    return schema


def operation(document: Part, call: str) -> Part:
    """The operation of a call, resolved; OpenAPI counts paths that differ in variables' names alone as one."""
    method, path = call.split(" ")[:2]
    blank = [_blank(part) for part in path.split("/")]
    for template, item in document["paths"].items():
        if [_blank(part) for part in template.split("/")] == blank:
            return {"path": template, **resolved(document, item[method.lower()])}
    raise KeyError(call)


def _blank(part: str) -> str:
    return "{}" if part.startswith("{") else part


def takes(found: Part, call: str) -> Any:
    """The schema of a call's body; of an action it is the alternative that has its name."""
    if "requestBody" not in found:
        return None
    schema = found["requestBody"]["content"]["application/json"]["schema"]
    if len(call.split(" ")) < 3:
        return schema
    own = [one for one in schema["oneOf"] if one["x-openstack"]["action-name"] == call.split(" ")[2]]
    assert len(own) == 1, call
    return {key: inner for key, inner in own[0].items() if key not in ("title", "x-openstack")}


def query(found: Part) -> Any:
    """The schema of a query as one object; None if nothing is said of it."""
    if "x-openstack" not in found:
        return None
    asked = [one for one in found.get("parameters", ()) if one["in"] == "query"]
    if len(asked) == 1 and asked[0]["schema"].keys() & {"patternProperties", "properties"}:
        return asked[0]["schema"]
    return {
        "type": "object",
        "properties": {one["name"]: one["schema"] for one in asked},
        "required": [one["name"] for one in asked if one["required"]],
        "additionalProperties": found["x-openstack"]["unknown-query"] == "ignored",
    }


def headers(response: Part) -> Any:
    """What a successful answer promises in its headers beside what every answer has; None if nothing."""
    own = {name: one for name, one in response.get("headers", {}).items() if name.lower() not in COMMON}
    return {
        "properties": {name: one["schema"] for name, one in own.items()},
        "required": [name for name, one in own.items() if one["required"]],
    }


def bodies(response: Part) -> list[Any]:
    """The schemas of which an answer has one; empty if it has no body."""
    if "content" not in response:
        return []
    schema = response["content"]["application/json"]["schema"]
    return schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]


def losses(documents: Documents, document: Part, version: Microversion) -> Iterator[str]:
    """The calls of which an OpenAPI document says something else than the history."""
    for call in documents.calls:
        if version in documents.life(call):
            told = documents.at(call, version)
            for part in differing(told, operation(document, call), without_marks(documents.error(version))):
                yield f"{call}: {part}"


def differing(told: Document, found: Part, error: Any) -> Iterator[str]:
    """The parts of an operation that aren't as they are told."""
    alone, whole = len(told.call.split(" ")) < 3, without_marks
    if canonical(takes(found, told.call)) != canonical(whole(told.takes)) and told.takes != {}:
        yield "takes"
    asked = {"type": "object", "properties": {}, "required": [], "additionalProperties": True}
    if canonical(query(found)) != canonical(whole(told.query if told.query != {} else asked)):
        yield "query"
    for status in told.status:
        response = found["responses"][str(status)]
        body = whole(told.body) if status < 400 else error
        if (body is not None and canonical(body) not in canonical(bodies(response))) or (
            alone and body is None and "content" in response
        ):
            yield f"body of {status}"
        promised = {"properties": {}, "required": [], **(told.headers or {})}
        if alone and status < 400 and headers(response) != {key: promised[key] for key in ("properties", "required")}:
            yield f"headers of {status}"
    if alone and {key for key in found["responses"] if key.isdigit()} - {"401"} != set(map(str, told.status)):
        yield "status"


def accepts(document: Part, schema: Part, value: Any) -> bool:
    """Whether a schema of the document accepts a value, its references and formats followed."""
    whole = {**schema, "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(value)
