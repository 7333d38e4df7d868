"""What a guest of a lab shows to who is on the lab's outer network; it has to run there.

``python -m conformance.lab.meter look ADDRESS TREE`` prints one look; ``watch`` one word at once, and when its input is
closed what it saw. Both are JSON, as the suite's hand on guests wants it.
"""

from __future__ import annotations

import http.client
import json
import select
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from conformance.errors import CloudError, ConformanceError

from .life import Life, disks
from .pings import Pings
from .topology import EXTERNAL, hosts

WITHIN = 170.0
"""Seconds within which a guest must have booted, or counted on; an emulated one on a busy machine takes its time."""
MOST = 9
"""So many computes can a lab have."""
SHUT = 8080
"""The guest listens there too, and no security group lets anybody in."""
ARP = Path("/proc/net/arp")


def look(address: str, tree: Path) -> dict[str, Any]:
    """A guest as it is now, once it has counted on; CloudError if it doesn't.

    ``host`` is the one that answers for its address on the wire.
    """
    life, heard, deadline = Life(), 0, time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        life.learn(fetch(address, "/log"))
        if life.last != heard:
            heard, deadline = life.last, time.monotonic() + WITHIN
        shown = disks(fetch(address, "/cgi-bin/disks") if life.goes_on else "", life)
        if shown["said"] and "-" not in shown["said"].values():
            return {**life.told(), **shown, "ports": {str(SHUT): port(address, SHUT)}, "host": host_of(address, tree)}
        time.sleep(0.3)
    words = f"it was last heard to count {life.last}" if life.last else "it does not answer"
    raise CloudError(f"the guest does not count on: {words}", address, "Look at its console.")


def watch(address: str) -> dict[str, Any]:
    """What is seen of a guest until nobody wants to know any more, and it has counted on."""
    pings, life = Pings(address), Life()
    pings.start()
    print("watching", flush=True)
    while not select.select([sys.stdin], [], [], 0.5)[0]:
        life.learn(fetch(address, "/log"))
    seen, deadline = pings.stop(), time.monotonic() + WITHIN
    before = life.last
    while life.last == before and time.monotonic() < deadline:
        life.learn(fetch(address, "/log"))
        time.sleep(0.3)
    return {**seen, **life.told()}


def fetch(address: str, path: str) -> str:
    """A page of the guest's; empty if none comes."""
    connection = http.client.HTTPConnection(address, 80, timeout=60 if "cgi" in path else 2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read().decode("ascii", "replace") if answer.status == 200 else ""
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


def port(address: str, number: int) -> str:
    """What a port does: ``open``, ``refused``, or ``silent`` as one that a security group keeps shut."""
    try:
        socket.create_connection((address, number), timeout=2).close()
    except TimeoutError:
        return "silent"
    except OSError:
        return "refused"
    return "open"


def host_of(address: str, tree: Path) -> str | None:
    """The host behind whose cable the address's MAC was seen last; None if it never was."""
    cells = [line.split() for line in ARP.read_text().splitlines()]
    macs = [row[3] for row in cells if row[0] == address and row[5] == EXTERNAL.name]
    command = ["chroot", str(tree), "/usr/sbin/bridge", "-json", "fdb", "show", "br", EXTERNAL.name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603
    return behind(macs, json.loads(done.stdout))


def behind(macs: list[str], table: list[dict[str, Any]]) -> str | None:
    """The host to whose cable the switch sends what is for a MAC."""
    cables = {f"{EXTERNAL.name}-{host.number}": host.name for host in hosts(MOST)}
    found = (cables.get(row["ifname"]) for row in table if row["mac"] in macs and "permanent" not in row.values())
    return next((host for host in found if host), None)


def main(action: str, address: str, tree: str) -> None:
    """Print what an action shows."""
    print(json.dumps(look(address, Path(tree)) if action == "look" else watch(address)))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except ConformanceError as error:
        sys.exit(str(error))
