"""``conformance report``: a run as one page. Layer 4."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.commands.options import data_option
from conformance.errors import UsageError
from conformance.report.model import model
from conformance.report.page import page
from conformance.report.past import read
from conformance.suite import load

_REPEATED = """{} cases ran in more than one of these folders: the last one named counts.
  To compare two runs, name the earlier one with --against."""
_folder = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command("report")
@click.argument("folders", nargs=-1, required=True, metavar="RESULTS...", type=_folder)
@click.option(
    "--against",
    "earlier",
    multiple=True,
    metavar="RESULTS",
    type=_folder,
    help="An earlier run to compare with. May be repeated for its parts.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write the page.  [default: report.html in the first RESULTS]",
)
@data_option
def report_command(*, folders: tuple[Path, ...], earlier: tuple[Path, ...], output: Path | None, data: Path) -> None:
    """Write a run as one HTML page that needs no network. Several RESULTS are parts of one run and are merged."""
    data = data.resolve()
    suite = load(data)
    past = read(folders, suite)
    text = page(model(past, read(earlier, suite) if earlier else None, suite, data))
    path = output or folders[0] / "report.html"
    _write(path, text)
    if past.repeated:
        click.echo(_REPEATED.format(past.repeated), err=True)
    click.echo(f"{path}: {len(past.planned)} cases, {len(text) / 1e6:.1f} MB")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"can't be written: {error.strerror}", str(path), "Name another place with --output."
        ) from None
