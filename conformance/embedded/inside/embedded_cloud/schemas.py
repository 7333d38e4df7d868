"""Makes each service's databases from nothing, with what every cloud of ours has in them, and keeps them as a template.

A template holds no secret, port or path that is anybody's: ``adopt`` fits a copy of it to one cloud.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sqlite3
import sys
import uuid
from pathlib import Path

from .record import Record, config_file, database, database_url

DATABASES = {"nova": ["nova_api", "nova_cell0", "nova_cell1"]}
"""The databases of a service, where it has not just one of its own name."""


def names(service: str) -> list[str]:
    """The databases of a service."""
    return DATABASES.get(service, [service])


def create(record: Record, service: str) -> None:
    """Make the databases of a service. It runs in a process of its own, for each leaves global state behind."""
    {"keystone": _keystone, "neutron": _neutron, "cinder": _cinder, "nova": _nova}.get(service, _manage)(
        record, service
    )


def _manage(record: Record, service: str) -> None:
    """Let the service's own management command do it."""
    sys.argv = [f"{service}-manage", "--config-file", config_file(record, service), "db", "sync"]
    importlib.import_module(f"{service}.cmd.manage").main()


def _keystone(record: Record, _service: str) -> None:
    importlib.import_module("embedded_cloud.keystone_content").create(config_file(record, "keystone"))


def _cinder(record: Record, service: str) -> None:
    os.environ["OS_CINDER_DISABLE_EVENTLET_PATCHING"] = "true"
    _manage(record, service)
    context = importlib.import_module("cinder.context").get_admin_context()
    volume_types = importlib.import_module("cinder.volume.volume_types")
    for backend in ("backend-a", "backend-b"):
        volume_types.create(context, backend, {"volume_backend_name": backend})


def _nova(record: Record, _service: str) -> None:
    os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "true"
    sys.argv = ["nova-manage", "--config-file", config_file(record, "nova")]
    importlib.import_module("nova.monkey_patch").patch()
    importlib.import_module("nova.config").parse_args(sys.argv)
    importlib.import_module("nova.objects").register_all()
    migration = importlib.import_module("nova.db.migration")
    migration.db_sync(database="api")
    migration.db_sync(database="main")
    cells = importlib.import_module("nova.cmd.manage").CellV2Commands()
    cells.map_cell0(database_connection=database_url(record, "nova_cell0"))
    cells.create_cell("cell1", database_url(record, "nova_cell1"), "fake://")
    # Both cells have one schema, and neither has a row yet.
    _copy(database(record, "nova_cell1"), database(record, "nova_cell0"))


def _neutron(record: Record, _service: str) -> None:
    """From the models: neutron's migrations alter constraints, which sqlite can't."""
    sqlalchemy = importlib.import_module("sqlalchemy")
    metadata = importlib.import_module("neutron.db.migration.models.head").model_base.BASEV2.metadata
    engine = sqlalchemy.create_engine(database_url(record, "neutron"))
    metadata.create_all(engine)
    attributes, rules = (metadata.tables[name] for name in ("standardattributes", "securitygroupdefaultrules"))
    with engine.begin() as connection:
        for rule in _default_rules():
            owner = connection.execute(attributes.insert().values(resource_type="securitygroupdefaultrules"))
            connection.execute(rules.insert().values(standard_attr_id=owner.inserted_primary_key[0], **rule))


def _default_rules() -> list[dict[str, object]]:
    """What a migration would insert: without these a project's default security group is empty."""
    return [
        {
            "id": str(uuid.uuid4()),
            "direction": direction,
            "ethertype": ethertype,
            "remote_group_id": "PARENT" if direction == "ingress" else None,
            "used_in_default_sg": True,
            "used_in_non_default_sg": direction == "egress",
        }
        for direction in ("egress", "ingress")
        for ethertype in ("IPv4", "IPv6")
    ]


def _copy(source: Path, target: Path) -> None:
    """A copy that sees what is still in the source's write-ahead log, and stays in that mode itself."""
    target.unlink(missing_ok=True)
    with sqlite3.connect(source) as reading, sqlite3.connect(target) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=WAL")
    reading.close()
    writing.close()


def save_template(record: Record, service: str) -> None:
    """Keep the databases just made; the rename is atomic, and whoever else made the same is as good."""
    template = Path(record["templates"][service])
    draft = Path(record["folder"], f"template-{service}")
    draft.mkdir()
    for name in names(service):
        _copy(database(record, name), draft / f"{name}.sqlite")
    template.parent.mkdir(parents=True, exist_ok=True)
    try:
        draft.rename(template)
    except OSError:
        shutil.rmtree(draft)
