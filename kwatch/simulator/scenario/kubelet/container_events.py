"""Events that kubelets record about a pod's containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.recorder import Recorder


class ContainerEvents:
    """Says what happens to one container of a pod."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def normal(self, pod: Object, container: Mapping[str, Any], reason: str, message: str) -> None:
        """As it should be."""
        part = field_path(pod, container["name"])
        self._recorder.normal(pod, reason, message, "kubelet", host=pod["spec"]["nodeName"], part=part)

    def warning(self, pod: Object, container: Mapping[str, Any], reason: str, message: str) -> None:
        """As it should not be."""
        part = field_path(pod, container["name"])
        self._recorder.warning(pod, reason, message, "kubelet", host=pod["spec"]["nodeName"], part=part)


def field_path(pod: Object, container: str) -> str:
    """How events name a container: `spec.containers{web}`."""
    init = any(each["name"] == container for each in pod["spec"].get("initContainers", ()))
    return f"spec.{'initContainers' if init else 'containers'}{{{container}}}"
