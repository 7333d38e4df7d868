"""Groups whose snapshots are of one moment: no server of this cloud writes to a file while another one is copied."""

from __future__ import annotations

from typing import Any

Unchanged = tuple[None, None]
"""Neither the group nor what is in it has more to remember."""


class ConsistencyGroups:
    """What a driver does with all volumes of a group at once, each as with one that is in no group."""

    create_volume_from_snapshot: Any
    create_cloned_volume: Any
    create_snapshot: Any
    delete_snapshot: Any
    delete_volume: Any

    def create_consistencygroup(self, context: Any, group: Any) -> None:
        """Need nothing."""

    def update_consistencygroup(
        self, context: Any, group: Any, add_volumes: Any = None, remove_volumes: Any = None
    ) -> tuple[None, None, None]:
        """Need nothing."""
        return None, None, None

    def delete_consistencygroup(self, context: Any, group: Any, volumes: Any) -> Unchanged:
        """Remove its volumes."""
        for volume in volumes:
            self.delete_volume(volume)
        return None, None

    def create_cgsnapshot(self, context: Any, cgsnapshot: Any, snapshots: Any) -> Unchanged:
        """Copy its volumes."""
        for snapshot in snapshots:
            self.create_snapshot(snapshot)
        return None, None

    def delete_cgsnapshot(self, context: Any, cgsnapshot: Any, snapshots: Any) -> Unchanged:
        """Remove the copies."""
        for snapshot in snapshots:
            self.delete_snapshot(snapshot)
        return None, None

    def create_consistencygroup_from_src(self, context: Any, group: Any, volumes: Any, *sources: Any) -> Unchanged:
        """Copy what each volume is made from: the snapshots of one of the group's, or the volumes of another group."""
        snapshot, snapshots, _, others = sources
        make = self.create_volume_from_snapshot if snapshot else self.create_cloned_volume
        for volume, source in zip(volumes, snapshots if snapshot else others, strict=True):
            make(volume, source)
        return None, None
