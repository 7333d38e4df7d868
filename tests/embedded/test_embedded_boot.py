"""Boots real clouds: slow the first time, for the installation and the first databases."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance import embedded
from conformance.embedded import blueprint as blueprints
from conformance.embedded import launcher
from conformance.errors import CloudError, UsageError
from tests.embedded.conftest import booted, connect

pytestmark = pytest.mark.cloud

BOOT = "import sys; from conformance import embedded; embedded.up(sys.argv[1], services=['placement'], say=print)"


def processes_of(name: str) -> list[str]:
    """The command lines of all processes of a cloud, whoever their parent is."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if line.startswith(f"{name}: ") or f"/clouds/{name} " in line:
            found.append(line)
    return found


def gone(name: str, seconds: float = 20) -> bool:
    """Whether no process of a cloud is left within that time."""
    deadline = time.monotonic() + seconds
    while processes_of(name) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not processes_of(name)


@pytest.fixture(scope="module")
def full(warm_home: Path) -> Iterator[embedded.Cloud]:
    """A cloud with every service, shared by the tests that only use it."""
    with booted(warm_home, "full") as cloud:
        yield cloud


@pytest.fixture
def admin(full: embedded.Cloud, warm_home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The administrator of the full cloud."""
    monkeypatch.setenv("CONFORMANCE_HOME", str(warm_home))
    return connect(full)


@pytest.fixture
def server(admin: Any) -> Iterator[Any]:
    """A server that runs, without a network."""
    flavor = admin.compute.create_flavor(name="small", ram=64, vcpus=1, disk=1)
    image = admin.create_image("picture", data=b"x" * 512, disk_format="raw", container_format="bare", wait=True)
    made = admin.compute.create_server(name="s", flavor_id=flavor.id, image_id=image.id, networks="none")
    yield admin.compute.wait_for_server(made, interval=0.3)
    admin.delete_server(made.id, wait=True)
    admin.delete_image(image.id)
    admin.compute.delete_flavor(flavor)


def test_every_service_is_up_with_its_figures(admin: Any) -> None:
    """Up means up: each service has a process, memory and an address."""
    status = embedded.status("full")
    assert (status.state, len(status.services)) == ("up", 6)
    assert all(service.pid and service.memory_mib and service.url for service in status.services)
    assert sum(service.memory_mib for service in status.services) < 1126


def test_booting_again_returns_the_running_cloud(full: embedded.Cloud, admin: Any) -> None:
    """The same settings are the same cloud; others need another name."""
    assert embedded.up("full") == full
    with pytest.raises(UsageError, match="other settings"):
        embedded.up("full", services=["placement"])


def test_what_a_cloud_begins_with(admin: Any) -> None:
    """Three compute hosts with inventory, two backends and a volume type for each."""
    assert {service.host for service in admin.compute.services(binary="nova-compute")} == {"host1", "host2", "host3"}
    assert {provider.name for provider in admin.placement.resource_providers()} == {"host1", "host2", "host3"}
    assert {"backend-a", "backend-b"} <= {kind.name for kind in admin.block_storage.types()}
    assert all(service.state == "up" for service in admin.block_storage.services())


def test_hypervisors_know_their_uptime(admin: Any) -> None:
    """Nova's own fake hypervisor does not, and the old call to ask for it would fail."""
    hypervisors = admin.compute.get("/os-hypervisors", microversion="2.1").json()["hypervisors"]
    paths = [f"/os-hypervisors/{hypervisor['id']}/uptime" for hypervisor in hypervisors]
    assert [admin.compute.get(path, microversion="2.1").status_code for path in paths] == [200] * 3


def test_a_snapshot_becomes_an_image(admin: Any, server: Any) -> None:
    """The hypervisor uploads something, so that the image becomes active."""
    image = admin.create_image_snapshot("shot", server, wait=True, timeout=60)
    assert image.status == "active"
    admin.delete_image(image.id)


def test_a_server_is_evacuated_from_a_host_that_stopped(admin: Any, server: Any) -> None:
    """A stopped host is really down, and comes back when it is started."""
    host = admin.compute.get_server(server.id).compute_host
    embedded.compute("full", host, "stop")
    service = next(admin.compute.services(binary="nova-compute", host=host))
    path = f"/os-services/{service.id}"
    admin.compute.put(path, json={"forced_down": True}, microversion="2.53").raise_for_status()
    admin.compute.post(f"/servers/{server.id}/action", json={"evacuate": {}}, microversion="2.90").raise_for_status()
    moved = wait_until(lambda: admin.compute.get_server(server.id).compute_host not in (host, None))
    embedded.compute("full", host, "start")
    admin.compute.put(path, json={"forced_down": False}, microversion="2.53").raise_for_status()
    assert moved


def wait_until(true: Any, seconds: float = 60) -> bool:
    """Whether something became true in time."""
    deadline = time.monotonic() + seconds
    while not (happened := true()) and time.monotonic() < deadline:
        time.sleep(0.3)
    return bool(happened)


def test_an_unknown_compute_host_is_refused(admin: Any) -> None:
    """The error names the hosts that there are."""
    with pytest.raises(UsageError) as caught:
        embedded.compute("full", "host9", "stop")
    assert caught.value.remedy == "Hosts are host1, host2 and host3."


def test_the_control_port_needs_the_secret(admin: Any, full: embedded.Cloud) -> None:
    """Another user of this machine can't stop a host."""
    blueprint = blueprints.read("full")
    assert blueprint is not None
    response = httpx.post(f"http://127.0.0.1:{blueprint.ports['control']}/host1/stop", trust_env=False)
    assert response.status_code == 401


def test_a_volume_moves_between_backends(admin: Any) -> None:
    """Real data is copied from the one backend to the other."""
    volume = admin.create_volume(1, volume_type="backend-a", wait=True)
    body = {"os-retype": {"new_type": "backend-b", "migration_policy": "on-demand"}}
    admin.block_storage.post(f"/volumes/{volume.id}/action", json=body).raise_for_status()
    assert wait_until(lambda: admin.block_storage.get_volume(volume.id).volume_type == "backend-b")
    admin.delete_volume(volume.id, wait=True)


@pytest.mark.parametrize("person", ["member", "reader", "manager"])
def test_everybody_gets_in(full: embedded.Cloud, person: str) -> None:
    """Each entry of clouds.yaml works with every service that it may use."""
    connection = connect(full, person)
    seen = (connection.compute.servers(), connection.block_storage.volumes(), connection.network.networks())
    assert [list(resources) for resources in seen] == [[], [], []]


def test_the_service_user_may_reshape(full: embedded.Cloud) -> None:
    """Placement lets services alone reshape: an empty request is wrong (400), not forbidden (403)."""
    response = connect(full, "service").placement.post("/reshaper", json={}, microversion="1.30")
    assert response.status_code == 400


def test_two_clouds_run_side_by_side(clouds: Path) -> None:
    """They share no port and no password."""
    one = embedded.up("one", services=["placement"])
    two = embedded.up("two", services=["placement"])
    assert not set(one.urls.values()) & set(two.urls.values())
    for cloud in (one, two):
        assert list(connect(cloud).placement.resource_providers()) == []
    assert embedded.names() == ["one", "two"]


def test_down_leaves_nothing(clouds: Path) -> None:
    """No process, no listener, no file but the logs."""
    cloud = embedded.up("brief", services=["placement"])
    port = httpx.URL(cloud.urls["placement"]).port
    embedded.down("brief")
    assert processes_of("brief") == []
    assert [entry.name for entry in cloud.folder.iterdir()] == ["log"]
    with socket.socket() as client, pytest.raises(ConnectionRefusedError):
        client.connect(("127.0.0.1", port or 0))


@pytest.mark.parametrize("moment", ["making its databases", "serving"])
def test_killing_who_boots_leaves_no_process(clouds: Path, moment: str) -> None:
    """Nobody can clean up after kill -9; the cloud notices by itself."""
    for template in (clouds / "templates").glob("placement-*") if "databases" in moment else ():
        shutil.rmtree(template)
    with subprocess.Popen([sys.executable, "-uc", BOOT, "orphan"], stdout=subprocess.PIPE, text=True) as booting:
        assert booting.stdout is not None
        assert any(moment in line for line in booting.stdout)
        booting.kill()
    assert gone("orphan")


def test_killing_the_launcher_leaves_no_process(clouds: Path) -> None:
    """The kernel ends the services of a fork server that is no more."""
    cloud = embedded.up("headless", services=["placement"])
    server = launcher.of(cloud.folder)
    assert server is not None
    os.kill(server.pid, signal.SIGKILL)
    assert gone("headless")
    assert embedded.status("headless").state == "down"


def test_an_interrupt_takes_the_cloud_down(clouds: Path) -> None:
    """After ^C there is neither a process nor a secret."""
    with subprocess.Popen([sys.executable, "-uc", BOOT, "halted"], stdout=subprocess.PIPE, text=True) as booting:
        assert booting.stdout is not None
        booting.stdout.readline()
        booting.send_signal(signal.SIGINT)
        booting.stdout.read()
    assert gone("halted", 0)
    assert "halted" not in embedded.names()


def test_a_service_that_ends_later_shows_in_the_status(clouds: Path) -> None:
    """The others stay up, and nobody answers at its port."""
    cloud = embedded.up("maimed", services=["placement"])
    placement = embedded.status("maimed").services[1]
    os.kill(placement.pid or 0, signal.SIGKILL)
    assert wait_until(lambda: embedded.status("maimed").services[1].state == "ended")
    assert embedded.status("maimed").state == "degraded"
    with pytest.raises(httpx.NetworkError):  # refused, or reset while the last of its threads end
        httpx.get(cloud.urls["placement"], trust_env=False)


def test_placement_answers_with_two_processes(clouds: Path) -> None:
    """Either answers while the other one stands still."""
    url = embedded.up("double", services=["placement"]).urls["placement"]
    first = embedded.status("double").services[1].pid or 0
    second = int(Path(f"/proc/{first}/task/{first}/children").read_text())
    for pid in (first, second):
        os.kill(pid, signal.SIGSTOP)
        assert httpx.get(url, trust_env=False).status_code == 200
        os.kill(pid, signal.SIGCONT)


def test_a_broken_checkout_is_named_with_its_traceback(clouds: Path, tmp_path: Path) -> None:
    """The error says which service, and what it said last."""
    (tmp_path / "placement").mkdir()
    (tmp_path / "placement" / "__init__.py").write_text("raise ImportError('half a checkout')")
    with pytest.raises(CloudError) as caught:
        embedded.up("broken", services=["placement"], sources={"placement": tmp_path})
    assert caught.value.what.startswith("placement ended with status 1 while the cloud booted:")
    assert caught.value.what.endswith("ImportError: half a checkout")
    assert caught.value.where == str(clouds / "clouds" / "broken" / "log" / "placement.log")
    assert processes_of("broken") == []


@pytest.mark.parametrize("release", embedded.releases()[:-1])
def test_earlier_releases_boot_too(clouds: Path, release: str) -> None:
    """The same code boots every release that there is a lock for."""
    embedded.up("earlier", release=release)
    assert embedded.status("earlier").release == release
