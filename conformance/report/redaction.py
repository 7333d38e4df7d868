"""Secrets out of everything that is kept or shown. Layer 1; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import attrs

from conformance import pointer
from conformance.exchange import Exchange, Finding

HIDDEN = "***"
LONGEST = 64 * 1024
_HEADERS = re.compile(
    r"(?i)^(x-(auth|subject|service)-token|x-(vendordata|config)-.*key|authorization|cookie|set-cookie)$"
)
_NAMES = "password|passwd|adminpass|secret|private_key|auth_key|api_key|token|credential|connection_info|user_data"
_KEYS = re.compile(f"(?i)({_NAMES})")
_IN_TEXT = re.compile(
    r"(gAAAA[\w=-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=token=)[\w-]+|(?<=token%3D)[\w-]+|(?<=auth-tokens/)[\w-]+"  # the tokens of consoles
    r"|\*{3}[0-9a-f]{12})",  # what stands for a secret already
    re.DOTALL,
)
_SUSPECT = re.compile(r"""gAAAA|-----BEGIN|token|["']|\*{3}""")
# A key and its value in JSON, or as Python writes it, in a text where it is perhaps quoted and perhaps cut: of what has
# parts nothing stays.
_JSON_IN_TEXT = re.compile(
    rf"""(?i)(\\*["'](?P<key>[^"'\\]*({_NAMES})[^"'\\]*)\\*["']\s*:\s*[bu]?)"""
    r"""(\\*"(\\.|[^"\\])+"?|\\*'(\\.|[^'\\])+'?|[{\[](?!\s*[}\]]).*)""",
    re.DOTALL,
)
_HARMLESS = re.compile(r"(?i)^(key_?pairs?|password_length)$")


Hide = Callable[[str], str]


def hidden(_secret: str) -> str:
    """What is shown in place of a secret."""
    return HIDDEN


def headers(values: Mapping[str, str], hide: Hide = hidden) -> dict[str, str]:
    """Headers without tokens and cookies."""
    return {name: HIDDEN if _HEADERS.search(name) else text(value, hide) for name, value in values.items()}


def data(value: Any) -> Any:
    """A body without what only its owner may know; its shape stays."""
    if isinstance(value, Mapping):
        return {key: HIDDEN if secret(key, inner) else data(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [data(inner) for inner in value]
    return text(value) if isinstance(value, str) else value


def secret(key: str, value: Any) -> bool:
    """A name that tells of a secret, over a value that could be one: an action's empty body can't."""
    return _tells(key) and isinstance(value, str | Mapping | list) and bool(value)


@lru_cache(4096)
def _tells(key: str) -> bool:
    return bool(_KEYS.search(key)) and not _HARMLESS.search(key)


def text(value: str, hide: Hide = hidden) -> str:
    """A text without tokens, private keys, and secrets in JSON that stand in it."""
    if not _SUSPECT.search(value):
        return value

    def replace(found: re.Match[str]) -> str:
        return found[0] if _HARMLESS.search(found["key"]) else f'{found[1]}"{hide(found[4])}"'

    return _JSON_IN_TEXT.sub(replace, _IN_TEXT.sub(lambda found: hide(found[0]), value))


def finding(found: Finding) -> Finding:
    """A finding as it may be shown: what was seen at a secret's place is hidden."""
    there = any(secret(part, found.seen) for part in pointer.parts(found.pointer)) and found.code != "missing"
    expected = HIDDEN if there and found.code in ("drift", "expectation") else text(found.expected)
    return attrs.evolve(found, expected=expected, seen=HIDDEN if there else text(found.seen))


def body(content: bytes) -> str:
    """A body for a report: JSON indented, anything else as it is, both without secrets and cut where too long."""
    try:
        shown = json.dumps(data(json.loads(content)), indent=2)
    except ValueError:
        shown = text(content.decode("utf-8", "replace"))
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}\n... cut after {LONGEST} characters"


def request_text(exchange: Exchange) -> str:
    """A request as it may be shown."""
    request = exchange.request
    lines = [f"{request.method} {text(request.path)}", *_lines(request.headers), f"(as {request.persona})"]
    if request.body is not None:
        lines += ["", json.dumps(data(request.body), indent=2)]
    return "\n".join(lines)


def response_text(exchange: Exchange) -> str:
    """A response as it may be shown."""
    response = exchange.response
    if response.failure:
        return f"no answer: {text(response.failure)}"
    return "\n".join([str(response.status), *_lines(response.headers), "", body(response.content)])


def _lines(values: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers(values).items()]
