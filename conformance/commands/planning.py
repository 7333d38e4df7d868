"""``conformance plan`` and ``conformance coverage``: what there is to ask; neither needs a cloud. Layer 4."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conformance.commands.options import (
    chosen,
    data_option,
    every_option,
    json_option,
    lines,
    negatives_option,
    parse_spans,
    service_option,
    span_option,
)
from conformance.coverage import Coverage, measure
from conformance.microversion import Span
from conformance.outline import Depth
from conformance.plan import Performance, plan, select
from conformance.report import results
from conformance.suite import Suite, load


@click.command("plan")
@click.argument("cases", nargs=-1)
@data_option
@service_option
@span_option
@every_option
@negatives_option
@json_option
def plan_command(
    *,
    cases: tuple[str, ...],
    data: Path,
    services: tuple[str, ...],
    spans: tuple[str, ...],
    every: bool,
    negatives: bool,
    as_json: bool,
) -> None:
    """List every case, or those that match CASES, such as 'compute/server::*@2.26'."""
    suite = load(data)
    performances = _planned(suite, chosen(suite.services, services), parse_spans(spans), Depth(every, negatives))
    wanted = select(performances, cases)
    listed = [case for each in performances for case in each if case.id in wanted]
    if as_json:
        lines(
            {
                "id": case.id,
                "service": case.service,
                "story": case.story,
                "step": case.step,
                "call": case.call,
                "microversion": str(case.microversion),
                "writes": case.writes,
            }
            for case in listed
        )
        return
    for case in listed:
        click.echo(f"{case.id}  {case.call}  {' or '.join(map(str, case.statuses))}")
    performed = sum(any(case.id in wanted for case in each) for each in performances)
    click.echo(f"{len(listed)} cases in {performed} performances", err=True)


def _planned(suite: Suite, services: list[str], spans: dict[str, Span], depth: Depth) -> list[Performance]:
    stories = [story for story in suite.library.stories if story.service in services]
    return plan(stories, suite.services, spans, depth=depth)


@click.command("coverage")
@click.argument("result_folders", nargs=-1, metavar="[RESULTS]...", type=click.Path(path_type=Path, exists=True))
@data_option
@service_option
@span_option
@every_option
@json_option
@click.option("--missing", is_flag=True, help="Also list each cell and boundary that nothing plans.")
def coverage_command(
    *,
    result_folders: tuple[Path, ...],
    data: Path,
    services: tuple[str, ...],
    spans: tuple[str, ...],
    every: bool,
    as_json: bool,
    missing: bool,
) -> None:
    """Count cells and boundaries: planned, and exercised in RESULTS."""
    suite = load(data)
    names, asked = chosen(suite.services, services), parse_spans(spans)
    performances = _planned(suite, names, asked, Depth(every))
    done = {one["id"] for folder in result_folders for one in results.read(folder) if one["outcome"] in _RAN}
    found = {}
    for name in names:
        documents = suite.services[name]
        span = documents.history.span.clip(asked.get(name, documents.history.span))
        if span:
            found[name] = measure(documents, performances, span, done, suite.unreachable[name])
    if as_json:
        click.echo(json.dumps({name: coverage.numbers() for name, coverage in found.items()}))
        return
    for name, coverage in found.items():
        _show(name, coverage, missing=missing, exercised=bool(result_folders))


_RAN = ("passed", "failed", "known")


def _show(name: str, coverage: Coverage, *, missing: bool, exercised: bool) -> None:
    click.echo(f"{name}: {coverage.calls} calls")
    rows = (
        ("cells", coverage.cells, coverage.planned, coverage.exercised, coverage.excused),
        (
            "boundaries",
            coverage.boundaries,
            coverage.planned_boundaries,
            coverage.exercised_boundaries,
            coverage.excused_boundaries,
        ),
    )
    for title, total, planned, ran, excused in rows:
        told = f", {len(ran)} exercised ({_share(len(ran), len(total))})" if exercised else ""
        share = _share(len(planned), len(total))
        beyond = f", {len(excused)} listed as unreachable" if excused else ""
        click.echo(f"  {title:<10} {len(total):>6}, {len(planned)} planned ({share}){told}{beyond}")
    if missing:
        for title, gaps in (("cell", coverage.missing), ("boundary", coverage.missing_boundaries)):
            for call, version in gaps:
                click.echo(f"  no {title}: {call} @{version}")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"
