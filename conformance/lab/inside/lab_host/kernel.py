"""The calls of the kernel that Python lacks before 3.12: mounts, namespaces and the root of a process."""

from __future__ import annotations

import ctypes
import os
import platform
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
CLONE_NEWNET = 0x40000000
MNT_DETACH = 2
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC = 1, 2, 4, 32, 4096, 16384


def _call(what: str, result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(kind: str, target: Path, options: str = "", flags: int = 0, source: str = "") -> None:
    """Mount a file system; ``target`` is made where it is missing."""
    target.mkdir(parents=True, exist_ok=True)
    words = [(source or kind).encode(), str(target).encode(), kind.encode()]
    _call(f"mount {kind} on {target}", LIBC.mount(*words, ctypes.c_ulong(flags), options.encode()))


def bind(source: Path, target: Path, *, read_only: bool = False) -> None:
    """Show a file or folder at a second place, which is made where it is missing."""
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    words = [str(source).encode(), str(target).encode(), None]
    _call(f"bind {source} at {target}", LIBC.mount(*words, ctypes.c_ulong(MS_BIND | MS_REC), None))
    if read_only:
        flags = ctypes.c_ulong(MS_BIND | MS_REMOUNT | MS_RDONLY)
        _call(f"protect {target}", LIBC.mount(None, words[1], None, flags, None))


def leave_network() -> None:
    """Go into a new network of this process's own, which has no interface but a loopback that is down."""
    _call("unshare the network", LIBC.unshare(CLONE_NEWNET))


def change_root(root: Path) -> None:
    """Make ``root`` the root of this process's namespace and let go of the old one."""
    old = root / ".old"
    old.mkdir(exist_ok=True)
    words = [ctypes.c_char_p(str(root).encode()), ctypes.c_char_p(str(old).encode())]
    _call(f"pivot_root to {root}", LIBC.syscall(PIVOT_ROOT[platform.machine()], *words))
    os.chdir("/")
    _call("let go of the old root", LIBC.umount2(b"/.old", MNT_DETACH))
