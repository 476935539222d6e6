"""Which of many changes says most: what somebody asked for, then how it is, then why; details last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kwatch.history.diff import Change

_LEADING = frozenset({"deletionTimestamp", "phase", "nodeName", "restartCount"})
_TELLING = frozenset({"status", "reason", "replicas", "readyReplicas", "exitCode", "ready"})
_DETAILS = frozenset(
    {
        "message",
        "containerID",
        "imageID",
        "image",
        "started",
        "startedAt",
        "startTime",
        "podIP",
        "podIPs",
        "hostIP",
        "hostIPs",
        "deletionGracePeriodSeconds",
        "terminatingReplicas",
        "fullyLabeledReplicas",
    }
)


def telling_first(changes: Sequence[Change]) -> list[Change]:
    """The changes in another order; those of one rank stay as they were."""
    return sorted(changes, key=_rank)


def _rank(change: Change) -> int:
    names = _names(change.steps)
    first, last = names[0] if names else "", names[-1] if names else ""
    if first == "spec" or last in _LEADING:
        return 0
    if first == "status" and last in _DETAILS:
        return 4
    if first == "status" and len(names) > 2 and last in ("reason", "status") and names[1] == "conditions":
        return 1 if last == "status" else 3
    return 1 if last in _TELLING or "state" in names else 2


def _names(steps: Iterable[object]) -> list[str]:
    """The fields on the way, without the items of lists."""
    return [step for step in steps if isinstance(step, str)]
