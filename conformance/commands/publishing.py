"""``run --publish``: what a third party's CI shows of a run. Layer 4."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

import attrs
import click
import yaml

from conformance import embedded, entries, lab
from conformance.commands.settling import Wishes
from conformance.commands.stopping import INTERRUPTED
from conformance.errors import ConformanceError, UsageError
from conformance.report.publication import Publication, write
from conformance.report.scrub import Scrub, secrets_in
from conformance.settings import Settings, read

_OPTIONS = (
    click.option(
        "--publish",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="Put all that a third party's CI shows of a run, without its secrets, into an empty folder.",
    ),
    click.option("--publish-url", default="", metavar="URL", help="Where that folder will be found.  [default: DIR]"),
    click.option("--publish-name", default="", metavar="NAME", help="What the run is called.  [default: by its gate]"),
)


def publish_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that can publish its run."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@attrs.define
class Backstage:
    """What is known of a run only while its cloud is there."""

    wishes: Wishes
    settings: Settings | None = None
    papers: embedded.Papers = attrs.field(factory=embedded.Papers)
    entries: Mapping[str, Any] = attrs.field(factory=dict)

    def look(self, settings: Settings) -> None:
        """Note it."""
        if self.wishes.publish:
            self.settings, self.entries = settings, entries.entries(settings.personas.values())
        if self.wishes.publish and self.wishes.boots:
            self.papers = (lab.belongings if self.wishes.lab else embedded.papers)(self.wishes.name)

    @property
    def done(self) -> Settings | None:
        """The settings as the run left them beside its results; None if it never began."""
        path = self.wishes.results / "settings.json"
        left = read(path) if self.settings and path.exists() else None
        return left if left and self.settings and left.run == self.settings.run else None

    @property
    def secrets(self) -> set[str]:
        """All that must not be shown."""
        return secrets_in(self.entries) | self.papers.secrets

    @property
    def configuration(self) -> dict[str, str]:
        """That of the run, and of the cloud if it was booted for it."""
        known = {f"known/{path.name}": path.read_text("utf-8") for path in self.wishes.known_files}
        own = (
            {"clouds.yaml": yaml.safe_dump(Scrub.of(self.secrets).data({"clouds": self.entries}))}
            if self.entries
            else {}
        )
        return {**own, **known, **self.papers.configuration}

    @property
    def logs(self) -> dict[str, Path]:
        """Those of the cloud if it was booted for the run, and those that a gate's command left."""
        folder = self.wishes.results / "logs"
        left = sorted(filter(Path.is_file, folder.rglob("*"))) if self.done else []
        return {**self.papers.logs, **{str(path.relative_to(folder)): path for path in left}}


@contextmanager
def publishing(wishes: Wishes) -> Iterator[Backstage]:
    """Publish what happens within, however it ends; nothing, if that isn't wished."""
    backstage, begun = Backstage(wishes), datetime.now(UTC)
    if not wishes.publish:
        yield backstage
        return
    _check(wishes, wishes.publish)
    code, printed = 1, StringIO()
    try:
        with redirect_stdout(_Tee(sys.stdout, printed)), redirect_stderr(_Tee(sys.stderr, printed)):
            yield backstage
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
        raise
    except KeyboardInterrupt:
        code = INTERRUPTED
        raise
    except ConformanceError as error:
        code = error.exit_code
        printed.write(f"error: {error}\n")
        raise
    finally:
        _publish(backstage, wishes.publish, code, printed.getvalue(), begun)


def _publish(backstage: Backstage, folder: Path, code: int, console: str, begun: datetime) -> None:
    wishes = backstage.wishes
    run = Publication(
        name=wishes.publish_name or (f"conformance-gate-{wishes.gate}" if wishes.gate else "conformance"),
        url=wishes.publish_url or folder.resolve().as_uri(),
        code=code,
        begun=begun,
        ended=datetime.now(UTC),
        words=("conformance", *sys.argv[1:]),
        console=click.unstyle(console),
        configuration=backstage.configuration,
        logs=backstage.logs,
        settings=backstage.done,
        scrub=Scrub.of(backstage.secrets),
    )
    write(run, folder)
    click.echo(f"published: {folder / 'index.html'}\n{run.line}")


def _check(wishes: Wishes, folder: Path) -> None:
    """Make sure that the folder is empty and can be written; UsageError otherwise."""
    if any(character.isspace() for character in wishes.publish_name + wishes.publish_url):
        raise UsageError("has a space in it", "--publish-name or --publish-url", "Others would read it as two words.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError("isn't empty", str(folder), "Name an empty folder with --publish: nothing is overwritten.")
        (folder / "index.html").touch()
    except OSError as error:
        raise UsageError(f"can't be written: {error.strerror}", str(folder), "Name another folder.") from None


@attrs.frozen(slots=False)
class _Tee:
    """Writes to a terminal, or what stands for one, and keeps what it writes."""

    out: TextIO
    kept: StringIO

    def write(self, text: str) -> int:
        """Write and keep."""
        self.kept.write(text)
        return self.out.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.out, name)
