"""What a lab's hosts are given: configuration, keys, entries; and its settings."""

from __future__ import annotations

import base64
import configparser
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.embedded import release as releases
from conformance.entries import known as known_of
from conformance.errors import CloudError, UsageError
from conformance.known import load
from conformance.lab import blueprint as blueprints
from conformance.lab import disks, keepsakes, plans, tree
from conformance.lab.blueprint import Blueprint
from conformance.lab.entries import clouds
from conformance.lab.inside.lab_host import enter, floor
from conformance.lab.machine import Fact, require
from conformance.lab.network import PROFILES, USUAL
from conformance.lab.papers import files, keyring
from conformance.lab.settings import Settings
from conformance.lab.topology import NETWORKS, RACKS, Host, hosts
from conformance.report.scrub import Scrub
from tests.helpers import real


@pytest.fixture
def network() -> str:
    """The network of a lab; a test may ask for another one."""
    return USUAL


@pytest.fixture
def blueprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: str) -> Blueprint:
    """The blueprint of a lab, never booted."""
    monkeypatch.setenv("CONFORMANCE_HOME", str(tmp_path))
    return blueprints.draw(Settings.of("blue", 2, None, None, network), tmp_path / "tree", tmp_path / "template")


every_network = pytest.mark.parametrize("network", PROFILES)


def read(text: str) -> configparser.RawConfigParser:
    """An ini file, strictly."""
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return parser


@every_network
def test_configuration_is_legal(blueprint: Blueprint) -> None:
    """Each service's file can be read, no option stands twice, and no value is left out."""
    for host in blueprint.settings.hosts:
        for place, text in files(blueprint, host).items():
            if (
                Path(place).suffix in (".conf", ".ini")
                and "[" in text
                and "rabbit" not in place
                and "libvirt" not in place
            ):
                assert read(text).sections() or read(text).defaults()
            assert "Undefined" not in text, place


@every_network
def test_a_compute_can_t_reach_the_databases(blueprint: Blueprint) -> None:
    """Neither the account of the databases nor an administrator's key of Ceph is on a compute."""
    controller, compute, _ = (files(blueprint, host) for host in blueprint.settings.hosts)
    for secret in (blueprint.secrets["database"], blueprint.keys["client.admin"]):
        assert any(secret in text for text in controller.values())
        assert not any(secret in text for text in compute.values())


def test_each_boot_has_secrets_of_its_own(blueprint: Blueprint) -> None:
    """No secret is in two boots."""
    other = blueprints.draw(blueprint.settings, blueprint.tree, blueprint.template)
    for one in ("passwords", "secrets", "keys"):
        assert not set(getattr(blueprint, one).values()) & set(getattr(other, one).values())


def test_a_key_of_ceph_has_its_form() -> None:
    """A kind, an age, a length and sixteen bytes."""
    assert len(base64.b64decode(blueprints._ceph_key())) == 28
    assert keyring({"osd.0": "abc"}, "osd.0") == "[osd.0]\n\tkey = abc\n"


def test_secrets_are_for_root_alone(blueprint: Blueprint) -> None:
    """What lies on a host's disk can be read by root; only names of hosts and the like by others."""
    controller = blueprint.settings.hosts[0]
    disks.write_host(blueprint, controller, plans.plan(controller), [blueprint.tree])
    for place, text in files(blueprint, controller).items():
        mode = stat.S_IMODE((blueprint.host("controller") / "upper" / place.lstrip("/")).stat().st_mode)
        assert mode == disks.MODES.get(place, 0o600)
        if mode == 0o644:
            assert not any(secret in text for secret in [*blueprint.passwords.values(), *blueprint.keys.values()])


def test_a_blueprint_is_read_back(blueprint: Blueprint) -> None:
    """Later commands find what a boot was made of."""
    blueprint.folder.mkdir(parents=True)
    blueprint.write()
    assert blueprints.read("blue") == blueprint
    assert stat.S_IMODE((blueprint.folder / "lab.json").stat().st_mode) == 0o600


