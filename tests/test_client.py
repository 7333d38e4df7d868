"""A cloud that can't be used is told with a remedy and exit code 3, and no answer of it makes the client hang."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from conformance.client import Client
from conformance.errors import CloudError
from conformance.exchange import Request
from tests.conftest import Cloud
from tests.wrong_server import FAULTS, Fault, Spoil, WrongServer, instead

LIST = Request("compute", "GET", "/servers")


@pytest.fixture
def dead() -> str:
    """A URL at which nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[WrongServer]:
    """A server whose certificate nobody vouches for."""
    path = tmp_path / "server.pem"
    path.write_bytes(certificate())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = WrongServer().start(context)
    yield server
    server.stop()


def certificate() -> bytes:
    """A key and a certificate for the loopback, signed by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = builder.add_extension(address, critical=False).sign(key, hashes.SHA256())
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    return key.private_bytes(pem, form, plain) + signed.public_bytes(pem)


def admin(patience: float = 5.0) -> Client:
    """The client of a run."""
    return Client({"admin": "tiny"}, patience)


def refused(cloud: Cloud, *arguments: object) -> str:
    """What the command says of a cloud that it can't use; it says so once, and runs nothing."""
    ended = cloud.run(*arguments)
    assert ended.code == 3, ended
    assert not (cloud.results / "results.jsonl").exists()
    told, remedy = ended.err.strip().split("\n")
    assert told.startswith("error: ")
    assert remedy.startswith("  ")
    return ended.err


def test_a_dead_endpoint(cloud: Cloud, dead: str) -> None:
    """An endpoint at which nobody listens is named, and what to check."""
    cloud.configure(compute_endpoint_override=f"{dead}/v2.1")

    told = refused(cloud)

    assert f"{dead}/: compute gives no version document: ConnectError" in told
    assert "Check the compute endpoint" in told


def test_a_dead_keystone(cloud: Cloud, dead: str) -> None:
    """A keystone at which nobody listens is no access."""
    cloud.configure(auth={"auth_url": f"{dead}/v3", "username": "tiny", "password": "x", "project_name": "tiny"})

    assert "openstack token issue" in refused(cloud)


def test_an_unknown_entry(cloud: Cloud) -> None:
    """An entry that clouds.yaml hasn't is named."""
    told = refused(cloud, "--cloud", "nowhere")

    assert "cloud nowhere" in told
    assert "--cloud" in told


def test_a_wrong_password(cloud: Cloud) -> None:
    """Credentials that don't hold are told without the password."""
    entry = {"auth_url": f"{cloud.server.url}/identity/v3", "username": "tiny", "password": "mistaken"}
    cloud.configure(auth={**entry, "project_name": "tiny", "user_domain_id": "default", "project_domain_id": "default"})

    told = refused(cloud)

    assert "no access" in told
    assert "mistaken" not in told


def test_a_persona_without_an_entry(cloud: Cloud) -> None:
    """A persona whom nobody plays is named, with the option that says who does."""
    with pytest.raises(CloudError) as caught:
        admin().send(Request("compute", "GET", "/servers", persona="reader"))

    assert caught.value.remedy == "Say who that is with --persona reader=ENTRY, an entry of clouds.yaml."


def test_a_service_that_the_catalogue_lacks(cloud: Cloud) -> None:
    """A service without an endpoint is told with the types that were looked for."""
    with pytest.raises(CloudError) as caught:
        admin().bounds("volume")

    assert "block-storage or volumev3 or volume" in caught.value.remedy


def test_a_certificate_that_does_not_verify(cloud: Cloud, secure: WrongServer) -> None:
    """TLS is verified unless clouds.yaml says otherwise, and what failed is said."""
    (cloud.folder / "clouds.yaml").write_text(secure.clouds(), encoding="utf-8")

    assert "certificate verify failed" in refused(cloud, "--patience", 5).lower()


def test_a_certificate_that_clouds_yaml_names(cloud: Cloud, secure: WrongServer, tmp_path: Path) -> None:
    """With the certificate as ``cacert`` the same cloud is trusted."""
    (cloud.folder / "clouds.yaml").write_text(secure.clouds(cacert=str(tmp_path / "server.pem")), encoding="utf-8")

    assert cloud.run("compute/versions::list@2.4").code == 0


