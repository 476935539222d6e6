"""Events of the last hour, so that the first look finds some."""

from __future__ import annotations

from kwatch.simulator.scenario.objects.kube import CRON_JOB, JOB, Object, name_of, namespace_of
from kwatch.simulator.scenario.recorder import SCHEDULER, Recorder
from kwatch.simulator.scenario.timestamps import seconds
from kwatch.simulator.scenario.world import World

_HORIZON = 3300.0
_MOST_PODS = 40


def place_past_events(world: World, recorder: Recorder, nodes: list[Object]) -> None:
    """What the controllers said about everything that happened within the hour."""
    now = world.now()
    pods = sorted(world.store.list("pods"), key=lambda pod: str(pod["metadata"]["creationTimestamp"]), reverse=True)
    for pod in pods[:_MOST_PODS]:
        born = seconds(pod["metadata"]["creationTimestamp"])
        if born > now - _HORIZON:
            _pod_events(recorder, pod, born)
    for cron in world.store.list(CRON_JOB):
        for job in world.children(cron, JOB):
            born = seconds(job["metadata"]["creationTimestamp"])
            if born > now - _HORIZON:
                _job_events(recorder, cron, job, born)
    _unhealthy(world, recorder, now)


def _pod_events(recorder: Recorder, pod: Object, born: float) -> None:
    where = pod["spec"]["nodeName"]
    message = f"Successfully assigned {namespace_of(pod)}/{name_of(pod)} to {where}"
    recorder.of_the_past(
        pod, "Normal", "Scheduled", message, SCHEDULER, first=born, last=born, host="default-scheduler-cp-1"
    )
    for container in pod["spec"]["containers"]:
        said = (
            ("Pulled", f'Container image "{container["image"]}" already present on machine'),
            ("Created", f"Created container: {container['name']}"),
            ("Started", f"Started container {container['name']}"),
        )
        part = f"spec.containers{{{container['name']}}}"
        for reason, text in said:
            recorder.of_the_past(
                pod, "Normal", reason, text, "kubelet", first=born + 2, last=born + 2, host=where, part=part
            )


def _job_events(recorder: Recorder, cron: Object, job: Object, born: float) -> None:
    text = f"Created job {name_of(job)}"
    recorder.of_the_past(cron, "Normal", "SuccessfulCreate", text, "cronjob-controller", first=born, last=born)
    if "completionTime" in job["status"]:
        ended = seconds(job["status"]["completionTime"])
        recorder.of_the_past(job, "Normal", "Completed", "Job completed", "job-controller", first=ended, last=ended)
        text = f"Saw completed job: {name_of(job)}, condition: Complete"
        recorder.of_the_past(cron, "Normal", "SawCompletedJob", text, "cronjob-controller", first=ended, last=ended)
    else:
        ended = seconds(job["status"]["conditions"][-1]["lastTransitionTime"])
        text = "Job has reached the specified backoff limit"
        recorder.of_the_past(job, "Warning", "BackoffLimitExceeded", text, "job-controller", first=ended, last=ended)


def _unhealthy(world: World, recorder: Recorder, now: float) -> None:
    """Probes that failed now and then."""
    for namespace, app, count in (("shop", "search", 4), ("monitoring", "loki", 2), ("payments", "fraud-scorer", 1)):
        for pod in world.pods_of_app(namespace, app)[:1]:
            text = (
                f'Readiness probe failed: Get "http://{pod["status"]["podIP"]}:8080/": context deadline exceeded '
                "(Client.Timeout exceeded while awaiting headers)"
            )
            recorder.of_the_past(
                pod,
                "Warning",
                "Unhealthy",
                text,
                "kubelet",
                first=now - 1900.0,
                last=now - 240.0 * count,
                count=count,
                host=pod["spec"]["nodeName"],
                part=f"spec.containers{{{app}}}",
            )
