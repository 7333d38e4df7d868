"""The ledger is on disk before anything is asked for, and says after any end of a run what may be there."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest

from conformance.errors import DataError
from conformance.ledger import Entry, Ledger, folder, reopen

SERVER = Entry("compute", "", "conformance-1", template="/servers/$id", find={"list": "/servers"}, within=5.0)
IMAGE = Entry("image", "/v2/images/1", "conformance-2")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """An empty ledger."""
    return Ledger(tmp_path / "home" / "ledgers" / "tiny" / "run.jsonl")


def test_an_intention_is_on_disk_at_once(ledger: Ledger) -> None:
    """What is about to be asked for can be read back before any answer came."""
    ledger.intend(SERVER)

    assert reopen(ledger.path).open_since() == [attrs.evolve(SERVER, number=1)]


def test_what_was_made_has_its_path(ledger: Ledger) -> None:
    """Once the answer told where it is, its path is known."""
    ledger.made(ledger.intend(SERVER), "/servers/7")

    assert [entry.path for entry in reopen(ledger.path).open_since()] == ["/servers/7"]


def test_what_is_gone_is_not_open(ledger: Ledger) -> None:
    """What was removed, or refused, isn't looked for again."""
    ledger.gone(ledger.intend(SERVER))
    ledger.intend(IMAGE)

    assert [entry.name for entry in reopen(ledger.path).open_since()] == ["conformance-2"]


def test_what_a_story_removed_itself_is_gone(ledger: Ledger) -> None:
    """A story's own DELETE of a path closes its entry, and no other."""
    ledger.made(ledger.intend(SERVER), "/servers/7")
    ledger.intend(IMAGE)

    ledger.gone_at("/servers/7")

    assert [entry.name for entry in ledger.open_since()] == ["conformance-2"]


def test_the_newest_comes_first(ledger: Ledger) -> None:
    """What was made last is removed first, since it may rest on what was made before."""
    ledger.intend(SERVER)
    ledger.intend(IMAGE)

    assert [entry.number for entry in reopen(ledger.path).open_since()] == [2, 1]


def test_a_mark_divides(ledger: Ledger) -> None:
    """Only what came after a mark is told."""
    ledger.intend(SERVER)
    mark = ledger.mark
    ledger.intend(IMAGE)

    assert [entry.name for entry in ledger.open_since(mark)] == ["conformance-2"]


def test_numbers_go_on_after_a_reopening(ledger: Ledger) -> None:
    """An entry written after a reopening doesn't take the number of an older one, open or gone."""
    ledger.intend(SERVER)
    ledger.gone(ledger.intend(IMAGE))
    ledger.let_go()

    again = reopen(ledger.path)
    again.intend(IMAGE)

    assert [entry.name for entry in reopen(ledger.path).open_since()] == ["conformance-2", "conformance-1"]


def test_closing_keeps_what_is_open(ledger: Ledger) -> None:
    """The file goes when nothing is open any more, and not before."""
    number = ledger.intend(SERVER)
    ledger.close()
    assert ledger.path.exists()

    ledger.gone(number)
    ledger.close()
    assert not ledger.path.exists()


@pytest.mark.parametrize("cut", [1, 20, -1])
def test_a_last_line_that_was_cut_short(ledger: Ledger, cut: int) -> None:
    """A kill in the middle of a line loses that line, of which nothing was asked yet, and no other."""
    ledger.intend(SERVER)
    whole = ledger.path.read_text(encoding="utf-8")
    ledger.path.write_text(whole + whole[:cut].rstrip("}\n"), encoding="utf-8")

    assert [entry.name for entry in reopen(ledger.path).open_since()] == ["conformance-1"]


def test_an_entry_after_a_line_that_was_cut_short(ledger: Ledger) -> None:
    """What a sweep writes into such a ledger stands on lines of its own, so that it can be read again."""
    number = ledger.intend(SERVER)
    with ledger.path.open("a", encoding="utf-8") as file:
        file.write('{"made": 1, "pa')
    ledger.let_go()

    reopen(ledger.path).gone(number)

    assert reopen(ledger.path).open_since() == []


def test_a_damaged_line_in_the_middle(ledger: Ledger) -> None:
    """A line that is no JSON before others is an error that names it: what it said can't be known."""
    ledger.intend(SERVER)
    ledger.intend(IMAGE)
    ledger.path.write_text("?\n" + ledger.path.read_text(encoding="utf-8"), encoding="utf-8")

    with pytest.raises(DataError) as caught:
        reopen(ledger.path)

    remedy = "Remove by hand what the lines after it name, then delete the file."
    assert caught.value == DataError("is no line of a ledger", f"{ledger.path}: line 1", remedy)


@pytest.mark.parametrize("line", ['{"made": 9, "path": "/x"}', '{"other": 1}', "[]", '{"intend": {"color": "red"}}'])
def test_a_line_that_says_something_else(ledger: Ledger, line: str) -> None:
    """JSON that no ledger ever wrote is an error that names its line as well."""
    ledger.intend(SERVER)
    ledger.path.write_text(f"{line}\n" + ledger.path.read_text(encoding="utf-8"), encoding="utf-8")

    with pytest.raises(DataError) as caught:
        reopen(ledger.path)

    assert caught.value.where == f"{ledger.path}: line 1"


def test_a_ledger_has_no_secret(ledger: Ledger) -> None:
    """A line has what the sweep needs to know, and nothing of the request or the answer."""
    ledger.intend(SERVER)

    (line,) = ledger.path.read_text(encoding="utf-8").splitlines()
    assert json.loads(line).keys() == {"intend"}
    assert json.loads(line)["intend"].keys() == {field.name for field in attrs.fields(Entry)}
    assert json.loads(line)["intend"]["find"] == {"list": "/servers"}


def test_where_ledgers_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Below CONFORMANCE_HOME, or else below the user's data folder; each cloud has a folder of its own."""
    monkeypatch.setenv("CONFORMANCE_HOME", str(tmp_path))
    assert folder("vendor") == tmp_path / "ledgers" / "vendor"

    monkeypatch.delenv("CONFORMANCE_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert folder("") == tmp_path / "microversion-conformance" / "ledgers" / "environment"
