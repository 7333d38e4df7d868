"""The first process of a host: it takes in ended processes, and its one child, the steward, starts all others."""

from __future__ import annotations

import os
import sys

from .steward import Steward


def main() -> None:
    """Stay for as long as the steward does; then the host is off, with all that runs on it."""
    steward = os.fork()
    if not steward:
        os.setsid()
        Steward.read().run()
        os._exit(0)
    while True:
        ended, status = os.wait()
        if ended == steward:
            sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
