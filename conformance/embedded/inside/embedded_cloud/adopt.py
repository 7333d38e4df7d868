"""Fits copies of the template databases to one cloud: its addresses, its paths, its passwords, its services."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from .record import Record, database, database_url


def databases(record: Record) -> None:
    """Copy the templates of the cloud's services and write what is this cloud's alone."""
    folder = Path(record["folder"], "db")
    shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    for template in record["templates"].values():
        shutil.copytree(template, folder, dirs_exist_ok=True)
    _keystone(record)
    if "nova" in record["services"]:
        _nova(record)


def _keystone(record: Record) -> None:
    with closing(sqlite3.connect(database(record, "keystone"))) as connection, connection:
        for service in record["services"]:
            address = f"http://127.0.0.1:{record['ports'][service]}"
            connection.execute("UPDATE endpoint SET url = replace(url, ?, ?)", (f"http://{service}.invalid", address))
        connection.execute("DELETE FROM endpoint WHERE url LIKE 'http://%.invalid%'")
        connection.execute("DELETE FROM service WHERE id NOT IN (SELECT service_id FROM endpoint)")
        for user, password in record["passwords"].items():
            _set_password(connection, user, password)


def _set_password(connection: sqlite3.Connection, user: str, password: str) -> None:
    import bcrypt  # noqa: PLC0415 - only this process needs it, and only once

    # Four rounds: these passwords are random, and every service checks them at every start.
    digest = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    owner = "(SELECT id FROM local_user WHERE name = ?)"
    connection.execute(f"UPDATE password SET password_hash = ? WHERE local_user_id = {owner}", (digest, user))  # noqa: S608


def _nova(record: Record) -> None:
    with closing(sqlite3.connect(database(record, "nova_api"))) as connection, connection:
        for cell in ("cell0", "cell1"):
            url = database_url(record, f"nova_{cell}")
            connection.execute("UPDATE cell_mappings SET database_connection = ? WHERE name = ?", (url, cell))
