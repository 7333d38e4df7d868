"""Known departures: what they excuse, what doesn't happen any more, and what has expired."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import attrs
import pytest

from conformance.document import Documents
from conformance.errors import DataError
from conformance.exchange import Finding
from conformance.known import KnownDepartures, load
from tests.helpers import documents

ENTRY = """
- service: compute
  call: [GET /things, "GET /things/{thing}"]
  span: 2.2..2.4
  code: server-error
  cases: "*+odd@*"
  reason: It trips over what is odd.
  reproduce: 'GET /things?odd=1 @2.2 -> 500'
"""
CALLS = "calls: {GET /things: {status: 200}, 'GET /things/{thing}': {status: 200}}"
FINDING = Finding("server-error", "compute", "GET /things", "2.3", "", "status 200", "status 500")
EXTRA = Finding("unexpected", "compute", "GET /things", "2.3", "/things/0/colour", "no key 'colour'", "blue")
TODAY = date(2027, 3, 1)


@pytest.fixture
def services(tmp_path: Path) -> dict[str, Documents]:
    """A history with the calls of the entries."""
    return {"compute": documents(tmp_path, CALLS)}


@pytest.fixture
def known(tmp_path: Path, services: dict[str, Documents]) -> KnownDepartures:
    """One departure, of two calls."""
    return written(tmp_path, services, ENTRY)


def written(folder: Path, services: dict[str, Documents], text: str) -> KnownDepartures:
    """What a file of this text says on a certain day."""
    path = folder / "known.yaml"
    path.write_text(text, encoding="utf-8")
    return load([path], services, TODAY)


def entry(**more: str) -> str:
    """An entry about an extra key, written in YAML."""
    plain = {"service": "compute", "call": "GET /things", "span": "2.2..2.4", "code": "unexpected"}
    pairs = {**plain, "reason": "A colour is what we sell.", **more}
    return "- {" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}\n"


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


@pytest.mark.parametrize(
    ("pointer", "excused"),
    [("/things/0/colour", True), ("/things/*/colour", True), ("/things/*", False), ("/*/*/size", False)],
)
def test_a_place_in_any_item(tmp_path: Path, services: dict[str, Documents], pointer: str, excused: bool) -> None:
    """A star in a pointer is any one key or index, and no more than one."""
    found = written(tmp_path, services, entry(pointer=pointer))
    assert bool(list(found.reasons([EXTRA], "list@2.3"))) == excused


def test_what_does_not_happen_any_more(known: KnownDepartures) -> None:
    """A departure that didn't show where it was asked is told; one that nobody asked for isn't."""
    asked = [("compute", "GET /things", "2.3", "list+odd@2.3")]
    assert [one.call for one in known.unseen(asked, [])] == ["GET /things"]
    assert known.unseen(asked, [(FINDING, "list+odd@2.3")]) == []
    assert known.unseen([("compute", "GET /things", "2.3", "list@2.3")], []) == []


def test_each_call_is_missed_by_itself(known: KnownDepartures) -> None:
    """Of several calls that departed alike, the one that doesn't any more is told though the others still do."""
    calls = ("GET /things", "GET /things/{thing}")
    asked = [("compute", call, "2.3", "list+odd@2.3") for call in calls]
    assert [one.call for one in known.unseen(asked, [(FINDING, "list+odd@2.3")])] == ["GET /things/{thing}"]


@pytest.mark.parametrize(("day", "excused"), [("2027-03-01", True), ("2027-02-28", False)])
def test_what_has_expired(tmp_path: Path, services: dict[str, Documents], day: str, excused: bool) -> None:
    """After its last day a departure is a finding like any other, and is told where its cell was asked."""
    found = written(tmp_path, services, entry(expires=day))
    assert bool(list(found.reasons([EXTRA], "list@2.3"))) == excused
    assert len(found.overdue([("compute", "GET /things", "2.3", "list@2.3")])) == (not excused)
    assert found.overdue([("compute", "GET /things", "2.5", "list@2.5")]) == []


@pytest.mark.parametrize("day", ["soon", "2027-13-01", "2027-3-1", "'20270301'"])
def test_what_is_no_day(tmp_path: Path, services: dict[str, Documents], day: str) -> None:
    """An entry that expires on no day is refused, with its place and how a day is written."""
    with pytest.raises(DataError) as caught:
        written(tmp_path, services, entry(expires=day))
    assert caught.value.where == f"{tmp_path / 'known.yaml'}: 0/expires"
    assert "2027-03-01" in caught.value.remedy


def test_a_departure_needs_a_reason(tmp_path: Path, services: dict[str, Documents]) -> None:
    """An entry without a reason is refused, with its place."""
    with pytest.raises(DataError) as caught:
        written(tmp_path, services, "- {service: compute, call: GET /things, span: 2.2..2.4, code: status}\n")
    assert (caught.value.where, caught.value.what) == (
        f"{tmp_path / 'known.yaml'}: 0",
        "'reason' is a required property",
    )


def test_a_call_that_nobody_knows(tmp_path: Path, services: dict[str, Documents]) -> None:
    """An entry about a call that there isn't would never show: it is refused."""
    with pytest.raises(DataError) as caught:
        written(tmp_path, services, ENTRY + entry(call="GET /thing"))
    assert (caught.value.where, caught.value.what) == (
        f"{tmp_path / 'known.yaml'}: 1",
        "unknown call 'GET /thing' of compute",
    )


def test_a_service_without_data(tmp_path: Path, services: dict[str, Documents]) -> None:
    """What is known of another service than those at hand is taken as it is."""
    assert written(tmp_path, services, entry(service="volume", call="GET /volumes")).departures


def test_a_reproduction_says_what_comes_back(
    known: KnownDepartures, tmp_path: Path, services: dict[str, Documents]
) -> None:
    """A reproduction is a request at a microversion and a status; anything less is refused."""
    assert {one.reproduce for one in known.departures} == {"GET /things?odd=1 @2.2 -> 500"}
    with pytest.raises(DataError) as caught:
        written(tmp_path, services, ENTRY.replace("@2.2 -> 500", "trips"))
    assert caught.value.where == f"{tmp_path / 'known.yaml'}: 0/reproduce"
