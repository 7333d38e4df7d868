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
negatives_option = click.option(
    "--negatives", is_flag=True, help="Also requests with one thing wrong, each of which must be refused."
)
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

cloud_option = click.option(
    "--cloud", metavar="ENTRY", envvar="OS_CLOUD", default="", help="An entry of clouds.yaml [OS_CLOUD]."
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
known_option = click.option(
    "--known",
    "known_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A file of expected findings, each with its reason; they still run. May be repeated.",
)
lenient_option = click.option(
    "--lenient-extra", "lenient", is_flag=True, help="Keys that nobody promised are warnings, listed by call."
)
name_option = click.option(
    "--name", default="embedded", show_default=True, help="Several clouds can live side by side."
)

source_option = click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME=PATH",
    help="A checkout in place of the released service: nova=../nova. May be repeated.",
)
database_option = click.option(
    "--database",
    metavar="URL",
    default="",
    help="A database for placement in place of SQLite, empty or its own: postgresql+psycopg2://... or mysql+pymysql://...",
)
release_option = click.option("--release", metavar="NAME", help="The locked versions to use; the newest if not said.")


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


def usual_personas(cloud: str) -> dict[str, str]:
    """Who plays whom where nothing else is said: CLOUD is the administrator, CLOUD-member the member, and so on."""
    others = ("manager", "member", "reader", "service")
    return {"admin": cloud, **({name: f"{cloud}-{name}" for name in others} if cloud else {})}


def parse_sources(texts: tuple[str, ...]) -> dict[str, Path]:
    """``nova=../nova`` to paths by project."""
    sources = {}
    for text in texts:
        project, sign, path = text.partition("=")
        if not (project and sign and path):
            raise UsageError(f"--source {text!r} names no checkout", remedy="Write it as nova=../nova.")
        sources[project] = Path(path).expanduser().resolve()
    return sources
