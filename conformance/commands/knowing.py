"""``conformance known``: begin a file of the departures that are known of a cloud. Layer 4."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from conformance import known
from conformance.commands.options import data_option, known_option
from conformance.errors import UsageError
from conformance.report import results
from conformance.report.draft import draft
from conformance.suite import histories


@click.group("known")
def known_group() -> None:
    """What is known of a cloud that departs: findings that are expected, each with its reason."""


@known_group.command("draft")
@click.argument("folder", metavar="RESULTS", type=click.Path(path_type=Path, exists=True))
@known_option
@data_option
def draft_command(folder: Path, known_files: tuple[Path, ...], data: Path) -> None:
    """Print a file of known departures from the findings in RESULTS, for --known.

    Each reason is a TODO, which no run takes: write why the cloud departs there, or remove the entry.
    """
    records = results.read(folder)
    already = known.load([*known.ours(data / "schemas"), *known_files], histories(data))
    text, count = draft(records, already)
    if not count:
        raise UsageError("nothing departs there that isn't known", str(folder), "There is nothing to write down.")
    click.echo(text, nl=False)
    click.echo(f"{count} departures: write the reason of each.", err=True)
    if missed := Counter(one["outcome"] for one in records)["not-reached"]:
        click.echo(f"{missed} cases were not reached, and may depart as well once they are.", err=True)
