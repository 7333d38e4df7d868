"""Microversions: parse, order, span, and the headers in which each service speaks of them. Layer 0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import attrs

from conformance.errors import UsageError

_FORM = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)")
HEADER = "OpenStack-API-Version"


class Microversion(NamedTuple):
    """A number of a service, such as compute 2.26; ordered as numbers, so 2.9 comes before 2.10."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: object, where: str = "") -> Microversion:
        """Read ``"2.26"``; a number is refused, because YAML loads an unquoted 2.10 as 2.1."""
        if isinstance(text, str) and (found := _FORM.fullmatch(text)):
            return cls(int(found[1]), int(found[2]))
        remedy = "Write it in quotes: YAML loads an unquoted 2.10 as the number 2.1."
        if isinstance(text, str):
            remedy = 'A microversion is two whole numbers with a point between them, such as "2.26".'
        raise UsageError(f"{text!r} is not a microversion", where, remedy)

    def __str__(self) -> str:
        """As the header writes it."""
        return f"{self.major}.{self.minor}"

    @property
    def before(self) -> Microversion:
        """The microversion just below, which may be one that the service never had."""
        return Microversion(self.major, self.minor - 1)

    @property
    def after(self) -> Microversion:
        """The microversion just above."""
        return Microversion(self.major, self.minor + 1)


@attrs.frozen
class Span:
    """The microversions from ``first`` to ``last``, both included."""

    first: Microversion
    last: Microversion

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read ``2.1..2.30``, or ``2.26`` for that one alone."""
        first, _, last = text.partition("..")
        low = Microversion.parse(first, f"the span {text!r}")
        high = Microversion.parse(last or first, f"the span {text!r}")
        if high < low or high.major != low.major:
            raise UsageError(f"the span {text!r} ends before it begins", remedy="Write it as lowest..highest.")
        return cls(low, high)

    def __contains__(self, version: Microversion) -> bool:
        """Whether it lies within."""
        return self.first <= version <= self.last

    def __iter__(self) -> Iterator[Microversion]:
        """Each microversion, lowest first."""
        return (Microversion(self.first.major, minor) for minor in range(self.first.minor, self.last.minor + 1))

    def __str__(self) -> str:
        """As ``parse`` reads it."""
        return f"{self.first}..{self.last}"

    def clip(self, other: Span) -> Span | None:
        """What both have, or None."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Span(first, last) if first <= last else None


@attrs.frozen
class Tongue:
    """How a service speaks of microversions: its name in the header, and the older header that it still answers in."""

    name: str
    legacy: str | None = None
    catalogue: tuple[str, ...] = ()

    def ask(self, version: Microversion) -> dict[str, str]:
        """The headers that ask for ``version``."""
        return {HEADER: f"{self.name} {version}"}


_TONGUES = {
    "compute": Tongue("compute", "X-OpenStack-Nova-API-Version", ("compute",)),
    "placement": Tongue("placement", None, ("placement",)),
    "volume": Tongue("volume", None, ("block-storage", "volumev3", "volume")),
}
SERVICES = tuple(_TONGUES)


@cache
def tongue(service: str) -> Tongue:
    """The tongue of a service; unknown ones are refused with the names that are known."""
    if service not in _TONGUES:
        raise UsageError(f"unknown service {service!r}", remedy=f"Services are {', '.join(SERVICES)}.")
    return _TONGUES[service]
