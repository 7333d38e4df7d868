"""The judge: an exchange and what the history says of it, to findings. Layer 2; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import attrs
import jsonschema
import jsonschema_rs

from conformance import pointer
from conformance.document import Document, Schema, without_marks
from conformance.exchange import Exchange, Finding, Response
from conformance.microversion import HEADER, Microversion, tongue

_REQUEST_ID = re.compile(r"req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CODES = {"required": "missing", "additionalProperties": "unexpected", "type": "type", "format": "format"}
_SHORT = 160


@attrs.frozen
class Standard:
    """What an exchange is held against.

    ``answered`` None: no microversion can be told from the answer. Not ``judged``: only the status counts.
    """

    service: str
    call: str
    version: Microversion
    answered: Microversion | None
    statuses: tuple[int, ...]
    document: Document | None
    error: Schema
    judged: bool = True


def judge(exchange: Exchange, standard: Standard) -> list[Finding]:
    """All that is wrong with an exchange, the gravest first; an empty list if it conforms."""
    response = exchange.response
    if response.failure:
        return [_finding(standard, "no-answer", "", "a whole answer", response.failure)]
    if response.status not in standard.statuses:
        expected = " or ".join(map(str, standard.statuses))
        code = "server-error" if response.status >= 500 else "status"
        return [_finding(standard, code, "", f"status {expected}", f"status {response.status}: {short(response.text)}")]
    if not standard.judged:
        return []
    return [*_headers(response, standard), *_body(response, standard)]


def judge_body(data: Any, document: Document, version: Microversion) -> list[Finding]:
    """What is wrong with a body alone, as a recorded one is judged offline."""
    standard = Standard(document.service, document.call, version, None, document.status, document, {})
    if document.body is None:
        return [_finding(standard, "unexpected-body", "", "no body", short(data))]
    return list(_against(data, document.body, standard))


def _finding(standard: Standard, code: str, where: str, expected: str, seen: str) -> Finding:
    return Finding(code, standard.service, standard.call, str(standard.version), where, expected, seen)


def short(value: Any) -> str:
    """A value on one line, cut where it gets long."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    text = " ".join(text.split())
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}..."


def _headers(response: Response, standard: Standard) -> Iterator[Finding]:
    document = standard.document
    if not (document and document.unversioned):
        yield from _identity(response, standard)
    if standard.answered is not None and not (document and document.unversioned):
        yield from _version(response, standard, standard.answered)
    if response.content and response.headers.get("content-type", "").partition(";")[0] != "application/json":
        seen = response.headers.get("content-type", "none")
        yield _finding(standard, "content-type", "", "content-type: application/json", f"content-type: {seen}")
    if document and document.headers and response.status in document.status:
        schema = {**document.headers, "additionalProperties": True}
        for finding in _against(dict(response.headers), schema, standard):
            yield attrs.evolve(finding, code="header", pointer="", expected=f"header {finding.expected}")


def _identity(response: Response, standard: Standard) -> Iterator[Finding]:
    seen = response.headers.get("x-openstack-request-id", "")
    if not _REQUEST_ID.fullmatch(seen):
        yield _finding(standard, "request-id", "", "x-openstack-request-id: req-<uuid>", seen or "no such header")


def _version(response: Response, standard: Standard, answered: Microversion) -> Iterator[Finding]:
    speech = tongue(standard.service)
    wanted = {HEADER.lower(): f"{speech.name} {answered}"}
    if speech.legacy:
        wanted[speech.legacy.lower()] = str(answered)
    for name, value in wanted.items():
        seen = response.headers.get(name)
        if seen != value:
            code = "version-header-missing" if seen is None else "version-header"
            yield _finding(standard, code, "", f"{name}: {value}", seen or "no such header")
    vary = response.headers.get("vary", "").lower()
    if response.status < 400 and HEADER.lower() not in vary:
        yield _finding(standard, "vary", "", f"vary: {HEADER}", vary or "no such header")


def _body(response: Response, standard: Standard) -> Iterator[Finding]:
    failed = response.status >= 400
    schema = standard.error if failed else standard.document.body if standard.document else {}
    if schema is None:
        if response.content.strip():
            yield _finding(standard, "unexpected-body", "", "no body", short(response.text))
        return
    try:
        data = response.data
    except ValueError as error:
        yield _not_json(response, standard, str(error))
        return
    found = _against(data, schema, standard)
    yield from ((attrs.evolve(one, code=f"error-{one.code}") for one in found) if failed else found)


def _not_json(response: Response, standard: Standard, error: str) -> Finding:
    if response.text.lstrip().lower().startswith(("<!doctype", "<html")):
        return _finding(standard, "html", "", "a JSON body", f"an HTML page: {short(response.text)}")
    return _finding(standard, "not-json", "", "a JSON body", f"{error}: {short(response.text)}")


class _Schema:
    """A schema's two validators: a fast one that decides, and one that explains what the first refused."""

    def __init__(self, text: str) -> None:
        schema = json.loads(text)
        decide = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        self.conforms, self.refusals = decide.is_valid, decide.iter_errors
        self._schema = schema

    def explain(self, data: Any) -> Iterator[jsonschema.ValidationError]:
        checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
        validator = jsonschema.Draft202012Validator(self._schema, format_checker=checker)
        return validator.iter_errors(data)


@cache
def _compiled(text: str) -> _Schema:
    return _Schema(text)


_BY_IDENTITY: dict[int, tuple[Schema, _Schema]] = {}


def compiled(schema: Schema) -> _Schema:
    """The validators of a schema, made once; documents live as long as the run, so identity serves as the key."""
    known = _BY_IDENTITY.get(id(schema))
    if known is None or known[0] is not schema:
        known = _BY_IDENTITY[id(schema)] = (schema, _compiled(json.dumps(without_marks(schema))))
    return known[1]


def _against(data: Any, schema: Schema, standard: Standard) -> Iterator[Finding]:
    validators = compiled(schema)
    if validators.conforms(data):
        return
    errors = list(validators.explain(data))
    for error in errors:
        yield from _explained(error, standard)
    if not errors:  # Python's $ lets a line break at the end pass
        yield from (
            _finding(standard, "value", pointer.write(error.instance_path), error.message, short(error.instance))
            for error in validators.refusals(data)
        )


def _explained(error: jsonschema.ValidationError, standard: Standard) -> Iterator[Finding]:
    """One fault, one finding: an error of the validator in the words of a finding."""
    where = list(error.absolute_path)
    if error.validator == "required":
        name = error.message.removesuffix(" is a required property").strip("'")
        yield _finding(standard, "missing", pointer.write([*where, name]), f"the key {name!r}", "no such key")
    elif error.validator == "additionalProperties" and isinstance(error.instance, dict):
        for name in _extra(error):
            seen = short({name: error.instance[name]})
            yield _finding(standard, "unexpected", pointer.write([*where, name]), f"no key {name!r}", seen)
    else:
        code = _CODES.get(str(error.validator), "value")
        expected = _wanted(str(error.validator), error.validator_value)
        yield _finding(standard, code, pointer.write(where), expected, short(error.instance))


def _extra(error: jsonschema.ValidationError) -> list[str]:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    patterns = schema.get("patternProperties", {})
    instance: Mapping[str, Any] = error.instance  # type: ignore[assignment]
    return [
        name
        for name in instance
        if name not in schema.get("properties", {}) and not any(re.search(one, name) for one in patterns)
    ]


def _wanted(validator: str, value: Any) -> str:
    if validator in ("anyOf", "oneOf"):
        return " or ".join(short(without_marks(one)) for one in value)
    return f"{validator} {short(value)}"
