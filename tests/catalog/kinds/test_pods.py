"""Pods in every state that kubectl has a word for."""

from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.column import Level
from kwatch.catalog.kinds.pods import Restarts, status_level
from tests.catalog.kinds.printing import NOW, ago, cell, kind_of

RUNNING: dict[str, Any] = {"running": {}}
ENDED_WELL: dict[str, Any] = {"terminated": {"exitCode": 0, "reason": "Completed"}}


def _status(name: str, state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "state": state, "ready": "running" in state, "restartCount": 0} | more


def _waiting(reason: str) -> dict[str, Any]:
    return {"waiting": {"reason": reason}}


def _ended(code: int = 1, **more: Any) -> dict[str, Any]:
    return {"terminated": {"exitCode": code} | more}


def _pod(
    containers: list[dict[str, Any]],
    *,
    init: list[dict[str, Any]] | None = None,
    sidecars: tuple[str, ...] = (),
    phase: str = "Running",
    conditions: dict[str, str] | None = None,
    metadata: dict[str, Any] | None = None,
    **status: Any,
) -> dict[str, Any]:
    init = init or []
    init_specs = [
        {"name": each["name"]} | ({"restartPolicy": "Always"} if each["name"] in sidecars else {}) for each in init
    ]
    return {
        "metadata": metadata or {},
        "spec": {"containers": [{"name": each["name"]} for each in containers], "initContainers": init_specs},
        "status": {
            "phase": phase,
            "containerStatuses": containers,
            "initContainerStatuses": init,
            "conditions": [{"type": type_, "status": value} for type_, value in (conditions or {}).items()],
        }
        | status,
    }


def _looks(pod: dict[str, Any]) -> tuple[str, str]:
    return cell("pods", "Ready", pod), cell("pods", "Status", pod)


A_WAITS = _status("a", _waiting("PodInitializing"))


