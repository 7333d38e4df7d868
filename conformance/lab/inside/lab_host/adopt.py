"""Fits a copy of the template databases to one lab: its accounts, its passwords, its addresses."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SOCKET = "/run/mysqld/mysqld.sock"
ACCOUNT = ("CREATE OR REPLACE USER 'openstack'@'%%' IDENTIFIED BY %s", "GRANT ALL ON *.* TO 'openstack'@'%'")
HASH = """UPDATE keystone.password SET password_hash = %s
    WHERE local_user_id = (SELECT id FROM keystone.local_user WHERE name = %s)"""
ADDRESS = "UPDATE keystone.endpoint SET url = REPLACE(url, %s, %s)"


def account(cursor: Any, facts: dict[str, Any]) -> None:
    """The one account of the services, with this lab's password."""
    cursor.execute(ACCOUNT[0], (facts["database"],))
    cursor.execute(ACCOUNT[1])
    for name in facts["databases"]:
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb3")


def content(cursor: Any, facts: dict[str, Any]) -> None:
    """Passwords of people and services, and where the services answer."""
    import bcrypt  # noqa: PLC0415 - not needed for an account

    for user, password in facts["passwords"].items():
        # Four rounds: these passwords are random, and every service checks them at every start.
        digest = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
        cursor.execute(HASH, (digest, user))
    for service, url in facts["urls"].items():
        cursor.execute(ADDRESS, (f"http://{service}.invalid", url))


def main(steps: list[str]) -> None:
    """Perform some of the steps."""
    import pymysql  # noqa: PLC0415 - in the tree alone

    facts = json.loads(Path("/lab/facts.json").read_text())
    connection = pymysql.connect(unix_socket=SOCKET, user="root", autocommit=True)
    with connection.cursor() as cursor:
        for step in steps:
            {"account": account, "content": content}[step](cursor, facts)


if __name__ == "__main__":
    main(sys.argv[1:])
