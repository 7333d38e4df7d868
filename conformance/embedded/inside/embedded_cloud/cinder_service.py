"""Cinder in one process: the API, the scheduler, a volume service per backend and the backup service.

It runs on native threads where cinder can. Before 2026.2 it can't: then this module is the program of a fresh
interpreter, which eventlet takes over before anything else is imported.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import validators
from .http_server import serve
from .record import EVENTS, Record, config_file, read, tell

SETUP_SECONDS = 10
MAPPING = ("_update_backend_state_map", "get_all_backend_states", "get_pools", "revert_volume_consumed_capacity")
CLUSTERS = {"backend-b": "cluster@backend-b"}
"""The backend whose service belongs to a cluster, in which it is alone."""


def run(record: Record, service: str) -> None:
    """Become cinder, on whatever threads this release has."""
    os.environ["OS_CINDER_DISABLE_EVENTLET_PATCHING"] = "true"
    try:
        monkey_patch = importlib.import_module("cinder.monkey_patch")
    except ModuleNotFoundError:
        os.set_inheritable(EVENTS, True)
        facts = [record["folder"], json.dumps(record["sockets"]), str(EVENTS)]
        os.execv(sys.executable, [sys.executable, "-m", "embedded_cloud.cinder_service", *facts])  # noqa: S606
    monkey_patch.patch()
    _serve(record)


def _serve(record: Record) -> None:
    """Start the services, then serve the API."""
    sys.argv = ["cinder", "--config-file", config_file(record, "cinder")]
    importlib.import_module("embedded_cloud.sqlite_concurrency")
    _do_without_root()
    application = importlib.import_module("cinder.wsgi.wsgi").initialize_application()
    validators.remember(importlib.import_module("cinder.api.validation.validators"))
    _beat_hearts_apart()
    _map_backends_one_at_a_time()
    _start()
    serve(record, "cinder", application)


def _do_without_root() -> None:
    """Neither a root helper nor the host's real connectors: the backends are files of this user."""
    utils: Any = importlib.import_module("cinder.utils")
    utils.get_root_helper = lambda: "env"
    connector = {
        "ip": "127.0.0.1",
        "host": "embedded",
        "initiator": "iqn.1994-05.com.example:embedded",
        "multipath": False,
        "platform": "x86_64",
        "os_type": "linux",
    }
    volume_utils: Any = importlib.import_module("cinder.volume.volume_utils")
    volume_utils.brick_get_connector_properties = lambda *_, **__: dict(connector)
    local = importlib.import_module("os_brick.initiator.connectors.local").LocalConnector
    local.check_valid_device = lambda _self, path, run_as_root=True: os.access(path, os.R_OK)


def _beat_hearts_apart() -> None:
    """``service_id`` belongs to the class, so every heartbeat would go to the service that started last."""
    service = importlib.import_module("cinder.service").Service
    report, one_at_a_time = service.report_state, threading.Lock()

    def report_state(self: Any) -> None:
        with one_at_a_time:
            service.service_id = self.origin_service_id
            report(self)

    service.report_state = report_state


def _map_backends_one_at_a_time() -> None:
    """The scheduler's map of backends is made for green threads: on real ones it changes while it is read."""
    manager = importlib.import_module("cinder.scheduler.host_manager").HostManager
    one_at_a_time = threading.RLock()

    def locked(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def within(*arguments: Any, **named: Any) -> Any:
            with one_at_a_time:
                return method(*arguments, **named)

        return within

    for name in MAPPING:
        setattr(manager, name, locked(getattr(manager, name)))


def _start() -> None:
    service = importlib.import_module("cinder.service").Service
    constants = importlib.import_module("cinder.common.constants")
    conf = importlib.import_module("oslo_config.cfg").CONF
    service.create(binary=constants.SCHEDULER_BINARY, host=conf.host).start()
    for backend in conf.enabled_backends:
        names = {"host": f"{conf.host}@{backend}", "service_name": backend, "cluster": CLUSTERS.get(backend)}
        service.create(binary=constants.VOLUME_BINARY, coordination=True, **names).start()
        tell("started", service="cinder", part=f"volume on {backend}")
    _start_backup(service.create, constants.BACKUP_BINARY)


def _start_backup(create: Callable[..., Any], binary: str) -> None:
    """Its driver is set up by a thread; the scheduler would hear of that a minute later."""
    unlimited = contextlib.nullcontext()
    backup = create(binary=binary, service_name="backup", coordination=True, process_number=1, semaphore=unlimited)
    backup.start()
    deadline = time.monotonic() + SETUP_SECONDS
    while not backup.manager.is_working() and time.monotonic() < deadline:
        time.sleep(0.01)
    admin = importlib.import_module("cinder.context").get_admin_context()
    backup.manager.publish_service_capabilities(admin)
    tell("started", service="cinder", part="backup")


if __name__ == "__main__":
    importlib.import_module("eventlet").monkey_patch()
    os.dup2(int(sys.argv[3]), EVENTS)
    _serve(read(Path(sys.argv[1]), json.loads(sys.argv[2])))
