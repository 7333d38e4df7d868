"""Which stories go to which of several workers. Layer 4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sized
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from conformance.story import Story


class Scheduling(LoadScopeScheduling):
    """A story stays on one worker, stories of one group stay together, and workers spread over the services.

    A service does most of its work on one core, so that workers that ask different ones wait less for each other, while
    there is something to ask of each. What has the most cases is begun first, so that no worker is left with it when
    the others have nothing more to do.
    """

    scopes: Mapping[str, str]
    services: Mapping[str, str]

    @classmethod
    def of(cls, stories: Iterable[Story], config: pytest.Config, log: Any) -> Scheduling:
        """One that knows the group and the service of each story."""
        scheduling, listed = cls(config, log), list(stories)
        scheduling.scopes = {story.id: story.group or story.id for story in listed}
        scheduling.services = {scheduling.scopes[story.id]: story.service for story in listed}
        return scheduling

    def _split_scope(self, nodeid: str) -> str:
        return self.scopes[nodeid.partition("::")[0]]

    def _assign_work_unit(self, node: WorkerController) -> None:
        given = [scope for work in self.assigned_work.values() for scope in work if not all(work[scope].values())]
        self.workqueue.move_to_end(best(self.workqueue, given, self.services), last=False)
        super()._assign_work_unit(node)


def best(waiting: Mapping[str, Sized], given: Iterable[str], services: Mapping[str, str]) -> str:
    """What to do next of what is waiting: the largest of the service that has the most cases left for a worker."""
    workers, left = Counter(services[scope] for scope in given), Counter[str]()
    for scope, cases in waiting.items():
        left[services[scope]] += len(cases)
    share = {service: count / (workers[service] + 1) for service, count in left.items()}
    return max(waiting, key=lambda scope: (share[services[scope]], len(waiting[scope])))
