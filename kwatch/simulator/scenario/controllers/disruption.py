"""Disruption budgets: how many pods of a workload may be evicted now."""

from __future__ import annotations

from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER
from kwatch.simulator.scenario.controllers.replica_set import is_active, is_ready
from kwatch.simulator.scenario.objects.conditions import condition, with_condition
from kwatch.simulator.scenario.objects.kube import DEPLOYMENT, POD, STATEFUL_SET, Object, name_of, namespace_of
from kwatch.simulator.scenario.workqueue import Workqueue
from kwatch.simulator.scenario.world import APP_LABEL, Key, World

BUDGET = "poddisruptionbudgets.policy"


class DisruptionController:
    """Keeps the status of disruption budgets, which evictions ask."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queue = Workqueue(world, self.reconcile, delay=(0.1, 0.4))
        self._budgets: dict[Key, Key] = {}
        world.on_change(POD, self._on_pod)

    def watch(self, budget: Object) -> None:
        """Know a budget by its namespace and the app it is for."""
        app = budget["spec"]["selector"]["matchLabels"][APP_LABEL]
        self._budgets[namespace_of(budget), app] = (namespace_of(budget), name_of(budget))

    def _on_pod(self, pod: Object, gone: bool) -> None:
        key = self._budgets.get((namespace_of(pod), pod["metadata"].get("labels", {}).get(APP_LABEL, "")))
        if key is not None:
            self._queue.add(key)

    def allows(self, pod: Object) -> bool:
        """Whether a pod may be evicted now."""
        app = pod["metadata"].get("labels", {}).get(APP_LABEL, "")
        key = self._budgets.get((namespace_of(pod), app))
        budget = self._world.get(BUDGET, key) if key else None
        if budget is None or not is_ready(pod):
            return True
        status = budget_status(budget, self._pods(budget), self._expected(budget), self._world.now())
        return bool(status["disruptionsAllowed"] > 0)

    def reconcile(self, key: Key) -> None:
        """Count again."""
        budget = self._world.get(BUDGET, key)
        if budget is None:
            return
        status = budget_status(budget, self._pods(budget), self._expected(budget), self._world.now())
        if status != budget["status"]:
            self._world.update({**budget, "status": status}, CONTROLLER_MANAGER, "status")

    def _pods(self, budget: Object) -> list[Object]:
        return self._world.pods_of_app(namespace_of(budget), budget["spec"]["selector"]["matchLabels"][APP_LABEL])

    def _expected(self, budget: Object) -> int:
        """The number of pods that the budget's workload shall have."""
        key = (namespace_of(budget), budget["spec"]["selector"]["matchLabels"][APP_LABEL])
        owner = self._world.get(DEPLOYMENT, key) or self._world.get(STATEFUL_SET, key)
        return owner["spec"]["replicas"] if owner else len(self._pods(budget))


def budget_status(budget: Object, pods: list[Object], expected: int, now: float) -> Object:
    """How many pods there shall be, how many must stay, and how many may go."""
    least = budget["spec"]["minAvailable"]
    if isinstance(least, str):
        least = -(-expected * int(least.rstrip("%")) // 100)
    healthy = sum(is_ready(pod) for pod in pods if is_active(pod))
    allowed = max(0, healthy - least)
    reason = "SufficientPods" if allowed else "InsufficientPods"
    made = condition("DisruptionAllowed", allowed > 0, now, reason)
    made |= {"message": "", "observedGeneration": budget["metadata"]["generation"]}
    return {
        "observedGeneration": budget["metadata"]["generation"],
        "disruptionsAllowed": allowed,
        "currentHealthy": healthy,
        "desiredHealthy": least,
        "expectedPods": expected,
        "conditions": with_condition(budget["status"].get("conditions", ()), made),
    }
