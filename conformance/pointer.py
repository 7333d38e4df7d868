"""JSON pointers (RFC 6901): written and followed; JMESPath, where they can't tell the way. Layer 0."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from conformance.errors import DataError


def write(path: Iterable[str | int]) -> str:
    """``/server/tags/0`` for the way to a value; empty for the whole document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def parts(pointer: str) -> list[str]:
    """The steps of a pointer, unescaped."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def look(data: Any, pointer: str) -> tuple[Any, ...]:
    """The value at ``pointer`` as a tuple of one; an empty tuple if there is none."""
    for step in parts(pointer):
        if isinstance(data, Mapping) and step in data:
            data = data[step]
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return ()
    return (data,)


def fits(pointer: str, pattern: str) -> bool:
    """Whether a pointer is that of a pattern, in which the step ``*`` stands for any one key or index."""
    steps, wanted = parts(pointer), parts(pattern)
    return len(steps) == len(wanted) and all(one in ("*", step) for step, one in zip(steps, wanted, strict=True))


def anywhere(pointer: str) -> str:
    """The pattern of a pointer with ``*`` for each index: the same place in every item of a list."""
    return write("*" if step.isdigit() else step for step in parts(pointer))


def pick(data: Any, kept: str | Mapping[str, str]) -> tuple[Any, ...]:
    """What a pointer leads to, or the part of that text which a pattern's first group matches: ``{at: , part: }``.

    ``{finds: }`` is a JMESPath, for what has no fixed place.
    """
    if isinstance(kept, str):
        return look(data, kept)
    if "finds" in kept:
        found = search(kept["finds"], data)
        return () if found is None else (found,)
    part = re.search(kept["part"], str((look(data, kept["at"]) or ("",))[0]))
    return (part[1],) if part else ()


def search(expression: str, data: Any) -> Any:
    """What a JMESPath finds; None where it finds nothing, or can't be asked of such data."""
    try:
        return jmespath.search(expression, data)
    except JMESPathError:
        return None


def check(expression: str, where: str) -> None:
    """DataError if it is no JMESPath."""
    try:
        jmespath.compile(expression)
    except JMESPathError as error:
        remedy = "See https://jmespath.org for how it is written."
        raise DataError(f"finds is no JMESPath: {error}", where, remedy) from None
