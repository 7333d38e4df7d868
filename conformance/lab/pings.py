"""Pings a guest many times a second for as long as it is told to: what was lost, and the longest silence."""

from __future__ import annotations

import itertools
import os
import socket
import struct
import threading
import time
from collections.abc import Iterable
from typing import Any

import attrs

INTERVAL = 0.05
"""Seconds from one ping to the next: no silence is told more exactly."""
PATIENCE = 0.5
"""Seconds that an answer may take after the last ping."""
REQUEST, REPLY = 8, 0


def packet(mark: int, number: int) -> bytes:
    """An echo request, which comes back with its mark and its number."""
    unsummed = struct.pack("!BBHHH", REQUEST, 0, 0, mark, number)
    return struct.pack("!BBHHH", REQUEST, 0, _checksum(unsummed), mark, number)


def _checksum(even: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(even) // 2}H", even))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def answered(received: bytes, mark: int) -> int | None:
    """The number of the ping that an IP packet answers; None if it is no answer to ours."""
    begin = (received[0] & 15) * 4
    kind, _, _, its, number = struct.unpack_from("!BBHHH", received, begin)
    return number if kind == REPLY and its == mark else None


@attrs.define(slots=False)
class Pings:
    """Pings that go on in threads of their own from ``start`` to ``stop``. Takes root, as raw sockets do."""

    address: str
    sent: dict[int, float] = attrs.field(factory=dict)
    came: dict[int, float] = attrs.field(factory=dict)
    _over: threading.Event = attrs.field(factory=threading.Event)
    _threads: list[threading.Thread] = attrs.field(factory=list)

    def start(self) -> None:
        """Begin; OSError where raw sockets aren't allowed."""
        wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        wire.settimeout(PATIENCE)
        wire.connect((self.address, 0))
        self._threads = [threading.Thread(target=each, args=(wire,), daemon=True) for each in (self._send, self._hear)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> dict[str, Any]:
        """End; what came of it, as ``told`` has it."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        return told(self.sent, self.came.values())

    def _send(self, wire: socket.socket) -> None:
        begun = time.monotonic()
        for number in itertools.count():
            if self._over.wait(max(0.0, begun + number * INTERVAL - time.monotonic())):
                return
            self.sent[number] = time.time()
            try:
                wire.send(packet(os.getpid() & 0xFFFF, number & 0xFFFF))
            except OSError:
                continue  # nobody says where the address is, for now: a lost one

    def _hear(self, wire: socket.socket) -> None:
        while True:
            try:
                number = answered(wire.recv(2048), os.getpid() & 0xFFFF)
            except TimeoutError:
                if self._over.is_set():
                    return
                continue
            except OSError:
                continue  # what the way back says of a ping that found nobody
            if number is not None:
                self.came.setdefault(number, time.time())


def told(sent: dict[int, float], came: Iterable[float]) -> dict[str, Any]:
    """How many pings were sent and lost, and the longest silence (``gap``, in seconds) with when it was.

    What was never answered counts from the first ping, or to the last one.
    """
    heard = sorted(came)
    first, last = min(sent.values(), default=0.0), max(sent.values(), default=0.0)
    marks = [first, *heard, max([last, *heard])]
    begin, end = max(itertools.pairwise(marks), key=lambda pair: pair[1] - pair[0])
    silent = {"from": round(begin, 3), "until": round(end, 3)}
    return {"sent": len(sent), "lost": len(sent) - len(heard), "gap": round(end - begin, 3), "silent": silent}
