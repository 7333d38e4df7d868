"""What a caller may ask of a cloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.embedded import release as releases
from conformance.embedded.places import cloud_folder, home
from conformance.embedded.settings import Settings
from conformance.errors import UsageError


def test_no_service_named_means_all() -> None:
    """Without services every one is booted, in the order in which they need each other."""
    expected = ("keystone", "placement", "glance", "neutron", "cinder", "nova")
    assert Settings.of("a", (), {}, None).services == expected


def test_a_service_brings_what_it_needs() -> None:
    """Placement alone is placement and keystone."""
    assert Settings.of("a", ["placement"], {}, None).services == ("keystone", "placement")


def test_the_newest_release_is_the_default() -> None:
    """No release named means the newest."""
    assert Settings.of("a", (), {}, None).release == releases.names()[-1]


def test_an_unknown_service_is_refused() -> None:
    """The error lists what there is."""
    with pytest.raises(UsageError) as caught:
        Settings.of("a", ["swift"], {}, None)
    remedy = "Choose among keystone, placement, glance, neutron, cinder, nova."
    assert caught.value == UsageError("no service named swift", remedy=remedy)


def test_an_unknown_release_is_refused() -> None:
    """The error names the folder of the releases and those in it."""
    with pytest.raises(UsageError) as caught:
        releases.find("1999.1")
    choice = f"Choose one of {', '.join(releases.names())}."
    assert caught.value == UsageError("no release '1999.1'", str(releases.FOLDER), choice)


def test_a_folder_without_the_package_is_no_checkout(tmp_path: Path) -> None:
    """A wrong path fails before anything is installed."""
    with pytest.raises(UsageError) as caught:
        Settings.of("a", (), {"nova": tmp_path}, None)
    assert caught.value == UsageError("no checkout of nova: it has no package nova/", str(tmp_path))


def test_a_source_of_what_is_not_booted_is_refused(tmp_path: Path) -> None:
    """A source that would have no effect is a mistake."""
    (tmp_path / "nova").mkdir()
    (tmp_path / "nova" / "__init__.py").touch()
    with pytest.raises(UsageError) as caught:
        Settings.of("a", ["placement"], {"nova": tmp_path}, None)
    assert caught.value == UsageError("a source for nova, which is not booted", remedy="Name it as a service too.")


@pytest.mark.parametrize("name", ["", "UP", "../escape", "a b", "-a", "a" * 32])
def test_a_name_is_a_plain_word(name: str) -> None:
    """A name becomes a folder and an entry of clouds.yaml, so it has no slash, space or capital."""
    with pytest.raises(UsageError):
        cloud_folder(name)


def test_a_home_that_configuration_cannot_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dollar would be taken for a substitution by the services' configuration."""
    monkeypatch.setenv("CONFORMANCE_HOME", "/tmp/a$b")
    with pytest.raises(UsageError):
        home()


@pytest.mark.parametrize("name", releases.names())
def test_a_release_locks_every_service(name: str) -> None:
    """Each lock file pins all six services and the server that serves them."""
    pins = releases.find(name).pins()
    assert {*releases.DISTRIBUTIONS.values(), "cheroot"} <= set(pins)


def test_two_releases_have_two_environments() -> None:
    """Releases never share an environment."""
    digests = [releases.find(name).digest for name in releases.names()]
    assert len(set(digests)) == len(digests) >= 2
