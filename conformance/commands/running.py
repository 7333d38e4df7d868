"""``conformance run`` and ``conformance sweep``: what is asked of a cloud. Layer 4."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import click
import pytest

from conformance import ledger
from conformance.client import Client
from conformance.commands.options import (
    chosen,
    data_option,
    every_option,
    parse_personas,
    parse_spans,
    service_option,
    span_option,
)
from conformance.errors import CloudError, UsageError
from conformance.microversion import SERVICES, Span
from conformance.plan import Performance, select
from conformance.report import results
from conformance.settings import Settings
from conformance.suite import Suite, load
from conformance.sweep import Sweeper

INTERRUPTED = 130
cloud_option = click.option(
    "--cloud",
    metavar="ENTRY",
    default=lambda: os.environ.get("OS_CLOUD", ""),
    help="An entry of clouds.yaml [OS_CLOUD].",
)
persona_option = click.option(
    "--persona",
    "personas",
    multiple=True,
    metavar="NAME=ENTRY",
    help="Who plays a persona: an entry of clouds.yaml. Otherwise CLOUD is admin, CLOUD-member member, and so on.",
)
patience_option = click.option(
    "--patience",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    help="Seconds that a request may take.",
)


@click.command("run", context_settings={"ignore_unknown_options": True})
@click.argument("cases", nargs=-1)
@cloud_option
@persona_option
@data_option
@service_option
@span_option
@every_option
@patience_option
@click.option("--results", "folder", type=click.Path(path_type=Path, file_okay=False), help="Where to put the results.")
@click.option("--rerun-failed", type=click.Path(path_type=Path, exists=True), help="Only what didn't pass in that run.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Stories at once.")
@click.option(
    "--pytest", "pytest_options", multiple=True, metavar="OPTION", help="Hand an option to pytest: --pytest=-x."
)
def run_command(
    *,
    cases: tuple[str, ...],
    cloud: str,
    personas: tuple[str, ...],
    data: Path,
    services: tuple[str, ...],
    spans: tuple[str, ...],
    every: bool,
    patience: float,
    folder: Path | None,
    rerun_failed: Path | None,
    workers: int,
    pytest_options: tuple[str, ...],
) -> None:
    """Test a cloud: all cases, or those that match CASES, such as 'compute/server::*@2.26'."""
    suite = load(data)
    entries = {**_usual_personas(cloud), **parse_personas(personas)}
    offered = offer(Client(entries, patience), suite, chosen(suite.services, services), parse_spans(spans))
    folder = (folder or Path("results") / time.strftime("%Y%m%d-%H%M%S")).resolve()
    settings = Settings(
        data.resolve(), folder, cloud, entries, offered, frozenset(), secrets.token_hex(3), every, patience
    )
    performances = settings.plan(settings.suite())
    wanted = select(performances, [*cases, *_failed(rerun_failed)])
    sys.exit(perform(_with(settings, wanted, performances), workers, pytest_options))


def _usual_personas(cloud: str) -> dict[str, str]:
    others = ("manager", "member", "reader", "service")
    return {"admin": cloud, **({name: f"{cloud}-{name}" for name in others} if cloud else {})}


def offer(client: Client, suite: Suite, services: list[str], asked: Mapping[str, Span]) -> dict[str, Span]:
    """What the cloud has of each service, within what we know and what was asked for; CloudError if that is nothing."""
    offered = {}
    for service in services:
        has, known = client.bounds(service), suite.services[service].history.span
        wanted = asked.get(service, known).clip(known)
        common = wanted.clip(has) if wanted else None
        if common is None:
            remedy = f"Ask for a span within it, with --span {service}=FIRST..LAST."
            raise CloudError(f"{service} has {has}, and nothing of it is asked for", "--span", remedy)
        offered[service] = common
        if has.last > known.last:
            click.echo(f"{service} has {has}: we know it up to {known.last}", err=True)
        elif common != wanted:
            click.echo(f"{service} has {has}: asked within {common}", err=True)
    return offered


def _failed(folder: Path | None) -> list[str]:
    if folder is None:
        return []
    failed = [one["id"] for one in results.read(folder) if one["outcome"] != "passed"]
    if not failed:
        raise UsageError("everything passed there", str(folder), "There is nothing to run again.")
    return failed


def _with(settings: Settings, wanted: frozenset[str], performances: list[Performance]) -> Settings:
    """The settings with the wanted cases, after a look whether every persona that they need is there."""
    import attrs  # noqa: PLC0415

    needed = {step.persona for one in performances if any(c.id in wanted for c in one) for step in one.story.steps}
    client = settings.client()
    for name in sorted(needed):
        client.persona(name).token()
    return attrs.evolve(settings, wanted=wanted)


def perform(settings: Settings, workers: int, options: tuple[str, ...] = ()) -> int:
    """Run pytest over the stories, then sum up; the exit code of the command."""
    folder = settings.results
    folder.mkdir(parents=True, exist_ok=True)
    for stale in ("results.jsonl", "summary.json"):
        (folder / stale).unlink(missing_ok=True)
    path = folder / "settings.json"
    settings.write(path)
    code = pytest.main(_arguments(settings, path, workers, options))
    left = _sweep_after(settings)
    records = results.read(folder) if (folder / "results.jsonl").exists() else []
    totals = results.summary(records, planned=len(settings.wanted))
    (folder / "summary.json").write_text(json.dumps({**totals, "left_behind": left}, indent=2), encoding="utf-8")
    click.echo("\n" + results.text(records, totals, folder))
    for words in left:
        click.echo(f"left behind: {words}\n  'conformance sweep' removes it.", err=True)
    return _exit_code(int(code), totals)


def _exit_code(code: int, totals: Mapping[str, object]) -> int:
    if code == pytest.ExitCode.INTERRUPTED:
        return INTERRUPTED
    if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED):
        return 2
    return 0 if code == pytest.ExitCode.OK else 1


def _arguments(settings: Settings, path: Path, workers: int, options: tuple[str, ...]) -> list[str]:
    scenarios = settings.data / "scenarios"
    folder = settings.results
    parallel = ["-n", str(workers), "--dist", "loadfile", "--maxprocesses", str(workers)] if workers > 1 else []
    return [
        str(scenarios),
        f"--rootdir={scenarios}",
        "-c", os.devnull,
        "-p", "conformance.plugin",
        "--conformance", str(path),
        "-o", "junit_family=xunit2",
        "-o", "junit_suite_name=conformance",
        "-o", f"cache_dir={folder.parent / '.pytest_cache'}",
        f"--junitxml={folder / 'junit.xml'}",
        f"--alluredir={folder / 'allure-results'}",
        "--clean-alluredir",
        "--no-header", "--no-summary", "--tb=no", "-q",
        *parallel,
        *options,
    ]  # fmt: skip


def _sweep_after(settings: Settings) -> list[str]:
    """What the workers couldn't remove, or had no time to when they were stopped."""
    paths = sorted(ledger.folder(settings.cloud).glob(f"{settings.run}-*.jsonl"))
    return _sweep(Sweeper(settings.client(), settings.spans), paths)


def _sweep(sweeper: Sweeper, paths: list[Path]) -> list[str]:
    left = []
    for path in paths:
        book = ledger.reopen(path)
        left += sweeper.sweep(book)
        book.close()
    return left


@click.command("sweep")
@cloud_option
@persona_option
@patience_option
def sweep_command(cloud: str, personas: tuple[str, ...], patience: float) -> None:
    """Remove what earlier runs against a cloud left behind: what their ledgers know, and nothing else."""
    paths = sorted(ledger.folder(cloud).glob("*.jsonl"))
    if not paths:
        click.echo("nothing is left behind")
        return
    client = Client({**_usual_personas(cloud), **parse_personas(personas)}, patience)
    spans = {service: client.bounds(service) for service in _services(paths)}
    entries = sum(len(ledger.reopen(path).open_since()) for path in paths)
    left = _sweep(Sweeper(client, spans), paths)
    click.echo(f"{entries} entries in {len(paths)} ledgers; {len(left)} couldn't be removed")
    for words in left:
        click.echo(f"left behind: {words}", err=True)
    sys.exit(1 if left else 0)


def _services(paths: list[Path]) -> set[str]:
    found = {entry.service for path in paths for entry in ledger.reopen(path).open_since()}
    return found & set(SERVICES)
