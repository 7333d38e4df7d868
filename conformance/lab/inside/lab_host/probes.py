"""Ways to see that something is there: a port that answers, a file, a command that ends well."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECONDS = 10


def found(probe: dict[str, Any] | None) -> bool:
    """Whether a probe finds what it looks for; without one all is well."""
    if not probe:
        return True
    [(kind, target)] = probe.items()
    return PROBES[kind](target)


def _tcp(target: str) -> bool:
    address, _, port = target.partition(":")
    try:
        socket.create_connection((address, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def _path(target: str) -> bool:
    return Path(target).exists()


def _command(target: list[str]) -> bool:
    return _output(target) is not None


def _says(target: list[str]) -> bool:
    wanted, *command = target
    return wanted in (_output(command) or "")


def _output(command: list[str]) -> str | None:
    """What a command printed; None when it failed."""
    try:
        done = subprocess.run(  # noqa: S603 - the plan's own command
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout


PROBES: dict[str, Callable[[Any], bool]] = {"tcp": _tcp, "path": _path, "command": _command, "says": _says}
