"""What the page shows, as plain JSON: the map, the cases, the findings, the history and the comparison."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance.coverage import measure
from conformance.difference import described
from conformance.errors import UsageError
from conformance.outline import Depth
from conformance.plan import plan
from conformance.report import matrix
from conformance.report.changelog import changelog, texts
from conformance.report.model import BATCH, model
from conformance.report.past import read
from conformance.suite import load
from tests.helpers import REPOSITORY, real
from tests.runs import GUEST, LATE, failed, gated, hosted, leave, span
from tests.wrong_server import SHOW, TINY

SHOWN = "compute/server::show@2.3"
LISTED = "compute/versions::list@2.1"


def told(*folders: Path, earlier: Path | None = None) -> dict[str, list[Any]]:
    """The model of a run over the tiny data, as a reader gets it."""
    suite = load(TINY)
    found = model(read(folders, suite), read([earlier], suite) if earlier else None, suite, TINY)
    return dict(json.loads(json.dumps(found)))


def rows(run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The cases by id, with their columns read back."""
    cases, calls = run["cases"], [call["name"] for service in run["services"] for call in service["calls"]]
    return {
        f"{cases['names'][cases['name'][one]]}@2.{cases['at'][one]}": {
            "call": calls[cases["call"][one]],
            "state": cases["states"][cases["state"][one]],
            "shows": cases["shows"][one],
            "gate": cases["gates"][cases["gate"][one]],
            "number": one,
        }
        for one in range(len(cases["name"]))
    }


def test_every_case_is_there(tmp_path: Path) -> None:
    """Each planned case has its place, its call and its outcome, also one that never ran."""
    folder = leave(
        tmp_path / "run", {SHOWN: failed(), LISTED: {"gate": "backends"}}, silent=["compute/server::show@2.4"]
    )

    cases = rows(told(folder)["run"][0])

    assert len(cases) == len(read([folder], load(TINY)).planned)
    assert (cases[SHOWN]["call"], cases[SHOWN]["state"]) == (SHOW, "failed")
    assert cases["compute/server::show@2.4"]["state"] == "not-run"
    assert (cases[LISTED]["state"], cases[LISTED]["gate"], cases[SHOWN]["gate"]) == ("passed", "backends", "")


def test_what_shows_a_cell(tmp_path: Path) -> None:
    """A case that is refused as it should be shows no cell; the page's count of shown cells is that of the coverage."""
    run = told(leave(tmp_path / "run"))["run"][0]
    cases = rows(run)

    shown = {(one["call"], identity.rpartition("@")[2]) for identity, one in cases.items() if one["shows"]}
    assert not cases["compute/server::absent@2.1"]["shows"]
    assert not cases["compute/tags::add@2.2"]["shows"]
    assert cases[SHOWN]["shows"]
    assert len(shown) == run["services"][0]["coverage"]["exercised"]


def test_the_calls(tmp_path: Path) -> None:
    """Calls stand by their paths, reads first, each with its life and its turning points."""
    (service,) = told(leave(tmp_path / "run"))["run"][0]["services"]

    assert [call["name"] for call in service["calls"]] == [
        *("GET /", "GET /servers", "POST /servers", "GET /servers/{server}", "DELETE /servers/{server}"),
        *("GET /servers/{server}/tags", "DELETE /servers/{server}/tags", "PUT /servers/{server}/tags/{tag}"),
    ]
    assert service["calls"][3] == {"name": SHOW, "life": [1, 4], "turns": [1, 2, 3], "excused": []}
    assert service["calls"][5]["life"] == [3, 4]


def test_a_span(tmp_path: Path) -> None:
    """A run of some microversions has the cells of those."""
    (service,) = told(leave(tmp_path / "run", spans=span("2.2..2.3")))["run"][0]["services"]

    assert (service["major"], service["first"], service["last"]) == (2, 2, 3)
    assert service["coverage"]["cells"] == 5 * 2 + 3 * 1


def test_the_exchanges_stand_with_their_cases(tmp_path: Path) -> None:
    """Exchanges come in batches, in the order of the cases; no token is in them."""
    found = told(leave(tmp_path / "run", silent=[LISTED]))
    cases = rows(found["run"][0])
    said = [one for batch in found["exchanges"] for one in batch]

    assert all(len(batch) == BATCH for batch in found["exchanges"][:-1])
    assert len(said) == len(cases)
    assert said[cases[LISTED]["number"]] is None
    assert said[cases[SHOWN]["number"]].startswith(f"GET /servers/{SHOWN}\nX-Auth-Token: ***\n")