def test_every_persona_has_an_entry(blueprint: Blueprint) -> None:
    """The administrator's entry says how hosts are stopped and started."""
    found = clouds(blueprint)
    assert set(found) == {"blue", "blue-member", "blue-reader", "blue-manager", "blue-service"}
    assert found["blue"]["conformance"]["hosts"].endswith("-m conformance lab {action} --name blue {host}")


@pytest.mark.parametrize("computes", [0, 10])
def test_the_number_of_computes_has_bounds(computes: int) -> None:
    """A lab has one compute at least, and not more than it has addresses for."""
    with pytest.raises(UsageError) as caught:
        Settings.of("lab", computes, None)
    assert caught.value == UsageError(f"a lab of {computes} computes", "--computes", "Say 1 to 9.")


def test_names_of_cables_fit_the_kernel() -> None:
    """An interface's name has at most fifteen characters, and no two hosts share an address."""
    everyone = hosts(9)
    assert max(len(f"{network.name}-{host.number}") for network in (*NETWORKS, *RACKS) for host in everyone) <= 15
    assert len({host.address for host in everyone}) == len(everyone)


@pytest.mark.parametrize("network", ["ovs"])
def test_computes_are_in_racks(blueprint: Blueprint) -> None:
    """Each compute is on the network of one rack, as its agent is told, and the controller on none."""
    own: Any = {host.name: disks._facts(blueprint, host, [])["cards"] for host in blueprint.settings.hosts}
    racks = {name: [card["network"] for card in cards if card["name"] == "eth3"] for name, cards in own.items()}
    assert racks == {"controller": [], "compute1": ["rack1"], "compute2": ["rack2"]}
    for host in blueprint.settings.hosts:
        agent = read(files(blueprint, host)["/etc/neutron/openvswitch_agent.ini"])
        mappings = ["public:br-ex", *(f"{rack}:br-rack" for rack in racks[host.name])]
        assert agent["ovs"]["bridge_mappings"] == ",".join(mappings)


@pytest.mark.parametrize("network", ["ovs"])
def test_routers_are_distributed_by_agents(blueprint: Blueprint) -> None:
    """The controller keeps what has no floating IP, and each compute has routers of its own."""
    modes = [read(files(blueprint, host)["/etc/neutron/l3_agent.ini"])["DEFAULT"] for host in blueprint.settings.hosts]
    assert [mode["agent_mode"] for mode in modes] == ["dvr_snat", "dvr", "dvr"]
    ranges = read(files(blueprint, blueprint.settings.hosts[0])["/etc/neutron/plugins/ml2/ml2_conf.ini"])
    assert ranges["ml2_type_vlan"]["network_vlan_ranges"] == "public:100:200,rack1:100:200,rack2:100:200"


def test_an_unknown_network_is_refused() -> None:
    """The error names the networks that there are."""
    with pytest.raises(UsageError) as caught:
        Settings.of("lab", 1, None, None, "bridges")
    assert caught.value == UsageError("no lab has a network 'bridges'", "--network", "Say one of ovn, ovs.")


def test_a_host_s_cables_and_cards(blueprint: Blueprint) -> None:
    """A host has a card on each network, and an address where it needs one."""
    facts = dict(disks._facts(blueprint, hosts(1)[1], []))
    assert "link add tunnel-11 mtu 1600 type veth peer name eth1 mtu 1600 netns 7" in enter.ports(facts, 7)
    assert enter.cards(facts).count("addr add") == 1


def test_the_floor_s_bridges() -> None:
    """The floor has a bridge for each network, and an address on those that it is on."""
    told = floor.bridges([{"name": "external", "mtu": 1500, "prefix": 24, "floor": "172.24.4.1"}])
    assert told.splitlines()[1:] == [
        "link add external mtu 1500 type bridge",
        "link set external up",
        "addr add 172.24.4.1/24 dev external",
    ]


