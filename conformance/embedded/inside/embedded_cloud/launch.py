"""The fork server: ``python -m embedded_cloud.launch FOLDER SOCKETS`` boots the cloud whose record is in FOLDER.

What the services have in common is imported once; then each is forked, so that they share memory and start sooner.
While the cloud boots, standard input is a leash: when whoever boots it goes away, so does everything here. The line
``release`` takes the leash off. Whatever the reason to stop, the last act is to kill the whole process group.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from . import adopt, children, own_database, schemas
from .record import Record, read, tell

SHARED = (
    "sqlalchemy.orm",
    "sqlalchemy.dialects.sqlite",
    "jsonschema",
    "webob",
    "requests",
    "routes",
    "paste.deploy",
    "yaml",
    "cheroot.wsgi",
    "stevedore",
    "oslo_config.cfg",
    "oslo_log.log",
    "oslo_policy.policy",
    "oslo_messaging",
    "oslo_db.sqlalchemy.enginefacade",
    "oslo_utils.timeutils",
    "oslo_serialization.jsonutils",
    "oslo_middleware",
    "oslo_versionedobjects.base",
    "oslo_concurrency.lockutils",
    "oslo_cache",
    "keystoneauth1.session",
    "keystoneauth1.loading",
    "keystoneauth1.identity",
    "keystonemiddleware.auth_token",
    "osprofiler.sqlalchemy",
    "cryptography.fernet",
    "importlib.metadata",
)
STOPPING_SECONDS = 5
IDLE_SECONDS = 60
COLLECTED_AFTER = (50_000, 20, 20)
"""Python's own (700, 10, 10) has nova look through a million compiled statements, which stay, again and again."""


class _NoEventlet:
    """Keeps eventlet out of the shared imports: nova refuses to start when it finds it already imported."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] == "eventlet":
            raise ImportError("eventlet stays out of the fork server")


def share_imports() -> None:
    """Import what all services use, and keep the garbage collector from touching (so copying) those pages."""
    guard = _NoEventlet()
    sys.meta_path.insert(0, guard)
    backend = importlib.import_module("oslo_service.backend")
    backend.init_backend(backend.BackendType.THREADING)
    for module in SHARED:
        importlib.import_module(module)
    sys.meta_path.remove(guard)
    _let_idle_threads_sleep()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


def _let_idle_threads_sleep() -> None:
    """A pool starts a thread for each of its first tasks, and each looks once a second whether it is to end.

    Nova soon has hundreds that do nothing else. Here they needn't look: the process ends without them.
    """
    importlib.import_module("futurist._thread").ThreadWorker.MAX_IDLE_FOR = IDLE_SECONDS


class Launcher:
    """One cloud's processes, from the first fork to the last kill."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.folder = Path(record["folder"])
        self.children: dict[int, str] = {}
        self.leashed = True
        self.wakeup, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)

    def run(self) -> None:
        """Make the databases that can't be copied from a template, then run the services until told to stop."""
        cold = [service for service, kept in self.record["templates"].items() if not Path(kept).exists()]
        for service in cold:
            tell("schema", service=service)
            self.fork(service, schemas.create)
        for service in set(self.record["services"]) - self.record["templates"].keys():
            tell("synchronising", service=service)
            self.fork(service, own_database.create)
        self.supervise(until_empty=True)
        for service in cold:
            schemas.save_template(self.record, service)
        adopt.databases(self.record)
        for service in self.record["services"]:
            self.fork(service, run_service)
        keep_sockets(self.record, ())
        self._write_processes()
        self.supervise()

    def fork(self, service: str, body: Callable[[Record, str], None]) -> None:
        """Start a child that does ``body(record, service)``."""
        title, log = f"{self.record['name']}: {service}", self.folder / "log" / f"{service}.log"
        pid = children.fork(title, log, lambda: body(self.record, service))
        self.children[pid] = service

    def _write_processes(self) -> None:
        temporary = self.folder / "processes.json.new"
        temporary.write_text(
            json.dumps({service: [pid, children.started(pid)] for pid, service in self.children.items()})
        )
        temporary.rename(self.folder / "processes.json")

    def supervise(self, *, until_empty: bool = False) -> None:
        """Reap children until there are none, or for ever; leave with SystemExit when it is time to stop."""
        while self.children or not until_empty:
            watched = [self.wakeup, 0] if self.leashed else [self.wakeup]
            ready, _, _ = select.select(watched, [], [], None)
            if 0 in ready:
                self._heed_leash()
            if self.wakeup in ready:
                self._heed_signals(os.read(self.wakeup, 512), failing=until_empty)

    def _heed_leash(self) -> None:
        if not os.read(0, 512):
            raise SystemExit("whoever booted the cloud is gone")
        self.leashed = False

    def _heed_signals(self, numbers: bytes, *, failing: bool) -> None:
        if signal.SIGTERM in numbers or signal.SIGINT in numbers:
            raise SystemExit("told to stop")
        for service, status in self._reap():
            if status or not failing:
                tell("ended", service=service, status=status)
            if status and failing:
                raise SystemExit(f"{service}: no databases")

    def _reap(self) -> list[tuple[str, int]]:
        reaped = []
        while self.children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            reaped.append((self.children.pop(pid, "?"), os.waitstatus_to_exitcode(status)))
        return reaped

    def stop(self) -> None:
        """Ask all children to end, wait for a while, then end the whole group, this process included."""
        for pid in self.children:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOPPING_SECONDS
        while self.children and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.02)
        sys.stderr.flush()
        os.killpg(0, signal.SIGKILL)


def run_service(record: Record, service: str) -> None:
    """Become a service, for good."""
    keep_sockets(record, (service, "control") if service == "nova" else (service,))
    modules = {"nova": "nova_service", "cinder": "cinder_service", "neutron": "neutron_service"}
    module = importlib.import_module(f"embedded_cloud.{modules.get(service, 'plain_services')}")
    module.run(record, service)


def keep_sockets(record: Record, names: tuple[str, ...]) -> None:
    """Close all sockets but these: the port of a service that ended must refuse, not hang in someone else's hands."""
    for name, number in record["sockets"].items():
        if name not in names:
            os.close(number)


def main() -> None:
    """Boot, supervise, stop."""
    launcher = Launcher(read(Path(sys.argv[1]), json.loads(sys.argv[2])))
    children.set_title(f"{launcher.record['name']}: launcher")
    try:
        share_imports()
        launcher.run()
    except SystemExit as reason:
        sys.stderr.write(f"{reason}\n")
    except BaseException:
        traceback.print_exc()
    finally:
        launcher.stop()


if __name__ == "__main__":
    main()
