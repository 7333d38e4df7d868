"""Which call a request makes. Layer 1."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PARAMETER = re.compile(r"\{\w+\}")


def find_call(calls: Sequence[str], method: str, path: str, action: str = "") -> str:
    """The call that a request makes: of those that match, the one with the fewest parameters; empty if none does."""
    name = action.partition("@")[0]
    fitting = [call for call in calls if _fits(call, method, path.partition("?")[0], name)]
    return min(fitting, key=lambda call: call.count("{"), default="")


def _fits(call: str, method: str, path: str, action: str) -> bool:
    wanted, _, rest = call.partition(" ")
    template, _, key = rest.partition(" ")
    if wanted != method or (key or "") != (action if key or template.endswith("/action") else ""):
        return False
    ours, theirs = template.rstrip("/").split("/"), path.rstrip("/").split("/")
    return len(ours) == len(theirs) and all(
        _PARAMETER.fullmatch(one) or one == other for one, other in zip(ours, theirs, strict=True)
    )
