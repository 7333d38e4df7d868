"""Which stories go to which of several workers. Layer 4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sized
from functools import cached_property
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from conformance.story import Story


class Scheduling(LoadScopeScheduling):
    """A story stays on one worker, stories of one group stay together, and workers spread over the services.

    A service does most of its work on one core, so that workers that ask different ones wait less for each other, while
    there is something to ask of each. What has the most cases is begun first, so that no worker is left with it when
    the others have nothing more to do. Stories that avoid a group wait until no other worker has it.
    """

    scopes: Mapping[str, str]
    services: Mapping[str, str]
    avoided: Mapping[str, str]

    @classmethod
    def of(cls, stories: Iterable[Story], config: pytest.Config, log: Any) -> Scheduling:
        """One that knows the group and the service of each story."""
        scheduling, listed = cls(config, log), list(stories)
        scheduling.scopes = {story.id: story.group or story.id for story in listed}
        scheduling.services = {scheduling.scopes[story.id]: story.service for story in listed}
        scheduling.avoided = {scheduling.scopes[story.id]: story.avoids for story in listed if story.avoids}
        return scheduling

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """Forget a case that has ended: all that a worker is known to have is counted after each of its cases."""
        case, work = self.registered_collections[node][item_index], self.assigned_work[node]
        scope = self._split_scope(case)
        del work[scope][case]
        if not work[scope]:
            del work[scope]
        for each in [node] if scope in work else self.nodes:  # others may have waited for it
            self._reschedule(each)

    def _split_scope(self, nodeid: str) -> str:
        return self.scopes[nodeid.partition("::")[0]]

    def _assign_work_unit(self, node: WorkerController) -> None:
        given = [scope for work in self.assigned_work.values() for scope in work]
        if waiting := self._open_to(node):
            scope = best(waiting, given, self.services)
            self.assigned_work[node][scope] = work = self.workqueue.pop(scope)
            node.send_runtest_some([self._places[case] for case in work])

    def _open_to(self, node: WorkerController) -> Mapping[str, Sized]:
        """What a worker may begin now; what others avoid comes first, or they would wait for each other's end."""
        elsewhere = {scope for each, work in self.assigned_work.items() if each is not node for scope in work}
        free = {scope: work for scope, work in self.workqueue.items() if not self._clashes(scope, elsewhere)}
        groups = set(self.avoided.values())
        return {scope: work for scope, work in free.items() if scope in groups} or free

    def _clashes(self, scope: str, others: Iterable[str]) -> bool:
        return any(scope == self.avoided.get(other) or other == self.avoided.get(scope) for other in others)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        """Where each case stands in what every worker collected."""
        return {case: place for place, case in enumerate(self.collection or ())}


def best(waiting: Mapping[str, Sized], given: Iterable[str], services: Mapping[str, str]) -> str:
    """What to do next of what is waiting: the largest of the service that has the most cases left for a worker."""
    workers, left = Counter(services[scope] for scope in given), Counter[str]()
    for scope, cases in waiting.items():
        left[services[scope]] += len(cases)
    share = {service: count / (workers[service] + 1) for service, count in left.items()}
    return max(waiting, key=lambda scope: (share[services[scope]], len(waiting[scope])))
