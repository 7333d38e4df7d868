"""The floor that the hosts stand on: the first process of a namespace that holds the whole lab.

It makes the networks between the hosts and takes in what the hosts leave behind. When it is killed, the kernel ends
every process of the lab, and mounts and networks go with them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


def bridges(networks: list[dict[str, Any]]) -> str:
    """What ``ip -batch`` is told, to make a bridge for each network."""
    lines = ["link set lo up"]
    for network in networks:
        name = network["name"]
        lines += [f"link add {name} mtu {network['mtu']} type bridge", f"link set {name} up"]
        if network["floor"]:
            lines.append(f"addr add {network['floor']}/{network['prefix']} dev {name}")
    return "\n".join(lines) + "\n"


def main(folder: Path) -> None:
    """Make the networks, say so, and stay."""
    facts = json.loads((folder / "floor.json").read_text())
    command = ["chroot", facts["tree"], "/usr/sbin/ip", "-batch", "-"]
    subprocess.run(command, input=bridges(facts["networks"]), text=True, check=True, timeout=30)  # noqa: S603
    FORWARDING.write_text("1")
    (folder / "floor.ready").touch()
    reap()


def reap() -> None:
    """Take in ended processes, for ever."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            time.sleep(0.5)


if __name__ == "__main__":
    main(Path(sys.argv[1].removeprefix("--lab=")))
