"""What a run was asked for, the cloud that it is for, and its settings. Layer 4."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import click

from conformance.client import Client
from conformance.commands.gating import gate_of, require
from conformance.commands.options import parse_personas, parse_spans, usual_personas
from conformance.entries import known as known_of
from conformance.errors import CloudError
from conformance.microversion import Span
from conformance.plan import select
from conformance.probe import offered, probe
from conformance.report.publication import TRACE
from conformance.settings import Settings
from conformance.shard import Shard
from conformance.suite import Suite


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
    lab: bool = False
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
    tree: Path | None = None
    publish: Path | None = None
    publish_name: str = ""
    publish_url: str = ""
    results: Path = attrs.field(init=False)

    @results.default
    def _in_folder(self) -> Path:
        return (self.folder or Path("results") / time.strftime("%Y%m%d-%H%M%S")).resolve()

    @property
    def boots(self) -> bool:
        """Whether a cloud is to be booted: one was asked for in place of those that are there, or none was named."""
        return bool(self.sources or self.release or self.database) or ((self.boot or self.lab) and not self.cloud)


def settle(wishes: Wishes, suite: Suite, services: Sequence[str], entry: str) -> Settings:
    """The settings of a run against a cloud, after a look at what it has; which cases are wanted is still open."""
    entries = {**usual_personas(entry), **parse_personas(wishes.personas)}
    client, gate = Client(entries, wishes.patience), gate_of(suite, wishes.gate)
    bounds = {service: client.bounds(service) for service in services}
    others = {service: span for service in suite.services.keys() - set(services) if (span := offered(client, service))}
    return Settings(
        data=wishes.data.resolve(),
        results=wishes.results,
        cloud=entry,
        personas=entries,
        spans=offer(bounds, suite, {**(gate.spans if gate else {}), **parse_spans(wishes.spans)}),
        bounds={**bounds, **others},
        wanted=frozenset(),
        run=secrets.token_hex(3),
        known=tuple(path.resolve() for path in (*wishes.known_files, *known_of(entry))),
        every=wishes.every,
        negatives=wishes.negatives,
        lenient=wishes.lenient,
        record=wishes.record.resolve() if wishes.record else wishes.results / TRACE if wishes.publish else None,
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
