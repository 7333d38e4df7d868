"""``conformance schema``: read the history, and export it. Layer 4."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import click

from conformance.commands.options import chosen, data_option, json_option, parse_spans, service_option, span_option
from conformance.difference import differences
from conformance.document import Documents, without_marks
from conformance.errors import UsageError
from conformance.export import export
from conformance.microversion import Microversion, tongue
from conformance.suite import histories, load


def documents_of(data: Path, service: str) -> Documents:
    """The documents of a service; UsageError if there is no history of it."""
    tongue(service)
    found = histories(data)
    if service not in found:
        raise UsageError(f"no history of {service}", remedy=f"There are histories of {', '.join(found)}.")
    return found[service]


@click.group("schema")
def schema_group() -> None:
    """Read the history: what a call takes and answers, and what changed when."""


@schema_group.command("show")
@click.argument("service")
@click.argument("call", required=False)
@click.argument("microversion", required=False)
@data_option
@json_option
def show_command(service: str, call: str | None, microversion: str | None, data: Path, as_json: bool) -> None:
    """List the calls of SERVICE, or print CALL at MICROVERSION (default: the newest) as JSON Schema."""
    documents = documents_of(data, service)
    if call is None:
        _list_calls(documents, as_json=as_json)
        return
    version = Microversion.parse(microversion) if microversion else documents.life(call).last
    document = documents.at(call, version)
    click.echo(json.dumps(without_marks(attrs.asdict(document, value_serializer=_plain)), indent=2))


def _plain(_instance: Any, _field: Any, value: Any) -> Any:
    return str(value) if isinstance(value, Microversion) else value


def _list_calls(documents: Documents, *, as_json: bool) -> None:
    for call in documents.calls:
        points = [str(point) for point in documents.turning_points(call)]
        if as_json:
            life = documents.life(call)
            click.echo(json.dumps({"call": call, "since": str(life.first), "last": str(life.last), "turns": points}))
        else:
            click.echo(f"{call}  {', '.join(points)}")


@schema_group.command("diff")
@click.argument("service")
@click.argument("older")
@click.argument("newer")
@data_option
@json_option
def diff_command(service: str, older: str, newer: str, data: Path, as_json: bool) -> None:
    """Say what changed in SERVICE after OLDER, up to and with NEWER."""
    documents = documents_of(data, service)
    before, after = Microversion.parse(older), Microversion.parse(newer)
    if after <= before:
        raise UsageError(f"{newer} isn't above {older}", remedy="Name the older microversion first.")
    found = differences(documents, before, after)
    if as_json:
        click.echo(json.dumps([attrs.asdict(one) for one in found]))
        return
    documents.history.at(before)
    for number in range(before.minor + 1, after.minor + 1):
        edition = documents.history.at(Microversion(after.major, number))
        click.echo(f"{service} {edition.version}: {edition.summary} {edition.unseen}".rstrip())
    for one in found:
        click.echo(f"\n{one}")


@schema_group.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--openapi", is_flag=True, help="Write FOLDER/<service>/<microversion>.openapi.json: OpenAPI 3.1.")
@service_option
@span_option
@data_option
def export_command(
    *, folder: Path, openapi: bool, services: tuple[str, ...], spans: tuple[str, ...], data: Path
) -> None:
    """Write FOLDER/<service>/<microversion>.json for other tools: self-contained JSON Schema 2020-12."""
    found, within = histories(data), parse_spans(spans)
    form = "openapi.json" if openapi else "json"
    for service in chosen(found, services):
        count = export(found[service], folder / service, form, within.get(service))
        click.echo(f"{service}: {count} file{'s' if count > 1 else ''} in {folder / service}")


@schema_group.command("lint")
@data_option
def lint_command(data: Path) -> None:
    """Load all data and say what is wrong with it; nothing is asked of a cloud."""
    suite = load(data)
    for service, documents in suite.services.items():
        stories = sum(1 for story in suite.library.stories if story.service == service)
        span = documents.history.span
        click.echo(f"{service}: {span}, {len(documents.calls)} calls, {stories} stories: sound")
