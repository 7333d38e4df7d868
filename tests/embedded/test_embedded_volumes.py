"""Backups and snapshots really hold the data: what comes out of them is compared byte by byte."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from conformance import embedded
from tests.embedded.conftest import booted, connect

pytestmark = pytest.mark.cloud

MIB = 1 << 20


@pytest.fixture(scope="module")
def cloud(warm_home: Path) -> Iterator[embedded.Cloud]:
    """A cloud with what cinder needs."""
    with booted(warm_home, "volumes", "cinder", "glance") as cloud:
        yield cloud


@pytest.fixture(scope="module")
def admin(cloud: embedded.Cloud) -> Any:
    """The administrator of the cloud."""
    return connect(cloud)


@pytest.fixture(scope="module")
def image(admin: Any) -> Any:
    """An image that nobody can boot."""
    return admin.create_image("picture", data=b"picture" * 1000, disk_format="raw", container_format="bare", wait=True)


@pytest.fixture
def volume(admin: Any, cloud: embedded.Cloud, image: Any) -> Any:
    """A volume with something at its beginning, across the border of two chunks, and at its very end."""
    made = admin.create_volume(1, image=image.id, volume_type="backend-a", wait=True)
    write(cloud, made, {16 * MIB - 3: b"border", 1024 * MIB - 3: b"end"})
    return made


def file_of(cloud: embedded.Cloud, volume: Any) -> Path:
    """Where a backend keeps a volume."""
    [found] = cloud.folder.glob(f"state/cinder/backend-*/volume-{volume.id}")
    return found


def write(cloud: embedded.Cloud, volume: Any, pieces: dict[int, bytes]) -> None:
    """Change a volume at these offsets, as a server to which it is attached would."""
    with file_of(cloud, volume).open("r+b") as file:
        for offset, data in pieces.items():
            file.seek(offset)
            file.write(data)


def read(cloud: embedded.Cloud, volume: Any) -> dict[int, bytes]:
    """Each MiB that isn't all zeros by its number, and the size in MiB at -1."""
    held, after = {}, 0
    with file_of(cloud, volume).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        while after < size and (after := hole_passed(file, after)) < size:
            file.seek(after - after % MIB)
            held[after // MIB] = file.read(MIB)
            after = file.tell()
    return {-1: b"%d" % (size // MIB), **{number: data for number, data in held.items() if data.strip(b"\0")}}


def hole_passed(file: IO[bytes], offset: int) -> int:
    """Where there are data next; a volume's file is nearly all hole."""
    try:
        return os.lseek(file.fileno(), offset, os.SEEK_DATA)
    except OSError:
        return file.seek(0, os.SEEK_END)


def back_up(admin: Any, volume: Any, **more: Any) -> Any:
    """A backup that is complete."""
    return admin.create_volume_backup(volume.id, wait=True, timeout=60, **more)


def restore(admin: Any, backup: Any, onto: Any) -> Any:
    """The volume that a backup was restored to."""
    answer = admin.block_storage.restore_backup(backup.id, volume_id=onto and onto.id, name="restored")
    restored = admin.block_storage.get_volume(answer.volume_id)
    return admin.block_storage.wait_for_status(restored, "available", ["error_restoring"], interval=0.3, wait=60)


def test_a_new_volume_gets_what_was_backed_up(admin: Any, cloud: embedded.Cloud, volume: Any) -> None:
    """Also where it came from an image, and up to the last byte."""
    held = read(cloud, volume)
    backup = back_up(admin, volume)
    assert sorted(held) == [-1, 0, 15, 16, 1023]
    assert held[0].startswith(b"picturepicture")
    assert read(cloud, restore(admin, backup, None)) == held


def test_a_volume_that_changed_is_set_back(admin: Any, cloud: embedded.Cloud, volume: Any) -> None:
    """What was written since is gone, also where the backup holds nothing."""
    held = read(cloud, volume)
    backup = back_up(admin, volume)
    write(cloud, volume, {0: b"changed", 512 * MIB: b"new"})
    assert read(cloud, restore(admin, backup, volume)) == held


def test_an_increment_holds_what_changed(admin: Any, cloud: embedded.Cloud, volume: Any) -> None:
    """Something new, and something that became zeros, over the backup before it."""
    first = back_up(admin, volume)
    write(cloud, volume, {512 * MIB: b"new", 1024 * MIB - 3: b"\0\0\0"})
    held = read(cloud, volume)
    second = back_up(admin, volume, incremental=True)
    assert (second.is_incremental, admin.get_volume_backup(first.id).has_dependent_backups) == (True, True)
    assert read(cloud, restore(admin, second, None)) == held
    assert read(cloud, restore(admin, second, volume)) == held


def test_a_snapshot_is_backed_up_as_it_was(admin: Any, cloud: embedded.Cloud, volume: Any) -> None:
    """Not as the volume is now."""
    held = read(cloud, volume)
    snapshot = admin.create_volume_snapshot(volume.id, wait=True)
    write(cloud, volume, {0: b"changed"})
    backup = back_up(admin, volume, snapshot_id=snapshot.id)
    assert read(cloud, restore(admin, backup, None)) == held


def test_a_deleted_backup_leaves_no_data(admin: Any, cloud: embedded.Cloud, volume: Any) -> None:
    """The store holds files as long as there is the backup."""
    backup = back_up(admin, volume)
    assert list(cloud.folder.glob(f"state/cinder/backup/**/*{backup.id}*-00001"))
    assert admin.delete_volume_backup(backup.id, wait=True, timeout=60)
    assert not [file for file in cloud.folder.glob(f"state/cinder/backup/**/*{backup.id}_*") if file.is_file()]


def test_a_consistency_group_is_made_anew_with_its_data(admin: Any, cloud: embedded.Cloud, volume: Any) -> None:
    """From a snapshot of the group, as the volume was then, and from the group, as it is now."""
    storage, held = admin.block_storage, read(cloud, volume)
    kind = next(one.id for one in storage.types() if one.name == "backend-a")
    group = made(storage, "/consistencygroups", {"consistencygroup": {"volume_types": kind}})
    body = {"consistencygroup": {"add_volumes": volume.id}}
    storage.put(f"/consistencygroups/{group}/update", json=body).raise_for_status()
    assert wait_until(lambda: storage.get(f"/volumes/{volume.id}").json()["volume"]["consistencygroup_id"] == group)
    snapshot = made(storage, "/cgsnapshots", {"cgsnapshot": {"consistencygroup_id": group}})
    write(cloud, volume, {0: b"changed"})
    for source, expected in (({"cgsnapshot_id": snapshot}, held), ({"source_cgid": group}, read(cloud, volume))):
        copy = made(storage, "/consistencygroups", {"consistencygroup-from-src": source}, "/create_from_src")
        [inside] = [one for one in storage.volumes() if one.consistency_group_id == copy]
        assert read(cloud, inside) == expected


def made(storage: Any, collection: str, body: Any, path: str = "") -> str:
    """The id of something new in a collection, once it is available."""
    answer = storage.post(collection + path, json=body)
    answer.raise_for_status()
    [(kind, told)] = answer.json().items()
    assert wait_until(lambda: storage.get(f"{collection}/{told['id']}").json()[kind]["status"] == "available")
    return str(told["id"])


def wait_until(true: Any, seconds: float = 60) -> bool:
    """Whether something became true in time."""
    deadline = time.monotonic() + seconds
    while not (happened := true()) and time.monotonic() < deadline:
        time.sleep(0.3)
    return bool(happened)
