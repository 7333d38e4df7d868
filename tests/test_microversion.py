"""Microversions, spans, and how services speak of them."""

from __future__ import annotations

import pytest

from conformance.errors import UsageError
from conformance.microversion import SERVICES, Microversion, Span, tongue
from tests.helpers import v


def test_parse_and_write() -> None:
    """A microversion is written as it was read."""
    assert Microversion.parse("2.26") == Microversion(2, 26)
    assert str(Microversion(2, 26)) == "2.26"


def test_order_is_numeric() -> None:
    """2.9 comes before 2.10, as numbers do and text does not."""
    assert sorted(map(v, ("2.10", "2.9", "2.100", "1.39"))) == list(map(v, ("1.39", "2.9", "2.10", "2.100")))


def test_neighbours() -> None:
    """Each microversion has one just below and one just above."""
    assert (v("2.26").before, v("2.26").after) == (v("2.25"), v("2.27"))


@pytest.mark.parametrize("text", ["", "2", "2.01", "v2.1", "2.1.3", " 2.1", "2.1\n", "latest", "-2.1"])
def test_other_text_is_refused(text: str) -> None:
    """Text that isn't two whole numbers with a point between is refused with what to write."""
    with pytest.raises(UsageError) as caught:
        Microversion.parse(text, "here")
    remedy = 'A microversion is two whole numbers with a point between them, such as "2.26".'
    assert caught.value == UsageError(f"{text!r} is not a microversion", "here", remedy)


def test_a_float_is_refused() -> None:
    """A number is refused, because YAML has already lost the last zero of 2.10."""
    with pytest.raises(UsageError) as caught:
        Microversion.parse(2.10)
    remedy = "Write it in quotes: YAML loads an unquoted 2.10 as the number 2.1."
    assert caught.value == UsageError("2.1 is not a microversion", "", remedy)


def test_span_of_two_and_of_one() -> None:
    """A span is written lowest..highest, or as the one microversion that it has."""
    assert Span.parse("2.1..2.30") == Span(v("2.1"), v("2.30"))
    assert Span.parse("2.26") == Span(v("2.26"), v("2.26"))
    assert str(Span.parse("2.1..2.30")) == "2.1..2.30"


def test_span_holds_its_ends() -> None:
    """A span includes its first and last microversion and goes through all between."""
    span = Span.parse("2.8..2.10")
    assert list(span) == [v("2.8"), v("2.9"), v("2.10")]
    assert v("2.8") in span
    assert v("2.10") in span
    assert v("2.11") not in span


@pytest.mark.parametrize("text", ["2.10..2.9", "1.1..2.3"])
def test_span_backwards_is_refused(text: str) -> None:
    """A span that ends before it begins, or crosses to another major number, is refused."""
    with pytest.raises(UsageError) as caught:
        Span.parse(text)
    assert caught.value == UsageError(f"the span {text!r} ends before it begins", "", "Write it as lowest..highest.")


def test_span_names_itself_in_an_error() -> None:
    """A span whose end is no microversion is refused with the span as the place."""
    with pytest.raises(UsageError) as caught:
        Span.parse("2.1..x")
    assert caught.value.where == "the span '2.1..x'"


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [("2.1..2.9", "2.5..2.20", "2.5..2.9"), ("2.1..2.9", "2.9", "2.9..2.9"), ("2.1..2.9", "2.10..2.20", None)],
)
def test_clip(one: str, other: str, both: str | None) -> None:
    """Two spans clip to what both have, or to nothing."""
    assert Span.parse(one).clip(Span.parse(other)) == (Span.parse(both) if both else None)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_asks_in_the_same_header(service: str) -> None:
    """Each service is asked in OpenStack-API-Version under its own name."""
    assert tongue(service).ask(v("2.26")) == {"OpenStack-API-Version": f"{service} 2.26"}


def test_only_compute_answers_in_a_legacy_header() -> None:
    """Compute alone still answers in the older header of its own."""
    assert [tongue(service).legacy for service in SERVICES] == ["X-OpenStack-Nova-API-Version", None, None]


def test_unknown_service_is_refused() -> None:
    """A service that nobody knows is refused with the names of those that are known."""
    with pytest.raises(UsageError) as caught:
        tongue("dns")
    assert caught.value == UsageError("unknown service 'dns'", "", "Services are compute, placement, volume.")
