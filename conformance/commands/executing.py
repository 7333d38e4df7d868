"""A command of somebody else's: run with a deadline, ended with all that it started. Layer 4."""

from __future__ import annotations

import os
import signal
import subprocess
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
