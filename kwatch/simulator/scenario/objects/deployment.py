"""Deployments and their replica sets."""

from __future__ import annotations

from collections.abc import Mapping

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.inventory.workload import KUBECTL, Workload
from kwatch.simulator.scenario.objects.kube import Object, name_of, namespace_of
from kwatch.simulator.scenario.objects.metadata import metadata, recommended_labels, with_last_applied
from kwatch.simulator.scenario.objects.pod_template import pod_template

REVISION = "deployment.kubernetes.io/revision"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
TEMPLATE_HASH = "pod-template-hash"


def deployment(workload: Workload, created: float | None = None) -> Object:
    """A deployment as its author writes it, defaults filled in, without a status."""
    labels = recommended_labels(workload.name, workload.tag, workload.namespace)
    labels["app.kubernetes.io/managed-by"] = "Helm" if workload.applied_by == "helm" else "argocd"
    if workload.applied_by == KUBECTL:
        del labels["app.kubernetes.io/managed-by"]
    made: Object = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(workload.name, workload.namespace, labels=labels, created=created),
        "spec": {
            "replicas": workload.replicas,
            "selector": {"matchLabels": {"app": workload.name}},
            "template": pod_template(workload),
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": workload.max_unavailable, "maxSurge": workload.max_surge},
            },
            "revisionHistoryLimit": 5,
            "progressDeadlineSeconds": 120,
        },
        "status": {},
    }
    if workload.applied_by == "helm":
        made["metadata"]["annotations"] = {
            "meta.helm.sh/release-name": workload.name,
            "meta.helm.sh/release-namespace": workload.namespace,
        }
        return made
    return with_last_applied(made)


def max_surge(deployment: Object) -> int:
    """How many pods above the wanted number a rollout may have."""
    wanted: int = deployment["spec"]["replicas"]
    return _share(deployment["spec"]["strategy"]["rollingUpdate"]["maxSurge"], wanted, up=True)


def max_unavailable(deployment: Object) -> int:
    """How many of the wanted pods a rollout may do without."""
    wanted: int = deployment["spec"]["replicas"]
    allowed = _share(deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"], wanted, up=False)
    return 1 if allowed == 0 and max_surge(deployment) == 0 else allowed


def _share(value: int | str, of: int, *, up: bool) -> int:
    if isinstance(value, int):
        return value
    percent = int(value.rstrip("%"))
    return -(-of * percent // 100) if up else of * percent // 100


def hash_of(deployment: Object) -> str:
    """The pod-template-hash of its present template."""
    return names.template_hash(deployment["spec"]["template"])


def replica_set(
    deployment: Object,
    template: Object,
    replicas: int,
    revision: int,
    created: float | None = None,
    template_hash: str = "",
) -> Object:
    """The replica set of one template of a deployment."""
    template_hash = template_hash or names.template_hash(template)
    labels = {**template["metadata"]["labels"], TEMPLATE_HASH: template_hash}
    name = f"{name_of(deployment)}-{template_hash}"
    annotations = {**replica_annotations(deployment), REVISION: str(revision)}
    if "meta.helm.sh/release-name" in deployment["metadata"].get("annotations", {}):
        given = deployment["metadata"]["annotations"]
        annotations |= {key: value for key, value in given.items() if key.startswith("meta.helm.sh/")}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": metadata(
            name, namespace_of(deployment), labels=labels, annotations=annotations, owner=deployment, created=created
        ),
        "spec": {
            "replicas": replicas,
            "selector": {
                "matchLabels": {**deployment["spec"]["selector"]["matchLabels"], TEMPLATE_HASH: template_hash}
            },
            "template": {**template, "metadata": {**template["metadata"], "labels": labels}},
        },
        "status": {"replicas": 0},
    }


def replica_annotations(deployment: Object) -> Mapping[str, str]:
    """What a deployment tells its replica sets, for scaling in proportion."""
    wanted = deployment["spec"]["replicas"]
    return {DESIRED: str(wanted), MAXIMUM: str(wanted + max_surge(deployment))}


def revision_of(obj: Object) -> int:
    """The revision a deployment or replica set is annotated with; 0 without."""
    return int(obj["metadata"].get("annotations", {}).get(REVISION, 0))
