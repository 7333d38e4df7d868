"""Advice: what to do about a finding, from what the history says of the same place at other microversions. Layer 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from conformance import pointer
from conformance.document import Document, Documents
from conformance.exchange import Finding
from conformance.microversion import Microversion
from conformance.template import property_schema

_WORDS = {
    "status": "Compare the error in the answer with what the call promises; 'conformance schema show' prints it.",
    "server-error": "No request may end in a server error: look for its request id in the service's log.",
    "no-answer": "Look whether the service lives, and into its log at this time.",
    "content-type": "Answer JSON with its content type.",
    "request-id": "Every answer must carry a request id: look at the service's middleware and any proxy before it.",
    "version-header": "The answer must name the microversion that was asked for, or caches and clients mix them up.",
    "version-header-missing": "Name the microversion in the answer; a proxy before the service may drop the header.",
    "vary": "Without it a cache may answer one microversion with another.",
    "header": "The history promises this header for a successful answer.",
    "html": "A proxy or web server answered in the service's place.",
    "not-json": "The body was cut short or isn't JSON: look at the service's log and at proxies between.",
    "unexpected-body": "The history promises no body here.",
    "type": "Change the answer back to the type that is promised; a new type needs a new microversion.",
    "format": "Write the value in the format that is promised.",
    "value": "The value lies outside of what is promised; a wider range needs a new microversion.",
}


def advise(finding: Finding, documents: Documents, version: Microversion) -> Finding:
    """The finding with a remedy, if it had none."""
    if finding.remedy:
        return finding
    code = finding.code.removeprefix("error-")
    if code in ("missing", "unexpected"):
        return attrs.evolve(finding, remedy=_about_key(finding, documents, version, code))
    source = (
        documents.history.at(documents.at(finding.call, version).since).source
        if _alive(finding, documents, version)
        else ""
    )
    quota = code == "status" and "quota" in finding.seen.lower()
    words = _QUOTA if quota else _WORDS.get(code, "Compare the answer with what 'conformance schema show' prints.")
    return attrs.evolve(finding, remedy=f"{words} Promised by {source}." if source and code in _FROM_DATA else words)


_QUOTA = "The project's quota is used up: raise it, or remove what it holds ('conformance sweep' for what runs left)."
_FROM_DATA = {"type", "format", "value", "header", "unexpected-body"}


def _alive(finding: Finding, documents: Documents, version: Microversion) -> bool:
    return finding.call in documents.calls and version in documents.life(finding.call)


def _about_key(finding: Finding, documents: Documents, version: Microversion, code: str) -> str:
    """When the key at the pointer begins and ends, so that early and late can be told."""
    spans = list(_declared(finding, documents)) if finding.call in documents.calls else []
    name = pointer.parts(finding.pointer)[-1]
    begun = [since for since, declared in spans if declared and since <= version]
    ended = [since for since, declared in spans if not declared and begun and begun[-1] < since <= version]
    later = [since for since, declared in spans if declared and since > version]
    if code == "missing" and begun:
        return f"{name!r} is promised from {begun[-1]} on ({_source(documents, begun[-1])}): show it from there on."
    if code == "unexpected" and ended:
        return f"{name!r} ended with {ended[-1]} ({_source(documents, ended[-1])}): it is shown too late."
    if code == "unexpected" and later:
        return f"{name!r} begins at {later[0]} ({_source(documents, later[0])}): it is shown too early."
    if code == "unexpected":
        return f"No microversion promises {name!r} here: a new key needs a new microversion, or a delta that names it."
    return f"{name!r} is promised here: show it."


def _source(documents: Documents, version: Microversion) -> str:
    return documents.history.at(version).source


def _declared(finding: Finding, documents: Documents) -> Iterator[tuple[Microversion, bool]]:
    """Each turning point of the call, and whether the key at the pointer is declared from there on."""
    known: bool | None = None
    for version in documents.turning_points(finding.call):
        if version in documents.life(finding.call):
            declared = _has(documents.at(finding.call, version), pointer.parts(finding.pointer))
            if declared != known:
                yield version, declared
            known = declared


def _has(document: Document, parts: list[str]) -> bool:
    schema: Mapping[str, Any] | None = document.body
    for part in parts:
        if schema is None:
            return False
        schema = schema.get("items") if part.isdigit() and "items" in schema else property_schema(schema, part)
    return schema is not None
