"""Whether a request would have been handled otherwise just below its microversion, told by what serves it."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from functools import total_ordering
from types import ModuleType

import pytest

from conformance.embedded.inside.embedded_cloud import turning

NULL = "0.0"


@total_ordering
class Request:
    """A microversion as nova has it."""

    def __init__(self, text: str) -> None:
        self.numbers = tuple(int(part) for part in text.split("."))

    def get_string(self) -> str:
        """``2.26``; ValueError if it is none."""
        if self.numbers == (0, 0):
            raise ValueError(self)
        return "{}.{}".format(*self.numbers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Request) and self.numbers == other.numbers

    def __lt__(self, other: Request) -> bool:
        return self.numbers < other.numbers

    def matches(self, first: Request, last: Request) -> bool:
        """Whether it is within a span."""
        return first <= self <= last

    __hash__ = None  # type: ignore[assignment]


class Pair(tuple[int, int]):
    """A microversion as placement has it."""

    __slots__ = ()

    def matches(self, first: tuple[int, int], last: tuple[int, int] = (1, 99)) -> bool:
        """Whether it is within a span."""
        return first <= self <= last


@pytest.fixture(autouse=True)
def service(monkeypatch: pytest.MonkeyPatch) -> tuple[type[Request], type[Pair]]:
    """Copies of both classes in the places of the real ones, watched from the first request on."""
    monkeypatch.setattr(turning, "_watched", [])
    for name, own in (("nova.api.openstack.api_version_request", Request), ("microversion_parse", Pair)):
        module = ModuleType(name)
        setattr(module, turning.CLASSES[name], own)
        monkeypatch.setitem(sys.modules, name, module)
        for kept in ("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__", "matches"):
            monkeypatch.setattr(own, kept, getattr(own, kept))
    return Request, Pair


def apart(version: str, handle: Callable[[], object]) -> bool:
    """Whether a request of a microversion is told apart while it is handled."""
    with turning.turning({"HTTP_OPENSTACK_API_VERSION": f"compute {version}"}) as turned:
        handle()
    assert turned is not None
    return turned.apart


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [("2.1", "2.104", False), ("2.26", "2.104", True), ("2.1", "2.25", True), ("2.1", "2.26", False)],
)
def test_a_span_tells_apart_what_is_at_its_bounds(first: str, last: str, *, told: bool) -> None:
    """From its first microversion on, and just behind its last; the newest of all is no bound of anything."""
    assert apart("2.26", lambda: Request("2.26").matches(Request(first), Request(last))) is told


@pytest.mark.parametrize(("bound", "told"), [("2.25", False), ("2.26", True), ("2.27", False)])
def test_a_comparison_tells_apart_from_its_bound_on(bound: str, *, told: bool) -> None:
    """As nova asks whether something is supported."""
    assert apart("2.26", lambda: Request("2.26") >= Request(bound)) is told


def test_pairs_of_numbers_are_microversions_too() -> None:
    """With plain pairs as bounds, on either side."""
    assert apart("1.15", lambda: Pair((1, 15)).matches((1, 15)))
    assert not apart("1.15", lambda: Pair((1, 15)).matches((1, 12)))
    assert apart("1.15", lambda: operator.le((1, 15), Pair((1, 15))))


def test_what_is_no_microversion_tells_nothing() -> None:
    """Where a service has a value for none."""
    assert not apart("2.26", lambda: Request("2.26") >= Request(NULL))


def test_a_request_without_a_microversion_is_not_watched() -> None:
    """There is nothing to tell of it."""
    with turning.turning({}) as turned:
        assert turned is None
