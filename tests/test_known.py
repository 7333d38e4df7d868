"""Known departures."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from conformance.errors import DataError
from conformance.exchange import Finding
from conformance.known import KnownDepartures, load

ENTRY = """
- service: compute
  call: [GET /things, "GET /things/{thing}"]
  span: 2.2..2.4
  code: server-error
  cases: "*+odd@*"
  reason: It trips over what is odd.
  reproduce: 'GET /things?odd=1 @2.2 -> 500'
"""
FINDING = Finding("server-error", "compute", "GET /things", "2.3", "", "status 200", "status 500")


@pytest.fixture
def known(tmp_path: Path) -> KnownDepartures:
    """One departure, of two calls."""
    path = tmp_path / "known.yaml"
    path.write_text(ENTRY, encoding="utf-8")
    return load([path])


def test_an_expected_finding_has_its_reason(known: KnownDepartures) -> None:
    """A finding at a call, microversion and case that are named is known by its reason."""
    assert list(known.reasons([FINDING], "compute/a::list+odd@2.3")) == ["It trips over what is odd."]


@pytest.mark.parametrize(
    ("change", "case"),
    [
        ({"microversion": "2.5"}, "list+odd@2.5"),
        ({"code": "status"}, "list+odd@2.3"),
        ({"call": "POST /things"}, "list+odd@2.3"),
        ({}, "list@2.3"),
    ],
)
def test_any_other_finding_is_a_finding(known: KnownDepartures, change: dict[str, str], case: str) -> None:
    """Outside the span, of another code, call or case nothing is known."""
    assert list(known.reasons([attrs.evolve(FINDING, **change)], case)) == []


def test_what_does_not_happen_any_more(known: KnownDepartures) -> None:
    """A departure that didn't show where it was asked is told; one that nobody asked for isn't."""
    asked = [("compute", "GET /things", "2.3", "list+odd@2.3")]
    assert [one.call for one in known.unseen(asked, [])] == ["GET /things"]
    assert known.unseen(asked, ["It trips over what is odd."]) == []
    assert known.unseen([("compute", "GET /things", "2.3", "list@2.3")], []) == []


def test_a_departure_needs_a_reason(tmp_path: Path) -> None:
    """An entry without a reason is refused, with its place."""
    path = tmp_path / "known.yaml"
    path.write_text("- {service: compute, call: GET /things, span: 2.2..2.4, code: status}\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load([path])
    assert (caught.value.where, caught.value.what) == (f"{path}: 0", "'reason' is a required property")


def test_a_reproduction_says_what_comes_back(known: KnownDepartures, tmp_path: Path) -> None:
    """A reproduction is a request at a microversion and a status; anything less is refused."""
    assert {one.reproduce for one in known.departures} == {"GET /things?odd=1 @2.2 -> 500"}
    path = tmp_path / "vague.yaml"
    path.write_text(ENTRY.replace("@2.2 -> 500", "trips"), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load([path])
    assert caught.value.where == f"{path}: 0/reproduce"
