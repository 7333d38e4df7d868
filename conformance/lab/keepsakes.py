"""What a lab leaves of a run: each host's logs, libvirt's XML of each guest, and the networks at its end."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from conformance.embedded.papers import Papers
from conformance.errors import CloudError

from . import blueprint as blueprints
from .blueprint import Blueprint
from .namespaces import command_in, inhabitants
from .topology import Host

LOOKS: Mapping[bool, Mapping[str, str]] = {
    True: {"ceph.txt": "ceph --connect-timeout=5 -s"},
    False: {"guests.txt": "virsh list --all", "switch.txt": "ovs-vsctl show"},
}
"""What is asked of the controller, and of each compute, besides what their network tells, by the file of the answer."""
LOOK_SECONDS = 20


def belongings(name: str) -> Papers:
    """The configuration and the secrets of a lab that was booted; nothing of another."""
    blueprint = blueprints.read(name)
    if blueprint is None:
        return Papers()
    own = {
        f"{host.name}/{path.name}": path.read_text(encoding="utf-8")
        for host in blueprint.settings.hosts
        for path in sorted((blueprint.host(host.name) / "upper" / "etc").rglob("*.conf"))
    }
    secrets = {*blueprint.passwords.values(), *blueprint.secrets.values(), *blueprint.keys.values()}
    return Papers(own, {}, frozenset(secrets))


def keep(name: str, folder: Path, clean: Callable[[str], str]) -> None:
    """Leave in a folder what each host tells, a folder each; ``clean`` takes the secrets out of a text."""
    blueprint = blueprints.read(name)
    if blueprint is None:
        return
    for host in blueprint.settings.hosts:
        shutil.rmtree(folder / host.name, ignore_errors=True)
        logs = blueprint.host(host.name) / "lab" / "log"
        for path in filter(Path.is_file, logs.rglob("*")):
            _write(folder / host.name / path.relative_to(logs), clean(path.read_text(errors="replace")))
        if host.name in inhabitants(blueprint.folder):
            for file, command in _looks(blueprint, host).items():
                _write(folder / host.name / file, clean(_answer(blueprint.folder, host, command)))


def _looks(blueprint: Blueprint, host: Host) -> Mapping[str, str]:
    return {**LOOKS[host.is_controller], **blueprint.settings.profile.looks(host)}


def _answer(folder: Path, host: Host, command: str) -> str:
    """What a command says on a host, or why it says nothing."""
    try:
        words = command_in(folder, host.name, command.split())
        done = subprocess.run(  # noqa: S603 - our own
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LOOK_SECONDS, check=False
        )
    except (CloudError, OSError, subprocess.TimeoutExpired) as error:
        return f"{command}: {error}\n"
    return done.stdout + done.stderr


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
