"""``conformance schema`` and ``conformance check``: read the history, export it, judge a body by it. Layer 4."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import attrs
import click

from conformance.advice import advise
from conformance.commands.options import chosen, data_option, json_option, parse_spans, service_option, span_option
from conformance.difference import differences
from conformance.document import Documents, without_marks
from conformance.errors import UsageError
from conformance.exchange import Response
from conformance.export import export
from conformance.judge import judge_body
from conformance.microversion import Microversion, tongue
from conformance.suite import histories, load


def _documents(data: Path, service: str) -> Documents:
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
    documents = _documents(data, service)
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
    documents = _documents(data, service)
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


@click.command("check")
@click.option("--service", required=True, help="compute, placement or volume.")
@click.option("--call", required=True, help="The call, such as 'GET /servers/{server}'.")
@click.option("--microversion", required=True, help="The microversion at which the body was answered, such as 2.26.")
@click.option("--persona", help="Who asked; without it, what only one persona sees may be there or not.")
@click.argument("file", type=click.File("rb"))
@data_option
@json_option
def check_command(
    *, service: str, call: str, microversion: str, persona: str | None, file: Any, data: Path, as_json: bool
) -> None:
    """Judge a recorded body offline; FILE is JSON, and - reads standard input."""
    documents, version = _documents(data, service), Microversion.parse(microversion)
    document = documents.at(call, version, persona)
    try:
        body = Response(200, content=file.read()).data
    except ValueError as error:
        raise UsageError(f"is not JSON: {error}", file.name, "Give the body of an answer as it came.") from None
    findings = [advise(finding, documents, version) for finding in judge_body(body, document, version)]
    if as_json:
        click.echo(json.dumps([attrs.asdict(finding) for finding in findings]))
    else:
        click.echo("\n".join(map(str, findings)) or f"conforms to {service} {microversion} {call}")
    sys.exit(1 if findings else 0)
