"""The pytest plugin: each case is an item of its own, a story is performed as its items are run. Layer 4.

``-p conformance.plugin --conformance FILE`` with the settings that ``conformance run`` wrote. Collection opens no
socket, so every xdist worker collects the same items.
"""

from __future__ import annotations

import gc
import json
import signal
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import attrs
import pytest
from _pytest.runner import call_and_report
from xdist.workermanage import WorkerController

from conformance.plan import Case, Performance
from conformance.report import labels, redaction, results
from conformance.runner import Runner
from conformance.scheduling import Scheduling
from conformance.stage import Outcome

_RUNNER = pytest.StashKey[Runner]()
_HANDED = "conformance"
_PLAN = pytest.StashKey[dict[str, list[Performance]]]()


class StoryFile(pytest.File):
    """A story's file; its items are the wanted cases of its performances."""

    performances: list[Performance]
    wanted: frozenset[str]

    def collect(self) -> Iterable[pytest.Item]:
        """The cases in the order in which they are performed."""
        for performance in self.performances:
            for case in performance:
                if case.id in self.wanted:
                    item = CaseItem.from_parent(self, name=case.id.partition("::")[2])
                    item.case, item.performance = case, performance
                    yield item


class CaseItem(pytest.Item):
    """One case."""

    case: Case
    performance: Performance
    outcome: Outcome | None = None

    def runtest(self) -> None:
        """Fail with the findings, or with the reason why the case couldn't be reached."""
        self.outcome = self.config.stash[_RUNNER].outcome(self.performance, self.case)
        labels.tell(self.outcome)
        if self.outcome.outcome == "skipped":
            pytest.skip(redaction.text(self.outcome.reason))
        if self.outcome.outcome == "known":
            pytest.xfail(" ".join(dict.fromkeys(self.outcome.known)))
        if self.outcome.outcome == "failed":
            pytest.fail("\n".join(redaction.text(str(finding)) for finding in self.outcome.findings), pytrace=False)
        if self.outcome.outcome == "not-reached":
            raise NotReachedError(redaction.text(self.outcome.reason))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A reason alone, without a traceback through our own code."""
        if isinstance(excinfo.value, NotReachedError):
            return f"not reached: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The story's file and the case's id."""
        return self.path, None, self.case.id


class NotReachedError(Exception):
    """A case that couldn't be reached: no pass, and no finding of its own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """One option: everything else is in the file that it names."""
    parser.addoption("--conformance", metavar="FILE", help="the settings of a conformance run")


def pytest_configure(config: pytest.Config) -> None:
    """Load the data and get a runner ready; without the option, do nothing."""
    path = config.getoption("--conformance")
    if not path:
        return
    if given := getattr(config, "workerinput", None):
        config.stash[_RUNNER] = Runner.of(Path(path), given["workerid"], given[_HANDED])
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # the command's own process sees to itself
    else:
        config.stash[_RUNNER] = runner = Runner.of(Path(path))
        config.pluginmanager.register(_Results(runner.settings.results / "results.jsonl"), "conformance-results")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Hand the data to a worker."""
    if _RUNNER in node.config.stash:
        node.workerinput[_HANDED] = node.config.stash[_RUNNER].hand


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    """Say which cases go to which worker."""
    return Scheduling.of(config.stash[_RUNNER].suite.library.stories, config, log) if _RUNNER in config.stash else None


def _planned(config: pytest.Config) -> dict[str, list[Performance]]:
    """The performances by their story's file, planned when somebody collects: a controller of workers doesn't."""
    if _PLAN not in config.stash:
        runner = config.stash[_RUNNER]
        by_source: dict[str, list[Performance]] = {}
        for performance in runner.settings.plan(runner.suite):
            by_source.setdefault(performance.story.source, []).append(performance)
        config.stash[_PLAN] = by_source
    return config.stash[_PLAN]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A story of the plan is collected under its id, ``compute/server``."""
    performances = _planned(parent.config).get(str(file_path)) if _RUNNER in parent.config.stash else None
    if not performances:
        return None
    story: StoryFile = StoryFile.from_parent(parent, path=file_path, nodeid=performances[0].story.id)
    story.performances, story.wanted = performances, parent.config.stash[_RUNNER].settings.wanted
    return story


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is left after every selection is what the stories are performed for."""
    if _RUNNER not in session.config.stash:
        return
    session.config.stash[_RUNNER].selected.update(item.case.id for item in session.items if isinstance(item, CaseItem))
    if hasattr(session.config, "workerinput"):  # all that is there by now stays to the end
        gc.collect()
        gc.freeze()


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Perform a case and tell of it once: what it takes to get ready for it and to clear up is told if it goes wrong.

    pytest would send five messages for each case from worker to controller.
    """
    if not isinstance(item, CaseItem):
        return None
    ready = call_and_report(item, "setup", log=False)
    if ready.passed:
        call_and_report(item, "call")
    ended = item.session.shouldfail or item.session.shouldstop
    cleared = call_and_report(item, "teardown", log=False, nextitem=None if ended else nextitem)
    for report in (ready, cleared):
        if not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the last case of a performance, remove what it made."""
    if isinstance(item, CaseItem):
        following = nextitem.performance if isinstance(nextitem, CaseItem) else None
        item.config.stash[_RUNNER].end(following)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """However the run ends, remove what was made; what couldn't be removed stays in the ledger."""
    runner = session.config.stash.get(_RUNNER, None)
    if runner is None:
        return
    runner.end(None, short=True)
    runner.stage.leave()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the outcome into the report, so that it travels from the worker to the controller."""
    report = yield
    if isinstance(item, CaseItem) and report.when == "call":
        broken = Outcome(item.case, "not-reached", reason=f"an error of the suite itself: {report.longreprtext[-500:]}")
        report.conformance = results.record(item.outcome or broken, item.config.stash[_RUNNER].settings.gate)  # type: ignore[attr-defined]
    return report


@attrs.frozen
class _Results:
    """Writes results.jsonl, a line as each case ends, so that an interrupted run has told what it did."""

    path: Path

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        record = getattr(report, "conformance", None)
        if record is not None and report.when == "call":
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
