"""Nova in one process: conductor, scheduler, the compute hosts and the API, on native threads and an in-memory bus."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
import sys
import threading
import urllib.error
import urllib.request
from typing import Any

from . import validators
from .http_server import serve
from .record import Record, tell

CONTROLLER = "controller"


def run(record: Record, service: str) -> None:
    """Start everything, then serve the API."""
    folder, paste = f"{record['folder']}/config", f"{record['etc']['nova']}/api-paste.ini"
    os.environ |= {"OS_NOVA_DISABLE_EVENTLET_PATCHING": "true", "OS_NOVA_CONFIG_DIR": folder}
    os.environ["OS_NOVA_CONFIG_FILES"] = f"{paste};nova.conf"
    sys.argv = ["nova"]
    importlib.import_module("nova.monkey_patch").patch()
    importlib.import_module("embedded_cloud.sqlite_concurrency")
    wsgi = importlib.import_module("nova.api.openstack.wsgi_app")
    importlib.import_module("embedded_cloud.nova_threads").complete()
    validators.remember(importlib.import_module("nova.api.validation.validators"))
    # Before 2026.1 neither function takes the program's name.
    program = ["nova"] if "prog" in inspect.signature(wsgi.init_application).parameters else []
    wsgi.init_global_data(wsgi._get_config_files(), "osapi_compute", *program)
    importlib.import_module("os_vif").initialize()
    importlib.import_module("nova.objects").Service.enable_min_version_cache()
    hosts = _start(record)
    control = importlib.import_module("embedded_cloud.nova_control")
    threading.Thread(target=control.serve, args=(record, hosts), daemon=True).start()
    serve(record, service, wsgi.init_application("osapi_compute", *program))


def _start(record: Record) -> ComputeHosts:
    for needed in ("keystone", "placement"):
        _await_answer(record["ports"][needed])
    start_service("nova-conductor", "conductor", CONTROLLER)
    start_service("nova-scheduler", "scheduler", CONTROLLER)
    hypervisors = importlib.import_module("embedded_cloud.hypervisors")
    hypervisors.install()
    hosts = ComputeHosts(hypervisors.HOSTS)
    for host in hypervisors.HOSTS:
        hosts.start(host)
        tell("started", service="nova", part=f"compute on {host}")
    return hosts


def start_service(binary: str, api: str, host: str, **options: Any) -> Any:
    """Start one of nova's services in this process; ``api`` is the package whose RPC topic it serves."""
    topic = importlib.import_module(f"nova.{api}.rpcapi").RPC_TOPIC
    service = importlib.import_module("nova.service").Service.create(
        binary=binary, topic=topic, host=host, **options.pop("create", {})
    )
    if guests := options.get("guests"):
        service.manager.driver.instances.update(guests)
    service.start()
    return service


def _await_answer(port: int) -> None:
    """Wait until a service of this cloud answers at all; whoever boots the cloud has the deadline."""
    pause = threading.Event()
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            pause.wait(0.1)
        else:
            return


class ComputeHosts:
    """The compute hosts of this process: each can be stopped, as by a power cut, and started again."""

    def __init__(self, drivers: dict[str, str]) -> None:
        self._drivers = drivers
        self._running: dict[str, Any] = {}
        self._guests: dict[str, dict[str, Any]] = {}
        self._one_at_a_time = threading.Lock()

    def start(self, host: str) -> None:
        """Start a host with the guests that it had, unless it runs; one that nova doesn't know becomes known."""
        with self._one_at_a_time:
            if host not in self._running:
                service = self._running[host] = self._create(host)
                # Upstream is silent for its first five seconds, in which a host that was away counts as down.
                service.servicegroup_api._driver._report_state(service)
                context = importlib.import_module("nova.context").get_admin_context()
                with contextlib.suppress(importlib.import_module("nova.exception").HostMappingExists):
                    importlib.import_module("nova.objects.host_mapping").discover_hosts(context)

    def _create(self, host: str) -> Any:
        conf = importlib.import_module("nova.conf").CONF
        alternative = getattr(importlib.import_module("nova.compute.rpcapi"), "RPC_TOPIC_ALT", None)
        conf.set_override("compute_driver", self._drivers[host])
        conf.set_override("host", host)
        try:
            return start_service(
                "nova-compute",
                "compute",
                host,
                create={"topic_alt": alternative} if alternative else {},
                guests=self._guests.pop(host, None),
            )
        finally:
            conf.clear_override("compute_driver")
            conf.clear_override("host")

    def stop(self, host: str) -> None:
        """Let a host hear and say nothing more; its guests stay, as on a real hypervisor."""
        if host not in self._drivers:
            raise KeyError(host)
        with self._one_at_a_time:
            if service := self._running.pop(host, None):
                self._guests[host] = service.manager.driver.instances
                service.rpcserver.stop()
                if alternative := getattr(service, "rpcserver_alt", None):
                    alternative.stop()
                service.tg.stop()
