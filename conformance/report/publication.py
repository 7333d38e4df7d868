"""A run as it is published: a folder that a browser walks through, without a secret in it. Layer 3."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib.metadata import distributions
from pathlib import Path
from platform import platform, python_version
from typing import Any

import attrs
import jinja2

from conformance.report import past, results, subunit
from conformance.report.model import model
from conformance.report.page import page
from conformance.report.results import Record
from conformance.report.scrub import Scrub
from conformance.settings import Settings

TRACE = "trace.har"
SKIPPED = ("skipped", "not-reached")
_INDEX = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ run.name }}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
pre { white-space: pre-wrap }
td { padding: .2rem 1.5rem .2rem 0; vertical-align: top }
</style></head>
<body><h1>{{ run.name }}</h1><pre>{{ run.line }}</pre>
<table>{% for name, words in files %}

<tr><td><a href="{{ name|urlencode }}">{{ name }}</a></td><td>{{ words }}</td></tr>{% endfor %}

</table></body></html>
"""


@attrs.frozen(kw_only=True)
class Publication:
    """A run that is over: what it was called with, how it ended, what it printed; its results are in its ``settings``.

    ``configuration`` are texts and ``logs`` files, by the names under which they are published. A run that ended before
    it had any has no ``settings``.
    """

    name: str
    url: str
    code: int
    begun: datetime
    ended: datetime
    words: tuple[str, ...]
    console: str
    configuration: Mapping[str, str]
    logs: Mapping[str, Path]
    settings: Settings | None
    scrub: Scrub

    @property
    def line(self) -> str:
        """The line about a run in a comment on a change."""
        return f"* {self.name} {self.url} : {'FAILURE' if self.code else 'SUCCESS'} {self.comment}"

    @property
    def comment(self) -> str:
        """What it came to, in a few words: the first error if it never ran."""
        if totals := self.summary:
            counts = ", ".join(f"{number} {name}" for name, number in totals["outcomes"].items() if number)
            return f"{counts or 'nothing ran'}; {totals['ran']} of {totals['planned']} planned cases ran"
        errors = [line for line in self.scrub.text(self.console).splitlines() if line.startswith("error: ")]
        return errors[-1] if errors else f"it ended with {self.code} before it had results"

    @property
    def summary(self) -> dict[str, Any]:
        """The numbers; empty for a run that has none."""
        numbers: dict[str, Any] = json.loads(self.left("summary.json") or "{}")
        return numbers

    @property
    def records(self) -> list[Record]:
        """What became of each case."""
        there = self.settings and (self.settings.results / "results.jsonl").exists()
        return self.clean(results.read(self.settings.results)) if there and self.settings else []

    @property
    def trace(self) -> str:
        """What was recorded of it."""
        return self._text(self.settings.record) if self.settings and self.settings.record else ""

    def left(self, name: str) -> str:
        """A file of its results; empty if it left none of that name."""
        return self._text(self.settings.results / name) if self.settings else ""

    def _text(self, path: Path) -> str:
        return self.scrub.literal(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else ""

    def clean(self, data: Any) -> Any:
        """Data of ours, which has no secrets that can be told by their names, without those that are known."""
        return json.loads(self.scrub.literal(json.dumps(data)))


def write(run: Publication, folder: Path) -> None:
    """Write all there is of a run, and an index of it."""
    files = [(name, words) for name, words, piece in PIECES if _put(folder / name, piece(run))]
    for name, text in run.configuration.items():
        _put(folder / "configuration" / name, run.scrub.text(text))
        files.append((f"configuration/{name}", "Configuration, without its secrets."))
    for name, path in run.logs.items():
        if path.is_file() and _put(folder / "logs" / name, run.scrub.text(path.read_text("utf-8", "replace"))):
            files.append((f"logs/{name}", "Log of a service or of a command."))
    environment = jinja2.Environment(autoescape=True, trim_blocks=True)
    _put(folder / "index.html", environment.from_string(_INDEX).render(run=run, files=files))


def _put(path: Path, content: str | bytes) -> bool:
    """Write what isn't empty; whether it was."""
    if content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
    return bool(content)


def _environment(run: Publication) -> str:
    settings = run.settings
    told = {
        "begun": f"{run.begun:%Y-%m-%d %H:%M:%S} UTC",
        "ended": f"{run.ended:%Y-%m-%d %H:%M:%S} UTC",
        "command": run.scrub.text(" ".join(run.words)),
        "exit code": run.code,
        "system": platform(),
        "python": python_version(),
        "cloud": settings.cloud or "as OS_* say" if settings else "none",
        **{service: f"offers {span}" for service, span in sorted((settings.bounds if settings else {}).items())},
    }
    packages = sorted({f"{one.name}=={one.version}" for one in distributions()}, key=str.lower)
    lines = [*(f"{name:<12} {value}" for name, value in told.items()), "", "packages:", *packages]
    return "\n".join([*lines, ""])


def _skips(run: Publication) -> str:
    """Each case that didn't run, below the reason why."""
    if run.settings is None:
        return "all: the run ended before a case was planned\n"
    records = run.records
    reasons: dict[str, list[str]] = {}
    for one in records:
        if one["outcome"] in SKIPPED:
            reasons.setdefault(one["reason"] or one["outcome"], []).append(one["id"])
    if silent := sorted(run.settings.wanted - {one["id"] for one in records}):
        reasons["the run ended before them"] = silent
    return "\n".join(_paragraphs(reasons)) or "nothing: each planned case ran\n"


def _paragraphs(reasons: Mapping[str, list[str]]) -> Iterator[str]:
    for reason, cases in sorted(reasons.items()):
        yield f"{reason} ({len(cases)} {'case' if len(cases) == 1 else 'cases'})"
        yield from (f"  {case}" for case in cases)
        yield ""


def _page(run: Publication) -> str:
    """The page of ``conformance report``; there is none of a command's tests, which have no microversions."""
    suite = run.settings.suite() if run.settings else None
    if (
        not run.settings
        or not suite
        or not run.records
        or (run.settings.gate and suite.gates[run.settings.gate].command)
    ):
        return ""
    shown = model(past.read([run.settings.results], suite), None, suite, run.settings.data)
    return page(run.clean({name: list(values) for name, values in shown.items()}))


def _trace(run: Publication) -> str:
    """Each exchange in a line, in the order of time: when, its status, how long it took, what was asked, and why."""
    return "".join(map(_asked, json.loads(run.trace)["log"]["entries"])) if run.trace else ""


def _asked(entry: dict[str, Any]) -> str:
    """A line of the trace."""
    request, case = entry["request"], entry["_conformance"].get("case", "")
    versions = [one["value"] for one in request["headers"] if one["name"].lower() == "openstack-api-version"]
    when, took = entry["startedDateTime"][:23], f"{entry['time']:.0f} ms"
    told = (f"{when}Z {entry['response']['status']:>3} {took:>9}", request["method"], request["url"], *versions, case)
    return " ".join(filter(None, told)) + "\n"


PIECES: tuple[tuple[str, str, Callable[[Publication], str | bytes]], ...] = (
    ("result.txt", "The line for the comment on the change.", lambda run: f"{run.line}\n"),
    ("environment.txt", "When, where and with what it ran; times are UTC.", _environment),
    ("skipped.txt", "What didn't run, and why.", _skips),
    ("console.txt", "What the run printed.", lambda run: run.scrub.text(run.console)),
    ("report.html", "The results by microversion, to look into.", _page),
    ("testr_results.html.gz", "The results as a list of tests.", lambda run: subunit.html(run.records)),
    ("trace.txt", "Each request that was made, in a line.", _trace),
    (TRACE, "Each request and answer; 'conformance check --har' judges them again.", lambda run: run.trace),
    ("results.jsonl", "The results, a line a case.", lambda run: run.left("results.jsonl")),
    ("summary.json", "The numbers.", lambda run: run.left("summary.json")),
    ("junit.xml", "The results as JUnit.", lambda run: run.left("junit.xml")),
    ("testrepository.subunit", "The results as a subunit stream.", lambda run: subunit.octets(run.records)),
)
