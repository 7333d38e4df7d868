"""The exchanges of a run, read back from Allure's results. Layer 3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = "allure-results"
ATTACHMENT = "request and response"


def read(folder: Path) -> dict[str, str]:
    """The request and response of each case by its id, as text without secrets; of a case that ran twice, the last.

    What isn't there, or was cut short by a crash, is left out: a result without its exchange is still a result.
    """
    found: dict[str, tuple[int, str]] = {}
    for one in _results(folder / FOLDER):
        for name in _sources(one):
            text = _text(folder / FOLDER / name)
            known = found.get(one["name"])
            if text is not None and (known is None or known[0] <= one.get("stop", 0)):
                found[one["name"]] = (one.get("stop", 0), text)
    return {case: text for case, (_, text) in found.items()}


def _results(folder: Path) -> Iterator[dict[str, Any]]:
    for path in folder.glob("*-result.json"):
        text = _text(path)
        try:
            yield json.loads(text or "")
        except ValueError:
            continue


def _sources(one: dict[str, Any]) -> list[str]:
    """The files of the exchange: names alone, because a folder from elsewhere may name any path."""
    return [Path(each["source"]).name for each in one.get("attachments", ()) if each.get("name") == ATTACHMENT]


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
