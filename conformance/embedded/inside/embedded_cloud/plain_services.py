"""The services that are one WSGI application and nothing else: keystone, placement and glance."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from . import children, validators
from .http_server import Application, prepared, serve
from .record import Record


def run(record: Record, service: str) -> None:
    """Load the application of a service and serve it."""
    os.environ[f"OS_{service.upper()}_CONFIG_DIR"] = str(Path(record["folder"], "config"))
    if service in record["templates"]:  # which are SQLite's; other databases queue by themselves
        importlib.import_module("embedded_cloud.sqlite_concurrency")
    if service == "placement":
        jsonschema = importlib.import_module("jsonschema")
        validators.check_once(jsonschema.validators.validator_for({}))
    application = importlib.import_module(f"{service}.wsgi.api").application
    if service == "placement":
        _serve_in_two(record, application)
    serve(record, service, application)


def _serve_in_two(record: Record, application: Application) -> None:
    """Have a second process answer what comes to placement, which runs ask more than one interpreter can answer.

    It ends with the first, and shares no connection to the database with it.
    """
    importlib.import_module("placement.db_api").get_placement_engine().dispose()
    log = Path(record["folder"], "log", "placement.log")
    children.fork(f"{record['name']}: placement", log, lambda: prepared(record, "placement", application).serve())
