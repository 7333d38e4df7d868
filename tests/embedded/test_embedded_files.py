"""The files of a cloud, without a cloud."""

from __future__ import annotations

import configparser
import socket
from pathlib import Path

import attrs
import pytest
import yaml

from conformance.embedded import blueprint as blueprints
from conformance.embedded import render
from conformance.embedded.blueprint import Blueprint
from conformance.embedded.settings import Settings


def parsed(text: str) -> configparser.ConfigParser:
    """A configuration file as a reader sees it."""
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.read_string(text)
    return parser


def test_reserved_ports_are_held() -> None:
    """A port that is reserved can't be bound by anyone else, and no two are the same."""
    sockets = blueprints.reserve(["a", "b"])
    addresses = {reserved.getsockname() for reserved in sockets.values()}
    assert len(addresses) == 2
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(sockets["a"].getsockname())
    for reserved in sockets.values():
        reserved.close()


def test_every_configuration_file_parses(blueprint: Blueprint) -> None:
    """One file per service; a section or an option said twice would be refused here."""
    files = {name: parsed(text) for name, text in render.configuration(blueprint).items()}
    expected = {"keystone.conf", "placement.conf", "glance-api.conf", "neutron.conf", "cinder.conf", "nova.conf"}
    assert set(files) == expected


def test_nova_judges_its_own_responses(blueprint: Blueprint) -> None:
    """A response that breaks nova's own schema is an error, not a warning, but where that schema is wrong."""
    old = attrs.evolve(blueprint, settings=attrs.evolve(blueprint.settings, release="2025.2"))
    nova, warning = (parsed(render.configuration(one)["nova.conf"]) for one in (blueprint, old))
    assert (nova["api"]["response_validation"], warning["api"]["response_validation"]) == ("error", "warn")
    assert nova["placement"]["password"] == blueprint.passwords["nova"]


def test_cinder_has_two_backends(blueprint: Blueprint) -> None:
    """Each backend keeps its volumes in a folder of its own."""
    cinder = parsed(render.configuration(blueprint)["cinder.conf"])
    folders = {cinder[backend]["embedded_folder"] for backend in cinder["DEFAULT"]["enabled_backends"].split(",")}
    assert len(folders) == 2


def test_services_that_are_absent_are_not_called(tmp_path: Path) -> None:
    """Neutron notifies nova only where there is one."""
    settings = Settings.of("a", ["neutron"], {}, None)
    alone = blueprints.draw(settings, tmp_path, {"keystone": 1, "neutron": 2})
    neutron = parsed(render.configuration(alone)["neutron.conf"])
    assert neutron["DEFAULT"]["notify_nova_on_port_data_changes"] == "False"


def test_credentials_are_for_their_owner_alone(blueprint: Blueprint) -> None:
    """Nobody else can enter the folder, nor read a file with a secret in it."""
    render.write(blueprint)
    secret = [blueprint.clouds_yaml, blueprint.folder / "boot.json", *blueprint.folder.glob("config/*")]
    assert {file.stat().st_mode & 0o777 for file in secret} == {0o600}
    assert blueprint.folder.stat().st_mode & 0o777 == 0o700


def test_clouds_yaml_has_an_entry_per_person(blueprint: Blueprint) -> None:
    """The administrator's entry has the cloud's name; members act in a project of their own."""
    render.write(blueprint)
    entries = yaml.safe_load(blueprint.clouds_yaml.read_text())["clouds"]
    assert list(entries) == ["blue", "blue-member", "blue-reader", "blue-manager", "blue-service"]
    assert entries["blue-member"]["auth"]["project_name"] == "demo"
    assert entries["blue"]["auth"]["password"] == blueprint.passwords["admin"]


def test_no_two_clouds_share_a_secret(blueprint: Blueprint) -> None:
    """Every boot draws its own passwords, one per user."""
    other = blueprints.draw(blueprint.settings, blueprint.environment, blueprint.ports)
    secrets = [*blueprint.passwords.values(), *other.passwords.values()]
    assert len(set(secrets)) == len(secrets)


def test_a_blueprint_survives_its_file(blueprint: Blueprint) -> None:
    """What was written for later commands reads back equal."""
    render.write(blueprint)
    assert blueprints.read("blue") == blueprint


def test_a_cloud_that_was_never_booted_has_no_blueprint() -> None:
    """Absence is no error."""
    assert blueprints.read("never") is None


def test_a_template_is_named_after_its_release(blueprint: Blueprint) -> None:
    """Another release makes other databases, so it never finds the first one's."""
    older = attrs.evolve(blueprint.settings, release="2026.1")
    assert blueprints.template_key("nova", older) != blueprints.template_key("nova", blueprint.settings)
