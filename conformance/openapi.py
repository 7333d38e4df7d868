"""An OpenAPI 3.1 document of a service at one microversion, for the tools that read those. Layer 2.

What OpenAPI has no words for is said under ``x-openstack``, as OpenStack's own documents do: which alternative of a
body is which action, and what an unknown query parameter gets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import attrs

from conformance.components import Components
from conformance.document import Documents, Schema
from conformance.edition import Call
from conformance.microversion import HEADER, Microversion, tongue
from conformance.validation import compiled

Part = dict[str, Any]
_VARIABLE = re.compile(r"\{(\w+)\}")
_FROM_ROOT = re.compile(r"/(v\d.*)?")  # any other path is below the endpoint
_BELOW_ROOT = {"compute": "/v2.1", "placement": "", "volume": "/v3"}
_PLAIN = {"type", "properties", "required", "additionalProperties"}
_FIXED: Part = {
    "Vary": {"required": True, "schema": {"type": "string", "pattern": "[Oo]pen[Ss]tack-(API|api)-[Vv]ersion"}},
    "X-OpenStack-Request-Id": {"required": True, "schema": {"type": "string", "pattern": "^req-[0-9a-f-]{36}$"}},
}
_TOKEN = {"type": "apiKey", "in": "header", "name": "X-Auth-Token", "description": "A token of the identity service."}
_UNAUTHORIZED = {"description": "No token, or one that doesn't hold. It may not be the service itself that says so."}


def openapi(documents: Documents, version: Microversion) -> Part:
    """The whole API of a service at a microversion; UsageError if the service hasn't that one."""
    return _Writer(documents, version).document()


