"""The history for other tools: one self-contained file a microversion, as JSON Schema or as OpenAPI. Layer 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.document import Documents, without_marks
from conformance.microversion import Microversion, Span
from conformance.openapi import openapi


def export(documents: Documents, folder: Path, form: str = "json", span: Span | None = None) -> int:
    """Write ``folder/<microversion>.<form>`` for each microversion of a span (default: all); how many there are.

    UsageError if the service hasn't the whole span.
    """
    wanted = span or documents.history.span
    for version in (wanted.first, wanted.last):
        documents.history.at(version)
    folder.mkdir(parents=True, exist_ok=True)
    for version in wanted:
        text = json.dumps(FORMS[form](documents, version), indent=1)
        (folder / f"{version}.{form}").write_text(text + "\n", encoding="utf-8")
    return len(list(wanted))


def exported(documents: Documents, version: Microversion) -> dict[str, Any]:
    """Every call at a microversion, and the schema of an error's body."""
    calls = {call: _call(documents, call, version) for call in documents.calls if version in documents.life(call)}
    return {"calls": calls, "error": without_marks(documents.error(version))}


def _call(documents: Documents, call: str, version: Microversion) -> dict[str, Any]:
    document = documents.at(call, version)
    parts = {"body": document.body, "takes": document.takes, "query": document.query}
    return {"status": list(document.status), **{name: without_marks(schema) for name, schema in parts.items()}}


FORMS = {"json": exported, "openapi.json": openapi}
