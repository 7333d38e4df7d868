"""The only module that opens a socket to the cloud under test. Layer 3.

Clouds, credentials and TLS are as OpenStack users have them: ``clouds.yaml`` and ``OS_*`` through openstacksdk and
keystoneauth. Every request has a deadline and every answer a size beyond which it isn't read.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Protocol

import attrs
import httpx
import openstack.config
from keystoneauth1.exceptions import ClientException, EndpointNotFound
from openstack.exceptions import ConfigException

from conformance.errors import CloudError
from conformance.exchange import Exchange, Request, Response
from conformance.guests import Guests
from conformance.hosts import BOOT_SECONDS, Hosts
from conformance.microversion import Microversion, Span, tongue
from conformance.watchdog import WATCHDOG

HANDS = ("guests", "hosts")
"""What is spoken to as a service, and is a command of the user's own."""
LARGEST = 16 * 1024 * 1024
_VERSION_PATH = re.compile(r"/v\d[\d.]*(/.*)?$")
_FROM_ROOT = re.compile(r"/(v\d.*)?")


class Hand(Protocol):
    """What answers in place of a service."""

    def send(self, request: Request) -> Response:
        """Do what is asked, and say what became of it."""
        ...


@attrs.define(slots=False)
class Persona:
    """One user of the cloud: an entry of ``clouds.yaml``, its token, and its connections."""

    entry: str
    patience: float = 60.0

    @cached_property
    def _config(self) -> Any:
        try:
            return openstack.config.OpenStackConfig().get_one(cloud=self.entry or None)
        except ConfigException as error:
            remedy = "Name an entry of clouds.yaml with --cloud, set OS_CLOUD, or boot one with 'conformance cloud up'."
            raise CloudError(str(error), f"cloud {self.entry or 'OS_*'}", remedy) from None

    @cached_property
    def session(self) -> Any:
        """keystoneauth's session."""
        session = self._config.get_session()
        session.timeout = self.patience
        return session

    @cached_property
    def http(self) -> httpx.Client:
        """The connections, kept alive over requests; redirects are answers like others and not followed."""
        verify, cert = self._config.get_requests_verify_args()
        verify = ssl.create_default_context(cafile=verify) if isinstance(verify, str) else verify
        return httpx.Client(verify=verify, cert=cert, timeout=self.patience, trust_env=True)

    @cached_property
    def hands(self) -> Mapping[str, Hand]:
        """The hands on the cloud's hosts and guests, as far as its entry says how, and what it says of them."""
        own = self._config.config.get("conformance") or {}
        hosts = Hosts(own, max(self.patience, BOOT_SECONDS))
        return {"hosts": hosts, "guests": Guests(own.get("guests") or {})}

    def endpoint(self, service: str) -> str:
        """The service's endpoint in the catalogue, without a slash at its end."""
        names = _catalogue_names(service)
        with _reachable(self.entry):
            found = (self._endpoint(name) for name in names)
            endpoint: str | None = next((one for one in found if one), None)
        if not endpoint:
            remedy = f"Look with 'openstack catalog list' for a service of type {' or '.join(names)}."
            raise CloudError(f"no endpoint for {service}", f"cloud {self.entry}", remedy)
        return endpoint.rstrip("/")

    def _endpoint(self, name: str) -> str | None:
        override = self._config.get_endpoint(name)
        if override:
            return str(override)
        interface, region = self._config.get_interface(name), self._config.get_region_name(name)
        try:
            found = self.session.get_endpoint(service_type=name, interface=interface, region_name=region)
        except EndpointNotFound:
            return None
        return str(found) if found else None

    def token(self) -> str:
        """A token that holds; CloudError if none is to be had."""
        with _reachable(self.entry):
            return str(self.session.get_token())

    def hang_up(self) -> None:
        """Give up all connections in the middle of whatever they do; what is asked next gets new ones."""
        if client := self.__dict__.pop("http", None):
            client.close()

    def forget_token(self) -> None:
        """Give up a token that a service refused, so that the next one is new."""
        self.session.invalidate()


@contextmanager
def _reachable(entry: str) -> Iterator[None]:
    """Turn what keystoneauth and the network throw into one error that says what to do."""
    try:
        yield
    except (ClientException, httpx.HTTPError, OSError) as error:
        remedy = "Check that it is up and that the credentials hold: 'openstack token issue' must work."
        raise CloudError(f"no access: {' '.join(str(error).split())}", f"cloud {entry}", remedy) from None


