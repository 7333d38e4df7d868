"""Tells whether what a service did with a request would have gone otherwise just below the request's microversion.

A service knows microversions as values of a class of its own, and whatever it makes depend on them it compares first.
So the comparisons that are made while a request is handled are watched. Where it isn't plain which of two is the
request's, one comparison too many is taken to tell them apart, and never one too few.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

CLASSES = {
    "nova.api.openstack.api_version_request": "APIVersionRequest",
    "cinder.api.openstack.api_version_request": "APIVersionRequest",
    "microversion_parse": "Version",
}
HEADERS = ("HTTP_OPENSTACK_API_VERSION", "HTTP_X_OPENSTACK_NOVA_API_VERSION")
_NUMBERS = re.compile(r"(\d+)\.(\d+)")
_AT_THE_OTHER, _BEHIND_IT = {"__lt__", "__ge__", "__eq__", "__ne__"}, {"__le__", "__gt__", "__eq__", "__ne__"}
_MIRRORED = {"__lt__": "__gt__", "__gt__": "__lt__", "__le__": "__ge__", "__ge__": "__le__"}
_watched: list[type] = []
_now = threading.local()
Version = tuple[int, int]


class Turning:
    """Whether a request of a microversion was told apart from one just below, as far as it was handled."""

    def __init__(self, asked: Version) -> None:
        self.asked = asked
        self.apart = False
        self.own: Any = None
        self.inside = False

    def compared(self, one: Any, operator: str, other: Any) -> None:
        """Note that two values of the service were compared."""
        values = (_value(one), _value(other))
        if values[0] == self.asked and self._may_be(one):
            self._against(operator, values[1])
        if values[1] == self.asked and self._may_be(other):
            self._against(_MIRRORED.get(operator, operator), values[0])

    def _may_be(self, one: Any) -> bool:
        """Whether a value may be the request's."""
        return self.own is None or self.own is one

    def _against(self, operator: str, bound: Version | None) -> None:
        """Note that the request's was compared: what comes of it changes at the bound, or behind it."""
        if bound is not None:
            behind = (bound[0], bound[1] + 1)
            self.apart |= operator in _AT_THE_OTHER and bound == self.asked
            self.apart |= operator in _BEHIND_IT and behind == self.asked


@contextmanager
def turning(environ: Mapping[str, Any]) -> Iterator[Turning | None]:
    """Watch a request while it is handled; None where there is nothing to watch, or it asks for no microversion."""
    asked = next((found for name in HEADERS if (found := _NUMBERS.search(environ.get(name, "")))), None)
    if not (asked and _watch()):
        yield None
        return
    _now.turning = Turning((int(asked[1]), int(asked[2])))
    try:
        yield _now.turning
    finally:
        _now.turning = None


def _value(one: Any) -> Version | None:
    """Two numbers, as whatever class of a service has them."""
    if isinstance(one, tuple):
        return (one[0], one[1]) if len(one) == 2 else None
    try:
        found = _NUMBERS.fullmatch(one.get_string())
    except (AttributeError, ValueError):  # a microversion that is none
        return None
    return (int(found[1]), int(found[2])) if found else None


def _watch() -> bool:
    """Whether the service has a class to watch, which is watched from now on."""
    for module, name in CLASSES.items():
        own = getattr(sys.modules.get(module), name, None)
        if own is not None and own not in _watched:
            _watched.append(own)
            for operator in _AT_THE_OTHER | _BEHIND_IT:
                setattr(own, operator, _noting(getattr(own, operator), operator))
            own.matches = _owning(own.matches)
    return bool(_watched)


def _noting(compare: Callable[[Any, Any], Any], operator: str) -> Callable[[Any, Any], Any]:
    def noting(one: Any, other: Any) -> Any:
        turning = getattr(_now, "turning", None)
        if turning is None or turning.inside:
            return compare(one, other)
        turning.compared(one, operator, other)
        turning.inside = True
        try:
            return compare(one, other)
        finally:
            turning.inside = False

    return noting


def _owning(matches: Callable[..., Any]) -> Callable[..., Any]:
    """What a class asks of its own value: that one is the request's."""

    def owning(self: Any, *arguments: Any, **named: Any) -> Any:
        turning = getattr(_now, "turning", None)
        if turning is None:
            return matches(self, *arguments, **named)
        before, turning.own = turning.own, self
        try:
            return matches(self, *arguments, **named)
        finally:
            turning.own = before

    return owning


__all__ = ["Turning", "turning"]
