"""Processes known by id and start time, so that a recycled id is never taken for one of ours."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import attrs

TICKS = os.sysconf("SC_CLK_TCK")


@attrs.frozen
class Process:
    """A process; ``started`` is in clock ticks since the machine's boot."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """The process that has this id now; None when there is none or it is a zombie."""
        try:
            state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if state in "ZX" else cls(pid, int(fields[18]))

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return Process.of(self.pid) == self

    @property
    def memory_mib(self) -> int:
        """Resident memory, what it shares with others included."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE") >> 20

    @property
    def uptime_seconds(self) -> int:
        """How long it has run."""
        return int(time.clock_gettime(time.CLOCK_BOOTTIME) - self.started / TICKS)

    def send(self, number: signal.Signals) -> None:
        """Signal it, if it still is the same process."""
        if self.alive:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def await_end(self, seconds: float) -> bool:
        """Whether it ended within that time."""
        deadline = time.monotonic() + seconds
        while self.alive and time.monotonic() < deadline:
            time.sleep(0.02)
        return not self.alive
