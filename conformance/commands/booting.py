"""The cloud of a run: the one that is named, or one that is booted for the run and ended with it. Layer 4."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import click

from conformance import embedded, lab
from conformance.commands.options import parse_sources
from conformance.commands.settling import Wishes
from conformance.gate import Gate
from conformance.report.scrub import Scrub


@contextmanager
def booted(wishes: Wishes, services: Collection[str], gate: Gate | None = None) -> Iterator[str]:
    """The entry of clouds.yaml to test: the one named, or that of a cloud or a lab, ended again if it was booted.

    A lab is one whose network fits the gate.
    """
    if not wishes.boots:
        yield wishes.cloud
    elif wishes.lab:
        with _lab(wishes, gate) as entry:
            yield entry
    else:
        with _embedded(wishes, services) as entry:
            yield entry


@contextmanager
def _embedded(wishes: Wishes, services: Collection[str]) -> Iterator[str]:
    name = wishes.name
    there = embedded.status(name) if name in embedded.names() else None
    running = there is not None and there.state == "up"
    alone = ("placement",) if set(services) == {"placement"} else ()
    wanted = tuple(one.name for one in there.services) if there and running else alone
    sources = parse_sources(wishes.sources)
    try:
        cloud = embedded.up(
            name,
            services=wanted,
            sources=sources,
            release=wishes.release,
            database=wishes.database,
            say=click.echo,
        )
        os.environ["OS_CLIENT_CONFIG_FILE"] = str(cloud.clouds_yaml)
        yield cloud.name
    finally:
        if not (running or wishes.stay):
            embedded.down(name)


@contextmanager
def _lab(wishes: Wishes, gate: Gate | None) -> Iterator[str]:
    """On the lab's network; what its hosts tell of the run is left in the results, however the run ends."""
    name, sources = wishes.name, parse_sources(wishes.sources)
    running = lab.status(name).state == "up"
    network = lab.fitting(gate.needs, gate.wishes).name if gate else lab.USUAL
    try:
        there = lab.up(name, release=wishes.release, sources=sources, network=network, say=click.echo)
        os.environ["OS_CLIENT_CONFIG_FILE"] = str(there.clouds_yaml)
        with lab.on_network(name):
            yield there.name
    finally:
        try:
            lab.keep(name, wishes.results / "logs", Scrub.of(lab.belongings(name).secrets).text)
        finally:
            if not (running or wishes.stay):
                lab.down(name)
