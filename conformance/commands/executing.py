"""A command of somebody else's: run with a deadline, ended with all that it started. Layer 4."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import attrs

from conformance.embedded.environment import die_with_parent
from conformance.errors import UsageError

GRACE_SECONDS = 10


@attrs.frozen
class Ended:
    """How a command ended: its exit code, negative for a signal, or None if it had to be ended."""

    code: int | None
    interrupted: bool = False


def execute(
    words: Sequence[str], *, folder: Path, environment: Mapping[str, str], within: float, out: Path, err: Path
) -> Ended:
    """Run a command in a folder for ``within`` seconds at most; what it prints goes to two files.

    Nothing that it started in its process group is left, whatever ends it. UsageError if it can't be started.
    """
    with out.open("wb") as stdout, err.open("wb") as stderr:
        try:
            process = subprocess.Popen(  # noqa: S603 - what the gate says, on behalf of who runs it
                words,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads here
            )
        except OSError as error:
            raise UsageError(f"can't be run: {error.strerror}", words[0], "Mend the command of the gate.") from None
        try:
            return Ended(process.wait(within))
        except subprocess.TimeoutExpired:
            return Ended(None)
        except KeyboardInterrupt:
            return Ended(None, interrupted=True)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole group; who doesn't listen is killed."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(GRACE_SECONDS)
    deadline = time.monotonic() + GRACE_SECONDS
    while _lives(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)


def _lives(group: int) -> bool:
    """Whether somebody of a process group isn't dead yet: who is killed takes a moment to die."""
    return any(_group(stat) == str(group) for stat in Path("/proc").glob("[0-9]*/stat"))


def _group(stat: Path) -> str:
    """The group of a process; none of one that is dead, whether it was buried or not."""
    try:
        state, _, group = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:3]
    except OSError:
        return ""
    return "" if state in "ZX" else group
