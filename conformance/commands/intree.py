"""A gate's command: a project's own tests beside a cloud, and what became of them as results of ours. Layer 4."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import attrs
import click

from conformance import embedded, entries, evidence
from conformance.commands.executing import Ended, execute
from conformance.commands.stopping import INTERRUPTED
from conformance.errors import UsageError
from conformance.gate import Gate
from conformance.intree import Command
from conformance.report import foreign, results, subunit
from conformance.report.foreign import Test
from conformance.report.scrub import Scrub
from conformance.settings import Settings

LOGS = "logs"
_KEPT = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "TMPDIR", "TZ")
_LAST_WORDS = 2000


@attrs.frozen
class Bench:
    """Where a command runs: the project's tree, a Python that has what its tests require, and what is on its path."""

    tree: Path
    python: Path
    path: tuple[Path, ...]
    scratch: Path

    @property
    def places(self) -> dict[str, str]:
        """What stands for the places in the command's words."""
        named = {"tree": self.tree, "python": self.python, "scratch": self.scratch / "scratch", "results": self.results}
        return {name: str(path) for name, path in named.items()}

    @property
    def results(self) -> Path:
        """The file that the command writes if it is told so."""
        return self.scratch / "results"


@contextmanager
def bench(project: str, tree: Path | None, release: str | None, say: Callable[[str], None]) -> Iterator[Bench]:
    """A place for a project's tests: in that tree, or in the source of the release."""
    if tree and not tree.is_dir():
        raise UsageError("is no folder", str(tree), f"Name a tree of {project} with --tree.")
    folder = tree.resolve() if tree else embedded.tree(project, release, say)
    python = embedded.testbed(project, folder, release, say)
    scratch = Path(tempfile.mkdtemp(prefix="conformance-"))
    try:
        (scratch / "scratch").mkdir()
        path = tuple(embedded.metadata(project, folder, release, scratch / "metadata"))
        yield Bench(folder, python, path, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def perform(settings: Settings, gate: Gate, command: Command, there: Bench) -> int:
    """Run a gate's command and leave what became of its tests in the folder of the results; the exit code."""
    folder = settings.results
    shutil.rmtree(folder / LOGS, ignore_errors=True)
    (folder / LOGS).mkdir(parents=True)
    scrub, begun = Scrub.of(entries.secrets(settings.personas.values())), foreign.moment()
    printed = {name: there.scratch / name for name in ("stdout", "stderr")}
    click.echo(f"{command.project}: running its own tests in {there.tree}")
    ended = execute(
        command.words(there.places),
        folder=there.tree,
        environment=_environment(command, there, settings.cloud),
        within=command.within,
        out=printed["stdout"],
        err=printed["stderr"],
    )
    tests, unread = _read(command, printed["stdout"] if command.prints else there.results, begun)
    if command.prints:
        printed.pop("stdout")
    if words := _fault(command, ended, tests, unread):
        tests.append(_failed(command, words, begun, scrub, printed.values()))
    for name, path in _kept(command, there.tree, printed, begun).items():
        _copy(path, folder / LOGS / name, scrub)
    code = _report(settings, gate, [scrub.data(one.record(command.project, gate.name)) for one in tests])
    return INTERRUPTED if ended.interrupted else code


def _environment(command: Command, there: Bench, cloud: str) -> dict[str, str]:
    """What the command knows of its surroundings: the cloud by its entry, and none of our own secrets."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    paths = {
        "PATH": os.pathsep.join([str(there.python.parent), kept.get("PATH", os.defpath)]),
        "PYTHONPATH": os.pathsep.join(map(str, there.path)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    file = entries.file()
    known = {"OS_CLOUD": cloud, **({"OS_CLIENT_CONFIG_FILE": str(file)} if file else {})}
    return {**kept, **paths, **known, **command.variables(there.places)}


def _read(command: Command, path: Path, begun: datetime) -> tuple[list[Test], str]:
    """The tests, or why they can't be read."""
    try:
        return foreign.read(command.results, path, begun), ""
    except FileNotFoundError:
        return [], "it wrote no results"
    except ValueError as error:
        return [], f"its results can't be read as {command.results}: {error}"


def _fault(command: Command, ended: Ended, tests: Sequence[Test], unread: str) -> str:
    """Why what the command did proves nothing, whatever its tests say; nothing if it ran tests to their end."""
    outcomes = {one.outcome for one in tests}
    if ended.interrupted:
        return "it was interrupted"
    if ended.code is None:
        return f"it had not ended after {command.within:g} s, and was ended"
    how = f"it was killed by {signal.Signals(-ended.code).name}" if ended.code < 0 else f"it ended with {ended.code}"
    if unread or not tests:
        return f"{how}, and {unread or 'ran no test'}"
    if ended.code < 0 or (ended.code and "failed" not in outcomes):
        return f"{how}, though no test failed" if "failed" not in outcomes else how
    return "" if outcomes - {"skipped"} else f"each of its {len(tests)} tests was skipped"


def _failed(command: Command, words: str, begun: datetime, scrub: Scrub, printed: Iterable[Path]) -> Test:
    """The command as a test of its own that failed, with the last that it printed."""
    last = "\n".join(scrub.text(path.read_text(encoding="utf-8", errors="replace"))[-_LAST_WORDS:] for path in printed)
    said = f"{words}\n{last.strip()}" if last.strip() else words
    return Test(f"{command.project}.command", "failed", begun, (foreign.moment() - begun).total_seconds(), said)


def _kept(command: Command, tree: Path, printed: Mapping[str, Path], begun: datetime) -> dict[str, Path]:
    """What the command printed, and the logs that it wrote into the tree, by the names under which they are kept."""
    found = {f"{name}.txt": path for name, path in printed.items()}
    for pattern in command.logs:
        new = [path for path in tree.glob(pattern) if path.is_file() and path.stat().st_mtime > begun.timestamp() - 1]
        found |= {str(path.relative_to(tree)): path for path in new}
        if not new:
            click.echo(f"{command.project}: it wrote no log {pattern}", err=True)
    return found


def _copy(path: Path, kept: Path, scrub: Scrub) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(scrub.text(path.read_text(encoding="utf-8", errors="replace")), encoding="utf-8")


def _report(settings: Settings, gate: Gate, records: list[results.Record]) -> int:
    """Leave the results as every run does, and say what it came to."""
    folder = settings.results
    lines = "".join(f"{json.dumps(one)}\n" for one in records)
    (folder / "results.jsonl").write_text(lines, encoding="utf-8")
    attrs.evolve(settings, wanted=frozenset(one["id"] for one in records)).write(folder / "settings.json")
    foreign.write_junit(records, folder / "junit.xml")
    if settings.subunit:
        subunit.write(records, settings.subunit)
    totals = results.summary(records, planned=len(records))
    told = {**totals, "gate": evidence.told(gate, records, settings.missing)}
    (folder / "summary.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    click.echo(f"\n{results.text(records, totals, folder)}")
    for line in evidence.lines(gate, records, settings.missing):
        click.echo(line)
    return 1 if totals["outcomes"]["failed"] or not totals["ran"] else 0
