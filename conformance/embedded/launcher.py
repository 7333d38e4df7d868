"""Starts the fork server and hears from it; kills it, and so the whole cloud, when the boot goes wrong."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conformance.errors import CloudError

from . import databases
from .blueprint import INSIDE, Blueprint
from .processes import Process

KEPT = ("HOME", "LANG", "LC_ALL", "TMPDIR", "USER", "LOGNAME")
"""What of the caller's environment the services get to see: no credentials, no proxies."""
TAIL_LINES = 15


class Launcher:
    """The fork server of one boot."""

    def __init__(self, blueprint: Blueprint, sockets: Mapping[str, socket.socket]) -> None:
        self._blueprint = blueprint
        numbers = {name: reserved.fileno() for name, reserved in sockets.items()}
        python = blueprint.environment / "bin" / "python"
        with blueprint.log("launcher").open("w") as log:
            self.process = subprocess.Popen(  # noqa: S603 - a command of our own making
                [python, "-m", "embedded_cloud.launch", blueprint.folder, json.dumps(numbers)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(blueprint),
                cwd=blueprint.folder,
                pass_fds=tuple(numbers.values()),
                start_new_session=True,
            )
        self._lines = b""
        if known := Process.of(self.process.pid):
            (blueprint.folder / "launcher.json").write_text(json.dumps([known.pid, known.started]))

    def hear(self, seconds: float) -> list[dict[str, Any]]:
        """The events of the next so many seconds, or less; CloudError when one says that a service ended or can't."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        if not ready:
            return []
        heard = os.read(self.process.stdout.fileno(), 65536)
        if not heard:
            raise self._ended("launcher", self.process.wait())
        *lines, self._lines = (self._lines + heard).split(b"\n")
        events = [json.loads(line) for line in lines]
        for event in events:
            if event["event"] == "refused":
                raise databases.refusal(self._blueprint.settings.database, event["fault"], event["remedy"])
            if event["event"] == "ended":
                raise self._ended(event["service"], event["status"])
        return events

    def _ended(self, service: str, status: int) -> CloudError:
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        return failure(self._blueprint, service, f"{service} ended {how} while the cloud booted")

    def release(self) -> None:
        """Let the cloud outlive this process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"release\n")
        self.process.stdin.close()
        self.process.stdout.close()
        # The cloud now belongs to nobody; without this the interpreter would warn that a child still runs.
        self.process.returncode = 0


def environment(blueprint: Blueprint) -> dict[str, str]:
    """The environment of the services."""
    path = [INSIDE, blueprint.folder / "python", *blueprint.settings.sources.values(), *blueprint.drivers]
    return {name: os.environ[name] for name in KEPT if name in os.environ} | {
        "PATH": f"{blueprint.environment / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": ":".join(map(str, path)),
        "PYTHONNOUSERSITE": "1",
        # Neither a checkout nor this package gets compiled files put into it.
        "PYTHONPYCACHEPREFIX": str(blueprint.environment / "cache" / "bytecode"),
        "PYTHONWARNINGS": "ignore",
        "XDG_CACHE_HOME": str(blueprint.environment / "cache"),
    }


def failure(blueprint: Blueprint, service: str, what: str) -> CloudError:
    """An error with the end of a service's log."""
    log = blueprint.log(service)
    return CloudError(
        f"{what}:\n{last_words(log)}", str(log), "Read the log; `--source` or the release may be at fault."
    )


def last_words(log: Path) -> str:
    """The last traceback of a log, as far as it was the end of it; else the last lines."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    starts = [number for number, line in enumerate(lines) if "Traceback (most recent call last)" in line]
    kept = lines[starts[-1] :] if starts else lines
    return "\n".join(kept[-TAIL_LINES:])


def end(folder: Path, *, patience: float = 10) -> None:
    """End the cloud in ``folder``, if it runs: its fork server kills the rest, and is killed if it does not."""
    server = of(folder)
    if server is None:
        return
    server.send(signal.SIGTERM)
    if not server.await_end(patience):
        # The group still is the server's, for the server still runs.
        os.killpg(server.pid, signal.SIGKILL)
    server.await_end(patience)


def of(folder: Path) -> Process | None:
    """The running fork server of a cloud."""
    try:
        server = Process(*json.loads((folder / "launcher.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return server if server.alive else None


def until(done: Callable[[], str | None], deadline: float, launcher: Launcher) -> str | None:
    """Ask until ``done`` complains no more; its last complaint when the deadline passes."""
    while complaint := done():
        if time.monotonic() > deadline:
            return complaint
        launcher.hear(0.2)
    return None