def test_another_list_of_packages_is_another_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree is found again only by what it was made of."""
    release = Settings.of("lab", 1, None).release
    found = releases.find(release)
    before = tree.key(found)
    monkeypatch.setattr(tree, "packages", lambda: ["nothing"])
    assert tree.key(found) != before


def test_what_is_missing_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that can't have a lab is told all that it lacks; what is merely absent doesn't matter."""
    facts = [Fact("root", True, "this is another user", "all", "Run it as root."), Fact("kvm", False, "no kvm", "some")]
    monkeypatch.setattr("conformance.lab.machine.check", lambda: facts)
    with pytest.raises(CloudError) as caught:
        require(tmp_path)
    told = "this machine can't have a lab:\n  root: this is another user. Run it as root."
    assert caught.value == CloudError(told, str(tmp_path), "'conformance lab check' looks again.")
    assert [fact.state for fact in facts] == ["missing", "absent"]


def test_a_checkout_is_shown_on_every_host(tmp_path: Path, blueprint: Blueprint) -> None:
    """A checkout comes first on the services' path, with metadata made for it, and its own paste files are used."""
    checkout = tmp_path / "nova"
    (checkout / "nova").mkdir(parents=True)
    (checkout / "nova" / "__init__.py").touch()
    (checkout / "etc" / "nova").mkdir(parents=True)
    own = blueprints.draw(Settings.of("own", 1, None, {"nova": checkout}), blueprint.tree, blueprint.template)
    facts = dict(disks._facts(own, hosts(1)[1], []))
    assert facts["path"] == "/opt/lab:/opt/source/metadata:/opt/source/nova"
    assert (
        "api_paste_config = /opt/source/nova/etc/nova/api-paste.ini" in files(own, hosts(1)[0])["/etc/nova/nova.conf"]
    )
    assert own.fingerprints.keys() == {"nova"}


def test_what_a_lab_leaves_has_no_secret(blueprint: Blueprint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each host's logs are kept in its own folder, without passwords, and what it says while it is on."""
    disks.write_host(blueprint, blueprint.settings.hosts[0], [], [blueprint.tree])
    blueprint.write()
    secret = blueprint.passwords["nova"]
    log = blueprint.host("controller") / "lab" / "log" / "guests" / "one.xml"
    log.parent.mkdir()
    log.write_text(f"<password>{secret}</password> of a guest")
    asked: list[str] = []

    def answer(_folder: Path, _host: Host, command: str) -> str:
        asked.append(command)
        return f"switch {secret}"

    monkeypatch.setattr(keepsakes, "inhabitants", lambda _: {"controller": None})
    monkeypatch.setattr(keepsakes, "_answer", answer)
    told = keepsakes.belongings("blue")
    keepsakes.keep("blue", tmp_path / "logs", Scrub.of(told.secrets).text)
    kept = {str(path.relative_to(tmp_path / "logs")): path.read_text() for path in (tmp_path / "logs").rglob("*.*")}
    assert kept["controller/guests/one.xml"] == "<password>***</password> of a guest"
    assert kept["controller/ovn-nb.txt"] == "switch ***"
    assert "ovn-nbctl show" in asked
    assert secret in told.configuration["controller/nova.conf"]
    assert not any(secret in text for text in kept.values())


def test_what_is_known_of_a_lab_is_known_by_its_entry(blueprint: Blueprint, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run against the lab takes what is known of its services from the entry, and that can be read."""
    blueprint.clouds_yaml.parent.mkdir(parents=True)
    blueprint.clouds_yaml.write_text(yaml.safe_dump({"clouds": clouds(blueprint)}))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(blueprint.clouds_yaml))
    assert known_of("blue-member") == ()
    assert all(departure.reproduce for departure in load(known_of("blue"), real().services).departures)
