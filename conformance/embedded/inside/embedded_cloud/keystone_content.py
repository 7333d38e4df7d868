"""Makes keystone's database: the schema, then the users, projects, roles and catalogue of every cloud of ours.

Endpoints are at ``http://<service>.invalid`` and passwords are thrown away at once; ``adopt`` puts in the cloud's own.
"""

from __future__ import annotations

import secrets
import uuid

import keystone.conf
from keystone.cmd.bootstrap import Bootstrapper
from keystone.common import driver_hints, provider_api, sql
from keystone.common.sql import upgrades

PROVIDERS = provider_api.ProviderAPIs
REGION = "RegionOne"
INTERFACES = ("public", "internal", "admin")

CATALOGUE = {
    "placement": [("placement", "placement", "")],
    "glance": [("glance", "image", "")],
    "neutron": [("neutron", "network", "")],
    "cinder": [("cinder", "block-storage", "/v3/%(project_id)s"), ("cinderv3", "volumev3", "/v3/%(project_id)s")],
    "nova": [("nova", "compute", "/v2.1")],
}
"""By service: name, type and path of its entries. Clients look for volumes under either type."""

USERS: dict[str, dict[str, tuple[str, ...]]] = {
    "service": {
        **dict.fromkeys(("placement", "glance", "neutron", "cinder", "nova"), ("admin", "service")),
        "service": ("service",),
    },
    "demo": {"member": ("member",), "reader": ("reader",), "manager": ("manager",)},
}
"""By project: users and their roles. The services' users are administrators, as deployments have them."""


def create(config_file: str) -> None:
    """Make the schema and the content."""
    keystone.conf.configure()
    sql.initialize()
    keystone.conf.CONF(args=["--config-file", config_file], project="keystone")
    upgrades.offline_sync_database_to_version()
    _bootstrap()
    for project, users in USERS.items():
        _project(project, users)
    for service, entries in CATALOGUE.items():
        for name, kind, path in entries:
            _entry(name, kind, f"http://{service}.invalid{path}")


def _bootstrap() -> None:
    """The default domain, the roles, the administrator and keystone's own entry."""
    bootstrapper = Bootstrapper()
    bootstrapper.admin_username = bootstrapper.project_name = bootstrapper.admin_role_name = "admin"
    bootstrapper.admin_password = secrets.token_urlsafe()
    bootstrapper.service_name, bootstrapper.region_id = "keystone", REGION
    for interface in INTERFACES:
        setattr(bootstrapper, f"{interface}_url", "http://keystone.invalid/v3")
    bootstrapper.immutable_roles = True
    bootstrapper.bootstrap()


def _project(name: str, users: dict[str, tuple[str, ...]]) -> None:
    project = uuid.uuid4().hex
    reference = {"id": project, "name": name, "domain_id": "default", "enabled": True, "description": ""}
    PROVIDERS.resource_api.create_project(project, reference)
    roles = {role["name"]: role["id"] for role in PROVIDERS.role_api.list_roles(driver_hints.Hints())}
    for user, granted in users.items():
        owner = {"name": user, "password": secrets.token_urlsafe(), "domain_id": "default", "enabled": True}
        identity = PROVIDERS.identity_api.create_user(owner)["id"]
        for role in granted:
            PROVIDERS.assignment_api.add_role_to_user_and_project(identity, project, roles[role])


def _entry(name: str, kind: str, url: str) -> None:
    service = uuid.uuid4().hex
    PROVIDERS.catalog_api.create_service(service, {"id": service, "name": name, "type": kind, "enabled": True})
    for interface in INTERFACES:
        endpoint = uuid.uuid4().hex
        reference = {"id": endpoint, "interface": interface, "url": url, "service_id": service, "region_id": REGION}
        PROVIDERS.catalog_api.create_endpoint(endpoint, {**reference, "enabled": True})
