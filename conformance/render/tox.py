"""The environments of tox that run gates: a section for each place where they can run. Layer 2; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SECTIONS = re.compile(r"^\[testenv:(?:gate|lab)-.*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_KINDS = {
    "gate": ("on the cloud that OS_CLOUD names, or on several hosts booted on this machine", "--embedded"),
    "lab": ("on hosts of this machine whose guests, networks and disks are real: takes root", "--lab"),
}


def rendered(names: Sequence[str]) -> str:
    """The sections of the gates of these names."""
    return "\n".join(_section(kind, names) for kind in _KINDS)


def _section(kind: str, names: Sequence[str]) -> str:
    where, option = _KINDS[kind]
    options = f"{option} --results {{tox_root}}{{/}}results{{/}}{{env_name}} {{posargs}}"
    lines = [
        f"[testenv:{kind}-{{{','.join(names)}}}]",
        f"description = a gate, {where}",
        "extras = uv",
        "dependency_groups =",
        "commands =",
        *(f"    {name}: conformance gate run {name} {options}" for name in names),
    ]
    return "\n".join(lines) + "\n"


def renewed(text: str, names: Sequence[str]) -> str:
    """A ``tox.ini`` with those sections in place of the ones that it has, or at its end."""
    others = _SECTIONS.sub("", text).rstrip()
    return f"{others}\n\n{rendered(names)}".lstrip("\n")
