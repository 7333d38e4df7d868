"""Asks the services of a lab whether it is ready, until it is; the last complaint goes to the log."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import requests

SECONDS = 150
Check = Callable[[], str | None]


class Readiness:
    """A complaint is a sentence, and None means that all is well."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self._facts = facts
        self.http = requests.Session()
        self.http.trust_env = False
        self._project = ""

    def keystone(self) -> str | None:
        """Get a token; all else needs it."""
        user = {"name": "admin", "domain": {"id": "default"}, "password": self._facts["passwords"]["admin"]}
        scope = {"project": {"name": "admin", "domain": {"id": "default"}}}
        body: Any = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
        response = self.http.post(f"{self._facts['urls']['keystone']}/v3/auth/tokens", json=body, timeout=20)
        response.raise_for_status()
        self.http.headers["X-Auth-Token"] = response.headers["X-Subject-Token"]
        self._project = response.json()["token"]["project"]["id"]
        return None

    def url(self, service: str, path: str) -> str:
        """Where something of a service is."""
        return f"{self._facts['urls'][service]}{path}"

    def get(self, service: str, path: str) -> Any:
        """A document of a service."""
        response = self.http.get(self.url(service, path), timeout=20)
        response.raise_for_status()
        return response.json()

    def glance(self) -> str | None:
        """No more is asked than an answer."""
        self.get("glance", "/v2/images")
        return None

    def neutron(self) -> str | None:
        """Every agent is alive on every host that should have it."""
        agents = self.get("neutron", "/v2.0/agents")["agents"]
        alive = {f"{agent['binary']} on {agent['host']}" for agent in agents if agent["alive"]}
        wanted = [f"{binary} on {host}" for binary, hosts in self._facts["agents"].items() for host in hosts]
        return _lacking("network agents", wanted, alive)

    def nova(self) -> str | None:
        """All compute hosts are up, and placement knows each."""
        services = self.get("nova", "/v2.1/os-services?binary=nova-compute")["services"]
        up = {service["host"] for service in services if service["state"] == "up"}
        if complaint := _lacking("compute hosts", self._facts["computes"], up):
            return complaint
        hypervisors = self.get("nova", "/v2.1/os-hypervisors")["hypervisors"]
        names = {one["hypervisor_hostname"] for one in hypervisors if one["state"] == "up"}
        providers = self.get("placement", "/resource_providers")["resource_providers"]
        known = {one["name"] for one in providers}
        return _lacking("hypervisors", self._facts["computes"], names) or _lacking("resource providers", names, known)

    def cinder(self) -> str | None:
        """The scheduler and every backend."""
        services = self.get("cinder", f"/v3/{self._project}/os-services")["services"]
        up = {service["host"].partition("@")[2] for service in services if service["state"] == "up"}
        return _lacking("volume services", ["", *self._facts["backends"]], up)

    def back(self, host: str, since: float) -> str | None:
        """A compute host has told of itself since then, which it does when it has put its affairs in order."""
        [service] = self.get("nova", f"/v2.1/os-services?binary=nova-compute&host={host}")["services"]
        told = datetime.fromisoformat(service["updated_at"]).replace(tzinfo=UTC).timestamp()
        return None if told > since else f"{host} has not told of itself since it was started"

    def everything(self) -> list[Check]:
        """All that is asked of a lab that boots."""
        return [self.keystone, self.glance, self.neutron, self.cinder, self.nova]

    def complaint(self, checks: list[Check]) -> str | None:
        """The first thing that isn't right."""
        for check in checks:
            try:
                if said := check():
                    return said
            except requests.RequestException as error:
                return f"{getattr(error.request, 'url', '')}: {type(error).__name__} {error.response}"
        return None


def _lacking(what: str, wanted: Any, there: Any) -> str | None:
    missing = sorted(set(wanted) - set(there))
    return f"{what} not up: {', '.join(map(str, missing))}" if missing else None


def main(words: list[str]) -> None:
    """End well as soon as the lab is ready, or the one host that is named; badly when it takes too long."""
    readiness = Readiness(json.loads(Path("/lab/facts.json").read_text()))
    checks = readiness.everything()
    if words:
        checks = [readiness.keystone, partial(readiness.back, words[0], float(words[1]))]
    deadline, last = time.monotonic() + SECONDS, ""
    while said := readiness.complaint(checks):
        if said != last:
            print(said, flush=True)
        if time.monotonic() > deadline:
            sys.exit(1)
        last = said
        time.sleep(0.3)


if __name__ == "__main__":
    main(sys.argv[1:])
