"""What nova before 2026.1 lacks to run whole on native threads: only its API and scheduler do so by themselves."""

from __future__ import annotations

import importlib
from typing import Any


def complete() -> None:
    """Put it in; a nova that no longer has eventlet's pool lacks nothing."""
    utils: Any = importlib.import_module("nova.utils")
    if hasattr(utils, "tpool_execute"):
        utils.tpool_execute = lambda function, *args, **options: function(*args, **options)
        futurist: Any = importlib.import_module("futurist")
        futurist.GreenThreadPoolExecutor = futurist.ThreadPoolExecutor
        _let_provider_trees_be_copied(importlib.import_module("nova.compute.provider_tree"))


def _let_provider_trees_be_copied(module: Any) -> None:
    """A native lock can't be copied: leave it out, and share the one of that name."""

    def get_state(self: Any) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "lock"}

    def set_state(self: Any, state: dict[str, Any]) -> None:
        vars(self).update(state, lock=module.lockutils.internal_lock(module._LOCK_NAME))

    module.ProviderTree.__getstate__, module.ProviderTree.__setstate__ = get_state, set_state
