from __future__ import annotations

from typing import Any

from kwatch.base.timestamp import time_or_none
from kwatch.history.reconstruction import reconstruct

POD: dict[str, Any] = {
    "metadata": {
        "name": "web",
        "creationTimestamp": "2026-11-23T10:00:00Z",
        "managedFields": [
            {"manager": "kubelet", "operation": "Update", "subresource": "status", "time": "2026-11-23T10:05:00Z",
             "fieldsV1": {"f:status": {"f:phase": {}, "f:conditions": {'k:{"type":"Ready"}': {"f:status": {}}}}}},
            {"manager": "kubectl", "operation": "Apply", "time": "2026-11-23T10:00:00Z",
             "fieldsV1": {"f:spec": {"f:containers": {}}}},
        ],
    },
    "status": {
        "conditions": [
            {"type": "Ready", "status": "False", "reason": "NotReady", "lastTransitionTime": "2026-11-23T10:04:00Z"}
        ],
        "containerStatuses": [
            {"name": "web",
             "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137, "startedAt": "2026-11-23T10:01:00Z",
                                          "finishedAt": "2026-11-23T10:02:00Z"}},
             "state": {"running": {"startedAt": "2026-11-23T10:03:00Z"}}},
        ],
    },
}  # fmt: skip


def test_what_an_object_proves_in_order() -> None:
    found = reconstruct(POD)
    start = time_or_none("2026-11-23T10:00:00Z")
    assert start is not None
    assert [(entry.at - start, entry.source, entry.words, str(entry.who)) for entry in found] == [
        (0, "metadata", "created", "unknown"),
        (0, "managedFields", "last wrote spec.containers", "kubectl"),
        (60, "container", "container web started", "unknown"),
        (120, "container", "container web OOMKilled, exit code 137", "unknown"),
        (180, "container", "container web started", "unknown"),
        (240, "condition", "Ready became False: NotReady", "unknown"),
        (300, "managedFields", "last wrote status.phase, status.conditions[Ready]", "kubelet"),
    ]
    assert found[-1].who.subresource == "status"


def test_events_first_and_last() -> None:
    events: list[dict[str, Any]] = [
        {"reason": "BackOff", "message": "restarting", "count": 7, "source": {"component": "kubelet"},
         "firstTimestamp": "2026-11-23T10:00:00Z", "lastTimestamp": "2026-11-23T10:09:00Z"},
        {"reason": "Pulled", "note": "done", "eventTime": "2026-11-23T10:01:00.5+00:00",
         "reportingComponent": "kubelet"},
        {"reason": "never", "firstTimestamp": None},
    ]  # fmt: skip
    found = reconstruct({}, events)
    assert [(entry.words, entry.count, str(entry.who)) for entry in found] == [
        ("BackOff: restarting", 1, "kubelet"),
        ("Pulled: done", 1, "kubelet"),
        ("BackOff: restarting", 7, "kubelet"),
    ]


def test_odd_objects_prove_nothing() -> None:
    odd: list[Any] = [
        {"metadata": None, "status": 5},
        {"metadata": {"creationTimestamp": "yesterday", "managedFields": [1, {"time": 3}]}},
        {"status": {"conditions": {}, "containerStatuses": [None, {"state": []}]}},
    ]
    assert [reconstruct(each) for each in odd] == [(), (), ()]
