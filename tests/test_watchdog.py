"""What ends a wait that nothing else would end."""

from __future__ import annotations

import os
import threading

import pytest

from conformance.watchdog import LOOK_SECONDS, Watchdog


@pytest.fixture
def ended() -> threading.Event:
    """Set by whatever ends a wait."""
    return threading.Event()


def test_a_wait_that_is_too_long(ended: threading.Event) -> None:
    """It is ended once its time is over."""
    with Watchdog().within(0.01, ended.set):
        assert ended.wait(10)


def test_a_wait_that_ends_by_itself(ended: threading.Event) -> None:
    """Nothing is done about it, then or later."""
    dog = Watchdog()
    with dog.within(LOOK_SECONDS / 2, ended.set):
        pass
    assert not ended.wait(2 * LOOK_SECONDS)


def test_one_that_can_not_be_ended(ended: threading.Event) -> None:
    """It keeps no other from its end."""
    dog = Watchdog()
    with dog.within(0, lambda: 1 / 0), dog.within(0, ended.set):
        assert ended.wait(10)


def test_a_process_that_was_forked(ended: threading.Event) -> None:
    """It has no thread of its parent, and watches all the same."""
    dog = Watchdog()
    with dog.within(60, ended.set):
        pid = os.fork()
        if not pid:
            with dog.within(0, ended.set):
                os._exit(not ended.wait(10))
    assert os.waitpid(pid, 0)[1] == 0
