"""Nova's fake hypervisors, made to behave where a real glance, cinder and API look at them.

Upstream's have a random node uuid per process, upload no snapshot, copy nothing when volumes are swapped and do not
know their uptime.
"""

from __future__ import annotations

import io
import subprocess
import time
import uuid
from typing import Any, ClassVar

import nova.conf
from nova.compute.manager import ComputeManager
from nova.image import glance
from nova.virt import fake

SECONDS_PER_MIB = 5 / 64
"""What a live migration takes for each MiB of the guest's memory."""
UPTIME = " 00:00:00 up 1 day,  1 user,  load average: 0.00, 0.00, 0.00"
SNAPSHOT = {"status": "active", "disk_format": "raw", "container_format": "bare", "properties": {}}


def _node_uuid(node: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, node))


class _Behaving:
    """What both kinds of hypervisor have in common."""

    def get_available_resource(self, nodename: str) -> dict[str, Any]:
        """Upstream's, with a uuid that outlives the process."""
        resource = super().get_available_resource(nodename)  # type: ignore[misc]
        return {**resource, "uuid": _node_uuid(nodename), "hypervisor_hostname": nodename}

    def get_nodenames_by_uuid(self, refresh: bool = False) -> dict[str, str]:
        """The same uuids."""
        return {_node_uuid(node): node for node in self.get_available_nodes()}  # type: ignore[attr-defined]

    def snapshot(self, context: Any, instance: Any, image_id: str, update_task_state: Any) -> None:
        """Upload something: else the image stays queued for ever."""
        super().snapshot(context, instance, image_id, update_task_state)  # type: ignore[misc]
        content = io.BytesIO(instance.uuid.encode() * 64)
        glance.API().update(context, image_id, dict(SNAPSHOT), content, purge_props=False)

    def swap_volume(self, context: Any, old: Any, new: Any, *rest: Any) -> None:
        """Copy the data, as a hypervisor does while the guest runs on; what a larger volume has more stays empty."""
        source, target = (info["data"]["device_path"] for info in (old, new))
        subprocess.run(  # noqa: S603 - paths of our own volumes
            ["dd", f"if={source}", f"of={target}", "bs=1M", "conv=notrunc,sparse", "status=none"],  # noqa: S607
            check=True,
        )
        super().swap_volume(context, old, new, *rest)  # type: ignore[misc]

    def get_host_uptime(self) -> str:
        """What ``uptime`` would print."""
        return UPTIME

    def get_volume_connector(self, instance: Any) -> dict[str, str]:
        """This host's own, not that of the machine."""
        host = self._host  # type: ignore[attr-defined]
        return {"ip": nova.conf.CONF.my_block_storage_ip, "initiator": f"iqn.fake:{host}", "host": host}


class EmbeddedLiveMigrateDriver(_Behaving, fake.FakeLiveMigrateDriver):
    """Lets a live migration be forced to complete or aborted while it runs, and rescues from volumes."""

    capabilities: ClassVar[dict[str, bool]] = dict(fake.FakeLiveMigrateDriver.capabilities, supports_bfv_rescue=True)

    def live_migration(
        self, context: Any, instance: Any, dest: str, post_method: Any, recover_method: Any, *rest: Any
    ) -> None:
        """Take longer the more memory the guest has, as a hypervisor does, where upstream's takes five seconds."""
        self._abort_migration, self._migrating = False, True
        end = time.monotonic() + instance.memory_mb * SECONDS_PER_MIB
        while self._migrating and time.monotonic() < end:
            time.sleep(0.1)
        if self._abort_migration:
            recover_method(context, instance, dest, rest[-1], migration_status="cancelled")
        else:
            post_method(context, instance, dest, *rest)


class EmbeddedMediumDriver(_Behaving, fake.MediumFakeDriver):
    """A hypervisor of an ordinary size."""


HOSTS = {
    "host1": "fake.EmbeddedLiveMigrateDriver",
    "host2": "fake.EmbeddedLiveMigrateDriver",
    "host3": "fake.EmbeddedMediumDriver",
}
"""The compute hosts and the driver that each is configured with."""


def install() -> None:
    """Put the drivers where nova looks, and let several hosts live in one process."""
    for driver in (EmbeddedLiveMigrateDriver, EmbeddedMediumDriver):
        setattr(fake, driver.__name__, driver)
    # The identity file belongs to the process, so all hosts would share it; our uuids derive from the host instead.
    ComputeManager._ensure_existing_node_identity = lambda *_: None
