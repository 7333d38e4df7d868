"""A database of placement's own: what is refused, what is never printed, and a whole run on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner

from conformance import embedded
from conformance.commands.running import run_command
from conformance.embedded import blueprint as blueprints
from conformance.embedded import databases, environment, launcher, render
from conformance.embedded.blueprint import Blueprint
from conformance.embedded.settings import Settings
from conformance.errors import CloudError, UsageError

ROOT = Path(__file__).parents[2]
KNOWN = Path(__file__).with_name("placement-on-postgresql.yaml")
PASSWORD = "s3cret+horse"
URL = "postgresql+psycopg2://placement:s3cret%2Bhorse@127.0.0.1:5432/placement"


@pytest.fixture
def owning(tmp_path: Path) -> Blueprint:
    """The blueprint of a cloud whose placement has a database of its own, never booted."""
    settings = Settings.of("owning", ["placement"], {}, None, URL)
    return blueprints.draw(settings, tmp_path / "environment", {"keystone": 1, "placement": 2, "control": 3})


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///s3cret.sqlite",
        "postgresql://placement:s3cret@127.0.0.1/placement",
        "postgresql+psycopg2://placement:s3cret@127.0.0.1:5432",
        "postgresql+psycopg2://placement:a@s3cret@127.0.0.1/placement",
        "postgresql+psycopg2://placement:a/s3cret@127.0.0.1/placement",
        "mysql+pymysql://placement:$s3cret@127.0.0.1/placement",
        "mysql+pymysql://placement:s3cret@127.0.0.1/placement\nconnection_debug = 100",
    ],
)
def test_a_url_that_is_none_is_refused_and_not_repeated(url: str) -> None:
    """What can't be read may have its password anywhere."""
    with pytest.raises(UsageError) as caught:
        databases.check(url)
    assert caught.value.where == "--database"
    assert "s3cret" not in str(caught.value)


def test_a_database_of_a_placement_that_is_absent_is_refused() -> None:
    """An option that would have no effect is a mistake."""
    with pytest.raises(UsageError) as caught:
        Settings.of("a", ["cinder"], {}, None, URL)
    what = "a database for placement, which is not booted"
    assert caught.value == UsageError(what, remedy="Name it as a service too.")


def test_a_database_means_that_a_cloud_is_booted() -> None:
    """Even where a cloud is named: otherwise the bad URL would go unseen."""
    tiny = ROOT / "tests" / "data" / "tiny"
    done = CliRunner().invoke(run_command, ["--data", str(tiny), "--cloud", "mine", "--database", "nonsense"])
    assert done.exception == UsageError("not the URL of a database", "--database", databases.FORM)


def test_a_database_is_shown_without_its_secrets() -> None:
    """Neither the password nor the query, which may hold another, is printed."""
    expected = "postgresql+psycopg2://placement@127.0.0.1:5432/placement"
    assert databases.shown(URL) == expected
    assert databases.shown(f"{URL}?password=other") == expected
    assert databases.unsaid(URL, "s3cret+horse s3cret%2Bhorse") == "*** ***"
    assert "horse" not in repr(Settings.of("a", ["placement"], {}, None, URL))


def test_only_files_of_their_owner_hold_the_url(owning: Blueprint) -> None:
    """Placement's configuration and the record of the boot have it, and nobody else can read them."""
    render.write(owning)
    holding = {file for file in owning.folder.rglob("*") if file.is_file() and "horse" in file.read_text()}
    assert holding == {owning.folder / "boot.json", owning.folder / "config" / "placement.conf"}
    assert {file.stat().st_mode & 0o777 for file in holding} == {0o600}
    assert blueprints.read("owning") == owning


def test_a_database_of_its_own_has_no_template_but_a_driver(owning: Blueprint, blueprint: Blueprint) -> None:
    """Its schema is made in place; a cloud on SQLite has templates for all services and no driver."""
    assert set(owning.templates) == {"keystone"}
    assert "/drivers/psycopg2-binary-" in launcher.environment(owning)["PYTHONPATH"]
    assert set(blueprint.templates) == set(blueprint.settings.services)
    assert blueprint.drivers == []


@pytest.mark.parametrize("uv", [[], ["uv"]])
def test_a_driver_is_locked_and_kept_apart(uv: list[str]) -> None:
    """Its exact version goes into a folder of its own, so that the environment of other clouds stays as it is."""
    pin = databases.pin("mysql+pymysql://placement@127.0.0.1/placement")
    command = environment.driver_command(Path("/v"), pin, Path("/v/drivers/new"), uv)
    assert pin.startswith("pymysql==")
    assert command[-4:] == ["--no-deps", "--target", "/v/drivers/new", pin]


