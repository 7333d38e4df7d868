"""What runs on each kind of host. All that can start at once does; a task waits only for what it can't do without."""

from __future__ import annotations

from .network import PROFILES, USUAL, Profile
from .storage import CEPH
from .tasks import NEUTRON, THREADS, Task, checked, job, service, worker
from .topology import PORTS, Host, hosts

SOCKET = "/run/mysqld/mysqld.sock"
# A lab ends with its machine at the latest: nothing needs to be safe on disk before it is answered.
MARIADB = f"""mariadbd --no-defaults --user=root --datadir=/var/lib/mysql --socket={SOCKET} --bind-address=0.0.0.0
    --pid-file=/run/mysqld/mysqld.pid --skip-name-resolve --skip-log-bin --innodb-flush-log-at-trx-commit=0
    --innodb-doublewrite=0 --innodb-snapshot-isolation=OFF --innodb-buffer-pool-size=192M --innodb-log-file-size=64M
    --max-connections=800 --performance-schema=OFF --character-set-server=utf8mb3"""
RABBITMQ = service(
    "rabbitmq",
    "/usr/lib/rabbitmq/bin/rabbitmq-server",
    probe={"tcp": "127.0.0.1:5672"},
    environment={"HOME": "/var/lib/rabbitmq"},
)
MODULES = {
    "keystone": "keystone.wsgi.api",
    "placement": "placement.wsgi.api",
    "nova": "nova.wsgi.osapi_compute",
    "neutron": "neutron.wsgi.api",
    "glance": "glance.wsgi.api",
    "cinder": "cinder.wsgi.api",
}


def mariadb(*before: str) -> Task:
    """The database server."""
    probe = {"command": ["mariadb-admin", f"--socket={SOCKET}", "ping"]}
    return service("mariadb", "mkdir -p /run/mysqld", *before, MARIADB, probe=probe)


def _api(name: str, *after: str) -> Task:
    address = f"{hosts(0)[0].address}:{PORTS[name]}"
    command = f"python -m lab_host.serve {PORTS[name]} {MODULES[name]}"
    return service(f"{name}-api", command, after=after, probe={"tcp": address}, environment=THREADS)


# On native threads the second volume that is made from an image waits for ever: what reads the image is eventlet's.
GREEN = {**THREADS, "OS_CINDER_DISABLE_EVENTLET_PATCHING": "false"}
VOLUMES = service("cinder-volume", "cinder-volume", after=["adopt", "rabbitmq", "ceph-pools"], environment=GREEN)

DISK = "qemu-img create -q -f qcow2 /tmp/guest-disk 64M"


def controller(host: Host, network: Profile) -> list[Task]:
    """The databases, the bus, the store of volumes, and every API."""
    ready = job("ready", "python -m lab_host.ready", after=[f"{name}-api" for name in MODULES], within=160)
    return checked(
        [
            mariadb(),
            RABBITMQ,
            job("adopt", "python -m lab_host.adopt account content", after=["mariadb"]),
            *network.tasks(host),
            *CEPH,
            _api("keystone", "adopt"),
            _api("placement", "adopt"),
            _api("nova", "adopt"),
            worker("nova-conductor", "nova-conductor", "adopt", "rabbitmq"),
            worker("nova-scheduler", "nova-scheduler", "adopt", "rabbitmq"),
            _api("neutron", "adopt", "rabbitmq", *network.serving),
            *network.workers,
            _api("glance", "adopt"),
            _api("cinder", "adopt"),
            worker("cinder-scheduler", "cinder-scheduler", "adopt", "rabbitmq"),
            VOLUMES,
            job("images", DISK, "python -m lab_host.images", after=["keystone-api", "glance-api"]),
            ready,
            # Not before: of its first requests, if they come at once, neutron forbids one.
            job("outwards", "python -m lab_host.outwards", after=["ready"]),
        ]
    )


def compute(host: Host, network: Profile) -> list[Task]:
    """A hypervisor, its network, and what moves disks."""
    there = hosts(0)[0].address
    return checked(
        [
            service("libvirtd", "libvirtd --listen", probe={"command": ["virsh", "-q", "list"]}, restarts=1),
            *network.tasks(host),
            service(
                "sshd",
                "mkdir -p /run/sshd",
                "/usr/sbin/sshd -D -e -f /etc/ssh/sshd_lab",
                probe={"path": "/run/sshd.pid"},
            ),
            job("bus", probe={"tcp": f"{there}:5672"}, within=120),
            job("identity", probe={"tcp": f"{there}:{PORTS['keystone']}"}, within=120),
            worker("nova-compute", "nova-compute", "libvirtd", "bus", "identity", *network.hosting, restarts=2),
        ]
    )


def template() -> list[Task]:
    """Makes the databases from nothing, then ends the server so that they can be kept."""
    made = ["keystone", "cinder", "placement", "neutron", "nova", "glance"]
    steps = {
        "keystone": job("keystone", "python -m lab_host.schemas keystone", after=["account"], within=300),
        "neutron": job("neutron", f"neutron-db-manage {NEUTRON} upgrade heads", after=["account"], within=300),
        "nova": job("nova", "python -m lab_host.schemas nova", after=["keystone"], within=300),
        "cinder": job("cinder", "python -m lab_host.schemas cinder", after=["nova"], within=300),
        "glance": job(
            "glance", "glance-manage --config-file /etc/glance/glance-api.conf db_sync", after=["neutron"], within=300
        ),
        "placement": job("placement", "placement-manage db sync", after=["glance"], within=300, environment=THREADS),
    }
    install = "mariadb-install-db --user=root --skip-test-db --datadir=/var/lib/mysql"
    return checked(
        [
            mariadb(install),
            job("account", "python -m lab_host.adopt account", after=["mariadb"]),
            *steps.values(),
            job("kept", f"mariadb-admin --socket={SOCKET} shutdown", after=made, within=60),
        ]
    )


def plan(host: Host, network: str = USUAL) -> list[Task]:
    """What runs on a host of a lab with that network."""
    return (controller if host.is_controller else compute)(host, PROFILES[network])
