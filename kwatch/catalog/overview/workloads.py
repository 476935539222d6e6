"""Deployments, stateful sets, daemon sets, replica sets, jobs and cron jobs."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.base.duration import humanize
from kwatch.base.timestamp import time_or_none
from kwatch.catalog.overview.facts import (
    Fact,
    Section,
    condition_facts,
    fact,
    flag,
    metadata_facts,
    moment,
    seconds,
    sections,
    selector_text,
    words,
)
from kwatch.catalog.overview.pods import container_sections, scheduling_facts, volume_facts
from kwatch.catalog.tree import Tree


def describe_workload(workload: Tree) -> tuple[Section, ...]:
    spec = workload["spec"]
    return _with_template(
        workload, words(workload["kind"].text("Workload")), _workload_facts(workload), spec["template"]
    )


def describe_job(job: Tree) -> tuple[Section, ...]:
    return _with_template(job, "Job", (*_job_spec_facts(job["spec"]), *_job_facts(job)), job.at("spec", "template"))


def describe_cron_job(cron_job: Tree) -> tuple[Section, ...]:
    job_spec = cron_job.at("spec", "jobTemplate", "spec")
    facts = (*_cron_job_facts(cron_job), *_job_spec_facts(job_spec))
    return _with_template(cron_job, "Cron Job", facts, job_spec["template"])


def describe_pod_template(pod_template: Tree) -> tuple[Section, ...]:
    return _with_template(pod_template, "Pod Template", (), pod_template["template"])


def _with_template(
    obj: Tree, title: str, facts: tuple[Fact | None, ...] | Iterator[Fact | None], template: Tree
) -> tuple[Section, ...]:
    spec = template["spec"]
    template_facts = (
        fact("Labels", template.at("metadata", "labels").pairs()),
        fact("Annotations", template.at("metadata", "annotations").pairs()),
        fact("Service Account", spec["serviceAccountName"]),
        fact("Priority Class", spec["priorityClassName"]),
    )
    return sections(
        (title, (*metadata_facts(obj), *facts)),
        ("Conditions", condition_facts(obj)),
        ("Pod Template", template_facts),
        *container_sections(spec, Tree(None)),
        ("Volumes", volume_facts(spec)),
        ("Volume Claims", (_claim_fact(each) for each in obj.at("spec", "volumeClaimTemplates"))),
        ("Scheduling", scheduling_facts(spec)),
    )


def _workload_facts(workload: Tree) -> Iterator[Fact | None]:
    spec, status = workload["spec"], workload["status"]
    yield fact("Selector", selector_text(spec["selector"]))
    if spec["replicas"].value is not None:
        yield Fact("Replicas", _counts(spec["replicas"].text("0"), status))
    if status["desiredNumberScheduled"].value is not None:
        yield Fact("Desired", status["desiredNumberScheduled"].text("0"))
        for label, key in (
            ("Current", "currentNumberScheduled"),
            ("Ready", "numberReady"),
            ("Up-to-date", "updatedNumberScheduled"),
            ("Available", "numberAvailable"),
            ("Misscheduled", "numberMisscheduled"),
        ):
            yield Fact(label, status[key].text("0"))
    for key in ("strategy", "updateStrategy"):
        yield fact("Strategy", _strategy_text(spec[key]))
    yield flag("Paused", spec["paused"])
    yield fact("Service", spec["serviceName"])
    yield fact("Pod Management", spec["podManagementPolicy"])
    for label, key in (("Claims When Deleted", "whenDeleted"), ("Claims When Scaled", "whenScaled")):
        yield fact(label, spec.at("persistentVolumeClaimRetentionPolicy", key))
    yield seconds("Minimum Ready Time", spec["minReadySeconds"])
    yield seconds("Progress Deadline", spec["progressDeadlineSeconds"])
    yield fact("Revision History Limit", spec["revisionHistoryLimit"])
    yield fact("Current Revision", status["currentRevision"])
    yield fact("Update Revision", status["updateRevision"])


def _counts(wanted: str, status: Tree) -> str:
    found = [(word, status[f"{word}Replicas"].number()) for word in ("updated", "ready", "available", "unavailable")]
    parts = [f"{number} {word}" for word, number in found if number or word in ("ready", "available")]
    return f"{wanted} desired, {status['replicas'].number()} total, {', '.join(parts)}"


def _strategy_text(strategy: Tree) -> str:
    rolling = strategy["rollingUpdate"]
    details = [
        f"{label} {rolling[key].text()}"
        for key, label in (
            ("maxUnavailable", "at most unavailable"),
            ("maxSurge", "at most beyond"),
            ("partition", "from ordinal"),
        )
        if rolling[key].value is not None
    ]
    return ", ".join([strategy["type"].text(), *details]) if strategy else ""


def _job_spec_facts(spec: Tree) -> Iterator[Fact | None]:
    yield fact("Completions", spec["completions"])
    yield fact("Completion Mode", spec["completionMode"])
    yield fact("Parallelism", spec["parallelism"])
    yield fact("Backoff Limit", spec["backoffLimit"])
    for label, key in (("Active Deadline", "activeDeadlineSeconds"), ("Kept After End", "ttlSecondsAfterFinished")):
        yield seconds(label, spec[key])


def _job_facts(job: Tree) -> Iterator[Fact | None]:
    spec, status = job["spec"], job["status"]
    yield fact("Selector", selector_text(spec["selector"]))
    yield flag("Suspended", spec["suspend"])
    yield moment("Started", status["startTime"])
    yield moment("Completed", status["completionTime"])
    yield fact("Duration", _duration(status))
    active = f"{status['active'].number()} active ({status['ready'].number()} ready)"
    yield Fact("Pods", f"{active}, {status['succeeded'].number()} succeeded, {status['failed'].number()} failed")
    yield fact("Completed Indexes", status["completedIndexes"])
    yield fact("Failed Indexes", status["failedIndexes"])


def _duration(status: Tree) -> str:
    """How long it took, once that is known."""
    start, end = (time_or_none(status[key].text()) for key in ("startTime", "completionTime"))
    return "" if start is None or end is None else humanize(end - start)


def _cron_job_facts(cron_job: Tree) -> Iterator[Fact | None]:
    spec, status = cron_job["spec"], cron_job["status"]
    yield fact("Schedule", spec["schedule"])
    yield fact("Time Zone", spec["timeZone"])
    yield Fact("Suspended", "yes" if spec["suspend"].value is True else "no")
    yield fact("Concurrency", spec["concurrencyPolicy"])
    yield fact("Successful Jobs Kept", spec["successfulJobsHistoryLimit"])
    yield fact("Failed Jobs Kept", spec["failedJobsHistoryLimit"])
    yield seconds("Starting Deadline", spec["startingDeadlineSeconds"])
    yield moment("Last Schedule", status["lastScheduleTime"])
    yield moment("Last Success", status["lastSuccessfulTime"])
    yield fact("Active Jobs", status["active"].names())


def _claim_fact(claim: Tree) -> Fact:
    spec = claim["spec"]
    size = spec.at("resources", "requests", "storage").text("?")
    parts = [size, spec["accessModes"].joined("/"), spec["storageClassName"].text()]
    return Fact(claim.at("metadata", "name").text("?"), ", ".join([part for part in parts if part]))
