"""A home of its own for every test; the tests that boot share one, for its installation and templates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openstack
import pytest

from conformance import embedded
from conformance.embedded import blueprint as blueprints
from conformance.embedded.blueprint import Blueprint
from conformance.embedded.release import SERVICES
from conformance.embedded.settings import Settings
from tests.embedded.gates import GateCloud


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home."""
    monkeypatch.setenv("CONFORMANCE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def blueprint(tmp_path: Path) -> Blueprint:
    """The blueprint of a cloud with every service, never booted."""
    ports = {name: 20000 + number for number, name in enumerate((*SERVICES, "control"))}
    return blueprints.draw(Settings.of("blue", (), {}, None), tmp_path / "environment", ports)


@pytest.fixture(scope="session")
def warm_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that a worker's booting tests share; CONFORMANCE_TEST_HOME keeps it from one test run to the next."""
    kept = os.environ.get("CONFORMANCE_TEST_HOME")
    return Path(kept, os.environ.get("PYTEST_XDIST_WORKER", "")) if kept else tmp_path_factory.mktemp("warm")


@pytest.fixture
def clouds(warm_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The shared home; every cloud in it is down before and after."""
    monkeypatch.setenv("CONFORMANCE_HOME", str(warm_home))
    _all_down()
    yield warm_home
    _all_down()


@pytest.fixture(scope="module")
def whole_cloud(warm_home: Path) -> Iterator[embedded.Cloud]:
    """A cloud with every service, shared by the tests of a gate."""
    with booted(warm_home, "gate") as cloud:
        yield cloud


@pytest.fixture
def gate(
    whole_cloud: embedded.Cloud, warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[GateCloud]:
    """That cloud, with its own home and entries; what a test stops is started again."""
    monkeypatch.setenv("CONFORMANCE_HOME", str(warm_home))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(whole_cloud.clouds_yaml))
    monkeypatch.chdir(tmp_path)
    there = GateCloud(whole_cloud, connect(whole_cloud), tmp_path)
    yield there
    there.restore()


def _all_down() -> None:
    for name in embedded.names():
        embedded.down(name)


@contextmanager
def booted(home: Path, name: str, *services: str) -> Iterator[embedded.Cloud]:
    """A cloud for several tests, with these services or with all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONFORMANCE_HOME", str(home))
        yield embedded.up(name, services=services)
        embedded.down(name)


def connect(cloud: embedded.Cloud, person: str = "") -> Any:
    """A client for an entry of the cloud's clouds.yaml."""
    name = f"{cloud.name}-{person}" if person else cloud.name
    config = openstack.config.OpenStackConfig(config_files=[str(cloud.clouds_yaml)])
    return openstack.connection.Connection(config=config.get_one(name))