@pytest.mark.parametrize(
    ("spoil", "seen"),
    [
        (FAULTS["html"].spoil, "It works!"),
        (instead(status=503, body={"message": "down"}), "status 503"),
        (instead(body={"versions": []}), "status 200"),
        (instead(body={"versions": [{"id": "v2.0", "version": "", "min_version": ""}]}), "status 200"),
        (FAULTS["redirects"].spoil, "status 302"),
        (FAULTS["drip"].spoil, "ReadTimeout"),
        (FAULTS["huge"].spoil, "larger than 16 MiB"),
        (FAULTS["hung-up"].spoil, "RemoteProtocolError"),
        (FAULTS["hung-show"].spoil, "ReadTimeout"),
    ],
    ids=["html", "down", "empty", "old", "redirects", "drip", "huge", "hung-up", "hung"],
)
def test_what_is_no_version_document(cloud: Cloud, spoil: Spoil, seen: str) -> None:
    """Whatever comes in place of the version document is shown, and the run ends before it begins."""
    cloud.server.fault = Fault("GET /", (2, 1), spoil)
    begun = time.monotonic()

    assert seen in refused(cloud, "--patience", 1 if seen == "ReadTimeout" else 10)
    assert time.monotonic() - begun < 15


def test_a_cloud_below_what_is_asked_for(cloud: Cloud) -> None:
    """A cloud that has nothing of the wanted span says what it has."""
    about = {"id": "v2.1", "version": "2.2", "min_version": "2.1"}
    cloud.server.fault = Fault("GET /", (2, 1), instead(body={"versions": [about]}))

    assert "compute has 2.1..2.2" in refused(cloud, "--span", "compute=2.3..2.4")


def test_an_older_cloud_is_asked_for_what_it_has(cloud: Cloud) -> None:
    """Nothing above the highest microversion of the cloud is asked of it."""
    about = {"id": "v2.1", "version": "2.2", "min_version": "2.1"}
    cloud.server.fault = Fault("GET /", (2, 1), instead(body={"versions": [about]}))

    ended = cloud.run("compute/server::*")

    assert "compute has 2.1..2.2: asked within 2.1..2.2" in ended.err
    assert {asked.version for asked in cloud.server.log} == {(2, 1), (2, 2)}


def test_an_endpoint_override(cloud: Cloud) -> None:
    """The endpoint in clouds.yaml is used in place of the catalogue's."""
    cloud.configure(compute_endpoint_override=f"{cloud.server.url}/elsewhere/v2.1")

    admin().send(LIST)

    assert cloud.server.log[-1].path == "/elsewhere/v2.1/servers"


@pytest.mark.parametrize(
    ("path", "asked"), [("/", "/compute/"), ("/v2.1/", "/compute/v2.1/"), ("/a", "/compute/v2.1/a")]
)
def test_what_is_taken_from_the_root(cloud: Cloud, path: str, asked: str) -> None:
    """The root and paths that name a version are taken from the service's root, all others from its endpoint."""
    admin().send(Request("compute", "GET", path))

    assert cloud.server.log[-1].path == asked


def test_a_token_that_no_service_takes(cloud: Cloud) -> None:
    """A refusal that a new token doesn't mend is an answer like others, after one renewal."""
    cloud.server.fault = Fault("GET /servers", (2, 1), instead(status=401))

    assert admin().send(LIST).response.status == 401
    assert cloud.server.issued == 2
    assert [asked.call for asked in cloud.server.log].count("GET /servers") == 2


def test_a_redirect_is_an_answer(cloud: Cloud) -> None:
    """A redirect isn't followed: no token goes to where a service points."""
    cloud.server.fault = Fault("GET /servers", (2, 1), FAULTS["redirects"].spoil)

    assert admin().send(LIST).response.status == 302
    assert len(cloud.server.log) == 1


@pytest.mark.parametrize("name", ["drip", "hung-show"])
def test_patience_ends(cloud: Cloud, name: str) -> None:
    """A body that comes in drops and an answer that doesn't come are given up when patience is over."""
    cloud.server.fault = Fault("GET /servers", (2, 1), FAULTS[name].spoil)

    response = admin(patience=0.5).send(LIST).response

    assert response.failure.startswith("ReadTimeout")
    assert response.seconds < 2


def test_headers_in_drops(cloud: Cloud) -> None:
    """Headers that never end are given up when patience is over, however steadily they drip."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=dripping, args=(listening,), daemon=True).start()
        cloud.configure(compute_endpoint_override=f"http://127.0.0.1:{listening.getsockname()[1]}/v2.1")

        response = admin(patience=0.5).send(LIST).response

    assert response.failure
    assert response.seconds < 3


def dripping(listening: Any) -> None:
    """Send one header after another, for longer than anybody should wait."""
    connection, _ = listening.accept()
    with closing(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(40):
            try:
                connection.sendall(f"X-Drop-{number}: drop\r\n".encode())
            except OSError:
                return
            time.sleep(0.1)
