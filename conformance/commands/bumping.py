"""``conformance bump``: what a microversion changed, observed on a cloud, drafted as data, and proved. Layer 4."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from conformance import embedded
from conformance.bump.bump import Bump
from conformance.bump.comparison import RIGHT, compare, counted
from conformance.bump.paragraph import FILES, paragraph
from conformance.bump.performing import Attempt
from conformance.bump.prior import prior
from conformance.bump.steps import written
from conformance.bump.trial import story_name
from conformance.commands.booting import booted
from conformance.commands.options import (
    cloud_option,
    data_option,
    database_option,
    json_option,
    name_option,
    parse_sources,
    patience_option,
    persona_option,
    release_option,
    source_option,
)
from conformance.commands.proving import prove
from conformance.commands.settling import Wishes, chosen_cases, settle
from conformance.errors import CloudError, UsageError
from conformance.microversion import Microversion, tongue
from conformance.reading import read
from conformance.suite import load

PROJECTS = {"compute": "nova", "placement": "placement", "volume": "cinder"}
SHOWN, LONGEST = 30, 200  # lines of what could not be seen; characters of a line


@click.command("bump")
@click.argument("service")
@click.argument("version", metavar="MICROVERSION")
@click.argument("cases", nargs=-1)
@click.option("--prove", "proving", is_flag=True, help="Prove the delta that is there, and that nothing older moved.")
@cloud_option
@persona_option
@data_option
@patience_option
@click.option("--workers", type=click.IntRange(min=1), default=4, show_default=True, help="Stories at once.")
@click.option(
    "--results", "folder", type=click.Path(path_type=Path, file_okay=False), help="Where --prove puts results."
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A new file for the draft.")
@click.option("--embedded", "boot", is_flag=True, help="Where no cloud is named: boot the released services.")
@name_option
@source_option
@release_option
@database_option
@click.option("--stay", is_flag=True, help="Leave the embedded cloud up afterwards.")
@json_option
def bump_command(
    *, version: str, proving: bool, output: Path | None, as_json: bool, service: str, **given: Any
) -> None:
    """Observe what MICROVERSION of SERVICE changed, and draft its delta and a story; or, with --prove, prove them.

    The cloud must speak it already: --source nova=PATH boots a checkout. CASES are patterns such as 'compute/server*',
    to look at those alone.
    """
    wishes = Wishes(**given, services=(tongue(service).name,))
    microversion = Microversion.parse(version)
    if proving:
        sys.exit(prove(wishes, service, microversion))
    if output is not None and output.exists():
        raise UsageError("is there already", str(output), "A draft overwrites nothing: name another file.")
    found = look(wishes, service, microversion, quiet=as_json)
    if as_json:
        click.echo(json.dumps(found.plain()))
        return
    _tell(found)
    _hand_over(found, wishes.data.resolve(), output)


def look(wishes: Wishes, service: str, version: Microversion, *, quiet: bool) -> Bump:
    """Look at a microversion of a cloud, one that is there or one that is booted for it.

    CloudError if it doesn't speak it, UsageError if nothing is known just below.
    """
    suite = load(wishes.data.resolve())
    before = prior(suite, service, version)
    with booted(wishes, [service]) as entry:
        settings = chosen_cases(settle(wishes, suite, [service], entry), suite, ())
        if version not in settings.bounds[service]:
            remedy = "Boot the checkout that has it, with --source, or name another cloud."
            what = f"{service} has {settings.bounds[service]} there, and not {version}"
            raise CloudError(what, f"cloud {entry}", remedy)
        say, progress = (_silent, _silent) if quiet else (_aside, _progress)
        attempt = Attempt(settings, before, service, version, wishes.workers, say, wishes.cases, progress)
        found = Bump.of(attempt, suite, _said(wishes, service, version, entry))
        _ = found.tried  # as long as the cloud is there
    return found


def _silent(*_words: object) -> None:
    """Standard output is for the machine."""


def _aside(text: str) -> None:
    click.echo(text, err=True)


def _progress(done: int, all_: int) -> None:
    """On a terminal each story, else each tenth of them."""
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {all_} stories", nl=done == all_, err=True)
    elif done * 10 // all_ > (done - 1) * 10 // all_:
        click.echo(f"{done} of {all_} stories", err=True)


def _said(wishes: Wishes, service: str, version: Microversion, entry: str) -> str:
    """What the version history of the service's own code says, where that is at hand."""
    project = PROJECTS[service]
    there = embedded.code(entry, project) if entry in embedded.names() else None
    root = parse_sources(wishes.sources).get(project, there)
    file = root / FILES[service] if root else None
    return paragraph(file.read_text(encoding="utf-8"), version) if file and file.is_file() else ""


def _tell(found: Bump) -> None:
    """What changed as observed, and what could not be seen."""
    attempt = found.attempt
    answers, calls = len(found.sightings.listed), len(found.sightings.calls)
    click.echo(f"{attempt.service} {attempt.version}, from {answers} answers of {calls} calls")
    for one in found.observed:
        click.echo("\n" + "\n".join(_cut(line) for line in str(one.difference).splitlines()))
        _coloured(one.diff)
    if not found.observed:
        click.echo("nothing changed that could be seen")
    if found.unseen:
        click.echo("\ncould not see:")
        for words in found.unseen[:SHOWN]:
            click.echo(_cut(f"  {words}"))
        if len(found.unseen) > SHOWN:
            click.echo(f"  and {len(found.unseen) - SHOWN} more: --json lists them all")


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def _coloured(lines: Iterable[str]) -> None:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines:
        click.secho(f"    {line}", fg=colours.get(line[:1]))


def _hand_over(found: Bump, data: Path, output: Path | None) -> None:
    """Write the draft and its story where there is nothing yet; else print them."""
    service, version = found.attempt.service, found.attempt.version
    there = data / "schemas" / service / f"{version}.yaml"
    known = there.exists() or there.with_suffix("").is_dir()
    if known and output is None:
        click.echo(f"\n{there} is there already; the draft:\n\n{found.text}")
    else:
        file = output or there
        file.write_text(found.text, encoding="utf-8")
        click.echo(f"\ndrafted {file}")
    if known:
        _compare(found, there)
    story = data / "scenarios" / service / f"{story_name(version)}.yaml"
    _hand_over_story(found, story, known=known or output is not None)


def _compare(found: Bump, there: Path) -> None:
    """How far the draft says what the file says that is there."""
    if not there.is_file():
        return
    lines = compare(read(there, "delta"), found.draft.delta, found.edition)
    told = ", ".join(f"{count} {verdict}" for verdict, count in counted(lines).items())
    click.echo(f"of {len(lines)} lines of {there.name} the draft has {told}")
    for line in lines:
        if line.verdict != RIGHT:
            click.echo(f"  {line}")


def _hand_over_story(found: Bump, file: Path, *, known: bool) -> None:
    story = written(found.attempt.version, found.tried.steps)
    if not story:
        return
    if file.exists() or known:
        click.echo(f"\na story of what begins:\n\n{story}")
    else:
        file.write_text(story, encoding="utf-8")
        click.echo(f"drafted {file}")
