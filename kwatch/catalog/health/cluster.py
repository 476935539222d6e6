"""All but pods and what makes them: nodes, namespaces, events, services and endpoints, claims and volumes, aggregated
APIs, requests for certificates, quotas, autoscalers and budgets.
"""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.base.quantity import quantity_order
from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import Level
from kwatch.catalog.health import DELETING_AFTER, Problem, Rule, after, sentence
from kwatch.catalog.kinds.access import SigningRequest
from kwatch.catalog.kinds.api_server import APIService
from kwatch.catalog.kinds.cluster import AnyEvent, CoreEvent, Namespace, NewEvent, Node, Quota, last_seen, target
from kwatch.catalog.kinds.network import Endpoints, EndpointSlice, Service
from kwatch.catalog.kinds.policy import Autoscaler, Budget
from kwatch.catalog.kinds.storage import Attachment, Claim, Volume
from kwatch.catalog.shapes import find_condition

UNBOUND_AFTER = 60.0
FIRST_POD_AFTER = 300.0
_PROVISIONER = ("volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner")


def find_claim_problems(claim: Claim) -> Iterator[Problem]:
    """Unbound for too long, or bound to a volume that is gone."""
    if claim.status.phase == "Lost":
        yield Problem("its volume is lost")
    elif claim.status.phase == "Pending":
        why, patience = _why_unbound(claim)
        yield Problem(f"unbound: {why}", Level.WARNING, since=after(claim.metadata.created, patience))


def _why_unbound(claim: Claim) -> tuple[str, float]:
    """The reason, and for how long it is none to worry about."""
    annotations = claim.metadata.annotations or {}
    provisioner = next((annotations[each] for each in _PROVISIONER if annotations.get(each)), None)
    if provisioner is not None:
        return f"{provisioner} has made no volume yet", UNBOUND_AFTER
    if not claim.spec.storage_class_name:
        return "no volume satisfies it yet", UNBOUND_AFTER
    # Nobody was asked for a volume: its class may be missing, or binds when the first pod comes.
    return f"no volume of class {claim.spec.storage_class_name} yet; it may wait for its first pod", FIRST_POD_AFTER


def find_volume_problems(volume: Volume) -> Iterator[Problem]:
    if volume.status.phase == "Failed":
        yield Problem(sentence("could not be reclaimed", volume.status.message))


def find_attachment_problems(attachment: Attachment) -> Iterator[Problem]:
    if attachment.status.attach_error is not None:
        yield Problem(sentence("cannot be attached", attachment.status.attach_error.message))
    if attachment.status.detach_error is not None:
        yield Problem(sentence("cannot be detached", attachment.status.detach_error.message))


CLAIMS = Rule(Claim, find_claim_problems)
VOLUMES = Rule(Volume, find_volume_problems)
ATTACHMENTS = Rule(Attachment, find_attachment_problems)


NO_ADDRESS_AFTER = 120.0
_SERVICE_LABEL = "kubernetes.io/service-name"
_HEADLESS_LABEL = "service.kubernetes.io/headless"


def find_service_problems(service: Service) -> Iterator[Problem]:
    waits = service.spec.type == "LoadBalancer" and not service.status.load_balancer.ingress
    if waits and not service.spec.external_ips:
        since = after(service.metadata.created, NO_ADDRESS_AFTER)
        yield Problem("its load balancer has no address yet", Level.WARNING, since=since)


def find_slice_problems(endpoint_slice: EndpointSlice) -> Iterator[Problem]:
    """A service's slice with nothing ready in it, or with no port: what a service's targetPort names, no pod has."""
    endpoints = endpoint_slice.endpoints or ()
    labels = endpoint_slice.metadata.labels or {}
    service = labels.get(_SERVICE_LABEL)
    if endpoints and all(endpoint.conditions.ready is False for endpoint in endpoints):
        yield Problem(f"none of its {len(endpoints)} endpoints is ready")
    elif not endpoints and service:
        yield Problem(f"service {service} has no endpoints", Level.WARNING)
    elif service and not endpoint_slice.ports and _HEADLESS_LABEL not in labels:
        # A headless service may have no ports at all.
        yield Problem(f"service {service} leads to no port of its pods")


def find_endpoints_problems(endpoints: Endpoints) -> Iterator[Problem]:
    subsets = endpoints.subsets or ()
    unready = sum(len(subset.not_ready_addresses or ()) for subset in subsets)
    if unready and not any(subset.addresses for subset in subsets):
        yield Problem(f"none of its {unready} addresses is ready")


SERVICES = Rule(Service, find_service_problems)
ENDPOINT_SLICES = Rule(EndpointSlice, find_slice_problems)
ENDPOINTS = Rule(Endpoints, find_endpoints_problems)


CORDONED_AFTER = 3600.0
UNAPPROVED_AFTER = 300.0
UNMEASURED_AFTER = 60.0
"""A pod that has just begun has no measurements yet."""
WARNING_COUNTS_FOR = 3600.0

