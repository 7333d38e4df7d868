"""``conformance run``: test a cloud, one that is there or one that is booted for it. Layer 4."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import click

from conformance import embedded
from conformance.client import Client
from conformance.commands.gating import gate_of, gate_option, require, services_of, slow_option
from conformance.commands.options import (
    chosen,
    cloud_option,
    data_option,
    database_option,
    every_option,
    known_option,
    lenient_option,
    name_option,
    negatives_option,
    parse_personas,
    parse_sources,
    parse_spans,
    patience_option,
    persona_option,
    release_option,
    service_option,
    shard_option,
    source_option,
    span_option,
    usual_personas,
)
from conformance.commands.performing import perform
from conformance.commands.stopping import stoppable
from conformance.errors import CloudError, UsageError
from conformance.microversion import Span
from conformance.plan import select
from conformance.probe import offered, probe
from conformance.report import results
from conformance.settings import Settings
from conformance.shard import Shard
from conformance.suite import Suite, load


@attrs.frozen(kw_only=True)
class Wishes:
    """What a command was given, by the names of its parameters; what it doesn't have keeps its default."""

    cases: tuple[str, ...]
    cloud: str
    personas: tuple[str, ...]
    data: Path
    services: tuple[str, ...]
    patience: float
    folder: Path | None
    workers: int
    boot: bool
    name: str
    sources: tuple[str, ...]
    release: str | None
    database: str
    stay: bool
    spans: tuple[str, ...] = ()
    every: bool = False
    negatives: bool = False
    known_files: tuple[Path, ...] = ()
    lenient: bool = False
    rerun_failed: Path | None = None
    options: tuple[str, ...] = ()
    record: Path | None = None
    subunit: Path | None = None
    shard: str | None = None
    gate: str = ""
    slow: float = 0.0

    @property
    def boots(self) -> bool:
        """Whether a cloud is to be booted: one was asked for in place of those that are there, or none was named."""
        return bool(self.sources or self.release or self.database) or (self.boot and not self.cloud)


@click.command("run")
@click.argument("cases", nargs=-1)
@cloud_option
@persona_option
@data_option
@service_option
@span_option
@every_option
@negatives_option
@shard_option
@patience_option
@known_option
@lenient_option
@click.option("--results", "folder", type=click.Path(path_type=Path, file_okay=False), help="Where to put the results.")
@click.option(
    "--record",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what was exchanged as an HTTP archive (HAR), without secrets; 'conformance check --har' judges it.",
)
@click.option(
    "--subunit",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the results as a subunit stream too, for stestr and its kin.",
)
@click.option("--rerun-failed", type=click.Path(path_type=Path, exists=True), help="Only what didn't pass in that run.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Stories at once.")
@click.option("--pytest", "options", multiple=True, metavar="OPTION", help="Hand an option to pytest: --pytest=-x.")
@gate_option
@slow_option
@click.option(
    "--embedded",
    "boot",
    is_flag=True,
    help="Where no cloud is named: boot real services on this machine, test them, stop them.",
)
@name_option
@source_option
@release_option
@database_option
@click.option("--stay", is_flag=True, help="Leave the embedded cloud up afterwards.")
def run_command(**given: Any) -> None:
    """Test a cloud: all cases, or those that match CASES, such as 'compute/server::*@2.26'."""
    wishes = Wishes(**given)
    shard = Shard.parse(wishes.shard) if wishes.shard else None
    suite = load(wishes.data.resolve())
    patterns = [*wishes.cases, *_failed(wishes.rerun_failed)]
    told = wishes.services or services_of(suite, wishes.gate) or _services_told(patterns, suite)
    names = chosen(suite.services, told)
    with stoppable(), booted(wishes, names) as entry:
        settings = settle(wishes, suite, names, entry)
        sys.exit(perform(chosen_cases(settings, suite, patterns, shard), wishes.workers, wishes.options))


