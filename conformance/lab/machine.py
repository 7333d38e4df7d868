"""Says beforehand what a machine lacks for a lab, and what that costs: which gate loses which evidence."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import attrs

from conformance.embedded.places import home
from conformance.errors import CloudError

from .namespaces import OWN

MEMORY_MIB = 6144
DISK_MIB = 8192
ALL = "no gate can run on the lab"
MEETS = frozenset(
    {
        "two-computes",
        "host-control",
        "known-disks",
        "two-backends",
        "guest-network",
        "guest-meter",
        "guest-wire",
        "compute-host",
        "volume-pool",
    }
)
"""What every lab has, of all that gates need; a network may have more. The rest no machine makes up for."""


@attrs.frozen
class Fact:
    """Something that a lab needs, or that a gate needs of a lab: empty ``lacking`` says that it is there."""

    name: str
    needed: bool
    lacking: str
    costs: str
    remedy: str = ""

    @property
    def state(self) -> str:
        """``met``; ``missing`` where no lab can do without, else ``absent``."""
        return "met" if not self.lacking else "missing" if self.needed else "absent"


def check() -> list[Fact]:
    """Every fact about this machine."""
    return [
        Fact("root", True, _root(), ALL, "Run it as root."),
        Fact("mmdebstrap", True, _program("mmdebstrap"), ALL, "Install it: bindep.txt names it under the profile lab."),
        Fact("unshare", True, _program("unshare") or _program("nsenter"), ALL, "Install util-linux."),
        Fact("namespaces", True, _namespaces(), ALL, "Allow namespaces; in a container, run it privileged."),
        Fact("overlay", True, _file_system("overlay"), ALL, "Use a kernel with overlayfs."),
        Fact("tun", True, _device("/dev/net/tun"), ALL, "Use a kernel with tun."),
        Fact("memory", True, _memory(), ALL, f"Free {MEMORY_MIB} MiB."),
        Fact("disk", True, _disk(), ALL, "Set CONFORMANCE_HOME to a larger file system."),
    ]


def require(folder: Path) -> None:
    """CloudError with all that is missing, if anything is."""
    missing = [fact for fact in check() if fact.state == "missing"]
    if missing:
        rows = "\n".join(f"  {fact.name}: {fact.lacking}. {fact.remedy}" for fact in missing)
        remedy = "'conformance lab check' looks again."
        raise CloudError(f"this machine can't have a lab:\n{rows}", str(folder), remedy)


def require_root() -> None:
    """CloudError for anybody but root: nobody else can see what a lab is made of, let alone end it."""
    if lacking := _root():
        raise CloudError(f"a lab takes root, and {lacking}", remedy="Run it as root.")


def _root() -> str:
    return "" if os.geteuid() == 0 else "this is another user"


def _program(name: str) -> str:
    return "" if shutil.which(name) else f"no {name}"


def _device(path: str) -> str:
    return "" if Path(path).exists() else f"no {path}"


def _namespaces() -> str:
    if _root() or _program("unshare"):
        return "can't be tried"
    command = [*OWN, "--net", "--cgroup", "--mount-proc", "true"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    return done.stderr.strip()


def _file_system(name: str) -> str:
    known = Path("/proc/filesystems").read_text().split()
    return "" if name in known else f"the kernel has no {name} loaded"


def _memory() -> str:
    lines = Path("/proc/meminfo").read_text().splitlines()
    available = next(int(line.split()[1]) >> 10 for line in lines if line.startswith("MemAvailable:"))
    return "" if available >= MEMORY_MIB else f"{available} MiB are free of {MEMORY_MIB}"


def _disk() -> str:
    folder = next(place for place in (home(), *home().parents) if place.exists())
    free = shutil.disk_usage(folder).free >> 20
    return "" if free >= DISK_MIB else f"{free} MiB are free of {DISK_MIB} at {folder}"