_CORDON = "node.kubernetes.io/unschedulable"
_PRESSURES = {
    "MemoryPressure": "memory pressure",
    "DiskPressure": "disk pressure",
    "PIDPressure": "too many processes",
    "NetworkUnavailable": "network unavailable",
}
_HOLDING = ("NamespaceDeletionContentFailure", "NamespaceFinalizersRemaining", "NamespaceContentRemaining")


def find_node_problems(node: Node) -> Iterator[Problem]:
    """Silence, pressure, and cordons that were forgotten."""
    ready = find_condition(node.status.conditions, "Ready")
    if ready is None:
        yield Problem("never reported to be ready")
    elif ready.status == "Unknown":
        yield Problem(sentence("does not answer", ready.message))
    elif ready.status != "True":
        yield Problem(sentence("not ready", ready.message))
    for condition in node.status.conditions:
        if condition.status == "True" and condition.type in _PRESSURES:
            yield Problem(sentence(_PRESSURES[condition.type], condition.message))
    if node.spec.unschedulable:
        yield from _forgotten_cordon(node)


def _forgotten_cordon(node: Node) -> Iterator[Problem]:
    """Nodes are cordoned on purpose, for a while: only one that lasts is worth a word."""
    for taint in node.spec.taints or ():
        cordoned = parse_time(taint.time_added)
        if taint.key == _CORDON and cordoned is not None:
            reason = "cordoned for more than an hour: no new pods are scheduled on it"
            yield Problem(reason, Level.WARNING, since=cordoned + CORDONED_AFTER)


def find_namespace_problems(namespace: Namespace) -> Iterator[Problem]:
    """A deletion that hangs, and on what."""
    deleted = parse_time(namespace.metadata.deletion_timestamp)
    if deleted is None:
        return
    held = (find_condition(namespace.status.conditions, each) for each in _HOLDING)
    messages = (condition.message for condition in held if condition is not None and condition.status == "True")
    reason = sentence("being deleted for too long", next(messages, None))
    yield Problem(reason, since=deleted + DELETING_AFTER)


def find_event_problems(event: AnyEvent) -> Iterator[Problem]:
    if event.type == "Warning":
        seen = last_seen(event)
        until = None if seen is None else seen + WARNING_COUNTS_FOR
        yield Problem(sentence(target(event), event.reason, event.message), Level.WARNING, until=until)


def find_api_service_problems(api_service: APIService) -> Iterator[Problem]:
    available = find_condition(api_service.status.conditions, "Available")
    if available is not None and available.status != "True":
        yield Problem(sentence("does not answer", available.message or available.reason))


def find_signing_request_problems(request: SigningRequest) -> Iterator[Problem]:
    """One that failed, or that waits for approval."""
    conditions = request.status.conditions or ()
    failure = find_condition(conditions, "Failed")
    if failure is not None:
        yield Problem(sentence("failed", failure.message or failure.reason))
    elif not conditions:
        since = after(request.metadata.created, UNAPPROVED_AFTER)
        yield Problem("waits for approval", Level.WARNING, since=since)


def find_quota_problems(quota: Quota) -> Iterator[Problem]:
    used = quota.status.used or {}
    for name, most in sorted((quota.status.hard or {}).items()):
        spent, limit = quantity_order(used.get(name)), quantity_order(most)
        if spent is not None and limit is not None and spent >= limit > 0:
            yield Problem(f"{name} used up: {used[name]} of {most}", Level.WARNING)


def find_autoscaler_problems(autoscaler: Autoscaler) -> Iterator[Problem]:
    """It cannot measure, cannot scale, or wants more than it may."""
    conditions = autoscaler.status.conditions
    unable = find_condition(conditions, "AbleToScale", "False")
    if unable is not None:
        yield Problem(sentence("cannot scale", unable.message or unable.reason))
    inactive = find_condition(conditions, "ScalingActive", "False")
    if inactive is not None and inactive.reason != "ScalingDisabled":
        reason = sentence("does not scale", inactive.message or inactive.reason)
        yield Problem(reason, Level.WARNING, since=after(inactive.changed, UNMEASURED_AFTER))
    limited = find_condition(conditions, "ScalingLimited", "True")
    if limited is not None and limited.reason == "TooManyReplicas":
        yield Problem("wants more replicas than its maximum", Level.WARNING)


def find_budget_problems(budget: Budget) -> Iterator[Problem]:
    healthy, wanted = budget.status.current_healthy, budget.status.desired_healthy
    if healthy < wanted:
        yield Problem(f"{healthy} healthy pods of {wanted} wanted", Level.WARNING)


NODES = Rule(Node, find_node_problems)
NAMESPACES = Rule(Namespace, find_namespace_problems, own_deletion=True)
EVENTS = Rule(CoreEvent, find_event_problems, own_deletion=True)
NEW_EVENTS = Rule(NewEvent, find_event_problems, own_deletion=True)
API_SERVICES = Rule(APIService, find_api_service_problems)
SIGNING_REQUESTS = Rule(SigningRequest, find_signing_request_problems)
RESOURCE_QUOTAS = Rule(Quota, find_quota_problems)
AUTOSCALERS = Rule(Autoscaler, find_autoscaler_problems)
DISRUPTION_BUDGETS = Rule(Budget, find_budget_problems)
