"""Writes what a host finds when it boots: the files on its disk, its plan, and the facts of its boot."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from conformance.embedded import release as releases
from conformance.embedded.blueprint import INSIDE as EMBEDDED
from conformance.embedded.blueprint import write_private
from conformance.embedded.sources import write_metadata

from .blueprint import Blueprint
from .namespaces import INSIDE, borrow
from .papers import FOLDERS, HOOK, etc, files
from .tasks import Task
from .topology import BACKENDS, BOOTS, EXTERNAL, FLOOR, IMAGES, MANAGEMENT, Host, urls
from .tree import run

DATABASES = ("keystone", "placement", "glance", "neutron", "nova_api", "nova_cell0", "nova_cell1", "cinder")


def write_floor(blueprint: Blueprint) -> None:
    """The facts of the floor, and what all hosts are told of checkouts."""
    networks = [
        {"name": one.name, "mtu": one.mtu, "prefix": 24, "floor": one.address(FLOOR) if one.floor else None}
        for one in blueprint.settings.profile.networks()
    ]
    document = {"tree": str(blueprint.tree), "networks": networks}
    (blueprint.folder / "floor.json").write_text(json.dumps(document))
    release = releases.find(blueprint.settings.release)
    for service, checkout in blueprint.settings.sources.items():
        write_metadata(service, checkout, release, blueprint.folder / "python")


def make_ssh_keys(blueprint: Blueprint) -> None:
    """A key that computes reach each other by, when a disk is moved cold, and one that each is known by."""
    folder = blueprint.folder / "ssh"
    folder.mkdir(mode=0o700)
    for name in ("own", "host"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", f"/run/keys/{name}"]
        run(borrow(blueprint.tree, {"/run/keys": str(folder)}, command), blueprint.folder / "boot.log", {})


def write_host(blueprint: Blueprint, host: Host, tasks: Sequence[Task], layers: Sequence[Path]) -> None:
    """All of one host. What lies on its disk already stays, but for the files that we write."""
    own = blueprint.host(host.name)
    disk = own / "upper"
    for folder in ("lab/log", "root", "upper"):
        (own / folder).mkdir(parents=True, exist_ok=True)
    for place in FOLDERS:
        _folder(disk, Path(place))
    for place, text in files(blueprint, host).items():
        _folder(disk, Path(place).parent)
        write_private(disk / place.lstrip("/"), text)
        (disk / place.lstrip("/")).chmod(MODES.get(place, 0o600))
    paste = disk / "etc/nova/api-paste.ini"  # where nova looks for it, come what may
    paste.unlink(missing_ok=True)
    paste.symlink_to(f"{etc(blueprint.settings)['nova']}/api-paste.ini")
    if not host.is_controller:
        for place, name in SSH.items():
            write_private(disk / place, (blueprint.folder / "ssh" / name).read_text())
    (own / "host.json").write_text(json.dumps(_facts(blueprint, host, layers), indent=2))
    write_private(own / "lab" / "plan.json", json.dumps([task.document() for task in tasks], indent=2))
    if host.is_controller:
        write_private(own / "lab" / "facts.json", json.dumps(_cloud(blueprint), indent=2))


OWN = {
    "/opt/lab/lab_host": str(INSIDE / "lab_host"),
    "/opt/lab/embedded_cloud": str(EMBEDDED / "embedded_cloud"),
}
"""What every host sees of this package."""
SSH = {"etc/ssh/lab_own": "own", "etc/ssh/lab_keys": "own.pub", "etc/ssh/lab_host": "host"}
"""Where a compute's keys lie."""
READABLE = ("/etc/hosts", "/etc/hostname", "/etc/machine-id", "/etc/resolv.conf", "/etc/ceph/ceph.conf")
"""What every account of a host may read."""
MODES = {HOOK: 0o700, **dict.fromkeys(READABLE, 0o644)}


def _folder(disk: Path, place: Path) -> None:
    """A folder of a host with the permissions that Debian gives it, whatever the caller's are."""
    for part in [*reversed(place.parents), place]:
        folder = disk / str(part).lstrip("/")
        if not folder.exists():
            folder.mkdir()
            folder.chmod(0o700 if str(part) == "/root" else 0o755)


def _facts(blueprint: Blueprint, host: Host, layers: Sequence[Path]) -> Mapping[str, object]:
    shown = {f"/opt/source/{service}": checkout for service, checkout in blueprint.settings.sources.items()}
    if shown:
        shown = {"/opt/source/metadata": str(blueprint.folder / "python"), **shown}
    cards = [
        {
            "network": one.name,
            "name": one.card,
            "mtu": one.mtu,
            "address": f"{one.address(host.number)}/24" if one is MANAGEMENT else None,
        }
        for one in blueprint.settings.profile.networks(host)
    ]
    return {
        "number": host.number,
        "layers": [str(layer) for layer in layers],
        "cards": cards,
        "gateway": MANAGEMENT.address(FLOOR),
        "path": ":".join(["/opt/lab", *shown]),
        "shown": {**OWN, **shown},
    }


def _cloud(blueprint: Blueprint) -> Mapping[str, object]:
    """What the controller has to know of the whole cloud."""
    names = [host.name for host in blueprint.settings.hosts]
    return {
        "database": blueprint.secrets["database"],
        "databases": DATABASES,
        "passwords": blueprint.passwords,
        "urls": urls(),
        "agents": blueprint.settings.profile.agents(names),
        "computes": names[1:],
        "backends": BACKENDS,
        "images": IMAGES,
        "outwards": [EXTERNAL.prefix, FLOOR],
        "boots": BOOTS,
    }


def layers(blueprint: Blueprint, host: Host) -> list[Path]:
    """What a host's disk lies on, the uppermost first: the controller has the databases' template besides."""
    return [blueprint.template, blueprint.tree] if host.is_controller else [blueprint.tree]
