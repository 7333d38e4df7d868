"""SIGTERM stops a run as Ctrl-C does, wherever it is; the run itself is stopped in test_sweep."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator

import pytest

from conformance import embedded
from conformance.commands.stopping import stoppable
from tests.conftest import Cloud, command
from tests.wrong_server import TINY


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Whatever a test does, signals are handled afterwards as before."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    assert signal.getsignal(signal.SIGTERM) == before


def terminate() -> None:
    """What a CI system or a container's end does."""
    os.kill(os.getpid(), signal.SIGTERM)


def ended(action: Callable[[], object]) -> int | str | None:
    """With what a command ends that does this."""
    with pytest.raises(SystemExit) as caught, stoppable():
        action()
    return caught.value.code


def test_sigterm_ends_with_143() -> None:
    """Whatever is going on ends, and the exit code is that of SIGTERM."""
    assert ended(terminate) == 143


def test_another_end_is_its_own() -> None:
    """Without the signal an exit code is what it is, and Ctrl-C is Ctrl-C."""
    assert [ended(lambda code=code: sys.exit(code)) for code in (0, 1, 130)] == [0, 1, 130]  # type: ignore[misc]
    with pytest.raises(KeyboardInterrupt), stoppable():
        raise KeyboardInterrupt


def test_who_cleans_up_is_let_be() -> None:
    """A second SIGTERM doesn't interrupt the cleaning up after the first, which may end as after Ctrl-C."""
    done = []

    def work() -> None:
        try:
            terminate()
        except KeyboardInterrupt:
            terminate()
            done.append("clean")
            sys.exit(130)

    assert (ended(work), done) == (143, ["clean"])


def test_a_cloud_that_is_being_booted_is_taken_down(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is stopped while it boots its cloud stops what it had begun to boot."""
    downs: list[str] = []
    monkeypatch.setattr(embedded, "up", lambda *_, **__: terminate())
    monkeypatch.setattr(embedded, "down", downs.append)

    stopped = command("run", "--embedded", "--name", "stopped", "--data", TINY)

    assert (stopped.code, downs) == (143, ["stopped"])