@attrs.define
class _Writer:
    documents: Documents
    version: Microversion
    shapes: Components = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.shapes = Components(self.documents.history.at(self.version))

    @property
    def service(self) -> str:
        return self.documents.history.service

    def document(self) -> Part:
        paths, common = self._paths(), self._common()
        return {
            "openapi": "3.1.0",
            "info": self._info(),
            "servers": [self._server(_BELOW_ROOT[self.service])],
            "security": [{"token": []}],
            "tags": [{"name": name} for name in sorted({_tag(path) for path in paths})],
            "paths": paths,
            "components": {"schemas": self.shapes.needed([paths, common]), **common},
        }

    def _info(self) -> Part:
        return {
            "title": f"OpenStack {self.service}",
            "version": str(self.version),
            "summary": self.shapes.edition.summary,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        }

    def _server(self, below: str) -> Part:
        words = "Where the service's version document is, without a slash at its end."
        root = {"default": f"http://localhost/{self.service}", "description": words}
        return {"url": "{root}" + below, "variables": {"root": root}}

    def _common(self) -> Part:
        """What every call has."""
        header = {"name": HEADER, "in": "header", "required": True}
        fixed = {name: {"required": True, "schema": _exactly(value)} for name, value in self._answered().items()}
        return {
            "parameters": {"microversion": {**header, "schema": _exactly(self._answered()[HEADER])}},
            "headers": {**fixed, **_FIXED},
            "responses": {
                "refusal": self._error("A refusal."),
                "failure": {"description": "A failure.", "content": self._error("")["content"]},  # at no microversion
                "unauthorized": _UNAUTHORIZED,
            },
            "securitySchemes": {"token": _TOKEN},
        }

    def _answered(self) -> dict[str, str]:
        """The headers of every answer that say at which microversion it was made."""
        speech = tongue(self.service)
        legacy = {speech.legacy: str(self.version)} if speech.legacy else {}
        return {HEADER: f"{speech.name} {self.version}", **legacy}

    def _paths(self) -> dict[str, Part]:
        paths: dict[str, Part] = {}
        for (template, method), calls in self._operations().items():
            if template not in paths:
                paths[template] = self._path(template)
            paths[template][method.lower()] = self._operation(method, calls)
        return paths

    def _operations(self) -> dict[tuple[str, str], list[Call]]:
        """The calls by path and method; paths that differ in the names of their variables alone are one."""
        names: dict[str, str] = {}
        operations: dict[tuple[str, str], list[Call]] = {}
        for name, call in sorted(self.shapes.edition.calls.items(), key=lambda item: item[0].split(" ")[1::-1]):
            method, path = name.split(" ")[:2]
            template = names.setdefault(_VARIABLE.sub("{}", path), path)
            operations.setdefault((template, method), []).append(call)
        return operations

    def _path(self, template: str) -> Part:
        """What all operations at a path have in common."""
        below_root = _FROM_ROOT.fullmatch(template) and _BELOW_ROOT[self.service]
        variable = {"in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        parameters = [{"name": name, **variable} for name in _VARIABLE.findall(template)]
        return {
            **({"servers": [self._server("")]} if below_root else {}),
            **({"parameters": parameters} if parameters else {}),
        }

    def _operation(self, method: str, calls: list[Call]) -> Part:
        """One call, or all actions at a path."""
        path, unversioned = calls[0].name.split(" ")[1], calls[0].unversioned
        query = self.shapes.written_out(calls[0].query)
        asked = [] if unversioned else [_reference("parameters", "microversion")]
        parameters = [*asked, *self._query(calls[0], query or {})]
        takes = self._takes(calls)
        return {
            "operationId": _identifier(method, path),
            "tags": [_tag(path)],
            **({"security": []} if unversioned else {}),
            **({"parameters": parameters} if parameters else {}),
            **({"requestBody": {"required": True, "content": _json(takes)}} if takes is not None else {}),
            "responses": self._responses(calls),
            **({} if query is None else {"x-openstack": {"unknown-query": _unknown(query)}}),
        }

    def _query(self, call: Call, schema: Schema) -> Iterator[Part]:
        """A parameter for each key; where keys are told by patterns, all are one parameter, an object."""
        if schema.keys() - _PLAIN:
            folded = self.documents.at(call.name, self.version).query or {}
            yield _parameter("query", schema, required=not compiled(folded).conforms({}))
        else:
            for name, inner in schema.get("properties", {}).items():
                yield _parameter(name, inner, required=name in schema["required"])

    def _takes(self, calls: list[Call]) -> Schema | None:
        if len(calls) == 1 and not _action(calls[0]):
            return self.shapes.schema(calls[0].takes)
        alternatives = [self._action_body(call) for call in calls]
        return {"oneOf": alternatives, "x-openstack": {"discriminator": "action"}}

    def _action_body(self, call: Call) -> Schema:
        """What an action takes: it is told from the others by its key."""
        key = _action(call)
        body = self.shapes.schema(call.takes) or {"type": "object", "required": [key]}
        return {"title": key, **body, "x-openstack": {"action-name": key}}

    def _responses(self, calls: list[Call]) -> Part:
        statuses = sorted({status for call in calls for status in call.status})
        promised = {str(one): self._response(one, [call for call in calls if one in call.status]) for one in statuses}
        if calls[0].unversioned:
            return promised
        others = {"401": "unauthorized", "4XX": "refusal", "5XX": "failure"}
        return promised | {key: _reference("responses", name) for key, name in others.items() if key not in promised}

    def _response(self, status: int, calls: list[Call]) -> Part:
        actions = ", ".join(filter(None, map(_action, calls)))
        description = HTTPStatus(status).phrase + (f": {actions}." if actions else ".")
        if status >= 400:
            return self._error(description)
        bodies = [self.shapes.schema(call.body) for call in calls if call.body is not None]
        headers = {**self._version_headers(calls), **self._promised_headers(calls)}
        return {
            "description": description,
            **({"headers": headers} if headers else {}),
            **({"content": _json(_any_of(bodies))} if bodies else {}),
        }

    def _error(self, description: str) -> Part:
        headers = {name: _reference("headers", name) for name in (*self._answered(), "X-OpenStack-Request-Id")}
        schema = self.shapes.schema(self.shapes.edition.error or "any")
        return {"description": description, "headers": headers, "content": _json(schema)}

    def _version_headers(self, calls: list[Call]) -> Part:
        names = () if calls[0].unversioned else (*self._answered(), *_FIXED)
        return {name: _reference("headers", name) for name in names}

    def _promised_headers(self, calls: list[Call]) -> Part:
        """What some of the calls promise in their headers; required is what all of them promise."""
        schemas = [self.shapes.written_out(call.headers) or {"properties": {}, "required": []} for call in calls]
        found = {name: inner for schema in schemas for name, inner in schema["properties"].items()}
        needed = {name for name in found if all(name in schema["required"] for schema in schemas)}
        return {name: {"required": name in needed, "schema": inner} for name, inner in found.items()}


def _action(call: Call) -> str:
    """The key of an action's body; empty for any other call."""
    return call.name.partition(" ")[2].partition(" ")[2]


def _identifier(method: str, path: str) -> str:
    """A name for an operation that stays while the call lives: ``get_servers_by_server_tags``."""
    words = [_VARIABLE.sub(r"by_\1", part) for part in path.split("/") if part]
    return re.sub(r"\W", "_", "_".join([method.lower(), *(words or ["versions"])]))


def _tag(path: str) -> str:
    """The kind of resource that a path begins with."""
    return "versions" if _FROM_ROOT.fullmatch(path) else path.split("/")[1]


def _unknown(query: Schema) -> str:
    """What an unknown query parameter gets."""
    return "refused" if query.get("additionalProperties") is False else "ignored"


def _parameter(name: str, schema: Schema, *, required: bool) -> Part:
    """A query parameter; a list of values is said by repeating it, an object by a parameter for each key."""
    return {"name": name, "in": "query", "required": required, "style": "form", "explode": True, "schema": schema}


def _exactly(text: str) -> Schema:
    return {"type": "string", "enum": [text]}


def _reference(kind: str, name: str) -> Part:
    return {"$ref": f"#/components/{kind}/{name}"}


def _json(schema: Schema | None) -> Part:
    return {"application/json": {"schema": schema}}


def _any_of(bodies: list[Schema | None]) -> Schema | None:
    """Any of several schemas, each said once."""
    different = [body for number, body in enumerate(bodies) if body not in bodies[:number]]
    return different[0] if len(different) == 1 else {"anyOf": different}