def _services_told(patterns: Sequence[str], suite: Suite) -> tuple[str, ...]:
    """The services that patterns of cases begin with; none where one may be of any."""
    told = {pattern.partition("/")[0] for pattern in patterns}
    return tuple(told) if told <= suite.services.keys() else ()


@contextmanager
def booted(wishes: Wishes, services: Collection[str]) -> Iterator[str]:
    """The entry of clouds.yaml to test: the one named, or that of an embedded cloud, stopped again if it was booted."""
    if not wishes.boots:
        yield wishes.cloud
        return
    name = wishes.name
    there = embedded.status(name) if name in embedded.names() else None
    running = there is not None and there.state == "up"
    alone = ("placement",) if set(services) == {"placement"} else ()
    wanted = tuple(one.name for one in there.services) if there and running else alone
    sources = parse_sources(wishes.sources)
    try:
        wish: dict[str, Any] = {"release": wishes.release, "database": wishes.database, "say": click.echo}
        cloud = embedded.up(name, services=wanted, sources=sources, **wish)
        os.environ["OS_CLIENT_CONFIG_FILE"] = str(cloud.clouds_yaml)
        yield cloud.name
    finally:
        if not (running or wishes.stay):
            embedded.down(name)


def settle(wishes: Wishes, suite: Suite, services: Sequence[str], entry: str) -> Settings:
    """The settings of a run against a cloud, after a look at what it has; which cases are wanted is still open."""
    entries = {**usual_personas(entry), **parse_personas(wishes.personas)}
    client, gate = Client(entries, wishes.patience), gate_of(suite, wishes.gate)
    bounds = {service: client.bounds(service) for service in services}
    others = {service: span for service in suite.services.keys() - set(services) if (span := offered(client, service))}
    return Settings(
        data=wishes.data.resolve(),
        results=(wishes.folder or Path("results") / time.strftime("%Y%m%d-%H%M%S")).resolve(),
        cloud=entry,
        personas=entries,
        spans=offer(bounds, suite, {**(gate.spans if gate else {}), **parse_spans(wishes.spans)}),
        bounds={**bounds, **others},
        wanted=frozenset(),
        run=secrets.token_hex(3),
        known=tuple(path.resolve() for path in wishes.known_files),
        every=wishes.every,
        negatives=wishes.negatives,
        lenient=wishes.lenient,
        record=wishes.record.resolve() if wishes.record else None,
        subunit=wishes.subunit.resolve() if wishes.subunit else None,
        patience=wishes.patience,
        gate=wishes.gate,
        slow=wishes.slow or (gate.slow if gate else 1.0),
    )


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


def chosen_cases(settings: Settings, suite: Suite, patterns: Sequence[str], shard: Shard | None = None) -> Settings:
    """The settings with the wanted cases of a shard, and what the cloud lacks for some of them.

    CloudError if one of the personas that they need has no access.
    """
    performances = settings.plan(suite)
    wanted = select(performances, patterns)
    if shard:
        wanted = shard.part(performances, wanted)
    stories = {each.story.id: each.story for each in performances if any(case.id in wanted for case in each)}
    client, gate = settings.client(), gate_of(suite, settings.gate)
    needs = {*(gate.wishes if gate else ()), *(name for story in stories.values() for name in story.needs)}
    probed = probe(client, [suite.library.needs[name] for name in sorted(needs)], settings.bounds)
    missing = {one.need.name: one.reason for one in probed if one.lacking}
    if gate:
        require(gate, probed)
    for persona in sorted({step.persona for story in stories.values() for step in story.steps}):
        client.persona(persona).token()
    return attrs.evolve(settings, wanted=wanted, missing=missing)


def _failed(folder: Path | None) -> list[str]:
    if folder is None:
        return []
    failed = [one["id"] for one in results.read(folder) if one["outcome"] != "passed"]
    if not failed:
        raise UsageError("everything passed there", str(folder), "There is nothing to run again.")
    return failed