def _catalogue_names(service: str) -> tuple[str, ...]:
    return tongue(service).catalogue if service in ("compute", "placement", "volume") else (service,)


class Sender(Protocol):
    """What asks the cloud: the client, or whatever stands in for it."""

    def send(self, request: Request) -> Exchange:
        """Ask once."""
        ...


@attrs.define(slots=False)
class Client:
    """The cloud under test, as several personas. ``entries`` says which entry of ``clouds.yaml`` each one is."""

    entries: Mapping[str, str]
    patience: float = 60.0
    _personas: dict[str, Persona] = attrs.field(factory=dict)
    _endpoints: dict[tuple[str, str], str] = attrs.field(factory=dict)

    def persona(self, name: str) -> Persona:
        """The user who plays a persona; CloudError if nobody does."""
        if name not in self.entries:
            remedy = f"Say who that is with --persona {name}=ENTRY, an entry of clouds.yaml."
            raise CloudError(f"nobody plays the persona {name!r}", "personas", remedy)
        if name not in self._personas:
            self._personas[name] = Persona(self.entries[name], self.patience)
        return self._personas[name]

    def bounds(self, service: str) -> Span:
        """The lowest and highest microversion that the service says it has; CloudError if it can't tell."""
        request = Request(service, "GET", "/")
        response = self.send(request).response
        try:
            if response.status not in (200, 300):
                raise ValueError(response.status)
            newest = max(
                response.data["versions"], key=lambda one: _parse(one.get("min_version")) or Microversion(0, 0)
            )
            low = Microversion.parse(newest["min_version"])
            high = Microversion.parse(newest.get("max_version") or newest["version"])
        except Exception:  # whatever the cloud sent, it is no version document
            seen = response.failure or f"status {response.status}: {response.text[:120]}"
            remedy = f"Check the {service} endpoint in the catalogue and whether the service is up."
            raise CloudError(f"{service} gives no version document: {seen}", self.url(request), remedy) from None
        return Span(low, high)

    def send(self, request: Request) -> Exchange:
        """Ask, and take what comes: a failure of the network is a response too, with ``failure`` set."""
        exchange = Exchange(request, self._send(request))
        if exchange.response.status == 401:
            self.persona(request.persona).forget_token()
            exchange = Exchange(request, self._send(request))
        return exchange

    def url(self, request: Request) -> str:
        """Where a request goes; to a hand it goes by no network."""
        if request.service in HANDS:
            return f"{request.service}://{request.path}"
        key = (request.persona, request.service)
        if key not in self._endpoints:
            self._endpoints[key] = self.persona(request.persona).endpoint(request.service)
        endpoint = self._endpoints[key]
        if _FROM_ROOT.fullmatch(request.path.partition("?")[0]):
            endpoint = _VERSION_PATH.sub("", endpoint)
        return endpoint + request.path

    def _send(self, request: Request) -> Response:
        persona = self.persona(request.persona)
        if request.service in HANDS:
            return persona.hands[request.service].send(request)
        headers = {**request.headers, "X-Auth-Token": persona.token()}
        arguments: dict[str, Any] = {"headers": headers, "content": request.octets}
        if request.octets is None and request.body is not None:
            arguments["json"] = request.body
        begun = time.perf_counter()
        # httpx times each read: an answer whose headers drip would never end without the watchdog.
        watched = WATCHDOG.within(self.patience + 1, persona.hang_up)
        try:
            with watched, persona.http.stream(request.method, self.url(request), **arguments) as answer:
                status, content = answer.status_code, self._read(answer, begun)
                return Response(status, _headers(answer), content, time.perf_counter() - begun)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            return Response(0, failure=words, seconds=time.perf_counter() - begun)

    def _read(self, answer: httpx.Response, begun: float) -> bytes:
        content = bytearray()
        for piece in answer.iter_bytes():
            content += piece
            if len(content) > LARGEST:
                raise ValueError(f"the body is larger than {LARGEST >> 20} MiB")
            if time.perf_counter() - begun > self.patience:
                raise httpx.ReadTimeout(f"the body was not whole after {self.patience:g} s")
        return bytes(content)


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _parse(text: Any) -> Microversion | None:
    return Microversion.parse(text) if isinstance(text, str) and text else None
