"""Ceph on the controller, as tasks: one monitor, one manager, one store in a file, and a pool for each backend."""

from __future__ import annotations

from .tasks import Task, job, service, unless
from .topology import BACKENDS, hosts

MONITOR = "/var/lib/ceph/mon/ceph-a"
STORE = "/var/lib/ceph/osd/ceph-0"
MANAGER = "/var/lib/ceph/mgr/ceph-x"
CLUSTER = "c1c1c1c1-0000-4000-8000-000000000000"
DEVICE = "c1c1c1c1-0000-4000-8000-000000000001"
POOLS = (*BACKENDS, "images", "vms")
KEYS = "/etc/ceph/all.keyring"
ROOT = "--setuser root --setgroup root"


def _pools() -> list[str]:
    made = []
    for pool in POOLS:
        made += [
            f"ceph osd pool create {pool} 8 8",
            f"ceph osd pool set {pool} size 1 --yes-i-really-mean-it",
            f"rbd pool init {pool}",
        ]
    return made


def _monitor() -> Task:
    address = hosts(0)[0].address
    monmap = (
        f"monmaptool --create --addv a [v2:{address}:3300,v1:{address}:6789] --fsid {CLUSTER} /tmp/monmap --clobber"
    )
    return service(
        "ceph-mon",
        f"mkdir -p {MONITOR} {STORE} {MANAGER} /run/ceph",
        monmap,
        unless(f"{MONITOR}/store.db", f"ceph-mon --mkfs -i a --monmap /tmp/monmap --keyring {KEYS} {ROOT}"),
        f"ceph-mon -f -i a {ROOT}",
        probe={"command": ["ceph", "-s", "--connect-timeout=5"]},
    )


CEPH = [
    _monitor(),
    service(
        "ceph-mgr",
        f"cp /etc/ceph/manager.keyring {MANAGER}/keyring",
        f"ceph-mgr -f -i x {ROOT}",
        after=["ceph-mon"],
    ),
    service(
        "ceph-osd",
        f"ceph osd new {DEVICE} -i /etc/ceph/osd.json",
        f"cp /etc/ceph/osd.keyring {STORE}/keyring",
        unless(f"{STORE}/block", f"ceph-osd -i 0 --mkfs --osd-uuid {DEVICE} {ROOT}"),
        f"ceph-osd -f -i 0 {ROOT}",
        after=["ceph-mon"],
        probe={"says": ["1 up", "ceph", "--connect-timeout=5", "osd", "stat"]},
    ),
    job("ceph-pools", "ceph config set global mon_allow_pool_size_one true", *_pools(), after=["ceph-osd"]),
]
