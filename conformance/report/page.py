"""The page: one HTML file that holds a whole run, and asks nothing of any network. Layer 3."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import jinja2

_WORDS = {
    "passed": "as promised",
    "known": "known",
    "failed": "failed",
    "not-reached": "not reached",
    "skipped": "skipped",
    "not-run": "did not run",
}
SCRIPTS = ("dom", "run", "filters", "map", "moves", "exchange", "cell", "findings", "history", "comparison", "main")


def page(model: Mapping[str, Sequence[Any]]) -> str:
    """The page that shows a model; what it reads is packed in it, a value a line."""
    run = model["run"][0]
    style, script = _asset("page.css"), "\n".join(_asset(f"{name}.js") for name in SCRIPTS)
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_asset("page.html.j2")).render(
        facts=run["facts"],
        verdict=verdict(run["facts"]),
        services=[_card(service, run["facts"]) for service in run["services"]],
        packs={name: "\n".join(map(pack, values)) for name, values in model.items()},
        style=style,
        script=script,
        hashes={"style": _hash(style), "script": _hash(script)},
    )


def verdict(facts: Mapping[str, Any]) -> str:
    """What a run came to, in a line."""
    outcomes, idle = facts["outcomes"], facts["planned"] - facts["ran"]
    if outcomes["failed"]:
        rest = f", and {idle:,} did not run" if idle else ""
        return f"{_count(facts['findings'], 'finding')} in {_count(outcomes['failed'], 'case')}{rest}"
    if not facts["ran"]:
        return "Nothing ran"
    if idle:
        return f"{idle:,} of {_count(facts['planned'], 'case')} did not run"
    known = f", {_count(outcomes['known'], 'known departure')}" if outcomes["known"] else ""
    return f"{_count(outcomes['passed'], 'case')} as promised{known}"


def _count(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else f'{one}s'}"


def _card(service: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """A service for the head of the page: its outcomes as parts of a bar."""
    parts, first = [], 0
    for state, words in _WORDS.items():
        if count := facts["services"][service["name"]].get(state, 0):
            parts.append({"state": state, "words": words, "first": first, "count": count})
            first += count
    return {**service, "parts": parts, "total": first}


def _asset(name: str) -> str:
    return (files("conformance.report") / "web" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """As a content security policy names what may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def pack(value: Any) -> str:
    """A value as JSON, packed so that no letter of it can be taken for markup."""
    text = json.dumps(value, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()