def test_what_was_said_of_a_case(tmp_path: Path) -> None:
    """Findings, reasons and known departures are kept with their case, and nothing for one that merely passed."""
    lost = {"outcome": "not-reached", "reason": "no server"}
    found = told(leave(tmp_path / "run", {SHOWN: failed(), LISTED: lost}))["run"][0]
    cases = rows(found)

    assert found["told"][str(cases[LISTED]["number"])] == {"reason": "no server"}
    assert found["told"][str(cases[SHOWN]["number"])]["findings"][0]["remedy"] == LATE.remedy
    assert len(found["told"]) == 2


def test_a_finding_is_told_once(tmp_path: Path) -> None:
    """A finding at several microversions is one, with its cases, and its microversions in order."""
    there = {f"compute/server::show@2.{minor}": failed(microversion=f"2.{minor}") for minor in (3, 2)}
    found = told(leave(tmp_path / "run", there))["run"][0]

    (group,) = found["groups"]
    assert group["microversions"] == ["2.2", "2.3"]
    assert {one["number"] for identity, one in rows(found).items() if identity in there} == set(group["cases"])


def test_a_warning(tmp_path: Path) -> None:
    """What was let pass stands apart from the findings, with its cases."""
    (extra,) = failed(code="unexpected", microversion="2.1")["findings"]
    found = told(leave(tmp_path / "run", {LISTED: {"warnings": [extra]}}))["run"][0]

    assert found["groups"] == []
    assert [group["finding"]["code"] for group in found["warnings"]] == ["unexpected"]
    assert found["told"][str(rows(found)[LISTED]["number"])] == {"warnings": [extra]}


def test_a_figure(tmp_path: Path) -> None:
    """What was measured stands with its case, and by its story."""
    figures = {"downtime": {"value": 0.3, "unit": "s"}}
    found = told(leave(tmp_path / "run", {LISTED: {"figures": figures}}))["run"][0]

    assert found["told"][str(rows(found)[LISTED]["number"])] == {"figures": figures}
    assert [(one["story"], one["most"]) for one in found["figures"]] == [("compute/versions", 0.3)]


def test_a_picture(tmp_path: Path) -> None:
    """The page holds the picture of each performance that was tracked, so that it can be taken anywhere."""
    found = told(leave(tmp_path / "run", {LISTED: {"moments": [[1.0, 2.0, "phase", "running"]]}}))["run"][0]

    assert found["timelines"].keys() == {"compute/versions@2.1"}
    assert found["timelines"]["compute/versions@2.1"].startswith("<svg")


def test_a_gate(tmp_path: Path) -> None:
    """A run of a gate has its cases under the gate's name, those that never ran as well, and what it proved."""
    data = gated(tmp_path / "data")
    lacking = {"depth": "Guests don't run here."}
    folder = leave(tmp_path / "run", data=data, gate="one", missing=lacking, silent=["compute/server::delete@2.1"])

    run = model(read([folder], load(data)), None, load(data), data)["run"][0]

    assert {one["gate"] for one in rows(run).values()} == {"one"}
    assert rows(run)["compute/server::delete@2.1"]["state"] == "not-run"
    (gate,) = run["gates"]
    assert [piece["state"] for piece in gate["evidence"].values()] == ["taken", "not taken"]


def test_the_facts(tmp_path: Path) -> None:
    """The facts count what was planned, what ran, and how it ended."""
    folder = leave(
        tmp_path / "run", {SHOWN: failed()}, wanted=[SHOWN, LISTED, "compute/server::show@2.4"], silent=[LISTED]
    )
    facts = told(folder)["run"][0]["facts"]

    assert (facts["planned"], facts["ran"], facts["findings"]) == (3, 2, 1)
    assert {name for name, number in facts["outcomes"].items() if number == 1} == {"passed", "failed", "not-run"}
    ended = {name: number for name, number in facts["services"]["compute"].items() if number}
    assert ended == {"passed": 1, "failed": 1, "not-run": 1}
    assert (facts["cloud"], facts["spans"], facts["folders"]) == ("tiny", {"compute": "2.1..2.4"}, [str(folder)])


def test_a_comparison(tmp_path: Path) -> None:
    """What changed is told by case, with how it was and the earlier exchange."""
    before = leave(tmp_path / "before", {LISTED: failed()}, said="earlier")
    after = leave(tmp_path / "after", {SHOWN: failed()}, silent=["compute/server::show@2.4"])
    found = told(after, earlier=before)
    comparison, cases = found["run"][0]["comparison"], rows(found["run"][0])

    changes = {change["case"]: change for change in comparison["changes"]}
    assert changes[cases[SHOWN]["number"]]["kind"] == "began"
    mended = changes[cases[LISTED]["number"]]
    assert (mended["kind"], mended["was"], mended["findings"]) == ("mended", "failed", failed()["findings"])
    assert (comparison["added"], comparison["gone"], len(changes)) == (0, 1, 2)
    assert [LISTED in said or SHOWN in said for said in found["earlier"][0]] == [True, True]
    assert "earlier" in found["earlier"][0][0]


