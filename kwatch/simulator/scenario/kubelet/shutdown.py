"""From told to stop to gone."""

from __future__ import annotations

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.kubelet.behaviour import Behaviour
from kwatch.simulator.scenario.kubelet.container_events import ContainerEvents
from kwatch.simulator.scenario.kubelet.report import PodReport, statuses_of
from kwatch.simulator.scenario.objects import pod_status
from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.recorder import Recorder
from kwatch.simulator.scenario.world import World


class Shutdown:
    """Brings a pod down and removes it."""

    def __init__(self, world: World, recorder: Recorder, behaviour: Behaviour) -> None:
        self._world = world
        self._events = ContainerEvents(recorder)
        self._behaviour = behaviour

    def death(self, report: PodReport) -> Process:
        """SIGTERM, the time the processes take, the last status, the end."""
        pod = report.current()
        if pod is None:
            return
        self._announce(pod)
        if any("running" in each["state"] for each in statuses_of(pod).values()):
            yield self._world.between(*self._behaviour.stops_in(pod))
            pod = report.current()
            if pod is None:
                return
            report.write(pod_status.ended_statuses(pod, self._behaviour.stop_code(pod), self._world.now()))
            yield self._world.between(0.1, 0.5)
        pod = report.current()
        if pod is not None:
            self._world.remove(pod)

    def _announce(self, pod: Object) -> None:
        states = statuses_of(pod)
        for container in pod["spec"]["containers"]:
            if "running" in states.get(container["name"], {"state": {}})["state"]:
                self._events.normal(pod, container, "Killing", f"Stopping container {container['name']}")
