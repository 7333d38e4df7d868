"""Ends waits that nothing else would end, all of them from one thread: one for each costs more. Layer 0."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import attrs

LOOK_SECONDS = 0.25


@attrs.define(slots=False)
class Watchdog:
    """Looks a few times a second whether a wait has outlasted its time, and then does what was agreed on."""

    _waits: dict[int, tuple[float, Callable[[], object]]] = attrs.field(factory=dict)
    _numbers: Iterator[int] = attrs.field(factory=itertools.count)
    _thread: threading.Thread | None = None

    @contextmanager
    def within(self, seconds: float, otherwise: Callable[[], object]) -> Iterator[None]:
        """Do ``otherwise``, from another thread, if what is done here takes longer, up to one look."""
        number = next(self._numbers)
        self._waits[number] = (time.monotonic() + seconds, otherwise)
        self._be_awake()
        try:
            yield
        finally:
            self._waits.pop(number, None)

    def _be_awake(self) -> None:
        """Have a thread, which a process that was forked has lost."""
        if not (self._thread and self._thread.is_alive()):
            self._thread = threading.Thread(target=self._look, name="watchdog", daemon=True)
            self._thread.start()

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            now = time.monotonic()
            for number in [number for number, (until, _) in list(self._waits.items()) if until < now]:
                if wait := self._waits.pop(number, None):
                    with suppress(Exception):  # what can't be ended must not keep others from it
                        wait[1]()


WATCHDOG = Watchdog()
