"""Which rules judge which resource."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from kwatch.catalog.health import cluster, conditions, events, jobs, network, nodes, pods, policy, storage, workloads
from kwatch.catalog.health.assessment import Assessment, Problem
from kwatch.catalog.kinds.events import CoreEvent, NewEvent
from kwatch.catalog.tolerance import read_tolerantly
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource

log = logging.getLogger("kwatch.catalog.health")


class Rule(NamedTuple):
    """What is read of an object, and what is found in it. `own_deletion`: the rule looks at deletions itself."""

    shape: type[Any]
    find: Callable[[Any], Iterable[Problem]]
    own_deletion: bool = False


_RULES = {
    ("", "endpoints"): Rule(network.Endpoints, network.find_endpoints_problems),
    ("", "events"): Rule(CoreEvent, events.find_problems, own_deletion=True),
    ("", "namespaces"): Rule(cluster.ClusterObject, cluster.find_namespace_problems, own_deletion=True),
    ("", "nodes"): Rule(nodes.Node, nodes.find_problems),
    ("", "persistentvolumeclaims"): Rule(storage.Claim, storage.find_claim_problems),
    ("", "persistentvolumes"): Rule(storage.Volume, storage.find_volume_problems),
    ("", "pods"): Rule(pods.Pod, pods.find_problems, own_deletion=True),
    ("", "replicationcontrollers"): Rule(workloads.Workload, workloads.find_replica_problems),
    ("", "resourcequotas"): Rule(policy.Quota, policy.find_quota_problems),
    ("", "services"): Rule(network.Service, network.find_service_problems),
    ("apiregistration.k8s.io", "apiservices"): Rule(cluster.ClusterObject, cluster.find_api_service_problems),
    ("apps", "daemonsets"): Rule(workloads.DaemonSet, workloads.find_daemon_problems),
    ("apps", "deployments"): Rule(workloads.Workload, workloads.find_deployment_problems),
    ("apps", "replicasets"): Rule(workloads.Workload, workloads.find_replica_problems),
    ("apps", "statefulsets"): Rule(workloads.Workload, workloads.find_replica_problems),
    ("autoscaling", "horizontalpodautoscalers"): Rule(policy.Autoscaler, policy.find_autoscaler_problems),
    ("batch", "cronjobs"): Rule(jobs.CronJob, jobs.find_cron_job_problems),
    ("batch", "jobs"): Rule(jobs.Job, jobs.find_job_problems),
    ("certificates.k8s.io", "certificatesigningrequests"): Rule(
        cluster.ClusterObject, cluster.find_signing_request_problems
    ),
    ("discovery.k8s.io", "endpointslices"): Rule(network.EndpointSlice, network.find_slice_problems),
    ("events.k8s.io", "events"): Rule(NewEvent, events.find_problems, own_deletion=True),
    ("policy", "poddisruptionbudgets"): Rule(policy.Budget, policy.find_budget_problems),
    ("storage.k8s.io", "volumeattachments"): Rule(storage.Attachment, storage.find_attachment_problems),
}
_ANY = Rule(conditions.Conditioned, conditions.find_problems)


def assess(resource: Resource, obj: KubeObject) -> Assessment:
    """Find what is or may become wrong with the object; what cannot be read is not held against it."""
    rule = _RULES.get((resource.group, resource.name), _ANY)
    found: list[Problem] = []
    try:
        shaped = _read(obj, rule.shape)
        if not rule.own_deletion:
            found.extend(conditions.find_stuck_deletion(shaped))
        for problem in rule.find(shaped):
            found.append(problem)
    except (TypeError, ValueError, AttributeError, LookupError, RecursionError) as error:
        log.debug("%s %s cannot be judged further: %s", resource, obj.key, error)
    return Assessment.of(found)


def _read(obj: KubeObject, shape: type[Any]) -> Any:
    try:
        return obj.read(shape)
    except ValueError:
        return read_tolerantly(obj, shape)
