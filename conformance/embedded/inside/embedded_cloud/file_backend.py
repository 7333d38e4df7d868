"""A cinder backend that keeps volumes as sparse files in a folder: real data, no root, no LVM, iSCSI or NFS."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cinder import exception, interface
from cinder.volume import configuration, driver
from oslo_config import cfg

from .consistency import ConsistencyGroups

GIB = 1 << 30
CAPACITY_GIB = 1000
UPLOADED_BYTES = 8 << 20
"""How much of a volume becomes an image: all of a sparse file would be gibibytes of zeros."""

MIGRATED_SECONDS = 1
"""Cinder has what a migration leaves deleted, with its attachments, before it has taken these from it: not at once."""

OPTIONS = [cfg.StrOpt("embedded_folder", help="Where this backend keeps its files.")]
cfg.CONF.register_opts(OPTIONS, group=configuration.SHARED_CONF_GROUP)


@interface.volumedriver
class FileDriver(ConsistencyGroups, driver.VolumeDriver):
    """Volumes and snapshots are files named as cinder names them."""

    VERSION = "1.0.0"
    CI_WIKI_NAME = "none"
    SUPPORTS_ACTIVE_ACTIVE = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(OPTIONS)
        self.folder = Path(self.configuration.embedded_folder)

    @staticmethod
    def get_driver_options() -> list[Any]:
        """The options that cinder may show."""
        return OPTIONS

    def do_setup(self, context: Any) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def check_for_setup_error(self) -> None:
        """Find nothing wrong."""

    def _file(self, resource: Any) -> Path:
        return self.folder / str(resource["name"])

    def local_path(self, volume: Any) -> str:
        """Where the volume's file is."""
        return str(self._file(volume))

    def _copy(self, source: Path, volume: Any, size: int | None = None) -> None:
        subprocess.run(["cp", "--sparse=always", source, self._file(volume)], check=True)  # noqa: S603, S607
        if size:
            os.truncate(self._file(volume), size * GIB)

    def create_volume(self, volume: Any) -> None:
        """Make an empty sparse file."""
        self._file(volume).touch()
        self.extend_volume(volume, volume["size"])

    def extend_volume(self, volume: Any, new_size: int) -> None:
        """Lengthen the file."""
        os.truncate(self._file(volume), new_size * GIB)

    def delete_volume(self, volume: Any) -> None:
        """Remove the file, if it is there."""
        if volume["migration_status"] == "deleting":
            time.sleep(MIGRATED_SECONDS)
        self._file(volume).unlink(missing_ok=True)

    def create_snapshot(self, snapshot: Any) -> None:
        """Copy the volume."""
        self._copy(self.folder / snapshot["volume_name"], snapshot)

    def delete_snapshot(self, snapshot: Any) -> None:
        """Remove the file, if it is there."""
        self._file(snapshot).unlink(missing_ok=True)

    def create_volume_from_snapshot(self, volume: Any, snapshot: Any) -> None:
        """Copy the snapshot."""
        self._copy(self._file(snapshot), volume, volume["size"])

    def create_cloned_volume(self, volume: Any, src_vref: Any) -> None:
        """Copy the other volume."""
        self._copy(self._file(src_vref), volume, volume["size"])

    def retype(self, context: Any, volume: Any, new_type: Any, diff: Any, host: Any) -> bool:
        """Change nothing: within a backend a file is the same for every type."""
        return True

    def revert_to_snapshot(self, context: Any, volume: Any, snapshot: Any) -> None:
        """Copy the snapshot back."""
        self._copy(self._file(snapshot), volume, volume["size"])

    def clone_image(self, context: Any, volume: Any, image_location: Any, image_meta: Any, image_service: Any) -> Any:
        """Download, as there is no faster way to offer."""
        self.copy_image_to_volume(context, volume, image_service, image_meta["id"])
        return {}, True

    def copy_image_to_volume(
        self, context: Any, volume: Any, image_service: Any, image_id: str, disable_sparse: bool = False
    ) -> None:
        """Download the image as it is; whatever its format, nobody boots it."""
        with self._file(volume).open("wb") as file:
            image_service.download(context, image_id, file)
        self.extend_volume(volume, volume["size"])

    def copy_volume_to_image(self, context: Any, volume: Any, image_service: Any, image_meta: Any) -> None:
        """Upload the beginning of the file."""
        with self._file(volume).open("rb") as file:
            image_service.update(context, image_meta["id"], {}, io.BytesIO(file.read(UPLOADED_BYTES)))

    def ensure_export(self, context: Any, volume: Any) -> None:
        """Need none."""

    def create_export(self, context: Any, volume: Any, connector: Any) -> None:
        """Need none."""

    def remove_export(self, context: Any, volume: Any) -> None:
        """Need none."""

    def initialize_connection(self, volume: Any, connector: Any, **_: Any) -> dict[str, Any]:
        """Point at the file: every host of this cloud is this machine."""
        return {"driver_volume_type": "local", "data": {"device_path": self.local_path(volume)}}

    def terminate_connection(self, volume: Any, connector: Any, **_: Any) -> None:
        """Lengthen the file: to restore a backup into it begins with cutting it off."""
        os.truncate(self._file(volume), max(self._file(volume).stat().st_size, volume["size"] * GIB))

    def _referred(self, reference: Any) -> Path:
        file = self.folder / str(reference.get("source-name", ""))
        if not file.is_file() or file.parent != self.folder:
            raise exception.ManageExistingInvalidReference(existing_ref=reference, reason="no such file")
        return file

    def manage_existing_get_size(self, volume: Any, existing_ref: Any) -> int:
        """GiB of the file, rounded up."""
        return -(-self._referred(existing_ref).stat().st_size // GIB)

    def manage_existing(self, volume: Any, existing_ref: Any) -> None:
        """Rename the file to the volume's name."""
        self._referred(existing_ref).rename(self._file(volume))

    def manage_existing_snapshot_get_size(self, snapshot: Any, existing_ref: Any) -> int:
        """As of a volume; cinder names the arguments."""
        return self.manage_existing_get_size(snapshot, existing_ref)

    def manage_existing_snapshot(self, snapshot: Any, existing_ref: Any) -> None:
        """As a volume; cinder names the arguments."""
        self.manage_existing(snapshot, existing_ref)

    def unmanage(self, volume: Any) -> None:
        """Leave the file."""

    unmanage_snapshot = unmanage

    def _sizes(self) -> Iterator[tuple[str, int]]:
        """The name of each file and its GiB, rounded up; one can go away meanwhile."""
        for file in sorted(self.folder.iterdir()):
            with contextlib.suppress(FileNotFoundError):
                yield file.name, -(-file.stat().st_size // GIB)

    def _manageable(self, known: list[Any], *, snapshots: bool) -> list[dict[str, Any]]:
        ids = {resource["name"]: resource["id"] for resource in known}
        return [
            {
                "reference": {"source-name": name},
                "size": size,
                "safe_to_manage": name not in ids,
                "reason_not_safe": "already managed" if name in ids else None,
                "cinder_id": ids.get(name),
                "extra_info": None,
            }
            for name, size in self._sizes()
            if name.startswith("snapshot-") == snapshots
        ]

    def get_manageable_volumes(self, cinder_volumes: list[Any], *_: Any) -> list[dict[str, Any]]:
        """Every file that is no snapshot."""
        return self._manageable(cinder_volumes, snapshots=False)

    def get_manageable_snapshots(self, cinder_snapshots: list[Any], *_: Any) -> list[dict[str, Any]]:
        """Every snapshot, with the volume it may be of: that is not known."""
        found = self._manageable(cinder_snapshots, snapshots=True)
        return [entry | {"source_reference": {"source-name": "unknown"}} for entry in found]

    def _update_volume_stats(self) -> None:
        used = sum(1 for _ in self.folder.iterdir())
        self._stats = {
            "volume_backend_name": self.configuration.volume_backend_name,
            "vendor_name": "embedded",
            "driver_version": self.VERSION,
            "storage_protocol": "local",
            "multiattach": True,
            "thin_provisioning_support": True,
            "thick_provisioning_support": False,
            "sparse_copy_volume": True,
            "online_extend_support": True,
            "consistent_group_snapshot_enabled": True,
            "total_capacity_gb": CAPACITY_GIB,
            "free_capacity_gb": CAPACITY_GIB - used,
            "provisioned_capacity_gb": used,
            "max_over_subscription_ratio": "20.0",
            "reserved_percentage": 0,
            "QoS_support": False,
        }