@pytest.mark.parametrize(
    ("pod", "looks"),
    [
        (_pod([], phase="Pending"), ("0/0", "Pending")),
        (_pod([_status("a", RUNNING)]), ("1/1", "Running")),
        (_pod([_status("a", RUNNING, ready=False)]), ("0/1", "Running")),
        (_pod([_status("a", _waiting("ContainerCreating"))], phase="Pending"), ("0/1", "ContainerCreating")),
        (_pod([_status("a", _waiting("ImagePullBackOff"))], phase="Pending"), ("0/1", "ImagePullBackOff")),
        (_pod([_status("a", RUNNING), _status("b", _waiting("CrashLoopBackOff"))]), ("1/2", "CrashLoopBackOff")),
        # The first container has the last word.
        (_pod([_status("a", _waiting("First")), _status("b", _waiting("Second"))]), ("0/2", "First")),
        (_pod([_status("a", {"waiting": {}}), _status("b", RUNNING)]), ("1/2", "Running")),
        (_pod([_status("a", _ended(3))], phase="Failed"), ("0/1", "ExitCode:3")),
        (_pod([_status("a", _ended(137, signal=9))], phase="Failed"), ("0/1", "Signal:9")),
        (_pod([_status("a", _ended(137, reason="OOMKilled"))]), ("0/1", "OOMKilled")),
        (_pod([_status("a", ENDED_WELL)], phase="Succeeded"), ("0/1", "Completed")),
        (
            _pod([_status("a", ENDED_WELL), _status("b", RUNNING)], conditions={"Ready": "True"}),
            ("1/2", "Running"),
        ),
        (
            _pod([_status("a", ENDED_WELL), _status("b", RUNNING)], conditions={"Ready": "False"}),
            ("1/2", "NotReady"),
        ),
        (_pod([], phase="Failed", reason="Evicted"), ("0/0", "Evicted")),
        (_pod([_status("a", RUNNING)], reason="NodeLost"), ("1/1", "NodeLost")),
        (
            _pod([_status("a", RUNNING)], reason="NodeLost", metadata={"deletionTimestamp": ago(5)}),
            ("1/1", "Unknown"),
        ),
        (_pod([_status("a", RUNNING)], metadata={"deletionTimestamp": ago(5)}), ("1/1", "Terminating")),
        (
            _pod([_status("a", ENDED_WELL)], phase="Succeeded", metadata={"deletionTimestamp": ago(5)}),
            ("0/1", "Completed"),
        ),
        (
            _pod(
                [],
                phase="Pending",
                conditions={},
            )
            | {"status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "reason": "SchedulingGated"}]}},
            ("0/0", "SchedulingGated"),
        ),
        (_pod([A_WAITS], init=[_status("i", RUNNING)], phase="Pending"), ("0/1", "Init:0/1")),
        (
            _pod([A_WAITS], init=[_status("i", ENDED_WELL), _status("j", _waiting("PodInitializing"))]),
            ("0/1", "Init:1/2"),
        ),
        (_pod([A_WAITS], init=[_status("i", _waiting("ErrImagePull"))]), ("0/1", "Init:ErrImagePull")),
        (_pod([A_WAITS], init=[_status("i", _ended(2))]), ("0/1", "Init:ExitCode:2")),
        (_pod([A_WAITS], init=[_status("i", _ended(2, signal=15))]), ("0/1", "Init:Signal:15")),
        (_pod([A_WAITS], init=[_status("i", _ended(2, reason="Error"))]), ("0/1", "Init:Error")),
        (_pod([A_WAITS], init=[_status("i", ENDED_WELL)], phase="Pending"), ("0/1", "PodInitializing")),
        # A sidecar that has started counts, and lets the others begin.
        (
            _pod([_status("a", RUNNING)], init=[_status("s", RUNNING, started=True)], sidecars=("s",)),
            ("2/2", "Running"),
        ),
        (
            _pod([A_WAITS], init=[_status("s", RUNNING, started=False)], sidecars=("s",), phase="Pending"),
            ("0/2", "Init:0/1"),
        ),
        (
            _pod([_status("a", RUNNING)], init=[_status("s", RUNNING, started=True, ready=False)], sidecars=("s",)),
            ("1/2", "Running"),
        ),
        # One that fails after initialization does not send the pod back to Init.
        (
            _pod(
                [_status("a", RUNNING)],
                init=[_status("s", _waiting("CrashLoopBackOff"))],
                sidecars=("s",),
                conditions={"Initialized": "True"},
            ),
            ("1/2", "Init:CrashLoopBackOff"),
        ),
        (
            _pod(
                [_status("a", _waiting("CrashLoopBackOff"))],
                init=[_status("i", RUNNING)],
                conditions={"Initialized": "True"},
            ),
            ("0/1", "CrashLoopBackOff"),
        ),
    ],
)
def test_ready_and_status(pod: dict[str, Any], looks: tuple[str, str]) -> None:
    assert _looks(pod) == looks


def _restarted(name: str, count: int, seconds: float | None = None) -> dict[str, Any]:
    last = {} if seconds is None else {"lastState": {"terminated": {"exitCode": 1, "finishedAt": ago(seconds)}}}
    return _status(name, RUNNING, restartCount=count, **last)


@pytest.mark.parametrize(
    ("pod", "restarts"),
    [
        (_pod([_restarted("a", 0)]), "0"),
        (_pod([_restarted("a", 3)]), "3"),
        (_pod([_restarted("a", 3, 300)]), "3 (5m ago)"),
        (_pod([_restarted("a", 0, 300)]), "0"),
        (_pod([_restarted("a", 3, 300), _restarted("b", 4, 100)]), "7 (100s ago)"),
        # While initializing, the init containers' restarts up to the one that is stuck.
        (_pod([_restarted("a", 9)], init=[_restarted("i", 2, 60), _restarted("j", 5, 5)]), "2 (60s ago)"),
        # Afterwards only those of sidecars and containers.
        (
            _pod(
                [_restarted("a", 1, 600)],
                init=[_status("i", ENDED_WELL, restartCount=7), _restarted("s", 2, 60) | {"started": True}],
                sidecars=("s",),
            ),
            "3 (60s ago)",
        ),
    ],
)
def test_restarts(pod: dict[str, Any], restarts: str) -> None:
    assert cell("pods", "Restarts", pod) == restarts


def test_restarts_sort_and_compare_by_count() -> None:
    column = kind_of("pods").columns[kind_of("pods").column_index("restarts")]
    values = [Restarts(10, NOW), Restarts(9, None), Restarts(0, None)]
    assert sorted(values, key=column.order) == [Restarts(0, None), Restarts(9, None), Restarts(10, NOW)]
    assert (column.compare, column.depends_on_time) == ("number", True)
    assert column.level(Restarts(0, None)) == Level.NONE
    assert column.level(Restarts(1, None)) == Level.WARNING


def test_ready_sorts_the_least_ready_first() -> None:
    column = kind_of("pods").columns[kind_of("pods").column_index("Ready")]
    assert sorted(["3/3", "2/3", "0/1", "1/1", "1/3"], key=column.order) == ["0/1", "1/3", "2/3", "1/1", "3/3"]


def test_wide_columns() -> None:
    pod = {
        "spec": {"nodeName": "n1", "readinessGates": [{"conditionType": "a"}, {"conditionType": "b"}]},
        "status": {
            "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}],
            "nominatedNodeName": "n2",
            "conditions": [{"type": "a", "status": "True"}, {"type": "b", "status": "False"}],
        },
    }
    titles = ("IP", "Node", "Nominated Node", "Readiness Gates")
    assert [cell("pods", title, pod) for title in titles] == ["10.0.0.1", "n1", "n2", "1/2"]
    assert [cell("pods", title, {}) for title in titles] == ["<none>"] * 4


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("Running", Level.GOOD),
        ("Completed", Level.DONE),
        ("Init:0/2", Level.PROGRESS),
        ("Init:CrashLoopBackOff", Level.BAD),
        ("CrashLoopBackOff", Level.BAD),
        ("Unknown", Level.BAD),
        ("Terminating", Level.PROGRESS),
        ("", Level.NONE),
    ],
)
def test_status_levels(word: str, level: Level) -> None:
    assert status_level(word) == level
