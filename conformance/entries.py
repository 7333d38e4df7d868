"""Entries of clouds.yaml as they are written: what was configured, where, and the secrets in it. Layer 3."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openstack.config
from openstack.exceptions import ConfigException

from conformance.errors import CloudError
from conformance.report.scrub import secrets_in


def entries(names: Iterable[str]) -> dict[str, Any]:
    """Those of the entries that there are, with their secrets; the empty name stands for what OS_* say."""
    config = _config()
    found = {name: config.cloud_config.get("clouds", {}).get(name or config.default_cloud) for name in names}
    return {name or "OS_*": entry for name, entry in found.items() if entry}


def known(name: str) -> tuple[Path, ...]:
    """The files of known departures that an entry names: ``conformance: {known: [FILE]}``."""
    own = entries([name]).get(name or "OS_*", {}).get("conformance") or {}
    return tuple(Path(path) for path in own.get("known", ()))


def file() -> Path | None:
    """The clouds.yaml that is read; None where there is none."""
    name = _config().config_filename
    return Path(name).absolute() if name else None


def secrets(names: Iterable[str]) -> set[str]:
    """The secrets of entries, to be taken out of what is kept."""
    return secrets_in(entries(names))


def _config() -> Any:
    try:
        return openstack.config.OpenStackConfig()
    except (ConfigException, OSError, ValueError) as error:
        raise CloudError(f"can't be read: {error}", "clouds.yaml", "Mend it; OS_CLIENT_CONFIG_FILE names it.") from None
