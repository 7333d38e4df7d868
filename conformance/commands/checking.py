"""``conformance check``: judge a recorded body, or a whole capture, offline. Layer 4."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
import click

from conformance import capture, known
from conformance.advice import advise
from conformance.attribution import Attribution
from conformance.commands.options import data_option, json_option, known_option, lenient_option
from conformance.commands.schemas import documents_of
from conformance.errors import UsageError
from conformance.exchange import Response
from conformance.inspection import Inspection, Inspector
from conformance.judge import judge_body
from conformance.microversion import Microversion, tongue
from conformance.report import results
from conformance.suite import histories
from conformance.verdict import Critic


@click.command("check")
@click.option("--service", help="compute, placement or volume.")
@click.option("--call", help="The call, such as 'GET /servers/{server}'.")
@click.option("--microversion", help="The microversion at which the body was answered, such as 2.26.")
@click.option("--persona", help="Who asked; without it, what only one persona sees may be there or not.")
@click.option(
    "--har",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="An HTTP archive: each exchange is judged by its own headers, one that a run recorded as the run did.",
)
@click.option(
    "--endpoint",
    "endpoints",
    multiple=True,
    metavar="SERVICE=URL",
    help="Where a service is, if headers and paths don't tell: compute=http://cloud/nova/v2.1. May be repeated.",
)
@known_option
@lenient_option
@click.argument("file", type=click.File("rb"), required=False)
@data_option
@json_option
def check_command(*, har: Path | None, file: Any, endpoints: tuple[str, ...], **given: Any) -> None:
    """Judge a recorded body offline; FILE is JSON, and - reads standard input. With --har judge a whole capture."""
    asked = {name: given.pop(name) for name in ("service", "call", "microversion", "persona")}
    if har:
        if file or any(asked.values()):
            raise UsageError("--har tells of itself what a body would need to be told", remedy="Leave all else out.")
        sys.exit(_check_capture(har, endpoints, **given))
    missing = [f"--{name}" for name in ("service", "call", "microversion") if not asked[name]]
    if missing or file is None:
        what = " and ".join([*missing, *(["FILE"] if file is None else [])])
        raise UsageError(f"{what} missing", remedy="Say what the body is an answer to, or name a capture with --har.")
    sys.exit(_check_body(file, given["data"], as_json=given["as_json"], **asked))


def _check_body(
    file: Any, data: Path, *, service: str, call: str, microversion: str, persona: str | None, as_json: bool
) -> int:
    documents, version = documents_of(data, service), Microversion.parse(microversion)
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
    return 1 if findings else 0


def _check_capture(
    path: Path, endpoints: tuple[str, ...], *, data: Path, known_files: tuple[Path, ...], lenient: bool, as_json: bool
) -> int:
    services = histories(data)
    departures = known.load([*known.ours(data / "schemas"), *known_files], services)
    attribution = Attribution(services, _parse_endpoints(endpoints))
    inspection = Inspector(Critic(services, lenient), attribution, departures, str(path)).inspect(capture.read(path))
    if as_json:
        click.echo(json.dumps(attrs.asdict(inspection)))
    else:
        click.echo("\n".join(_told(inspection)))
    if not inspection.records:
        raise UsageError("nothing in it could be judged", str(path), "Tell where the services are, with --endpoint.")
    return 1 if any(one["outcome"] == "failed" for one in inspection.records) else 0


def _parse_endpoints(texts: Iterable[str]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in texts]
    for service, sign, url in pairs:
        if not sign or "://" not in url:
            raise UsageError(f"--endpoint {service!r} names no URL", remedy="Write it as compute=http://cloud/v2.1.")
    return [(tongue(service).name, url) for service, _, url in pairs]


def _told(inspection: Inspection) -> Iterator[str]:
    """The findings, each once, and what wasn't judged and why."""
    failed = (one for one in inspection.records if one["outcome"] == "failed")
    yield from (line for group in results.grouped(failed) for line in results.about(group))
    reasons = Counter(reason for one in inspection.records for reason in one["known"])
    yield from (f"known departure ({count} exchanges): {reason}" for reason, count in reasons.most_common())
    for reason, titles in sorted(inspection.unjudged.items(), key=lambda pair: -len(pair[1])):
        several = Counter(titles).most_common(3)
        more = f" and {len(set(titles)) - 3} others" if len(set(titles)) > 3 else ""
        yield f"not judged ({len(titles)} exchanges), {reason}: {', '.join(title for title, _ in several)}{more}"
    outcomes = Counter(one["outcome"] for one in inspection.records)
    unjudged = sum(map(len, inspection.unjudged.values()))
    judged = len(inspection.records)
    counts = "".join(f", {count} {name}" for name, count in outcomes.items())
    yield f"{judged + unjudged} exchanges: {judged} judged{counts}; {unjudged} not judged"
