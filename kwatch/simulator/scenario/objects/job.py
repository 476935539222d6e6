"""Jobs and cron jobs."""

from __future__ import annotations

from kwatch.simulator.scenario.inventory.workload import CronWorkload
from kwatch.simulator.scenario.objects.kube import Object, name_of, namespace_of
from kwatch.simulator.scenario.objects.metadata import metadata, recommended_labels, with_last_applied
from kwatch.simulator.scenario.objects.pod_template import job_template
from kwatch.simulator.scenario.timestamps import timestamp

TRACKING = "batch.kubernetes.io/job-tracking"


def cron_job(cron: CronWorkload, created: float | None = None) -> Object:
    """A cron job without a status."""
    labels = recommended_labels(cron.name, cron.image.rsplit(":", 1)[1], cron.namespace)
    return with_last_applied(
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": metadata(cron.name, cron.namespace, labels=labels, created=created),
            "spec": {
                "schedule": cron.schedule,
                "concurrencyPolicy": cron.concurrency,
                "suspend": cron.suspended,
                "jobTemplate": {
                    "metadata": {"labels": {"app": cron.name}},
                    "spec": {"backoffLimit": 2, "activeDeadlineSeconds": 900, "template": job_template(cron)},
                },
                "successfulJobsHistoryLimit": cron.keep_succeeded,
                "failedJobsHistoryLimit": cron.keep_failed,
            },
            "status": {},
        }
    )


def job(cron: Object, scheduled: float, uid: str, created: float | None = None) -> Object:
    """The job of one scheduled time of a cron job; `uid` is the new job's own, which its pods are labelled with."""
    spec = cron["spec"]["jobTemplate"]["spec"]
    name = f"{name_of(cron)}-{int(scheduled // 60)}"
    own = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
        "controller-uid": uid,
        "job-name": name,
    }
    annotations = {"batch.kubernetes.io/cronjob-scheduled-timestamp": timestamp(scheduled)}
    made_metadata = metadata(
        name,
        namespace_of(cron),
        labels=cron["spec"]["jobTemplate"]["metadata"]["labels"],
        annotations=annotations,
        owner=cron,
        created=created,
    )
    template = spec["template"]
    labelled = {**template["metadata"], "labels": {**template["metadata"]["labels"], **own}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {**made_metadata, "uid": uid},
        "spec": {
            "parallelism": 1,
            "completions": 1,
            "activeDeadlineSeconds": spec["activeDeadlineSeconds"],
            "backoffLimit": spec["backoffLimit"],
            "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}},
            "manualSelector": False,
            "template": {**template, "metadata": labelled},
            "completionMode": "NonIndexed",
            "suspend": False,
            "podReplacementPolicy": "TerminatingOrFailed",
        },
        "status": {},
    }
