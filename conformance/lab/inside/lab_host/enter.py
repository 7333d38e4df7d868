"""Becomes a host: its own root, devices and network, then the first process in it.

It is started in namespaces of its own, all but the network's, which it makes itself to keep a hand on the floor's.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import kernel

DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "net/tun", "fuse", "kvm")
LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}
PATH = "/opt/os/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def ports(facts: dict[str, Any], pid: int) -> str:
    """What ``ip -batch`` is told on the floor: a cable from each of its networks to a card of this host."""
    lines = []
    for card in facts["cards"]:
        cable = f"{card['network']}-{facts['number']}"
        lines += [
            f"link add {cable} mtu {card['mtu']} type veth peer name {card['name']} mtu {card['mtu']} netns {pid}",
            f"link set {cable} master {card['network']} up",
        ]
    return "\n".join(lines) + "\n"


def cards(facts: dict[str, Any]) -> str:
    """What ``ip -batch`` is told on the host."""
    lines = ["link set lo up"]
    for card in facts["cards"]:
        lines.append(f"link set {card['name']} up")
        if card["address"]:
            lines.append(f"addr add {card['address']} dev {card['name']}")
    return "\n".join([*lines, f"route add default via {facts['gateway']}"]) + "\n"


def main(folder: Path, name: str) -> None:
    """Become the host of that name."""
    facts = json.loads((folder / "hosts" / name / "host.json").read_text())
    own, root = folder / "hosts" / name, folder / "hosts" / name / "root"
    socket.sethostname(name)
    _disk(own, root, facts["layers"])
    _connect(facts, root)
    kernel.mount("sysfs", root / "sys")
    _devices(root / "dev")
    kernel.mount("tmpfs", root / "run", "mode=755")
    (root / "run" / "lock").mkdir()
    kernel.bind(own / "lab", root / "lab")
    for place, source in facts["shown"].items():
        kernel.bind(Path(source), root / place.lstrip("/"), read_only=True)
    kernel.change_root(root)
    environment = {
        "PATH": PATH,
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "PYTHONPATH": facts["path"],
        "PYTHONWARNINGS": "ignore",
    }
    command = ["python3", "-m", "lab_host.init", f"--lab={folder}", name]
    os.execve("/usr/bin/python3", command, environment)  # noqa: S606


def _disk(own: Path, root: Path, layers: list[str]) -> None:
    """The host's own disk over what it shares; volatile, for a lab needn't outlive its machine."""
    shutil.rmtree(own / "work", ignore_errors=True)
    for folder in (own / "work", own / "upper"):
        folder.mkdir(exist_ok=True)
    options = f"lowerdir={':'.join(layers)},upperdir={own / 'upper'},workdir={own / 'work'},volatile"
    kernel.mount("overlay", root, options)
    kernel.mount("proc", root / "proc")


def _connect(facts: dict[str, Any], root: Path) -> None:
    floor = os.open("/proc/self/ns/net", os.O_RDONLY)
    kernel.leave_network()
    there = ["nsenter", f"--net=/proc/self/fd/{floor}"]
    for prefix, batch in ((there, ports(facts, os.getpid())), ([], cards(facts))):
        command = [*prefix, "chroot", str(root), "/usr/sbin/ip", "-batch", "-"]
        subprocess.run(command, input=batch, text=True, check=True, timeout=30, pass_fds=[floor])  # noqa: S603
    os.close(floor)
    (root / "proc/sys/net/ipv4/ip_forward").write_text("1")


def _devices(dev: Path) -> None:
    kernel.mount("tmpfs", dev, "mode=755")
    for name in DEVICES:
        if Path("/dev", name).exists():
            kernel.bind(Path("/dev", name), dev / name)
    kernel.mount("devpts", dev / "pts", "newinstance,ptmxmode=0666,mode=620")
    kernel.mount("tmpfs", dev / "shm", "mode=1777")
    (dev / "ptmx").symlink_to("pts/ptmx")
    for name, target in LINKS.items():
        (dev / name).symlink_to(target)


if __name__ == "__main__":
    main(Path(sys.argv[1].removeprefix("--lab=")), sys.argv[2])
