"""The guest that a lab boots: its first root, and its kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.lab.inside.lab_host import guest, images, outwards
from conformance.lab.namespaces import INSIDE
from conformance.lab.topology import BOOTS, IMAGES


def test_an_archive_is_what_a_kernel_unpacks() -> None:
    """Each entry begins at a multiple of four with the magic number, and a trailer ends it."""
    made = guest.archive(iter([("init", 0o100755, b"#!/bin/sh")]))
    assert len(made) % 4 == 0
    assert made.count(b"070701") == 2
    assert made[110:114] == b"init"
    assert int(made[54:62], 16) == len("#!/bin/sh")
    assert b"TRAILER!!!" in made


def test_the_first_root_has_all_that_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules come in their order, and every word that the guest's script runs is there."""
    for name in ("virtio", "virtio_ring"):
        (tmp_path / f"{name}.ko").write_bytes(b"module")
    (tmp_path / "busybox").touch()
    monkeypatch.setattr(guest, "BUSYBOX", tmp_path / "busybox")
    paths = [path for path, _, _ in guest.entries(tmp_path, INSIDE / "guest")]
    assert paths[-2:] == ["lib/modules/00-virtio.ko", "lib/modules/01-virtio_ring.ko"]
    assert {"init", "bin/lease", "bin/udhcpc", "bin/httpd", "bin/dd"} <= set(paths)


def test_the_way_out() -> None:
    """Floating IPs are of the outer network, beside the addresses of the floor and of the hosts on it."""
    made = outwards.subnet("n", "172.24.4", 1)
    assert (made["cidr"], made["gateway_ip"]) == ("172.24.4.0/24", "172.24.4.1")
    assert made["allocation_pools"] == [{"start": "172.24.4.100", "end": "172.24.4.249"}]


def test_a_kernel_passes_for_no_disk() -> None:
    """The mark of a boot sector is taken out, and nothing else."""
    kernel = bytes(range(256)) * 3
    made = guest.bootable(kernel)
    assert (made[510:512], len(made)) == (b"\0\0", len(kernel))
    assert made[:510] + made[512:] == kernel[:510] + kernel[512:]


def test_nova_is_told_how_the_guest_starts() -> None:
    """Of the disk glance is told which kernel and root go with it, and of those that they are what they are."""
    facts = {"images": IMAGES, "boots": BOOTS}
    disk, kernel = images.registration("guest", facts), images.registration("guest-kernel", facts)
    assert (disk["kernel_id"], disk["ramdisk_id"]) == (kernel["id"], IMAGES["guest-root"])
    assert (kernel["disk_format"], "kernel_id" in kernel) == ("aki", False)
