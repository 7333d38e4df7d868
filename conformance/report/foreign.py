"""Results of a project's own tests, read from subunit or JUnit into ours, and written as JUnit. Layer 3."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import attrs
from junitparser import Error, Failure, JUnitXml, JUnitXmlError, Skipped, TestCase, TestSuite
from subunit import ByteStreamToStreamResult
from testtools import StreamToDict

from conformance.exchange import Finding
from conformance.report import redaction
from conformance.report.results import Record

LONGEST = 20_000
_GRAVITY = ("passed", "known", "skipped", "failed")
_OUTCOMES = {"success": "passed", "xfail": "known", "skip": "skipped", "fail": "failed"}
_ODD = {"uxsuccess": "It passed, and was expected to fail.", "inprogress": "It began, and never ended."}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML can say it
_REMEDY = "Look into the project's test, and into the logs in the folder of the results."


@attrs.frozen
class Test:
    """A test of a project as it ended: an outcome of ours, and the traceback or the reason that it gave."""

    id: str
    outcome: str
    started: datetime
    seconds: float
    said: str = ""

    def record(self, project: str, gate: str) -> Record:
        """A line of results.jsonl; a test has no call and no microversion."""
        said = redaction.text(self.said)
        finding = Finding("in-tree", project, self.id, "", "", "passes", said or "no word of why", _REMEDY)
        return {
            "id": self.id,
            "service": project,
            "call": "",
            "microversion": "",
            "outcome": self.outcome,
            "started": self.started.isoformat(timespec="milliseconds"),
            "seconds": round(self.seconds, 4),
            "findings": [attrs.asdict(finding)] if self.outcome == "failed" else [],
            "warnings": [],
            "reason": said if self.outcome == "skipped" else "",
            "known": [said or "The project expects it to fail."] if self.outcome == "known" else [],
            "gate": gate,
        }


def read(form: str, path: Path, begun: datetime) -> list[Test]:
    """The tests in a file of that form (``subunit`` or ``junit``), each id once, with the gravest of its outcomes.

    ValueError for a file that isn't of the form. ``begun`` stands for times that the file doesn't give.
    """
    found: dict[str, Test] = {}
    for test in _READERS[form](path, begun):
        known = found.get(test.id)
        if known is None or _GRAVITY.index(known.outcome) < _GRAVITY.index(test.outcome):
            found[test.id] = test
    return list(found.values())


def _subunit(path: Path, begun: datetime) -> Iterator[Test]:
    with path.open("rb") as file:
        yield from _streamed(file, begun)


def _streamed(file: IO[bytes], begun: datetime) -> Iterator[Test]:
    """What is no subunit in a stream is other output and is no test; tests that are only listed aren't either."""
    ended: list[Any] = []
    result = StreamToDict(ended.append)
    result.startTestRun()
    ByteStreamToStreamResult(file, non_subunit_name="stdout").run(result)
    result.stopTestRun()
    for one in ended:
        if one["id"] and one["status"] in (*_OUTCOMES, *_ODD):
            first, last = (moment or begun for moment in one["timestamps"])
            said = _ODD.get(one["status"], "") or _told(one)
            outcome = _OUTCOMES.get(one["status"], "failed")
            yield Test(one["id"], outcome, first, max((last - first).total_seconds(), 0.0), said)


def _told(one: dict[str, Any]) -> str:
    """The reason of a skip, or the traceback; a test that has neither says all that it has."""
    texts = {name: detail.as_text() for name, detail in one["details"].items() if detail.content_type.type == "text"}
    chosen = [text for name, text in texts.items() if name.startswith(("traceback", "reason"))]
    return _cut("\n".join(chosen or texts.values()).strip())


def _junit(path: Path, begun: datetime) -> Iterator[Test]:
    try:
        suites = JUnitXml.fromfile(str(path))
    except (JUnitXmlError, SyntaxError) as error:  # what isn't XML is a SyntaxError
        raise ValueError(f"is no JUnit: {error}") from None
    moment = begun
    for suite in [suites] if isinstance(suites, TestSuite) else suites:
        for case in suite:
            test = _case(case, moment)
            yield test
            moment += timedelta(seconds=test.seconds)


def _case(case: TestCase, begun: datetime) -> Test:
    said = _cut("\n".join(one.text or one.message or "" for one in case.result).strip())
    kinds = {type(one) for one in case.result}
    outcome = "failed" if kinds & {Failure, Error} else "skipped" if Skipped in kinds else "passed"
    name = f"{case.classname}.{case.name}" if case.classname else str(case.name)
    return Test(name, outcome, begun, float(case.time or 0.0), said)


def _cut(text: str) -> str:
    text = _CONTROL.sub("", text)
    return text if len(text) <= LONGEST else f"... cut before the last {LONGEST} characters\n{text[-LONGEST:]}"


_READERS: dict[str, Callable[[Path, datetime], Iterator[Test]]] = {"subunit": _subunit, "junit": _junit}


def write_junit(records: Iterable[Record], path: Path) -> None:
    """The records as JUnit, as other runs leave it."""
    suite = TestSuite("conformance")
    suite.add_testcases([_as_case(one) for one in records])
    whole = JUnitXml()
    whole.add_testsuite(suite)
    whole.write(str(path), pretty=True)


def _as_case(record: Record) -> TestCase:
    home, _, name = record["id"].rpartition(".")
    case = TestCase(name, home, record["seconds"])
    case.result = [
        *(Failure(one["code"], one["code"]) for one in record["findings"]),
        *([Skipped(record["reason"])] if record["outcome"] == "skipped" else []),
    ]
    for result, one in zip(case.result, record["findings"], strict=False):
        result.text = str(Finding(**one))
    return case


def moment() -> datetime:
    """Now, as records have it."""
    return datetime.now(UTC)
