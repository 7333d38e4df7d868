"""``conformance run``: test a cloud, one that is there or one that is booted for it. Layer 4."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs
import click

from conformance import embedded
from conformance.client import Client
from conformance.commands.options import (
    chosen,
    cloud_option,
    data_option,
    every_option,
    name_option,
    parse_personas,
    parse_sources,
    parse_spans,
    patience_option,
    persona_option,
    release_option,
    service_option,
    source_option,
    span_option,
    usual_personas,
)
from conformance.commands.performing import perform
from conformance.errors import CloudError, UsageError
from conformance.microversion import Span
from conformance.plan import select
from conformance.report import results
from conformance.settings import Settings
from conformance.suite import Suite, load


@attrs.frozen
class Boot:
    """The embedded cloud that a run asks for: what it is made of, and whether it stays up."""

    wanted: bool
    name: str
    sources: tuple[str, ...]
    release: str | None
    stay: bool


@click.command("run")
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
@click.option("--pytest", "options", multiple=True, metavar="OPTION", help="Hand an option to pytest: --pytest=-x.")
@click.option(
    "--embedded",
    "boot",
    is_flag=True,
    help="Where no cloud is named: boot real services on this machine, test them, stop them.",
)
@name_option
@source_option
@release_option
@click.option("--stay", is_flag=True, help="Leave the embedded cloud up afterwards.")
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
    options: tuple[str, ...],
    boot: bool,
    name: str,
    sources: tuple[str, ...],
    release: str | None,
    stay: bool,
) -> None:
    """Test a cloud: all cases, or those that match CASES, such as 'compute/server::*@2.26'."""
    suite = load(data)
    names, asked = chosen(suite.services, services), parse_spans(spans)
    asked_boot = Boot(bool(sources or release) or (boot and not cloud), name, sources, release, stay)
    with booted(asked_boot, names, cloud) as entry:
        entries = {**usual_personas(entry), **parse_personas(personas)}
        client = Client(entries, patience)
        bounds = {service: client.bounds(service) for service in names}
        settings = Settings(
            data=data.resolve(),
            results=(folder or Path("results") / time.strftime("%Y%m%d-%H%M%S")).resolve(),
            cloud=entry,
            personas=entries,
            spans=offer(bounds, suite, asked),
            bounds=bounds,
            wanted=frozenset(),
            run=secrets.token_hex(3),
            every=every,
            patience=patience,
        )
        code = perform(chosen_cases(settings, suite, [*cases, *_failed(rerun_failed)]), workers, options)
    sys.exit(code)


@contextmanager
def booted(boot: Boot, services: Collection[str], cloud: str) -> Iterator[str]:
    """The entry of clouds.yaml to test: the one named, or that of an embedded cloud, stopped again if it was booted."""
    if not boot.wanted:
        yield cloud
        return
    alone = ("placement",) if set(services) == {"placement"} else ()
    running = boot.name in embedded.names() and embedded.status(boot.name).state == "up"
    try:
        up = embedded.up(
            boot.name, services=alone, sources=parse_sources(boot.sources), release=boot.release, say=click.echo
        )
        os.environ["OS_CLIENT_CONFIG_FILE"] = str(up.clouds_yaml)
        yield up.name
    finally:
        if not (running or boot.stay):
            embedded.down(boot.name)


def offer(bounds: Mapping[str, Span], suite: Suite, asked: Mapping[str, Span]) -> dict[str, Span]:
    """What the cloud has of each service, within what we know and what was asked for; CloudError if that is nothing."""
    offered = {}
    for service, has in bounds.items():
        known = suite.services[service].history.span
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


def chosen_cases(settings: Settings, suite: Suite, patterns: Sequence[str]) -> Settings:
    """The settings with the wanted cases; CloudError if one of the personas that they need has no access."""
    performances = settings.plan(suite)
    wanted = select(performances, patterns)
    stories = {each.story.id: each.story for each in performances if any(case.id in wanted for case in each)}
    client = settings.client()
    for persona in sorted({step.persona for story in stories.values() for step in story.steps}):
        client.persona(persona).token()
    return attrs.evolve(settings, wanted=wanted)


def _failed(folder: Path | None) -> list[str]:
    if folder is None:
        return []
    failed = [one["id"] for one in results.read(folder) if one["outcome"] != "passed"]
    if not failed:
        raise UsageError("everything passed there", str(folder), "There is nothing to run again.")
    return failed
