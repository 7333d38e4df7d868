"""A command that is told to stop (SIGTERM) cleans up as it does after Ctrl-C. Layer 4."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
TERMINATED = 143


@contextmanager
def stoppable() -> Iterator[None]:
    """Within, SIGTERM is a KeyboardInterrupt, and an end with 130 that comes of it one with 143.

    A second one is ignored: what cleans up is let be. Whoever can't wait has SIGKILL, and ``conformance sweep``.
    """
    told = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        told = True
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as end:
        if told and (isinstance(end, KeyboardInterrupt) or end.code == INTERRUPTED):
            sys.exit(TERMINATED)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
