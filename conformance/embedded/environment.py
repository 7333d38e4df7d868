"""The services' own virtual environment: one per lock file and Python, shared by all clouds; drivers beside it."""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from conformance.errors import CloudError

from . import databases
from .places import home, locked
from .release import Release

PR_SET_PDEATHSIG = 1
INSTALL_SECONDS = 1200
DONE = "complete"


def prepare(release: Release, say: Callable[[str], None]) -> Path:
    """The environment of a release, installed unless it is; an interrupted installation starts afresh."""
    folder = home() / "venvs" / release.digest
    if (folder / DONE).exists():
        return folder
    with locked(folder.with_suffix(".lock"), INSTALL_SECONDS, f"installing OpenStack {release.name}"):
        if not (folder / DONE).exists():
            say(f"installing OpenStack {release.name} into {folder}")
            shutil.rmtree(folder, ignore_errors=True)
            _install(release, folder)
            (folder / DONE).touch()
    return folder


def prepare_driver(installed: Path, url: str, say: Callable[[str], None]) -> None:
    """Install the driver of a database beside an environment, which stays as it is for the clouds that do without."""
    pin, folder = databases.pin(url), databases.driver(installed, url)
    with locked(folder.with_name(f"{folder.name}.lock"), INSTALL_SECONDS, f"installing {pin}"):
        if not folder.exists():
            say(f"installing {pin} into {folder}")
            draft = folder.with_name(f"{folder.name}.new")
            shutil.rmtree(draft, ignore_errors=True)
            run(driver_command(installed, pin, draft, uv()), folder.with_name(f"{folder.name}.log"))
            draft.rename(folder)


def _install(release: Release, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    log = folder.with_suffix(".log")
    log.unlink(missing_ok=True)
    for command in commands(release, folder, uv()):
        run(command, log)


def uv() -> list[str]:
    """How to call uv; nothing when there is none."""
    if found := shutil.which("uv"):
        return [found]
    return [sys.executable, "-m", "uv"] if importlib.util.find_spec("uv") else []


def commands(release: Release, folder: Path, uv: list[str]) -> list[list[str]]:
    """What makes the environment. The lock is complete, so nothing is resolved."""
    python, lock = str(folder / "bin" / "python"), str(release.lock)
    if not uv:
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
        return [[sys.executable, "-m", "venv", str(folder)], [*pip, "--no-deps", "-r", lock]]
    make = [*uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(folder)]
    return [make, [*uv, "pip", "install", "--quiet", "--no-deps", "--python", python, "-r", lock]]


def driver_command(installed: Path, pin: str, folder: Path, uv: list[str]) -> list[str]:
    """What installs a driver into a folder of its own; neither of ours depends on anything."""
    python = str(installed / "bin" / "python")
    install = [*uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install", "--no-compile"]
    return [*install, "--quiet", "--no-deps", "--target", str(folder), pin]


def run(command: list[str], log: Path) -> None:
    """Run what installs or fetches, with its words in a log; CloudError with the last of them if it fails."""
    with log.open("a") as output:
        try:
            done = subprocess.run(  # noqa: S603 - a command of our own making
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=INSTALL_SECONDS,
                preexec_fn=die_with_parent,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CloudError(f"installing took over {INSTALL_SECONDS} s", str(log), "Is the index reachable?") from None
    if done.returncode:
        tail = "\n".join(log.read_text().splitlines()[-10:])
        remedy = "Is the package index reachable, and does it have these versions for this Python?"
        raise CloudError(f"installing failed:\n{tail}", str(log), remedy)


def die_with_parent() -> None:
    """In a child before it executes: have it end when this process does."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
