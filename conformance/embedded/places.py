"""Where the embedded clouds keep their files, and the locks on them."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tenacity import RetryError, retry, retry_if_exception_type, stop_after_delay, wait_fixed

from conformance.errors import CloudError, UsageError

AWKWARD = re.compile(r"[$%?#:\n]")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")


def home() -> Path:
    """``CONFORMANCE_HOME``, or this program's folder among the user's data."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    chosen = os.environ.get("CONFORMANCE_HOME") or Path(data, "microversion-conformance")
    folder = Path(chosen).absolute()
    if AWKWARD.search(str(folder)):
        remedy = "Set CONFORMANCE_HOME to a folder without $, %, ?, # and colons."
        raise UsageError("the services' configuration can't name this folder", str(folder), remedy)
    return folder


def cloud_folder(name: str) -> Path:
    """The folder of a cloud, which may not exist; UsageError for a name that can't be one."""
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} can't be a cloud's name", remedy="Use lower-case letters, digits and hyphens, at most 31."
        )
    return home() / "clouds" / name


@contextmanager
def locked(file: Path, seconds: float, doing: str) -> Iterator[None]:
    """Hold a lock between processes; it goes with the process, so a crash leaves none behind."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        try:
            _acquire(handle, seconds)
        except RetryError:
            remedy = "Wait for it, or end it, and try again."
            raise CloudError(f"another process is {doing} and did not finish", str(file), remedy) from None
        yield


def _acquire(handle: IO[str], seconds: float) -> None:
    attempt = retry(
        retry=retry_if_exception_type(BlockingIOError), stop=stop_after_delay(seconds), wait=wait_fixed(0.2)
    )
    attempt(fcntl.flock)(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
