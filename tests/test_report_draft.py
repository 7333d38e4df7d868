"""A draft of known departures: what differs by nothing but the microversion is one entry, without a reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
import yaml

from conformance.known import Departure, KnownDepartures
from conformance.microversion import Span
from conformance.report.draft import draft

NOTHING = KnownDepartures()


def records(shown: str, quiet: str = "", name: str = "compute/a::b", **more: str) -> list[dict[str, Any]]:
    """A case at the minor microversions given, with a finding at those in which it ``shown`` itself."""
    found = {"code": "missing", "service": "compute", "call": "GET /a", "pointer": "/a/0/b", "remedy": ""}
    found |= {"expected": "the key 'b'", "seen": "no such key", **more}
    return [_record(name, f"2.{minor}", [{**found, "microversion": f"2.{minor}"}]) for minor in shown.split()] + [
        _record(name, f"2.{minor}", []) for minor in quiet.split()
    ]


def _record(name: str, at: str, findings: list[Any]) -> dict[str, Any]:
    outcome = "failed" if findings else "passed"
    plain = {
        "service": "compute",
        "call": "GET /a",
        "microversion": at,
        "seconds": 0.0,
        "reason": "",
        "known": [],
        "warnings": [],
    }
    return {**plain, "id": f"{name}@{at}", "outcome": outcome, "findings": findings}


def drafted(*several: list[dict[str, Any]], known: KnownDepartures = NOTHING) -> list[dict[str, str]]:
    """The entries of a draft, read again."""
    text, count = draft([one for some in several for one in some], known)
    entries = yaml.safe_load(text) or []
    assert len(entries) == count
    return list(entries)


def spans(entries: Iterable[dict[str, str]]) -> list[tuple[str, str]]:
    """The span and the cases of each entry."""
    return [(str(entry["span"]), entry.get("cases", "*")) for entry in entries]


def test_an_entry() -> None:
    """An entry has all that the format asks for but a reason, and a star for the index."""
    (entry,) = drafted(records("2 3 10"))
    assert entry == {
        "service": "compute",
        "call": "GET /a",
        "span": "2.2..2.10",
        "code": "missing",
        "pointer": "/a/*/b",
        "reason": "TODO",
    }


def test_what_was_seen_stands_above_it() -> None:
    """A comment says what was expected and seen, and in which case, so that somebody can find the reason."""
    text, _ = draft(records("2 3"), NOTHING)
    assert text.startswith(
        "# Expected the key 'b', seen no such key: compute/a::b@2.2 and 1 more\n- service: compute\n"
    )


def test_a_span_ends_where_it_was_not_seen() -> None:
    """Between two spans the same was asked, and was right."""
    assert spans(drafted(records("1 2 5", "3 6"))) == [("2.1..2.2", "*"), ("2.5", "*")]


def test_one_microversion_is_text() -> None:
    """A span of one microversion is written so that it isn't read as a number."""
    assert drafted(records("10"))[0]["span"] == "2.10"


def test_other_cases_of_the_call_are_not_excused() -> None:
    """Where another case of the call was right, the entry names the case that wasn't."""
    assert spans(drafted(records("1 2"), records("", "1", "compute/a::c"))) == [("2.1..2.2", "compute/a::b@*")]


def test_a_request_with_one_thing_wrong() -> None:
    """What shows itself only where the same thing is wrong is one entry for all of those cases."""
    odd = [records("1 2", name=f"compute/{name}::list+x:unknown") for name in "ab"]
    assert spans(drafted(*odd, records("", "1 2"))) == [("2.1..2.2", "*+x:unknown@*")]


def test_different_findings_are_different_entries() -> None:
    """Another code or place is another departure."""
    assert len(drafted(records("1"), records("1", name="compute/a::c", pointer="/c"))) == 2
    assert len(drafted(records("1"), records("1", name="compute/a::c", code="type"))) == 2


def test_what_is_known_already_is_left_out() -> None:
    """What an entry of another file excuses isn't written down again."""
    known = Departure("compute", "GET /a", Span.parse("2.1..2.2"), "missing", "It is so.")
    assert spans(drafted(records("1 2 3"), known=KnownDepartures((known,)))) == [("2.3", "*")]


@pytest.mark.parametrize("seen", ["two\nlines", "# : - {", "\u2028 and \x85"])
def test_whatever_was_seen_stays_a_comment(seen: str) -> None:
    """What was seen may be any text, and never gets out of its comment."""
    assert len(drafted(records("1", seen=seen))) == 1
