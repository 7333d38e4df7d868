"""The history for other tools: one self-contained JSON file a microversion. Layer 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.document import Documents, without_marks
from conformance.microversion import Microversion


def export(documents: Documents, folder: Path) -> int:
    """Write ``folder/<microversion>.json`` for each microversion; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    for version in documents.history.span:
        text = json.dumps(exported(documents, version), indent=1, sort_keys=True)
        (folder / f"{version}.json").write_text(text + "\n", encoding="utf-8")
    return len(documents.history.editions)


def exported(documents: Documents, version: Microversion) -> dict[str, Any]:
    """Every call at a microversion, and the schema of an error's body."""
    calls = {call: _call(documents, call, version) for call in documents.calls if version in documents.life(call)}
    return {"calls": calls, "error": without_marks(documents.error(version))}


def _call(documents: Documents, call: str, version: Microversion) -> dict[str, Any]:
    document = documents.at(call, version)
    parts = {"body": document.body, "takes": document.takes, "query": document.query}
    return {"status": list(document.status), **{name: without_marks(schema) for name, schema in parts.items()}}
