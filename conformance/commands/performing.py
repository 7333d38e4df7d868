"""A run itself: pytest over the stories, then what it came to. Layer 4."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from conformance import evidence, ledger, recording
from conformance.commands.stopping import INTERRUPTED
from conformance.commands.sweeping import sweep
from conformance.errors import UsageError
from conformance.report import results, subunit, timeline
from conformance.report.departures import departures
from conformance.settings import Settings
from conformance.sweep import Sweeper

_UNUSED = ("logging", "warnings", "unraisableexception", "threadexception", "doctest", "unittest", "faulthandler")
_USAGE = (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED)


def perform(settings: Settings, workers: int, options: tuple[str, ...] = ()) -> int:
    """Run the wanted cases and leave the results in their folder; the exit code of the command."""
    folder, known = settings.results, settings.known_departures(settings.suite())
    folder.mkdir(parents=True, exist_ok=True)
    for stale in (folder / "results.jsonl", folder / "summary.json", *recording.parts(folder)):
        stale.unlink(missing_ok=True)
    for path in (settings.record, settings.subunit):
        if path:
            _ready(path)
    settings.write(folder / "settings.json")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # what else is installed has no part in a run
    code = pytest.main(_arguments(settings, workers, options))
    paths = sorted(ledger.folder(settings.cloud).glob(f"{settings.run}-*.jsonl"))
    left = sweep(Sweeper(settings.client(), settings.bounds), paths)
    records = results.read(folder) if (folder / "results.jsonl").exists() else []
    totals = results.summary(records, planned=len(settings.wanted))
    departed = departures(records, known)
    gate = settings.suite().gates.get(settings.gate)
    proven = {"gate": evidence.told(gate, records, settings.missing)} if gate else {}
    timeline.write(records, folder)
    told = {**totals, **departed.numbers(), **proven, "left_behind": left}
    (folder / "summary.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    click.echo(f"\n{results.text(records, totals, folder, departed.lines())}")
    for line in evidence.lines(gate, records, settings.missing) if gate else ():
        click.echo(line)
    if settings.subunit:
        subunit.write(records, settings.subunit)
    if settings.record:
        count = recording.merge(recording.parts(folder), settings.record)
        click.echo(f"recorded: {count} exchanges in {settings.record}")
    for words in left:
        click.echo(f"left behind: {words}\n  'conformance sweep' removes it.", err=True)
    return _exit_code(int(code), totals)


def _ready(path: Path) -> None:
    """Make sure that a file can be written; UsageError otherwise."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("a", encoding="utf-8").close()
    except OSError as error:
        raise UsageError(f"can't be written: {error.strerror}", str(path), "Name another file.") from None


def _exit_code(code: int, totals: Mapping[str, Any]) -> int:
    """What pytest ended with, as our users know it; a run that passed but lacks cases didn't conform."""
    if code == pytest.ExitCode.INTERRUPTED:
        return INTERRUPTED
    if code in _USAGE:
        return 2
    return 0 if code == pytest.ExitCode.OK and totals["outcomes"]["passed"] else 1


def _arguments(settings: Settings, workers: int, options: tuple[str, ...]) -> list[str]:
    scenarios, folder = settings.data / "scenarios", settings.results
    parallel = ["-p", "xdist.plugin", "-n", str(workers), "--dist", "loadscope"] if workers > 1 else []
    return [
        str(scenarios),
        f"--rootdir={scenarios}",
        *("-c", os.devnull),
        *("-p", "conformance.plugin", "-p", "allure_pytest.plugin"),
        *("--conformance", str(folder / "settings.json")),
        *("-o", "junit_family=xunit2"),
        *("-o", "junit_suite_name=conformance"),
        *("-o", f"cache_dir={_cache(folder)}"),
        f"--junitxml={folder / 'junit.xml'}",
        f"--alluredir={folder / 'allure-results'}",
        "--clean-alluredir",
        *("--no-header", "--no-summary", "--tb=no", "--assert=plain", "--capture=no", "-q"),
        *(option for name in _UNUSED for option in ("-p", f"no:{name}")),
        *parallel,
        *options,
    ]


def _cache(folder: Path) -> Path:
    """Beside the results, so that --last-failed knows the run before."""
    return folder.parent / ".pytest_cache"
