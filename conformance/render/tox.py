"""The environments of tox that run gates: one section for all of them. Layer 2; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SECTION = re.compile(r"^\[testenv:gate-.*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)


def rendered(names: Sequence[str]) -> str:
    """The section of the gates of these names."""
    lines = [
        f"[testenv:gate-{{{','.join(names)}}}]",
        "description = a gate, on the cloud that OS_CLOUD names, or on several hosts booted on this machine",
        "extras = uv",
        "dependency_groups =",
        "commands =",
        *(f"    {name}: conformance gate run {name} {_OPTIONS}" for name in names),
    ]
    return "\n".join(lines) + "\n"


_OPTIONS = "--embedded --results {tox_root}{/}results{/}{env_name} {posargs}"


def renewed(text: str, names: Sequence[str]) -> str:
    """A ``tox.ini`` with that section in place of the one that it has, or at its end."""
    section = rendered(names)
    if _SECTION.search(text):
        return _SECTION.sub(lambda _: section + "\n", text).rstrip("\n") + "\n"
    return f"{text.rstrip()}\n\n{section}".lstrip("\n")
