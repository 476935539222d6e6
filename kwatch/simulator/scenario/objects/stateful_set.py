"""Stateful sets and daemon sets, and the controller revisions that keep their templates."""

from __future__ import annotations

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.inventory.workload import Workload
from kwatch.simulator.scenario.objects.kube import Object, name_of, namespace_of
from kwatch.simulator.scenario.objects.metadata import metadata, recommended_labels, with_last_applied
from kwatch.simulator.scenario.objects.pod_template import pod_template

REVISION_HASH = "controller-revision-hash"


def stateful_set(workload: Workload, created: float | None = None) -> Object:
    """A stateful set without a status."""
    made: Object = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata(workload.name, workload.namespace, labels=_labels(workload), created=created),
        "spec": {
            "replicas": workload.replicas,
            "selector": {"matchLabels": {"app": workload.name}},
            "template": pod_template(workload),
            "serviceName": f"{workload.name}-headless",
            "podManagementPolicy": "OrderedReady",
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
            "revisionHistoryLimit": 5,
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        },
        "status": {"replicas": 0},
    }
    if workload.claim:
        made["spec"]["volumeClaimTemplates"] = [
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": "data"},
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": workload.claim}},
                    "storageClassName": workload.storage_class,
                    "volumeMode": "Filesystem",
                },
                "status": {"phase": "Pending"},
            }
        ]
    return made if workload.applied_by == "helm" else with_last_applied(made)


def daemon_set(workload: Workload, created: float | None = None) -> Object:
    """A daemon set without a status."""
    made: Object = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": metadata(
            workload.name,
            workload.namespace,
            labels=_labels(workload),
            annotations={"deprecated.daemonset.template.generation": "1"},
            created=created,
        ),
        "spec": {
            "selector": {"matchLabels": {"app": workload.name}},
            "template": pod_template(workload),
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
            "revisionHistoryLimit": 5,
        },
        "status": {},
    }
    return made if workload.applied_by == "helm" else with_last_applied(made)


def _labels(workload: Workload) -> dict[str, str]:
    labels = recommended_labels(workload.name, workload.tag, workload.namespace)
    if workload.applied_by == "helm":
        labels["app.kubernetes.io/managed-by"] = "Helm"
    return labels


def revision_hash(owner: Object) -> str:
    """The hash of the present template, as its pods carry it: a stateful set's begins with its name."""
    made = names.template_hash(owner["spec"]["template"])
    return f"{name_of(owner)}-{made}" if owner["kind"] == "StatefulSet" else made


def controller_revision(owner: Object, number: int, created: float | None = None) -> Object:
    """One kept template of a stateful set or daemon set."""
    value = revision_hash(owner)
    name = value if owner["kind"] == "StatefulSet" else f"{name_of(owner)}-{value}"
    labels = {"app": owner["spec"]["selector"]["matchLabels"]["app"], REVISION_HASH: value}
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": metadata(name, namespace_of(owner), labels=labels, owner=owner, created=created),
        "data": {"spec": {"template": {"$patch": "replace", **owner["spec"]["template"]}}},
        "revision": number,
    }
