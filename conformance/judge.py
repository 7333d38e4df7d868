"""The judge: an exchange and what the history says of it, to findings. Layer 2; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import attrs

from conformance.claim import SUCCESS
from conformance.document import Document, Schema
from conformance.exchange import Exchange, Finding, Response
from conformance.microversion import HEADER, Microversion, tongue
from conformance.validation import faults, short

_REQUEST_ID = re.compile(r"req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
        expected = "2xx" if standard.statuses == SUCCESS else " or ".join(map(str, standard.statuses))
        code = "server-error" if response.status >= 500 else "status"
        return [_finding(standard, code, "", f"status {expected}", f"status {response.status}: {_told(response)}")]
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
        for finding in _against(dict(response.headers), document.headers, standard):
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
            yield _finding(standard, "unexpected-body", "", "no body", _told(response))
        return
    try:
        data = response.data
    except ValueError as error:
        yield _not_json(response, standard, getattr(error, "msg", str(error)))
        return
    found = _against(data, schema, standard)
    yield from ((attrs.evolve(one, code=f"error-{one.code}") for one in found) if failed else found)


def _told(response: Response) -> str:
    """A body on one line, JSON as if all of it were written by one hand."""
    try:
        return short(response.data)
    except ValueError:
        return short(response.text)


def _not_json(response: Response, standard: Standard, error: str) -> Finding:
    if response.text.lstrip().lower().startswith(("<!doctype", "<html")):
        return _finding(standard, "html", "", "a JSON body", f"an HTML page: {short(response.text)}")
    return _finding(standard, "not-json", "", "a JSON body", f"{error}: {short(response.text)}")


def _against(data: Any, schema: Schema, standard: Standard) -> Iterator[Finding]:
    for fault in faults(data, schema):
        yield _finding(standard, fault.code, fault.pointer, fault.expected, fault.seen)
