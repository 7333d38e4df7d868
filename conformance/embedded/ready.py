"""Says when a cloud is ready: every service answers a request with a token, and what works behind it is up."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from .blueprint import Blueprint

COMPUTES = 3
VOLUMES = 2


class Readiness:
    """Asks a cloud's services how they are; a complaint is a sentence, and None means ready."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._blueprint = blueprint
        self._http = httpx.Client(trust_env=False, timeout=20)
        self._project = ""

    def check(self, service: str) -> str | None:
        """What is wrong with a service."""
        try:
            return CHECKS[service](self)
        except httpx.HTTPStatusError as error:
            return f"{error.request.url.path} answers {error.response.status_code}"
        except httpx.TransportError as error:
            return f"no answer ({type(error).__name__})"

    def keystone(self) -> str | None:
        """Get a token; all else needs it."""
        credentials = {"user": {"name": "admin", "domain": {"id": "default"}}}
        credentials["user"]["password"] = self._blueprint.passwords["admin"]
        scope = {"project": {"name": "admin", "domain": {"id": "default"}}}
        body = {"auth": {"identity": {"methods": ["password"], "password": credentials}, "scope": scope}}
        response = self._http.post(f"{self._blueprint.urls['keystone']}/v3/auth/tokens", json=body)
        response.raise_for_status()
        self._http.headers["X-Auth-Token"] = response.headers["X-Subject-Token"]
        self._project = response.json()["token"]["project"]["id"]
        return None

    def get(self, service: str, path: str) -> Any:
        """A document of a service."""
        response = self._http.get(f"{self._blueprint.urls[service]}{path}")
        response.raise_for_status()
        return response.json()

    def answers(self, service: str, path: str) -> str | None:
        """No more is asked than an answer."""
        self.get(service, path)
        return None

    def cinder(self) -> str | None:
        """The scheduler, both backends and the backup service."""
        services = self.get("cinder", f"/v3/{self._project}/os-services")["services"]
        up = [service["host"] for service in services if service["state"] == "up"]
        return None if len(up) == VOLUMES + 2 else f"cinder's services up: {json.dumps(up)}"

    def nova(self) -> str | None:
        """All compute hosts, and their inventory in placement."""
        services = self.get("nova", "/v2.1/os-services?binary=nova-compute")["services"]
        up = [service["host"] for service in services if service["state"] == "up"]
        if len(up) < COMPUTES:
            return f"compute hosts up: {json.dumps(up)}"
        providers = self.get("placement", "/resource_providers")["resource_providers"]
        known = {provider["name"] for provider in providers}
        return f"no resource provider of {sorted(set(up) - known)}" if set(up) - known else None


CHECKS: dict[str, Callable[[Readiness], str | None]] = {
    "keystone": Readiness.keystone,
    "placement": lambda cloud: cloud.answers("placement", "/resource_providers"),
    "glance": lambda cloud: cloud.answers("glance", "/v2/images"),
    "neutron": lambda cloud: cloud.answers("neutron", "/v2.0/networks"),
    "cinder": Readiness.cinder,
    "nova": Readiness.nova,
}
