"""Which call a request makes. Layer 1."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

_PARAMETER = re.compile(r"\{\w+\}")


def find_call(calls: Sequence[str], method: str, path: str, action: str = "") -> str:
    """The call that a request makes: of those that match, the one with the fewest parameters; empty if none does."""
    name, parts = action.partition("@")[0], _parts(path.partition("?")[0])
    alike = _by_shape(tuple(calls)).get((method, len(parts)), ())
    fitting = [call for call in alike if _fits(_parsed(call), parts, name)]
    return min(fitting, key=lambda call: call.count("{"), default="")


@cache
def _by_shape(calls: tuple[str, ...]) -> Mapping[tuple[str, int], Sequence[str]]:
    """The calls by their method and how many parts their path has: few are left to look at."""
    found: dict[tuple[str, int], list[str]] = {}
    for call in calls:
        method, template, _ = _parsed(call)
        found.setdefault((method, len(template)), []).append(call)
    return found


def _parts(path: str) -> list[str]:
    return path.rstrip("/").split("/")


@cache
def _parsed(call: str) -> tuple[str, list[str], str]:
    """A call's method, the parts of its path, and an action's key."""
    method, _, rest = call.partition(" ")
    template, _, key = rest.partition(" ")
    return method, _parts(template), key


def _fits(call: tuple[str, list[str], str], parts: list[str], action: str) -> bool:
    _, template, key = call
    if key != (action if key or template[-1] == "action" else ""):
        return False
    return all(_PARAMETER.fullmatch(one) or one == other for one, other in zip(template, parts, strict=True))
