"""What several commands share: options, and how they print. Layer 4."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from conformance.errors import UsageError
from conformance.microversion import Span, tongue
from conformance.reading import data_folder

Command = Callable[..., Any]

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=data_folder,
    help="A folder with schemas/ and scenarios/ in place of our own.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="For machines: JSON, or a line of JSON an item.")
every_option = click.option("--every", is_flag=True, help="Every cell, not only both sides of every boundary.")
span_option = click.option(
    "--span",
    "spans",
    multiple=True,
    metavar="SERVICE=FIRST..LAST",
    help="Only these microversions, such as compute=2.20..2.30 or compute=2.26. May be repeated.",
)
service_option = click.option(
    "--service", "services", multiple=True, metavar="NAME", help="Only this service. May be repeated."
)


def parse_spans(texts: Iterable[str]) -> dict[str, Span]:
    """``compute=2.20..2.30`` to spans by service; UsageError for anything else."""
    spans = {}
    for text in texts:
        service, sign, span = text.partition("=")
        if not sign:
            raise UsageError(f"--span {text!r} names no service", remedy="Write it as compute=2.20..2.30.")
        spans[tongue(service).name] = Span.parse(span)
    return spans


def parse_personas(texts: Iterable[str]) -> dict[str, str]:
    """``member=ENTRY`` to entries of clouds.yaml by persona."""
    pairs = [text.partition("=") for text in texts]
    for name, sign, entry in pairs:
        if not (name and sign and entry):
            raise UsageError(
                f"--persona {name!r} names no entry", remedy="Write it as member=ENTRY, an entry of clouds.yaml."
            )
    return {name: entry for name, _, entry in pairs}


def lines(records: Iterable[Mapping[str, Any]]) -> None:
    """A line of JSON for each record."""
    for record in records:
        click.echo(json.dumps(record))


def chosen(known: Iterable[str], services: tuple[str, ...]) -> list[str]:
    """The services to look at: those asked for, or all that have data; UsageError for one that hasn't."""
    listed = list(known)
    for service in services:
        if tongue(service) and service not in listed:
            raise UsageError(f"no data for {service}", remedy=f"There is data for {', '.join(listed)}.")
    return [service for service in listed if not services or service in services]
