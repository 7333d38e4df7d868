"""The examples of the documentation that need a real placement."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import embedded
from tests.docs_examples import PAGES, Reader

pytestmark = pytest.mark.cloud


@pytest.fixture
def placement(clouds: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A placement alone, as ``conformance cloud up placement`` leaves it."""
    cloud = embedded.up("embedded", services=["placement"])
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(cloud.clouds_yaml))
    yield
    embedded.down("embedded")


def test_examples(placement: None, tmp_path: Path) -> None:
    """Each example that needs a placement prints what its page says."""
    reader = Reader(tmp_path / "reader", lambda need: need == "embedded placement")
    assert sum(reader.read(path) for path in PAGES) > 0
