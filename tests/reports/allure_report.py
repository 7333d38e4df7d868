"""Allure's own report of two runs: one history per cell, and labels to find it by.

``tox -e allure`` installs Allure (npm's) and runs this; it isn't collected otherwise. ``ALLURE`` names its command.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import attrs
import pytest

from tests.conftest import Cloud

SHOWN = "compute/server::show@2.3"
CONFIGURATION = "export default { name: 'conformance', historyPath: './history.jsonl' };"


@attrs.frozen
class Reports:
    """Allure's reports of the runs of a cloud, each knowing the histories of those before."""

    cloud: Cloud

    def make(self, name: str, *, workers: int = 1) -> dict[str, dict[str, Any]]:
        """Run everything and have Allure report it; what the report says of each test, by the test's name."""
        folder = self.cloud.folder
        self.cloud.run("--results", folder / name, workers=workers)
        (folder / "allurerc.mjs").write_text(CONFIGURATION, encoding="utf-8")
        results, report = folder / name / "allure-results", folder / f"{name}-report"
        line = [os.environ["ALLURE"], "generate", str(results), "--output", str(report)]
        environment = {**os.environ, "ALLURE_NO_ANALYTICS": "1"}
        subprocess.run(line, cwd=folder, env=environment, check=True, timeout=300, stdout=subprocess.DEVNULL)
        paths = report.glob("**/data/test-results/*.json")
        tests = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
        assert len({one["name"] for one in tests}) == len(tests)
        return {one["name"]: one for one in tests}


@pytest.fixture
def reports(cloud: Cloud) -> Reports:
    """Reports on the wrong server, which is honest at first."""
    return Reports(cloud)


def test_one_history_per_cell_over_two_runs(reports: Reports) -> None:
    """Each case of a second run, by other workers, has the first one behind it, and what got worse is told so."""
    first = reports.make("one")
    reports.cloud.server.spoil("late")
    second = reports.make("two", workers=2)

    cases = reports.cloud.records(reports.cloud.folder / "two")
    assert first.keys() == second.keys() == cases.keys()
    assert len({one["historyId"] for one in second.values()}) == len(cases)
    assert all(one["history"] == [] for one in first.values())
    histories = {name: [past["name"] for past in one["history"]] for name, one in second.items()}
    assert histories == {name: [name] for name in cases}
    statuses = {name: [past["status"] for past in one["history"]] + [one["status"]] for name, one in second.items()}
    assert statuses == {name: ["passed", "failed" if name == SHOWN else "passed"] for name in cases}
    assert second[SHOWN]["transition"] == "regressed"
    assert "promised from 2.3 on" in second[SHOWN]["error"]["message"]


def test_labels_in_the_report(reports: Reports) -> None:
    """Allure's tree and filters find a case by service, call, microversion and story, and show what was said."""
    tests = reports.make("one")

    for name, record in reports.cloud.records(reports.cloud.folder / "one").items():
        labels = tests[name]["groupedLabels"]
        assert (labels["epic"], labels["feature"]) == ([record["service"]], [record["call"]])
        assert labels["story"] == [name.partition("::")[0]]
        for label in ("service", "call", "microversion"):
            assert labels[label] == [record[label]]
        assert [one["link"]["name"] for one in tests[name]["attachments"]] == ["request and response"]


def test_what_was_not_reached(reports: Reports) -> None:
    """A case that wasn't reached is broken in the report, not failed by a finding, and says why."""
    reports.cloud.server.spoil("quota")

    tests = reports.make("one")

    expected = {"passed": "passed", "failed": "failed", "not-reached": "broken"}
    records = reports.cloud.records(reports.cloud.folder / "one")
    assert {one["outcome"] for one in records.values()} == set(expected)
    assert {name: tests[name]["status"] for name in records} == {
        name: expected[one["outcome"]] for name, one in records.items()
    }
    assert "step 'create'" in tests["compute/server::delete@2.2"]["error"]["message"]
