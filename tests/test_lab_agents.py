"""Neutron's agents on a lab: when they begin, and when they are there."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

from conformance.lab.inside.lab_host.ready import Readiness
from conformance.lab.network import PROFILES

URL = "rabbit://openstack:secret@10.77.0.10:5672/"


class Bus:
    """A bus on which somebody listens to a topic when it is asked for the second time."""

    asked: ClassVar[list[str]] = []
    opened: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, **given: Any) -> None:
        self.opened.append(given)

    def __enter__(self) -> Bus:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left open."""

    def channel(self) -> Bus:
        """Itself."""
        return self

    def queue_declare(self, topic: str, *, passive: bool) -> SimpleNamespace:
        """No topic is there at first, then it is without a listener, and then it has one."""
        self.asked.append(topic)
        if self.asked.count(topic) == 1:
            raise OSError("no such topic")
        assert passive
        return SimpleNamespace(consumer_count=self.asked.count(topic) - 2)


def test_agents_begin_when_they_are_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each topic is asked for until somebody listens, on the bus that the configuration names."""
    amqp = ModuleType("amqp")
    amqp.__dict__.update(Connection=Bus, AMQPError=LookupError)
    monkeypatch.setitem(sys.modules, "amqp", amqp)
    monkeypatch.setattr("time.sleep", lambda _: None)
    from conformance.lab.inside.lab_host import hearing  # noqa: PLC0415 - its library is in the tree alone

    config = tmp_path / "neutron.conf"
    config.write_text(f"[DEFAULT]\ntransport_url = {URL}\n")
    hearing.main(config, ["one", "two"])
    assert Bus.asked == ["one"] * 3 + ["two"] * 3
    assert (Bus.opened[0]["host"], Bus.opened[0]["password"]) == ("10.77.0.10:5672", "secret")
    assert capsys.readouterr().out == "one: OSError no such topic\ntwo: OSError no such topic\n"


@pytest.mark.parametrize(
    ("network", "complaint"),
    [
        ("ovn", "network agents not up: ovn-controller on b"),
        ("ovs", "network agents not up: neutron-l3-agent on b, neutron-openvswitch-agent on b"),
    ],
)
def test_every_agent_is_waited_for(network: str, complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab isn't ready while an agent is missing on one of its hosts."""
    agents = PROFILES[network].agents(["a", "b"])
    there = [{"binary": binary, "host": "a", "alive": True} for binary in agents]
    late = [{"binary": binary, "host": "b", "alive": False} for binary in agents]
    readiness = Readiness({"agents": agents})
    monkeypatch.setattr(readiness, "get", lambda *_: {"agents": there + late})
    assert readiness.neutron() == complaint
    monkeypatch.setattr(readiness, "get", lambda *_: {"agents": [{**one, "alive": True} for one in there + late]})
    assert readiness.neutron() is None
