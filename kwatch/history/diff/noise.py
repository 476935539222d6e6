"""Changes that tell people nothing: versions, generations, heartbeats, times that follow another change."""

from __future__ import annotations

from kwatch.history.diff.path import Steps

_METADATA = frozenset({"resourceVersion", "managedFields", "generation", "selfLink"})
_ANNOTATIONS = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        "control-plane.alpha.kubernetes.io/leader",
        "endpoints.kubernetes.io/last-change-trigger-time",
    }
)
_ANYWHERE = frozenset(
    {
        "observedGeneration",
        "lastHeartbeatTime",
        "lastProbeTime",
        "lastTransitionTime",
        "lastUpdateTime",
        "lastProbedTime",
    }
)
_SPEC = frozenset({"renewTime"})


def is_noise(steps: Steps) -> bool:
    """Whether a change at this place says nothing to people."""
    if not steps:
        return False
    last = steps[-1]
    if last in _ANYWHERE:
        return True
    first = steps[0]
    if first == "metadata" and len(steps) > 1:
        second = steps[1]
        if second in _METADATA:
            return True
        return second == "annotations" and len(steps) == 3 and last in _ANNOTATIONS
    return first == "spec" and len(steps) == 2 and last in _SPEC