def test_half_a_driver_is_no_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an interrupted installation left is removed, and a whole one is made once."""
    folder = databases.driver(tmp_path, URL)
    debris = folder.with_name(f"{folder.name}.new") / "debris"
    debris.parent.mkdir(parents=True)
    debris.touch()
    monkeypatch.setattr(environment, "driver_command", lambda *given: ["mkdir", str(given[2])])
    said: list[str] = []
    for _ in range(2):
        environment.prepare_driver(tmp_path, URL, said.append)
    assert (len(said), list(folder.iterdir())) == (1, [])


@attrs.frozen
class Server:
    """PostgreSQL's programs, and the user to run them as: it refuses to run as root."""

    programs: Path
    prefix: tuple[str, ...]

    def call(self, program: str, *options: str) -> None:
        """Run a program of the server's."""
        command = [*self.prefix, str(self.programs / program), *options]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=120)


def programs() -> Path | None:
    """Where the newest PostgreSQL server is: Debian keeps it off the path."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    found = places[-1] if places else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def install() -> Path:
    """Install the server from the distribution's packages, or skip with the reason."""
    if os.geteuid() or not shutil.which("apt-get"):
        pytest.skip("needs a PostgreSQL server: none is installed, and only root can install one, with apt-get")
    try:
        for action in (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]):
            subprocess.run(["apt-get", "-q", *action], check=True, stdout=subprocess.DEVNULL, timeout=600)
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"needs a PostgreSQL server, and apt-get can't install one: {error}")
    found = programs()
    assert found is not None
    # The package starts an empty server of its own, which nobody asked for.
    subprocess.run(["pg_dropcluster", "--stop", found.parent.name, "main"], check=False)
    return found


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The URL of an empty database on a server for these tests alone."""
    root = os.geteuid() == 0
    server = Server(programs() or install(), ("runuser", "-u", "postgres", "--") if root else ())
    # Not in pytest's own folder: no other user, so not the server's, can enter that.
    with tempfile.TemporaryDirectory() as name, socket.socket() as reserved:
        if root:
            shutil.chown(name, "postgres")
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        reserved.close()
        yield from running(server, Path(name), port)


def running(server: Server, folder: Path, port: int) -> Iterator[str]:
    """Run the server in a folder while the caller goes on."""
    data, password = folder / "data", folder / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    options = ["-U", "placement", "-A", "scram-sha-256", "--pwfile", str(password), "-E", "UTF8", "--no-sync"]
    server.call("initdb", "-D", str(data), *options)
    listen = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
    server.call("pg_ctl", "start", "-w", "-D", str(data), "-l", str(folder / "log"), "-o", listen)
    try:
        # The one that initdb makes is empty, and as good as any.
        yield URL.replace("5432/placement", f"{port}/postgres")
    finally:
        server.call("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(data))


@pytest.mark.cloud
def test_placement_is_itself_on_postgresql(clouds: Path, postgresql: str, tmp_path: Path) -> None:
    """Every case of placement passes or is known, nobody gets to read the password, and the database serves again."""
    command = [sys.executable, "-m", "conformance", "run", "--service", "placement", "--embedded", "--name", "owning"]
    command += ["--database", postgresql, "--known", str(KNOWN), "--results", str(tmp_path / "results")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "placement: synchronising the schema of its database" in done.stdout
    written = [clouds / "clouds" / "owning", tmp_path / "results"]
    texts = [file.read_text(errors="replace") for folder in written for file in folder.rglob("*") if file.is_file()]
    assert not [text for text in (done.stdout, done.stderr, *texts) if "horse" in text]
    embedded.up("owning", services=["placement"], database=postgresql)
    assert embedded.status("owning").state == "up"


@pytest.mark.cloud
def test_a_database_that_refuses_the_password_is_named_without_it(clouds: Path, postgresql: str) -> None:
    """The error is the server's own, with a remedy, and nothing of the cloud stays."""
    wrong = postgresql.replace("s3cret%2Bhorse", "wr0ng")
    with pytest.raises(CloudError) as caught:
        embedded.up("barred", services=["placement"], database=wrong)
    assert 'password authentication failed for user "placement"' in caught.value.what
    assert (caught.value.where, bool(caught.value.remedy)) == (databases.shown(wrong), True)
    logs = [file.read_text() for file in (clouds / "clouds" / "barred").rglob("*.log")]
    assert not [text for text in (str(caught.value), *logs) if "wr0ng" in text]
    assert "barred" not in embedded.names()