def test_nothing_to_compare_with(tmp_path: Path) -> None:
    """A run alone has no comparison."""
    found = told(leave(tmp_path / "run"))

    assert (found["run"][0]["comparison"], found["earlier"]) == (None, [])


def test_a_call_that_the_data_has_not(tmp_path: Path) -> None:
    """Results of other data than ours are refused with the way to name them."""
    folder = leave(tmp_path / "run")
    stranger = {**json.loads((folder / "results.jsonl").read_text(encoding="utf-8").splitlines()[0])}
    stranger |= {"id": "compute/moons::list@2.1", "call": "GET /moons"}
    with (folder / "results.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(stranger) + "\n")

    with pytest.raises(UsageError) as caught:
        told(folder)

    assert "GET /moons" in caught.value.what
    assert "--data" in caught.value.remedy


def test_a_case_that_the_plan_has_no_more(tmp_path: Path) -> None:
    """A case of a story that has changed since is shown where its record says."""
    folder = leave(tmp_path / "run")
    line = json.loads((folder / "results.jsonl").read_text(encoding="utf-8").splitlines()[0])
    with (folder / "results.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({**line, "id": "compute/old::look@2.3", "call": SHOW, "microversion": "2.3"}) + "\n")

    assert rows(told(folder)["run"][0])["compute/old::look@2.3"]["call"] == SHOW


def test_a_guest(tmp_path: Path) -> None:
    """What a story asks of another service is no cell: it stands behind the calls, and counts for its story."""
    data = hosted(tmp_path / "data")
    folder = leave(tmp_path / "run", {GUEST: failed(service="network", call="GET /networks")}, data=data)

    run = model(read([folder], load(data)), None, load(data), data)["run"][0]

    assert run["guests"] == [{"service": "compute", "of": "network", "name": "GET /networks"}]
    number = rows({**run, "services": [*run["services"], {"calls": run["guests"]}]})[GUEST]["number"]
    assert run["cases"]["call"][number] == len(run["services"][0]["calls"])
    assert [group["cases"] for group in run["groups"]] == [(number,)]
    assert run["facts"]["services"]["compute"]["failed"] == 1


def test_a_case_that_never_ran_and_is_planned_no_more(tmp_path: Path) -> None:
    """What a plan of older data had beyond ours is counted as not run, and has no place on the map."""
    folder = leave(tmp_path / "run", wanted=[SHOWN])
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    settings["wanted"].append("compute/old::look@2.3")
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")

    run = told(folder)["run"][0]

    assert rows(run).keys() == {SHOWN}
    assert (run["facts"]["planned"], run["facts"]["services"]["compute"]["not-run"]) == (2, 1)


@cache
def planned_cells() -> dict[str, int]:
    """The cells of each service of the real data, as the coverage counts them."""
    suite = real()
    performances = plan(suite.library.stories, suite.services, {}, depth=Depth())
    return {
        name: len(measure(documents, performances, documents.history.span, ()).cells)
        for name, documents in suite.services.items()
    }


@pytest.mark.parametrize("service", ["compute", "placement", "volume"])
def test_the_map_has_every_cell(service: str) -> None:
    """The lives of the calls on the map make up every cell that the coverage counts."""
    documents = real().services[service]
    lives = [documents.life(call) for call in matrix.calls(documents)]

    assert sum(life.last.minor - life.first.minor + 1 for life in lives) == planned_cells()[service]


@pytest.mark.parametrize("service", ["compute", "placement", "volume"])
def test_the_changelog_folds(service: str) -> None:
    """The steps of each call, folded up to any microversion, give all that the call promises there."""
    documents = real().services[service]
    found = changelog(documents, REPOSITORY)

    for call, steps in found["calls"].items():
        known: dict[str, str] = {}
        turns = dict(steps)
        for version in documents.life(call):
            for place, words in turns.get(version.minor, {}).items():
                known = {**known, place: words} if words is not None else {k: v for k, v in known.items() if k != place}
            assert known == described(documents.at(call, version)), f"{call} @{version}"


@pytest.mark.parametrize("service", ["compute", "placement", "volume"])
def test_the_changelog_has_its_sources(service: str) -> None:
    """Each microversion has its sentence and its files, and the text of each file is there as it is written."""
    documents = real().services[service]
    found, written = changelog(documents, REPOSITORY), texts(service, REPOSITORY)

    assert len(found["summaries"]) == len(found["files"]) == len(documents.history.editions)
    assert {path for files in found["files"] for path in files} == written.keys()
    assert all((REPOSITORY / path).read_text(encoding="utf-8") == text for path, text in written.items())
