"""Writes the files of a cloud: each service's configuration, keystone's keys, and ``clouds.yaml``."""

from __future__ import annotations

import base64
import secrets
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml

from . import release as releases
from . import sources
from .blueprint import Blueprint, write_private

TEMPLATES = Path(__file__).with_name("config")
STATE = ("glance/images", "glance/staging", "glance/tasks", "glance/cache", "nova/instances", "neutron", "cinder")
FOLDERS = ("config", "db", "log", "keys", "python", *(f"state/{folder}" for folder in STATE))
PROJECTS = {"admin": "admin", "member": "demo", "reader": "demo", "manager": "demo", "service": "service"}
"""The project that each person's entry in ``clouds.yaml`` is scoped to."""


def write(blueprint: Blueprint) -> None:
    """Write all files of a cloud into its folder, which only the owner can enter."""
    blueprint.folder.mkdir(parents=True, exist_ok=True)
    blueprint.folder.chmod(0o700)
    for folder in FOLDERS:
        (blueprint.folder / folder).mkdir(parents=True, exist_ok=True)
    blueprint.write()
    for name, text in configuration(blueprint).items():
        write_private(blueprint.folder / "config" / name, text)
    # Services look for one at each enforcing, in six folders if there is none.
    write_private(blueprint.folder / "config" / "policy.yaml", "")
    for keys in ("fernet", "receipt", "credential"):
        _write_keys(blueprint.folder / "keys" / keys)
    for service, checkout in blueprint.settings.sources.items():
        release = releases.find(blueprint.settings.release)
        sources.write_metadata(service, checkout, release, blueprint.folder / "python")
    write_private(blueprint.clouds_yaml, yaml.safe_dump({"clouds": clouds(blueprint)}, sort_keys=False))


def configuration(blueprint: Blueprint) -> dict[str, str]:
    """The text of each configuration file by its name."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - these are ini files
    )
    facts = {
        "folder": blueprint.folder,
        "release": blueprint.settings.release,
        "services": blueprint.settings.services,
        "passwords": blueprint.passwords,
        "etc": blueprint.etc,
        "url": blueprint.urls,
        "database": blueprint.settings.database,
    }
    names = ["glance-api" if service == "glance" else service for service in blueprint.settings.services]
    return {f"{name}.conf": environment.get_template(f"{name}.conf.j2").render(facts) for name in names}


def _write_keys(repository: Path) -> None:
    """A repository as keystone's own setup makes it: the primary key, and the one staged to follow it."""
    repository.mkdir(mode=0o700)
    for number in ("0", "1"):
        write_private(repository / number, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


def entry(name: str, person: str) -> str:
    """The name of a person's entry: the administrator's is the cloud's own."""
    return name if person == "admin" else f"{name}-{person}"


def clouds(blueprint: Blueprint) -> dict[str, Any]:
    """The entries of ``clouds.yaml``; all else is found through keystone's catalogue."""
    found = people(blueprint.settings.name, blueprint.urls["keystone"], blueprint.passwords)
    if "nova" in blueprint.settings.services:
        own = {"hosts": _hosts_command(blueprint.settings.name), "disks": "local"}
        found[blueprint.settings.name]["conformance"] = own
    return found


def people(name: str, keystone: str, passwords: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """An entry of the cloud ``name`` for each of its people."""
    return {
        entry(name, person): {
            "auth": {
                "auth_url": f"{keystone}/v3",
                "username": person,
                "password": passwords[person],
                "project_name": project,
                "user_domain_id": "default",
                "project_domain_id": "default",
            },
            "region_name": "RegionOne",
            "identity_api_version": "3",
        }
        for person, project in PROJECTS.items()
    }


def _hosts_command(name: str) -> str:
    """How the compute hosts are stopped and started."""
    return f"{shlex.quote(sys.executable)} -m conformance cloud host --name {shlex.quote(name)} {{host}} {{action}}"
