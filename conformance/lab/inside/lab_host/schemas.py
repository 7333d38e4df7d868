"""Makes the databases of one service by its own migrations, with what every lab has in them.

What it leaves becomes a template, so it holds no secret: keystone's passwords are thrown away at once, and cells
take theirs from nova's configuration. ``adopt`` puts in what is one lab's own.
"""

from __future__ import annotations

import importlib
import os
import sys

KEYSTONE = "/etc/keystone/keystone.conf"
NOVA = "/etc/nova/nova.conf"
CELL = "{scheme}://{username}:{password}@{hostname}"
BACKENDS = ("backend-a", "backend-b")


def keystone() -> None:
    """Schema, users, projects and catalogue, as the embedded cloud has them."""
    importlib.import_module("embedded_cloud.keystone_content").create(KEYSTONE)


def cinder() -> None:
    """Schema, and a type for each backend."""
    os.environ["OS_CINDER_DISABLE_EVENTLET_PATCHING"] = "true"
    sys.argv = ["cinder-manage", "--config-file", "/etc/cinder/cinder.conf", "db", "sync"]
    try:
        importlib.import_module("cinder.cmd.manage").main()
    except SystemExit as end:
        if end.code:
            raise
    context = importlib.import_module("cinder.context").get_admin_context()
    volume_types = importlib.import_module("cinder.volume.volume_types")
    for backend in BACKENDS:
        volume_types.create(context, backend, {"volume_backend_name": backend})


def nova() -> None:
    """Both schemas, and two cells whose addresses stand in the configuration."""
    os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "true"
    sys.argv = ["nova-manage", "--config-file", NOVA]
    importlib.import_module("nova.monkey_patch").patch(backend="threading")
    importlib.import_module("nova.config").parse_args(sys.argv)
    importlib.import_module("nova.objects").register_all()
    manage = importlib.import_module("nova.cmd.manage")
    manage.ApiDbCommands().sync()
    cells = manage.CellV2Commands()
    cells.map_cell0(database_connection=f"{CELL}/nova_cell0?{{query}}")
    cells.create_cell("cell1", f"{CELL}/nova_cell1?{{query}}", f"{CELL}:{{port}}/")
    manage.DbCommands().sync()


if __name__ == "__main__":
    {"keystone": keystone, "cinder": cinder, "nova": nova}[sys.argv[1]]()
