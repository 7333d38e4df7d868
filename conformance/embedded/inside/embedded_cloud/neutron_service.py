"""Neutron in one process: the API, and agents that it takes for those of a network."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

from .http_server import serve
from .record import Record


def run(record: Record, service: str) -> None:
    """Start everything, then serve the API."""
    os.environ["OS_NEUTRON_CONFIG_DIR"] = str(Path(record["folder"], "config"))
    # It would look for a second file, that of its plugin.
    os.environ["OS_NEUTRON_CONFIG_FILES"] = "neutron.conf"
    concurrency = importlib.import_module("embedded_cloud.sqlite_concurrency")
    concurrency.read_outside_transactions()
    _delete_bindings_in_a_transaction()
    application = importlib.import_module("neutron.wsgi.api").application
    importlib.import_module("embedded_cloud.neutron_agents").start()
    serve(record, service, application)


def _delete_bindings_in_a_transaction() -> None:
    """The one that neutron forgets here: it would lock itself out of SQLite, and loses the deletion elsewhere."""
    plugin: Any = importlib.import_module("neutron.plugins.ml2.plugin").Ml2Plugin
    writer = importlib.import_module("neutron_lib.db.api").CONTEXT_WRITER
    delete = plugin.delete_distributed_port_bindings_by_router_id

    def within(self: Any, context: Any, router_id: str) -> None:
        with writer.using(context):
            delete(self, context, router_id)

    plugin.delete_distributed_port_bindings_by_router_id = within
