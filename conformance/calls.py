"""Which call a request makes. Layer 1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

_PARAMETER = re.compile(r"\{\w+\}")


def find_call(calls: Sequence[str], method: str, path: str, action: str = "") -> str:
    """The call that a request makes: of those that match, the one with the fewest parameters; empty if none does."""
    parts, key = _parts(path.partition("?")[0]), action.partition("@")[0]
    below = "/".join(parts)
    fitting = [call for call, form in alike(tuple(calls), method, len(parts), key) if form.fullmatch(below)]
    return min(fitting, key=lambda call: call.count("{"), default="")


@cache
def alike(calls: tuple[str, ...], method: str, length: int, action: str) -> Sequence[tuple[str, re.Pattern[str]]]:
    """The calls of that method, length and action, and what their paths look like: few are left to look at."""
    parsed = ((call, *_parsed(call)) for call in calls)
    return [
        (call, _form(template))
        for call, verb, template, key in parsed
        if (verb, len(template), key) == (method, length, action if key or template[-1] == "action" else "")
    ]


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.rstrip("/").split("/"))


@cache
def _parsed(call: str) -> tuple[str, tuple[str, ...], str]:
    """A call's method, the parts of its path, and an action's key."""
    method, _, rest = call.partition(" ")
    template, _, key = rest.partition(" ")
    return method, _parts(template), key


@cache
def _form(template: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("/".join("[^/]*" if _PARAMETER.fullmatch(one) else re.escape(one) for one in template))
