"""Makes the guest in the tree: Debian's kernel, as it is unpacked there, and a root in memory that is busybox."""

from __future__ import annotations

import gzip
import lzma
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path("/opt/guest")
BUSYBOX = Path("/usr/bin/busybox")
# In this order: each needs those before it. One that isn't there is in the kernel itself.
MODULES = (
    "virtio",
    "virtio_ring",
    "virtio_pci_legacy_dev",
    "virtio_pci_modern_dev",
    "virtio_pci",
    "failover",
    "net_failover",
    "virtio_net",
    "virtio_blk",
    "af_packet",
)
APPLETS = "cat cut dd echo grep httpd insmod ip mkdir mount printf rm seq sha256sum sh sleep sync tee tr udhcpc"
SIGNATURE = slice(510, 512)
Entry = tuple[str, int, bytes]
"""A path, a mode with its kind, and what is in it."""


def entries(kernel: Path, scripts: Path) -> Iterator[Entry]:
    """Everything in the guest's root."""
    for folder in ("bin", "dev", "lib", "lib/modules", "proc", "said", "sys", "tmp", "www", "www/cgi-bin"):
        yield folder, 0o40755, b""
    yield "bin/busybox", 0o100755, BUSYBOX.read_bytes()
    for applet in APPLETS.split():
        yield f"bin/{applet}", 0o120777, b"busybox"
    yield "init", 0o100755, (scripts / "init").read_bytes()
    yield "bin/lease", 0o100755, (scripts / "lease").read_bytes()
    for place in ("bin/pattern", "www/cgi-bin/disks"):
        yield place, 0o100755, (scripts / "pattern").read_bytes()
    for number, name in enumerate(MODULES):
        for file in kernel.rglob(f"{name}.ko*"):
            content = lzma.decompress(file.read_bytes()) if file.suffix == ".xz" else file.read_bytes()
            yield f"lib/modules/{number:02}-{name}.ko", 0o100644, content


def archive(found: Iterator[Entry]) -> bytes:
    """The entries in the form that a kernel unpacks."""
    parts = []
    for number, (path, mode, content) in enumerate([*found, ("TRAILER!!!", 0, b"")]):
        fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(path) + 1, 0]
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + path.encode() + b"\0"
        parts += [_padded(head), _padded(content)]
    return b"".join(parts)


def _padded(part: bytes) -> bytes:
    return part + bytes(-len(part) % 4)


def bootable(kernel: bytes) -> bytes:
    """The kernel without the mark of a boot sector, by which it would be taken for a disk with a partition table."""
    unmarked = bytearray(kernel)
    unmarked[SIGNATURE] = bytes(2)
    return bytes(unmarked)


def main(scripts: Path) -> None:
    """Write the kernel and its first root."""
    [kernel] = (FOLDER / "unpacked" / "boot").glob("vmlinuz-*")
    (FOLDER / "kernel").write_bytes(bootable(kernel.read_bytes()))
    (FOLDER / "root").write_bytes(gzip.compress(archive(entries(FOLDER / "unpacked", scripts)), 1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
