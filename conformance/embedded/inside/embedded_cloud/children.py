"""Children of the fork server: each in its own log, none outliving the server."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1


def fork(title: str, log: Path, body: Callable[[], None]) -> int:
    """The process id of a child that runs ``body`` and exits: 0 when it returns, 1 when it raises."""
    server = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        _become_child(server, title, log)
        body()
        status = 0
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _become_child(server: int, title: str, log: Path) -> None:
    _die_with(server)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    _redirect(log)
    sys.argv = [title]
    set_title(title)


def started(pid: int) -> int:
    """When a process started, in clock ticks since the machine did: with it, an id names one process for good."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def _die_with(server: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != server:  # it died before the line above
        os._exit(1)


def _redirect(log: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)


def set_title(title: str) -> None:
    """Show a process under this title, where a release brings what that takes."""
    try:
        from setproctitle import setproctitle  # noqa: PLC0415 - may be missing
    except ImportError:
        return
    setproctitle(title)
