"""The ledger: what a run creates, on disk before it is asked for, so that nothing is left behind. Layer 3.

One file of JSON lines for each worker of a run: ``intend`` before the request, ``made`` when its answer told the path,
``gone`` when it was removed. A kill between the first two leaves an intention, which the sweep looks for by name.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import attrs

from conformance.errors import DataError, UsageError


@attrs.frozen
class Entry:
    """Something that was, or may have been, created. ``path`` is empty while only its ``name`` is known."""

    service: str
    path: str
    name: str
    number: int = 0
    template: str = ""
    find: Mapping[str, str] = attrs.field(factory=dict)
    within: float = 0.0
    remove: Mapping[str, Any] = attrs.field(factory=dict)
    release: Mapping[str, Any] = attrs.field(factory=dict)


def folder(cloud: str) -> Path:
    """Where the ledgers of runs against a cloud are: below CONFORMANCE_HOME, or the user's data folder."""
    home = os.environ.get("CONFORMANCE_HOME")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return (Path(home) if home else data / "microversion-conformance") / "ledgers" / (cloud or "environment")


@attrs.define
class Ledger:
    """The book of one worker. Open entries are those not known to be gone."""

    path: Path
    _open: dict[int, Entry] = attrs.field(factory=dict)
    _next: int = 0
    _file: IO[str] | None = None

    def intend(self, entry: Entry) -> int:
        """Write down what is about to be asked for; the number that it gets is needed later."""
        self._next += 1
        self._open[self._next] = attrs.evolve(entry, number=self._next)
        self._write({"intend": attrs.asdict(self._open[self._next])})
        return self._next

    def made(self, number: int, path: str) -> None:
        """Its answer told where it is."""
        self._open[number] = attrs.evolve(self._open[number], path=path)
        self._write({"made": number, "path": path})

    def gone(self, number: int) -> None:
        """It isn't there any more, or never was."""
        if self._open.pop(number, None):
            self._write({"gone": number})

    def gone_at(self, path: str) -> None:
        """The story itself removed what is at ``path``."""
        for entry in [entry for entry in self._open.values() if entry.path == path]:
            self.gone(entry.number)

    @property
    def mark(self) -> int:
        """The number of the newest entry: what comes later is numbered higher."""
        return self._next

    def open_since(self, mark: int = 0) -> list[Entry]:
        """What was written down after ``mark`` and is still there, the newest first, as it is to be removed."""
        return [self._open[number] for number in sorted(self._open, reverse=True) if number > mark]

    def close(self) -> None:
        """Let go of the file, and remove it if nothing is open."""
        if not self._open:
            self.path.unlink(missing_ok=True)
        self.let_go()

    def let_go(self) -> None:
        """Let others have the file."""
        if self._file:
            self._file.close()
            self._file = None

    def _write(self, record: Mapping[str, Any]) -> None:
        if self._file is None:
            self._file = hold(self.path)
        if self._file is None:
            raise UsageError("another run writes to this ledger", str(self.path), "Wait until it has ended.")
        self._file.write(json.dumps(record) + "\n")
        self._file.flush()


def hold(path: Path) -> IO[str] | None:
    """The file, open to be added to and locked as long as it is; None if a run that goes on holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def in_use(path: Path) -> bool:
    """Whether a run that goes on holds a ledger."""
    file = hold(path)
    if file:
        file.close()
    return file is None


def reopen(path: Path) -> Ledger:
    """The ledger of an earlier run; a last line that was cut short by a kill is taken off."""
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole, encoding="utf-8")
    opened: dict[int, Entry] = {}
    highest = 0
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            _follow(json.loads(line), opened)
        except (ValueError, KeyError, TypeError):
            remedy = "Remove by hand what the lines after it name, then delete the file."
            raise DataError("is no line of a ledger", f"{path}: line {number}", remedy) from None
        highest = max(highest, *opened, 0)
    return Ledger(path, opened, highest)


def _follow(record: Mapping[str, Any], opened: dict[int, Entry]) -> None:
    """Do to the open entries what a line says."""
    if "intend" in record:
        entry = Entry(**record["intend"])
        opened[entry.number] = entry
    elif "made" in record:
        opened[record["made"]] = attrs.evolve(opened[record["made"]], path=record["path"])
    else:
        opened.pop(record["gone"], None)
