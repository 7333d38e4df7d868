"""What a project's own version history says of a microversion, and a summary made of it. Layer 2; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.microversion import Microversion

FILES = {
    "compute": "nova/api/openstack/compute/rest_api_version_history.rst",
    "placement": "placement/rest_api_version_history.rst",
    "volume": "cinder/api/openstack/rest_api_version_history.rst",
}
_RULE = re.compile(r"([-~=^\"'`#*+])\1{2,}")
_MARKUP = re.compile(r"``([^`]*)``|:\w+:`([^`<]*?)(?: <[^>]*>)?`|`([^`<]+)(?: <[^>]*>)?`__?|\*\*([^*]+)\*\*")
_SENTENCE = re.compile(r"(?<=[a-z]{2}[.])\s+")


def paragraph(history: str, version: Microversion) -> str:
    """The section about a microversion of a version history in reStructuredText; empty if it has none.

    A title that says more than the number comes first, as a sentence.
    """
    lines = history.splitlines()
    for number, line in enumerate(lines[:-1]):
        if re.match(rf"{re.escape(str(version))}(?![\d.])", line) and _RULE.fullmatch(lines[number + 1].strip()):
            title = line.partition(" - ")[2]
            body = "\n".join(_section(lines[number + 2 :])).strip()
            return f"{title}.\n\n{body}" if title else body
    return ""


def _section(lines: list[str]) -> Iterator[str]:
    """The lines up to the next heading, without directives."""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if re.match(r"\d+\.\d+", line) and _RULE.fullmatch(following.strip()):
            return
        if not line.startswith(".. "):
            yield line


def summary(text: str) -> str:
    """The first sentence, without markup, as a delta's summary; empty if there is none."""
    for part in text.strip().split("\n\n"):
        words = " ".join(_plain(part).split())
        first = _SENTENCE.split(words)[0].rstrip(" .:")
        if " " in first and len(first) > 11:
            return f"{first}."
    return ""


def _plain(text: str) -> str:
    return _MARKUP.sub(lambda found: next(group for group in found.groups() if group), text)
