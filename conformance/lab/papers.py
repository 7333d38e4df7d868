"""The files that a host finds on its disk when it boots: each service's configuration, keys, names."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

import jinja2

from conformance.embedded import sources
from conformance.embedded.release import SERVICES

from .blueprint import Blueprint
from .ovn import DATABASES
from .settings import Settings
from .storage import CLUSTER
from .switch import PHYSICAL_NETWORK
from .topology import BACKENDS, EXTERNAL, TUNNEL, Host, urls

TEMPLATES = Path(__file__).with_name("config")
SECRET = "77777777-7777-4777-8777-777777777777"  # noqa: S105 - the name of a secret, not one
HOOK = "/etc/libvirt/hooks/qemu"
"""What libvirt runs when it does something with a guest."""
HELPERS = ("", "_conntrack", "_dhcp_release", "_link", "_namespace", "_ovs_vsctl")
"""The ends of the names of what neutron's agents have helpers for."""
BANDWIDTH = 8
"""MiB a second that a guest moves with."""
CAPABILITIES = {
    "mon.": {"mon": "allow *"},
    "client.admin": {"mon": "allow *", "osd": "allow *", "mds": "allow *", "mgr": "allow *"},
    "client.cinder": {"mon": "profile rbd", "osd": "profile rbd", "mgr": "profile rbd"},
    "mgr.x": {"mon": "allow profile mgr", "osd": "allow *", "mds": "allow *"},
}
EVERYWHERE = {
    "hosts.j2": "/etc/hosts",
    "nova.conf.j2": "/etc/nova/nova.conf",
    "ceph.conf.j2": "/etc/ceph/ceph.conf",
}
ON_CONTROLLER = {
    "keystone.conf.j2": "/etc/keystone/keystone.conf",
    "placement.conf.j2": "/etc/placement/placement.conf",
    "glance-api.conf.j2": "/etc/glance/glance-api.conf",
    "neutron.conf.j2": "/etc/neutron/neutron.conf",
    "ml2_conf.ini.j2": "/etc/neutron/plugins/ml2/ml2_conf.ini",
    "cinder.conf.j2": "/etc/cinder/cinder.conf",
    "rabbitmq.conf.j2": "/etc/rabbitmq/rabbitmq.conf",
    "rabbitmq-env.conf.j2": "/etc/rabbitmq/rabbitmq-env.conf",
}
ON_COMPUTE = {
    "libvirtd.conf.j2": "/etc/libvirt/libvirtd.conf",
    "qemu.conf.j2": "/etc/libvirt/qemu.conf",
    "secret.xml.j2": f"/etc/libvirt/secrets/{SECRET}.xml",
    "sshd.j2": "/etc/ssh/sshd_lab",
    "ssh.j2": "/root/.ssh/config",
    "hook.j2": HOOK,
}
STATE = ("glance/images", "glance/staging", "glance/tasks", "glance/cache", "nova/instances", "cinder", "neutron")
FOLDERS = (
    *(f"/var/lib/{name}" for name in STATE),
    *(f"/var/lib/{name}/lock" for name in ("nova", "cinder", "neutron")),
)


def files(blueprint: Blueprint, host: Host) -> dict[str, str]:
    """The text of each file of a host by its place; all are for root's eyes alone but the names of hosts."""
    wanted = EVERYWHERE | (ON_CONTROLLER if host.is_controller else ON_COMPUTE)
    wanted |= blueprint.settings.profile.papers(host)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - these are ini files
    )
    facts = _facts(blueprint, host)
    rendered = {place: environment.get_template(name).render(facts) for name, place in wanted.items()}
    return rendered | dict(_plain(host)) | dict(_keys(blueprint, host))


def _facts(blueprint: Blueprint, host: Host) -> dict[str, object]:
    return {
        "host": host,
        "hosts": blueprint.settings.hosts,
        "controller": blueprint.settings.hosts[0].address,
        "passwords": blueprint.passwords,
        "secrets": blueprint.secrets,
        "url": urls(),
        "backends": BACKENDS,
        "cluster": CLUSTER,
        "secret": SECRET,
        "network": blueprint.settings.profile,
        "helpers": [f"privsep{end}" for end in HELPERS],
        "tunnel": TUNNEL,
        "ovn": DATABASES,
        "physical_network": PHYSICAL_NETWORK,
        "external": EXTERNAL,
        "bandwidth": BANDWIDTH,
        "etc": etc(blueprint.settings),
    }


def etc(settings: Settings) -> dict[str, str]:
    """Where each service's shipped configuration is on a host: in its checkout, or in the services' environment."""
    found = {service: f"/opt/os/etc/{service}" for service in SERVICES}
    for service, checkout in settings.sources.items():
        place = sources.etc(service, Path("/opt/os"), checkout).relative_to(checkout)
        found[service] = str(Path("/opt/source", service, place))
    return found


def _plain(host: Host) -> Iterator[tuple[str, str]]:
    yield "/etc/hostname", f"{host.name}\n"
    yield "/etc/machine-id", f"{secrets.token_hex(16)}\n"
    yield "/etc/resolv.conf", ""
    if host.is_controller:
        yield "/etc/rabbitmq/enabled_plugins", "[].\n"


def _keys(blueprint: Blueprint, host: Host) -> Iterator[tuple[str, str]]:
    """Ceph's keys and keystone's, each where its user looks for it."""
    keys = blueprint.keys
    yield "/etc/ceph/ceph.client.cinder.keyring", keyring(keys, "client.cinder")
    if not host.is_controller:
        yield f"/etc/libvirt/secrets/{SECRET}.base64", keys["client.cinder"]
        return
    yield "/etc/ceph/ceph.client.admin.keyring", keyring(keys, "client.admin")
    yield "/etc/ceph/all.keyring", keyring(keys, *CAPABILITIES)
    yield "/etc/ceph/manager.keyring", keyring(keys, "mgr.x")
    yield "/etc/ceph/osd.keyring", keyring(keys, "osd.0")
    yield "/etc/ceph/osd.json", json.dumps({"cephx_secret": keys["osd.0"]})
    yield "/var/lib/rabbitmq/.erlang.cookie", blueprint.secrets["cookie"]
    for repository in ("fernet", "receipt", "credential"):
        for number in ("0", "1"):  # the key that follows, and the one in use
            key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
            yield f"/etc/keystone/{repository}/{number}", key


def keyring(keys: Mapping[str, str], *names: str) -> str:
    """Keys in the form of Ceph's files, with what each may do."""
    lines = []
    for name in names:
        lines += [f"[{name}]", f"\tkey = {keys[name]}"]
        lines += [f'\tcaps {kind} = "{words}"' for kind, words in CAPABILITIES.get(name, {}).items()]
    return "\n".join(lines) + "\n"
