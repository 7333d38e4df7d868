"""The services that are one WSGI application and nothing else: keystone, placement and glance."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from . import validators
from .http_server import serve
from .record import Record


def run(record: Record, service: str) -> None:
    """Load the application of a service and serve it."""
    os.environ[f"OS_{service.upper()}_CONFIG_DIR"] = str(Path(record["folder"], "config"))
    if service in record["templates"]:  # which are SQLite's; other databases queue by themselves
        importlib.import_module("embedded_cloud.sqlite_concurrency")
    if service == "placement":
        jsonschema = importlib.import_module("jsonschema")
        validators.check_once(jsonschema.validators.validator_for({}))
    serve(record, service, importlib.import_module(f"{service}.wsgi.api").application)
