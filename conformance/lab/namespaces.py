"""Starts, finds, enters and kills what a lab runs in: its floor and its hosts, each known by the words of its command.

Nothing is remembered in a file, so nothing that was started can be lost: all that belongs to a lab is found by
``--lab=FOLDER`` among its words, and dies with the floor.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from conformance.embedded.processes import Process
from conformance.errors import CloudError

INSIDE = Path(__file__).with_name("inside")
FLOOR = "floor"
OWN = ["unshare", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child=KILL", "--propagation", "private"]
PATH = "/opt/os/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "PYTHONPATH": "/opt/lab", "PYTHONWARNINGS": "ignore"}
END_SECONDS = 20
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
"""``os.setns`` came with Python 3.12."""


def python(module: str, *words: str) -> list[str]:
    """A command that runs one of our own modules in this machine's Python."""
    return [sys.executable, "-s", "-m", f"lab_host.{module}", *words]


def mark(folder: Path) -> str:
    """The word by which all that belongs to a lab is known."""
    return f"--lab={folder}"


def _spawn(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start what is to outlive this process."""
    environment = {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "PYTHONPATH": str(INSIDE)}
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - a command of our own making
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
            start_new_session=True,
        )


def start_floor(folder: Path, seconds: float = 30) -> None:
    """Start the floor and return when its networks are there."""
    (folder / "floor.ready").unlink(missing_ok=True)
    command = [*OWN, "--net", "--mount-proc", *python(FLOOR, mark(folder), FLOOR)]
    _started(_spawn(command, folder / "floor.log"), folder / "floor.ready", folder / "floor.log", seconds)


def start_host(folder: Path, name: str, seconds: float = 30) -> None:
    """Start a host on the floor and return when its first process has a plan to work at."""
    floor = inhabitants(folder).get(FLOOR)
    if floor is None:
        raise CloudError("the lab has no floor", str(folder), "Take it down and boot it again.")
    own = folder / "hosts" / name
    (own / "lab" / "state.json").unlink(missing_ok=True)
    command = [*_into(floor.pid), *OWN, "--cgroup", *python("enter", mark(folder), name)]
    _started(_spawn(command, own / "boot.log"), own / "lab" / "state.json", own / "boot.log", seconds)


def _started(process: subprocess.Popen[bytes], sign: Path, log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not sign.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            words = log.read_text(errors="replace")[-1500:]
            raise CloudError(f"did not start:\n{words}", str(log), "Does 'conformance lab check' find all it needs?")
        time.sleep(0.02)
    # It now belongs to nobody; without this the interpreter would warn that a child still runs.
    process.returncode = 0


def _into(pid: int) -> list[str]:
    return ["nsenter", f"--target={pid}", "--mount", "--uts", "--ipc", "--net", "--pid", "--"]


@contextmanager
def joined(pid: int) -> Iterator[None]:
    """Within, this thread and all that it starts are on the network of a process."""
    with Path("/proc/thread-self/ns/net").open() as own, Path(f"/proc/{pid}/ns/net").open() as other:
        _enter(other)
        try:
            yield
        finally:
            _enter(own)


def _enter(network: TextIO) -> None:
    if LIBC.setns(network.fileno(), CLONE_NEWNET):
        number = ctypes.get_errno()
        raise CloudError(f"can't enter a network: {os.strerror(number)}", network.name, "Run it as root.")


def command_in(folder: Path, name: str, command: Sequence[str]) -> list[str]:
    """What runs a command on a host."""
    host = inhabitants(folder).get(name)
    if host is None:
        raise CloudError(f"the host {name} is off", str(folder), f"'conformance lab start {name}' starts it.")
    return ["nsenter", f"--target={host.pid}", "--all", "--", "env", "-i", *_assignments(ENVIRONMENT), *command]


def _assignments(values: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in values.items()]


def belonging(folder: Path) -> Iterator[tuple[int, list[str]]]:
    """Every process with a lab's mark, and its words."""
    wanted = mark(folder)
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_text(errors="replace").split("\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if wanted in words:
                yield int(entry.name), words


def inhabitants(folder: Path) -> dict[str, Process]:
    """The first process of the floor and of each host that is on, by name."""
    found = {}
    for pid, words in belonging(folder):
        if _is_first(pid) and (process := Process.of(pid)):
            found[words[words.index(mark(folder)) + 1]] = process
    return found


def _is_first(pid: int) -> bool:
    """Whether it is the first process of a namespace of processes."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return False
    numbers = next((line.split()[1:] for line in lines if line.startswith("NSpid:")), ["0"])
    return len(numbers) > 1 and numbers[-1] == "1"


def kill(process: Process) -> None:
    """Kill a first process, and with it all that runs in its namespace; return when it is gone."""
    process.send(signal.SIGKILL)
    if not process.await_end(END_SECONDS):
        raise CloudError(f"process {process.pid} does not end", f"/proc/{process.pid}", "Look at its state there.")


def kill_all(folder: Path) -> None:
    """Kill all that belongs to a lab, the floor first; return when nothing does."""
    deadline = time.monotonic() + END_SECONDS
    while pids := [pid for pid, _ in belonging(folder)]:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if time.monotonic() > deadline:
            raise CloudError(f"processes {pids} do not end", str(folder), "Look at their state in /proc.")
        time.sleep(0.05)


def borrow(tree: Path, shown: Mapping[str, str], command: Sequence[str]) -> list[str]:
    """What runs a command in a tree, with files of this machine shown in it; all of it dies with its first process."""
    return [*OWN, *python("borrow", str(tree), json.dumps(dict(shown)), *command)]
