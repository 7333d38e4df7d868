"""The pytest plugin: each case is an item of its own, a story is performed as its items are run. Layer 4.

``-p conformance.plugin --conformance FILE`` with the settings that ``conformance run`` wrote. Collection opens no
socket, so every xdist worker collects the same items.
"""

from __future__ import annotations

import collections
import json
import signal
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from conformance import settings as settings_module
from conformance.plan import Case, Performance
from conformance.report import labels, redaction, results
from conformance.scheduling import Scheduling
from conformance.settings import Settings
from conformance.stage import Outcome, Stage
from conformance.story import Story
from conformance.suite import Suite


@attrs.define
class Runner:
    """One worker: performs each story as its items come, and cleans up after the last of them."""

    settings: Settings
    suite: Suite
    stage: Stage
    selected: set[str] = attrs.field(factory=set)
    _current: Performance | None = None
    _talk: Iterator[Outcome] = attrs.field(factory=lambda: iter(()))
    _seen: dict[str, Outcome] = attrs.field(factory=dict)
    _entered: str | None = None

    def outcome(self, performance: Performance, case: Case) -> Outcome:
        """The outcome of a case, after everything in its story that comes before."""
        if reason := self._lacking(performance.story):
            return Outcome(case, "skipped", reason=reason)
        if self._current is not performance:
            self._begin(performance)
        while case.id not in self._seen:
            outcome = next(self._talk, None) or Outcome(case, "not-reached", reason="the story broke off before")
            self._seen[outcome.case.id] = outcome
        return self._seen[case.id]

    def _lacking(self, story: Story) -> str:
        """Why the cloud can't show a story, if it lacks what that needs."""
        return next((self.settings.missing[need] for need in story.needs if need in self.settings.missing), "")

    def _begin(self, performance: Performance) -> None:
        if self._entered is None:
            self._entered = self.stage.enter(performance.story)
        self._current, self._seen = performance, {}
        self._talk = self.stage.perform(performance, self.selected, self._entered)

    def end(self, following: Performance | None, *, short: bool = False) -> None:
        """Clean up after the current performance, and after its story if another one follows.

        Unless it is cut ``short``, it is played to its end: a story undoes at last what it did to what it didn't make.
        """
        if self._current is None or self._current is following:
            return
        collections.deque(() if short else self._talk, maxlen=0)
        if isinstance(self._talk, Generator):
            self._talk.close()
        if following is None or following.story is not self._current.story:
            self.stage.exit(self._current.story)
            self._entered = None
        self._current = None


_RUNNER = pytest.StashKey[Runner]()
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
    settings = settings_module.read(Path(path))
    suite = settings.suite()
    worker = getattr(config, "workerinput", {}).get("workerid", "main")
    config.stash[_RUNNER] = Runner(settings, suite, settings.stage(suite, worker))
    if hasattr(config, "workerinput"):
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # the command's own process sees to itself
    else:
        config.pluginmanager.register(_Results(settings.results / "results.jsonl"), "conformance-results")


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
    if _RUNNER in session.config.stash:
        session.config.stash[_RUNNER].selected.update(
            item.case.id for item in session.items if isinstance(item, CaseItem)
        )


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
