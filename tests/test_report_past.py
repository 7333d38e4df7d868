"""A run read back from its folder, and the parts of one run together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.errors import UsageError
from conformance.report import exchanges
from conformance.report.past import Past, read
from conformance.suite import load
from tests.runs import failed, leave, span
from tests.wrong_server import TINY

SHOW = "compute/server::show@2.3"
LIST = "compute/versions::list@2.1"


def past(*folders: Path) -> Past:
    """The run in these folders."""
    return read(folders, load(TINY))


def test_a_run(tmp_path: Path) -> None:
    """A run has its cases, a record and an exchange of each, and the microversions that it asked for."""
    run = past(leave(tmp_path / "run", {SHOW: failed()}))

    assert {case for _, case in run.records} == set(run.cases) == {case for _, case in run.exchanges}
    assert run.records["", SHOW]["outcome"] == "failed"
    assert run.exchanges["", SHOW].startswith(f"GET /servers/{SHOW}")
    assert {service: str(each) for service, each in run.spans.items()} == {"compute": "2.1..2.4"}


def test_the_cases_that_were_wanted(tmp_path: Path) -> None:
    """A run of some cases planned those alone; one without a record was planned all the same."""
    run = past(leave(tmp_path / "run", wanted=[SHOW, LIST], silent=[SHOW]))

    assert set(run.cases) == {SHOW, LIST}
    assert run.planned == {("", SHOW), ("", LIST)}
    assert set(run.records) == {("", LIST)}


def test_parts_are_merged(tmp_path: Path) -> None:
    """Two parts of a plan are one run, and no case is counted twice."""
    run = past(leave(tmp_path / "1", wanted=[SHOW]), leave(tmp_path / "2", wanted=[LIST]))

    assert (set(run.cases), set(run.records)) == ({SHOW, LIST}, {("", SHOW), ("", LIST)})
    assert run.repeated == 0


def test_the_last_named_counts(tmp_path: Path) -> None:
    """What several parts ran counts as in the last one, with the exchange of that one."""
    first, again = (
        leave(tmp_path / "1", {SHOW: failed()}, said="first"),
        leave(tmp_path / "2", wanted=[SHOW], said="again"),
    )

    run = past(first, again)

    assert (run.records["", SHOW]["outcome"], run.repeated) == ("passed", 1)
    assert '"again"' in run.exchanges["", SHOW]
    assert '"first"' in run.exchanges["", LIST]


def test_parts_of_different_spans(tmp_path: Path) -> None:
    """Parts that asked for other microversions of one cloud are one run over all of them."""
    bounds = span("2.1..2.4")
    low, high = (leave(tmp_path / text, spans=span(text), bounds=bounds) for text in ("2.1..2.2", "2.3..2.4"))

    assert str(past(low, high).spans["compute"]) == "2.1..2.4"


def test_different_clouds(tmp_path: Path) -> None:
    """Runs of clouds with other bounds are no parts of one run, and the remedy says how they are compared."""
    one, other = (leave(tmp_path / text, spans=span(text), bounds=span(text)) for text in ("2.1..2.4", "2.1..2.3"))

    with pytest.raises(UsageError) as caught:
        past(one, other)

    assert caught.value.where == str(other)
    assert "--against" in caught.value.remedy


def test_gates_are_kept_apart(tmp_path: Path) -> None:
    """A case that two gates ran has two records."""
    parts = [leave(tmp_path / gate, {SHOW: {"gate": gate}}, wanted=[SHOW]) for gate in ("migration", "backends")]

    run = past(*parts)

    assert set(run.records) == run.planned == {("migration", SHOW), ("backends", SHOW)}
    assert set(run.exchanges) == set(run.records)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"data": 7}'])
def test_settings_that_are_none(tmp_path: Path, text: str) -> None:
    """A folder whose settings aren't those of a run is refused by name."""
    folder = leave(tmp_path / "run", wanted=[SHOW])
    (folder / "settings.json").write_text(text, encoding="utf-8")

    with pytest.raises(UsageError) as caught:
        past(folder)

    assert caught.value.where == str(folder / "settings.json")


def test_no_settings(tmp_path: Path) -> None:
    """A folder of results alone is told what is missing."""
    folder = leave(tmp_path / "run", wanted=[SHOW])
    (folder / "settings.json").unlink()

    with pytest.raises(UsageError, match="has no settings of a run"):
        past(folder)


def test_the_exchange_of_a_case_that_ran_twice(tmp_path: Path) -> None:
    """The exchange is that of the last time, however the files are ordered."""
    folder = tmp_path / exchanges.FOLDER
    folder.mkdir()
    for stop, name in ((2, "a"), (1, "b")):
        (folder / f"{name}.txt").write_text(f"said at {stop}", encoding="utf-8")
        attached = [
            {"name": exchanges.ATTACHMENT, "source": f"{name}.txt"},
            {"name": "finding: missing", "source": "x"},
        ]
        result = {"name": SHOW, "stop": stop, "attachments": attached}
        (folder / f"{name}-result.json").write_text(json.dumps(result), encoding="utf-8")

    assert exchanges.read(tmp_path) == {SHOW: "said at 2"}


def test_exchanges_that_are_lost(tmp_path: Path) -> None:
    """Without its exchange, or with a file cut short, a result is still a result."""
    folder = leave(tmp_path / "run", wanted=[SHOW, LIST])
    (folder / exchanges.FOLDER / "000000-result.json").write_text('{"name": ', encoding="utf-8")
    (folder / exchanges.FOLDER / "000001-attachment.txt").unlink()

    run = past(folder)

    assert (len(run.records), run.exchanges) == (2, {})


def test_a_folder_that_names_files_elsewhere(tmp_path: Path) -> None:
    """Only files of the folder itself are shown, whatever path a result names."""
    (tmp_path / "secret.txt").write_text("planted-secret", encoding="utf-8")
    folder = tmp_path / "run" / exchanges.FOLDER
    folder.mkdir(parents=True)
    result = {"name": SHOW, "attachments": [{"name": exchanges.ATTACHMENT, "source": "../../secret.txt"}]}
    (folder / "a-result.json").write_text(json.dumps(result), encoding="utf-8")

    assert exchanges.read(tmp_path / "run") == {}
