"""More that breaks for a known cause among noise, in the words of the API server, the scheduler and the kubelet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.view.suspects.story import (
    BROKE,
    READY,
    UNREADY,
    Story,
    condition,
    crashed,
    stamped,
    template,
    unschedulable,
    waiting,
)
from tests.view.suspects.test_scenarios import noise

Told = tuple[tuple[str, str], tuple[str, str], str]
OLD, NEW = "shop/web-1-c", "shop/web-2-a"
POD_OLD, POD_NEW = ("Pod", OLD), ("Pod", NEW)
DEPLOYMENT = ("Deployment", "shop/web")
ROLLOUT = ("deployments.apps", "shop/web")


def rolled(story: Story, status: Any, change: dict[str, Any] | None = None, **spec: Any) -> None:
    """A rollout of another template, and a pod of it: `change` in the container, the rest in the pod's spec."""
    new = template(**(change or {}))
    new["spec"] |= spec
    story.roll_out(BROKE, new)
    story.pod("a", status, BROKE + 20)


def refused(story: Story, message: str, at: float = BROKE + 20) -> Told:
    """The replica set gets no pods."""
    failed = condition("ReplicaFailure", "True", reason="FailedCreate", message=message)
    story.put(at, "ReplicaSet", f"shop/web-{story.revision}", status=stamped({"conditions": [failed]}, at))
    story.put(at + 1, "Deployment", "shop/web", status=stamped({"conditions": [failed]}, at))
    return DEPLOYMENT, ("", ""), ""


def nodes_refuse(why: str) -> Any:
    none = "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    return unschedulable(f"0/2 nodes are available: {why}. {none}")


def renamed_key_taken_by_env_from(story: Story) -> Told:
    data = {"LOG_LEVEL": "info", "LISTEN_PORT": "8080"}
    story.put(BROKE, "ConfigMap", "shop/settings", "kubectl-edit", data=data)
    story.pod("c", crashed(), BROKE + 20)
    return POD_OLD, ("configmaps", "shop/settings"), "PORT"


def config_map_created_again(story: Story) -> Told:
    story.delete(BROKE - 3, "ConfigMap", "shop/settings")
    data = {"LOG_LEVEL": "info", "PORT": "9090"}
    story.put(BROKE, "ConfigMap", "shop/settings", "kubectl-create", data=data)
    story.pod("c", crashed(), BROKE + 20)
    return POD_OLD, ("configmaps", "shop/settings"), "8080 -> 9090"


def deployment_created_again(story: Story) -> Told:
    made = story.tree("Deployment", "shop/web")["spec"]
    story.delete(BROKE - 3, "Deployment", "shop/web")
    for name in ("a", "b"):
        story.delete(BROKE - 3, "Pod", f"shop/web-1-{name}")
    story.delete(BROKE - 3, "ReplicaSet", "shop/web-1")
    made["template"] = template(command=["/bin/wbe"])
    story.revision = 0
    story.roll_out(BROKE, made["template"])
    story.pod("c", waiting("CrashLoopBackOff") | crashed("StartError", 128), BROKE + 5)
    return POD_OLD, ROLLOUT, "command"


def pull_secret_deleted(story: Story) -> Told:
    spec = {"imagePullSecrets": [{"name": "registry"}]}
    story.put(0, "Secret", "shop/registry", type="kubernetes.io/dockerconfigjson", data={".dockerconfigjson": "e30="})
    story.delete(BROKE, "Secret", "shop/registry")
    said = (
        'Back-off pulling image "shop/web:1": ErrImagePull: failed to pull and unpack image "shop/web:1": failed to '
        'resolve reference "shop/web:1": pull access denied, repository does not exist or may require authorization'
    )
    story.pod("c", waiting("ImagePullBackOff", said), BROKE + 20, **spec)
    warning = "Unable to retrieve some image pull secrets (registry); attempting to pull the image may not succeed."
    story.warn(BROKE + 21, POD_OLD, "FailedToRetrieveImagePullSecret", warning)
    return POD_OLD, ("secrets", "shop/registry"), ""


def pull_secret_taken_from_the_service_account(story: Story) -> Told:
    story.put(0, "ServiceAccount", "shop/web", imagePullSecrets=[{"name": "registry"}])
    story.put(BROKE, "ServiceAccount", "shop/web", "kubectl-edit", imagePullSecrets=[])
    said = 'Back-off pulling image "shop/web:1": ErrImagePull: 401 Unauthorized'
    story.pod("c", waiting("ImagePullBackOff", said), BROKE + 20)
    return POD_OLD, ("serviceaccounts", "shop/web"), "imagePullSecrets"


def other_password_of_a_registry(story: Story) -> Told:
    """The image is another one, too, and is there."""
    story.put(0, "Secret", "shop/registry", type="kubernetes.io/dockerconfigjson", data={".dockerconfigjson": "e30="})
    story.put(BROKE - 30, "Secret", "shop/registry", "vault", data={".dockerconfigjson": "e319"})
    story.roll_out(BROKE, template("shop/web:2"))
    said = 'failed to pull and unpack image "shop/web:2": failed to fetch oauth token: 401 Unauthorized'
    story.pod("a", waiting("ErrImagePull", said), BROKE + 20, imagePullSecrets=[{"name": "registry"}])
    return POD_NEW, ("secrets", "shop/registry"), "dockerconfigjson"


def init_container_image(story: Story) -> Told:
    init = {"name": "migrate", "image": "shop/migrate:2"}
    state = {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "shop/migrate:2"'}}
    status = waiting("PodInitializing") | {
        "initContainerStatuses": [{"name": "migrate", "restartCount": 0, "state": state}]
    }
    rolled(story, status, initContainers=[init])
    return POD_NEW, ROLLOUT, "migrate"


def init_container_command(story: Story) -> Told:
    init = {"name": "migrate", "image": "shop/migrate:1", "command": ["migrate", "--to", "9"]}
    ended = {"terminated": {"reason": "Error", "exitCode": 2, "finishedAt": "AT"}}
    state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}
    status = waiting("PodInitializing") | {
        "initContainerStatuses": [{"name": "migrate", "restartCount": 2, "state": state, "lastState": ended}]
    }
    rolled(story, status, initContainers=[init])
    return POD_NEW, ROLLOUT, "migrate"


def node_affinity(story: Story) -> Told:
    term = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["c"]}]}
    required = {"nodeSelectorTerms": [term]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
    rolled(story, nodes_refuse("2 node(s) didn't match Pod's node affinity/selector"), affinity=affinity)
    return POD_NEW, ROLLOUT, "affinity"


def anti_affinity(story: Story) -> Told:
    term = {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    rolled(story, nodes_refuse("2 node(s) didn't match pod anti-affinity rules"), affinity=affinity)
    return POD_NEW, ROLLOUT, "affinity"


def toleration_removed(story: Story) -> Told:
    tolerant = template()
    tolerant["spec"]["tolerations"] = [{"key": "team", "operator": "Equal", "value": "shop", "effect": "NoSchedule"}]
    story.roll_out(BROKE - 3000, tolerant)
    story.pod("b", READY, BROKE - 2990)
    story.roll_out(BROKE, template())
    story.pod("a", nodes_refuse("2 node(s) had untolerated taint(s) {team: shop}"), BROKE + 5)
    return ("Pod", "shop/web-3-a"), ROLLOUT, "tolerations"


def node_label_removed(story: Story) -> Told:
    story.put(BROKE - 3300, "Node", "node-1", labels={"disk": "ssd"})
    pinned = template()
    pinned["spec"]["nodeSelector"] = {"disk": "ssd"}
    story.roll_out(BROKE - 3000, pinned)
    story.pod("b", READY, BROKE - 2990)
    story.put(BROKE, "Node", "node-1", "kubectl-label", labels={})
    story.pod("a", nodes_refuse("2 node(s) didn't match Pod's node affinity/selector"), BROKE + 50)
    return POD_NEW, ("nodes", "node-1"), "disk"


def node_deleted(story: Story) -> Told:
    story.delete(BROKE, "Node", "node-2")
    story.pod("c", unschedulable("0/1 nodes are available: 1 Insufficient memory."), BROKE + 30)
    return POD_OLD, ("nodes", "node-2"), "deleted"


def storage_class_gone(story: Story) -> Told:
    story.put(0, "StorageClass", "fast", provisioner="ebs.csi.aws.com")
    story.put(0, "PersistentVolumeClaim", "shop/data", spec={"storageClassName": "fast"}, status={"phase": "Bound"})
    story.delete(BROKE, "StorageClass", "fast")
    story.put(
        BROKE + 60, "PersistentVolumeClaim", "shop/more", spec={"storageClassName": "fast"}, status={"phase": "Pending"}
    )
    said = 'storageclass.storage.k8s.io "fast" not found'
    story.warn(BROKE + 61, ("PersistentVolumeClaim", "shop/more"), "ProvisioningFailed", said)
    return ("PersistentVolumeClaim", "shop/more"), ("storageclasses.storage.k8s.io", "fast"), "deleted"


def claim_deleted(story: Story) -> Told:
    mounting = template()
    mounting["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    story.put(0, "PersistentVolumeClaim", "shop/data", spec={"storageClassName": "fast"}, status={"phase": "Bound"})
    story.roll_out(BROKE - 3000, mounting)
    story.delete(BROKE, "PersistentVolumeClaim", "shop/data")
    story.pod("a", nodes_refuse('persistentvolumeclaim "data" not found'), BROKE + 20)
    return POD_NEW, ("persistentvolumeclaims", "shop/data"), ""


def limit_range_added(story: Story) -> Told:
    limits = [{"type": "Container", "max": {"memory": "256Mi"}}]
    story.put(BROKE, "LimitRange", "shop/limits", "kubectl-create", spec={"limits": limits})
    said = 'pods "web-1-x" is forbidden: maximum memory usage per Container is 256Mi, but limit is 512Mi'
    return DEPLOYMENT, ("limitranges", "shop/limits"), refused(story, said)[2] or "created"


def limit_range_deleted_under_a_quota(story: Story) -> Told:
    """It gave the defaults without which the quota refuses."""
    story.put(0, "LimitRange", "shop/defaults", spec={"limits": [{"type": "Container", "default": {"cpu": "1"}}]})
    story.delete(BROKE, "LimitRange", "shop/defaults")
    refused(story, 'pods "web-1-x" is forbidden: failed quota: quota: must specify limits.cpu for: web')
    return DEPLOYMENT, ("limitranges", "shop/defaults"), "deleted"


def pod_security_enforced(story: Story) -> Told:
    story.put(0, "Namespace", "shop")
    story.put(BROKE, "Namespace", "shop", "kubectl-label", labels={"pod-security.kubernetes.io/enforce": "restricted"})
    refused(
        story,
        (
            'pods "web-1-x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false '
            '(container "web" must set securityContext.allowPrivilegeEscalation=false)'
        ),
    )
    return DEPLOYMENT, ("namespaces", "shop"), "enforce"


def webhook_denies(story: Story) -> Told:
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]
    webhook = {
        "name": "signed.policy.example",
        "clientConfig": {"service": {"name": "policy", "namespace": "policy"}},
        "rules": rules,
    }
    story.put(BROKE, "ValidatingWebhookConfiguration", "image-policy", "helm", webhooks=[webhook])
    refused(story, 'admission webhook "signed.policy.example" denied the request: image shop/web:1 is not signed')
    return DEPLOYMENT, ("validatingwebhookconfigurations.admissionregistration.k8s.io", "image-policy"), "created"


def webhook_rules_widened(story: Story) -> Told:
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["services"]}]
    webhook = {"name": "signed.policy.example", "clientConfig": {}, "rules": rules}
    story.put(0, "ValidatingWebhookConfiguration", "image-policy", webhooks=[webhook])
    wider = webhook | {"rules": [rules[0] | {"resources": ["*"]}]}
    story.put(BROKE, "ValidatingWebhookConfiguration", "image-policy", "kubectl-edit", webhooks=[wider])
    refused(story, 'admission webhook "signed.policy.example" denied the request: image shop/web:1 is not signed')
    return DEPLOYMENT, ("validatingwebhookconfigurations.admissionregistration.k8s.io", "image-policy"), "services"


def webhook_with_another_authority(story: Story) -> Told:
    webhook = {"name": "signed.policy.example", "clientConfig": {"caBundle": "T0xE"}}
    story.put(0, "ValidatingWebhookConfiguration", "image-policy", webhooks=[webhook])
    story.put(
        BROKE,
        "ValidatingWebhookConfiguration",
        "image-policy",
        "cainjector",
        webhooks=[webhook | {"clientConfig": {"caBundle": "TkVX"}}],
    )
    refused(
        story,
        (
            'Internal error occurred: failed calling webhook "signed.policy.example": failed to call webhook: Post '
            '"https://policy.policy.svc:443/validate?timeout=10s": tls: failed to verify certificate: x509: '
            "certificate signed by unknown authority"
        ),
    )
    return DEPLOYMENT, ("validatingwebhookconfigurations.admissionregistration.k8s.io", "image-policy"), "caBundle"


def mutating_webhook_deleted(story: Story) -> Told:
    """It gave pods what they need, and those made since then lack it."""
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]
    story.put(0, "MutatingWebhookConfiguration", "vault-injector", webhooks=[{"name": "vault.example", "rules": rules}])
    story.delete(BROKE, "MutatingWebhookConfiguration", "vault-injector")
    story.pod("c", crashed(), BROKE + 60)
    return POD_OLD, ("mutatingwebhookconfigurations.admissionregistration.k8s.io", "vault-injector"), "deleted"


def config_map_typo(story: Story) -> Told:
    """Of a config map that never was the name is wrong, and not that it is not there."""
    status = waiting("CreateContainerConfigError", 'configmap "setings" not found')
    rolled(story, status, {"envFrom": [{"configMapRef": {"name": "setings"}}]})
    return POD_NEW, ROLLOUT, "setings"


def optional_config_map(story: Story) -> Told:
    """It is not there, and need not be."""
    rolled(story, crashed(), {"envFrom": [{"configMapRef": {"name": "extra", "optional": True}}], "command": ["wbe"]})
    return POD_NEW, ROLLOUT, "command"


def deployment_deleted(story: Story) -> Told:
    story.delete(BROKE, "Deployment", "shop/web")
    story.delete(BROKE + 1, "ReplicaSet", "shop/web-1")
    for name in ("a", "b"):
        story.delete(BROKE + 2, "Pod", f"shop/web-1-{name}")
    return ("Service", "shop/web"), ROLLOUT, "deleted"


def runtime_class_gone(story: Story) -> Told:
    new = template()
    new["spec"]["runtimeClassName"] = "gvisor"
    story.roll_out(BROKE, new)
    refused(story, 'pods "web-2-x" is forbidden: pod rejected: RuntimeClass "gvisor" not found')
    return DEPLOYMENT, ROLLOUT, "runtimeClassName"


def priority_class_gone(story: Story) -> Told:
    new = template()
    new["spec"]["priorityClassName"] = "critical"
    story.roll_out(BROKE, new)
    refused(story, 'pods "web-2-x" is forbidden: no PriorityClass with name critical was found')
    return DEPLOYMENT, ROLLOUT, "priorityClassName"


ROLE = {"kind": "Role", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"}
SUBJECTS = [{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}]
FORBIDDEN = (
    'configmaps "settings" is forbidden: User "system:serviceaccount:shop:web" cannot get resource "configmaps" in API '
    'group "" in the namespace "shop"'
)


def forbidden() -> Any:
    status = crashed()
    status["containerStatuses"][0]["lastState"]["terminated"]["message"] = FORBIDDEN
    return status


def role_binding_deleted(story: Story) -> Told:
    story.put(0, "Role", "shop/reader", rules=[{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}])
    story.put(0, "RoleBinding", "shop/web-reads", roleRef=ROLE, subjects=SUBJECTS)
    story.delete(BROKE, "RoleBinding", "shop/web-reads")
    story.put(BROKE - 60, "ConfigMap", "shop/settings", "kubectl-edit", data={"LOG_LEVEL": "debug", "PORT": "8080"})
    story.pod("c", forbidden(), BROKE + 20)
    return POD_OLD, ("rolebindings.rbac.authorization.k8s.io", "shop/web-reads"), "deleted"


def subject_removed_from_a_binding(story: Story) -> Told:
    story.put(0, "Role", "shop/reader", rules=[{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}])
    story.put(0, "RoleBinding", "shop/web-reads", roleRef=ROLE, subjects=SUBJECTS)
    story.put(BROKE, "RoleBinding", "shop/web-reads", "kubectl-edit", subjects=[SUBJECTS[0] | {"name": "wbe"}])
    story.pod("c", forbidden(), BROKE + 20)
    return POD_OLD, ("rolebindings.rbac.authorization.k8s.io", "shop/web-reads"), "subjects"


def verb_removed_from_a_role(story: Story) -> Told:
    story.put(0, "Role", "shop/reader", rules=[{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}])
    story.put(0, "RoleBinding", "shop/web-reads", roleRef=ROLE, subjects=SUBJECTS)
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}]
    story.put(BROKE, "Role", "shop/reader", "kubectl-edit", rules=rules)
    story.pod("c", forbidden(), BROKE + 20)
    return POD_OLD, ("roles.rbac.authorization.k8s.io", "shop/reader"), "get"


def token_not_mounted(story: Story) -> Told:
    rolled(story, crashed(), automountServiceAccountToken=False)
    return POD_NEW, ROLLOUT, "automountServiceAccountToken"


def token_not_mounted_by_the_account(story: Story) -> Told:
    story.put(BROKE, "ServiceAccount", "shop/web", "kubectl-patch", automountServiceAccountToken=False)
    story.pod("c", crashed(), BROKE + 20)
    return POD_OLD, ("serviceaccounts", "shop/web"), "automountServiceAccountToken"


def policy_added(story: Story) -> Told:
    story.put(
        BROKE, "NetworkPolicy", "shop/deny", "kubectl-create", spec={"podSelector": {}, "policyTypes": ["Egress"]}
    )
    story.pod("a", UNREADY, BROKE + 20)
    story.warn(
        BROKE + 19,
        ("Pod", "shop/web-1-a"),
        "Unhealthy",
        "Readiness probe failed: HTTP probe failed with statuscode: 503",
    )
    return ("Pod", "shop/web-1-a"), ("networkpolicies.networking.k8s.io", "shop/deny"), "created"


def policy_deleted(story: Story) -> Told:
    """What allowed it; another denies all."""
    story.put(0, "NetworkPolicy", "shop/deny", spec={"podSelector": {}, "policyTypes": ["Egress"]})
    allowing = {"podSelector": {"matchLabels": {"app": "web"}}, "egress": [{}]}
    story.put(0, "NetworkPolicy", "shop/web-may", spec=allowing)
    story.put(0, "NetworkPolicy", "shop/other-may", spec={"podSelector": {"matchLabels": {"app": "other"}}})
    story.delete(BROKE - 5, "NetworkPolicy", "shop/other-may")
    story.delete(BROKE, "NetworkPolicy", "shop/web-may")
    story.pod("a", UNREADY, BROKE + 20)
    return ("Pod", "shop/web-1-a"), ("networkpolicies.networking.k8s.io", "shop/web-may"), "deleted"


def policy_selects_others(story: Story) -> Told:
    allowing = {"podSelector": {"matchLabels": {"app": "web"}}, "egress": [{}]}
    story.put(0, "NetworkPolicy", "shop/web-may", spec=allowing)
    spec = allowing | {"podSelector": {"matchLabels": {"app": "wbe"}}}
    story.put(BROKE, "NetworkPolicy", "shop/web-may", "kubectl-edit", spec=spec)
    story.pod("a", UNREADY, BROKE + 20)
    return ("Pod", "shop/web-1-a"), ("networkpolicies.networking.k8s.io", "shop/web-may"), "web -> wbe"


def selector_with_a_version(story: Story) -> Told:
    spec = {"selector": {"app": "web", "version": "v2"}, "ports": [{"port": 80, "targetPort": 8080}]}
    story.put(BROKE, "Service", "shop/web", "kubectl-edit", spec=spec)
    return ("Service", "shop/web"), ("services", "shop/web"), "version"


def port_renamed_in_the_template(story: Story) -> Told:
    named = template(ports=[{"name": "http", "containerPort": 8080}])
    story.roll_out(BROKE - 3000, named)
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]}
    story.put(BROKE - 2900, "Service", "shop/web", "helm", spec=spec)
    story.roll_out(BROKE, template(ports=[{"name": "web", "containerPort": 8080}]))
    story.pod("a", READY, BROKE + 5)
    labels = {"kubernetes.io/service-name": "web"}
    story.put(
        BROKE + 6, "EndpointSlice", "shop/web-x", labels=labels, endpoints=[{"addresses": ["10.0.0.1"]}], ports=[]
    )
    return ("Service", "shop/web"), ROLLOUT, "ports"


def labels_of_the_template(story: Story) -> Told:
    """What the service selects by is not on the new pods any more."""
    story.put(0, "Service", "shop/web", spec={"selector": {"app": "web", "tier": "front"}, "ports": [{"port": 80}]})
    named = template()
    named["metadata"]["labels"]["tier"] = "front"
    story.roll_out(BROKE - 3000, named)
    story.roll_out(BROKE, template())
    return ("Service", "shop/web"), ROLLOUT, "tier"


def ephemeral_storage_limit(story: Story) -> Told:
    evicted = {
        "phase": "Failed",
        "reason": "Evicted",
        "message": 'Container web exceeded its local ephemeral storage limit "1Gi". ',
        "conditions": [condition("Ready", "False")],
    }
    limits = {"memory": "512Mi", "ephemeral-storage": "1Gi"}
    rolled(story, evicted, {"resources": {"limits": limits}})
    return POD_NEW, ROLLOUT, "ephemeral-storage"


def disk_pressure(story: Story) -> Told:
    pressed = condition("DiskPressure", "True", reason="KubeletHasDiskPressure", message="kubelet has disk pressure")
    conditions = [condition("Ready", "True"), pressed]
    story.put(BROKE, "Node", "node-1", "kubelet", status=stamped({"conditions": conditions}, BROKE))
    evicted = {
        "phase": "Failed",
        "reason": "Evicted",
        "message": "The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 900Mi. ",
        "conditions": [condition("Ready", "False")],
    }
    story.pod("a", evicted, BROKE + 20)
    return ("Pod", "shop/web-1-a"), ("nodes", "node-1"), "DiskPressure"


def preempted(story: Story) -> Told:
    """By a pod of another workload, which the Event names."""
    spec = {"replicas": 5, "template": template("batch/heavy:1")}
    story.put(BROKE, "Deployment", "batch/heavy", "kubectl-create", spec=spec)
    story.put(BROKE + 1, "ReplicaSet", "batch/heavy-1", owner=("Deployment", "heavy"), spec=spec)
    story.put(
        BROKE + 2,
        "Pod",
        "batch/heavy-1-a",
        owner=("ReplicaSet", "heavy-1"),
        spec={"priorityClassName": "high", "nodeName": "node-1"},
        status=READY,
    )
    said = "default-scheduler: preempting to accommodate a higher priority pod"
    gone = [
        condition("DisruptionTarget", "True", reason="PreemptionByScheduler", message=said),
        condition("Ready", "False"),
    ]
    story.pod("a", UNREADY | {"phase": "Failed", "conditions": gone}, BROKE + 3)
    story.warn(BROKE + 3, ("Pod", "shop/web-1-a"), "Preempted", "Preempted by pod uid-Pod/heavy-1-a on node node-1")
    return ("Pod", "shop/web-1-a"), ("deployments.apps", "batch/heavy"), "created"


def budget_raised(story: Story) -> Told:
    """It allows no pod to go, so that no node can be drained."""
    spec = {"selector": {"matchLabels": {"app": "web"}}, "minAvailable": 1}
    story.put(
        0,
        "PodDisruptionBudget",
        "shop/web",
        spec=spec,
        status={"disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2},
    )
    conditions = stamped({"conditions": [condition("DisruptionAllowed", "False", reason="InsufficientPods")]}, BROKE)
    status = {"disruptionsAllowed": 0, "currentHealthy": 2, "desiredHealthy": 3, "expectedPods": 2, **conditions}
    story.put(BROKE, "PodDisruptionBudget", "shop/web", "kubectl-edit", spec=spec | {"minAvailable": 3}, status=status)
    return ("PodDisruptionBudget", "shop/web"), ("poddisruptionbudgets.policy", "shop/web"), "minAvailable"


def too_few_replicas_at_most(story: Story) -> Told:
    target = {"kind": "Deployment", "name": "web"}
    limited = condition(
        "ScalingLimited",
        "True",
        reason="TooManyReplicas",
        message="the desired replica count is more than the maximum replica count",
    )
    story.put(
        BROKE - 500,
        "HorizontalPodAutoscaler",
        "shop/web",
        spec={"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 10},
    )
    status = stamped(
        {"conditions": [condition("AbleToScale", "True"), limited], "currentReplicas": 2, "desiredReplicas": 2},
        BROKE + 15,
    )
    story.put(
        BROKE,
        "HorizontalPodAutoscaler",
        "shop/web",
        "kubectl-patch",
        spec={"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 2},
    )
    story.put(BROKE + 15, "HorizontalPodAutoscaler", "shop/web", status=status)
    return ("HorizontalPodAutoscaler", "shop/web"), ("horizontalpodautoscalers.autoscaling", "shop/web"), "maxReplicas"


def runs_as_root(story: Story) -> Told:
    said = 'container has runAsNonRoot and image will run as root (pod: "web", container: web)'
    rolled(story, waiting("CreateContainerConfigError", said), securityContext={"runAsNonRoot": True})
    return POD_NEW, ROLLOUT, "runAsNonRoot"


def read_only_root(story: Story) -> Told:
    rolled(story, crashed(), {"securityContext": {"readOnlyRootFilesystem": True}})
    return POD_NEW, ROLLOUT, "readOnlyRootFilesystem"


def host_port_taken(story: Story) -> Told:
    ports = [{"containerPort": 8080, "hostPort": 8080}]
    rolled(story, nodes_refuse("2 node(s) didn't have free ports for the requested pod ports"), {"ports": ports})
    return POD_NEW, ROLLOUT, "ports"


def lookup_policy(story: Story) -> Told:
    rolled(story, crashed(), dnsPolicy="None", dnsConfig={"nameservers": ["10.9.9.9"]})
    return POD_NEW, ROLLOUT, "dns"


def secret_key_renamed(story: Story) -> Told:
    story.put(BROKE, "Secret", "shop/credentials", "external-secrets", data={"passwd": "YQ=="})
    said = "couldn't find key password in Secret shop/credentials"
    story.pod("c", waiting("CreateContainerConfigError", said), BROKE + 20)
    return POD_OLD, ("secrets", "shop/credentials"), "password"


def quota_under_a_rollout(story: Story) -> Told:
    story.put(
        BROKE - 200,
        "ResourceQuota",
        "shop/quota",
        "kubectl-edit",
        spec={"hard": {"pods": "20", "limits.memory": "1Gi"}},
    )
    story.roll_out(BROKE, template("shop/web:2"))
    used = "requested: limits.memory=512Mi, used: limits.memory=1Gi, limited: limits.memory=1Gi"
    refused(story, f'pods "web-2-x" is forbidden: exceeded quota: quota, {used}')
    return DEPLOYMENT, ("resourcequotas", "shop/quota"), "limits.memory"


def startup_probe(story: Story) -> Told:
    probe = {"httpGet": {"port": 8080, "path": "/started"}, "failureThreshold": 1}
    rolled(story, crashed("Error", 137), {"startupProbe": probe})
    story.warn(BROKE + 19, POD_NEW, "Unhealthy", "Startup probe failed: HTTP probe failed with statuscode: 404")
    return POD_NEW, ROLLOUT, "startupProbe"


def processor_limit_lowered(story: Story) -> Told:
    limits = {"memory": "512Mi", "cpu": "10m"}
    rolled(story, crashed("Error", 137), {"resources": {"limits": limits}})
    story.warn(BROKE + 19, POD_NEW, "Unhealthy", "Liveness probe failed: context deadline exceeded")
    return POD_NEW, ROLLOUT, "cpu"


SCENARIOS: tuple[Callable[[Story], Told], ...] = (
    renamed_key_taken_by_env_from,
    config_map_created_again,
    deployment_created_again,
    pull_secret_deleted,
    pull_secret_taken_from_the_service_account,
    other_password_of_a_registry,
    init_container_image,
    init_container_command,
    node_affinity,
    anti_affinity,
    toleration_removed,
    node_label_removed,
    node_deleted,
    storage_class_gone,
    claim_deleted,
    limit_range_added,
    limit_range_deleted_under_a_quota,
    pod_security_enforced,
    webhook_denies,
    webhook_rules_widened,
    webhook_with_another_authority,
    mutating_webhook_deleted,
    config_map_typo,
    optional_config_map,
    deployment_deleted,
    runtime_class_gone,
    priority_class_gone,
    role_binding_deleted,
    subject_removed_from_a_binding,
    verb_removed_from_a_role,
    token_not_mounted,
    token_not_mounted_by_the_account,
    policy_added,
    policy_deleted,
    policy_selects_others,
    selector_with_a_version,
    port_renamed_in_the_template,
    labels_of_the_template,
    ephemeral_storage_limit,
    disk_pressure,
    preempted,
    budget_raised,
    too_few_replicas_at_most,
    runs_as_root,
    read_only_root,
    host_port_taken,
    lookup_policy,
    secret_key_renamed,
    quota_under_a_rollout,
    startup_probe,
    processor_limit_lowered,
)


@pytest.fixture
def story() -> Iterator[Story]:
    story = Story()
    noise(story)
    yield story
    story.journal.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.__name__)
def test_the_cause_comes_first(story: Story, scenario: Callable[[Story], Told]) -> None:
    (kind, key), (resource, cause), words = scenario(story)
    found = story.suspects(kind, key)
    listed = [
        f"{each.score:.2f} {each.evidence and (each.evidence.resource, each.evidence.key)} {each.what} | {each.why}"
        for each in found.suspects
    ]
    assert found.suspects, found.failure
    first = found.suspects[0]
    assert first.evidence is not None, listed
    assert (first.evidence.resource, first.evidence.key) == (resource, cause), listed
    assert words in first.what, listed


def much_noise(story: Story) -> None:
    """What came just before, and has nothing to do with it: other objects, and what controllers write."""
    at, kcm = BROKE - 15, "kube-controller-manager"
    others = [{"kind": "ServiceAccount", "name": "other", "namespace": "shop"}]
    story.put(at, "ConfigMap", "shop/other", "kubectl-edit", data={"COLOUR": "green"})
    story.put(at, "ConfigMap", "shop/settings", "kubectl-edit", data={"LOG_LEVEL": "info", "PORT": "8080"})
    story.put(at, "RoleBinding", "shop/other-reads", "kubectl-create", roleRef=ROLE, subjects=others)
    story.delete(at, "RoleBinding", "shop/other-reads")
    story.put(at, "NetworkPolicy", "shop/other", "kubectl", spec={"podSelector": {"matchLabels": {"app": "other"}}})
    story.delete(at, "NetworkPolicy", "shop/other")
    story.put(at, "NetworkPolicy", "other/deny", "kubectl", spec={"podSelector": {}})
    story.put(at, "LimitRange", "other/limits", "kubectl", spec={"limits": []})
    rules = [{"resources": ["services"], "operations": ["CREATE"]}]
    story.put(at, "MutatingWebhookConfiguration", "lb", "helm", webhooks=[{"name": "lb.example", "rules": rules}])
    story.put(at, "Deployment", "shop/web", kcm, labels={"touched": "yes"})
    story.put(at, "Node", "node-1", "kubelet", labels={"kubernetes.io/os": "linux"})
    story.put(at, "Node", "node-2", "kubectl-cordon", spec={"unschedulable": True})
    story.put(at, "ServiceAccount", "shop/web", kcm, secrets=[{"name": "web-token"}])
    story.put(at, "ServiceAccount", "shop/other", "kubectl", imagePullSecrets=[])
    target = {"kind": "Deployment", "name": "web"}
    scaled = {"scaleTargetRef": target, "minReplicas": 2}
    story.put(at, "HorizontalPodAutoscaler", "shop/web", kcm, spec=scaled, status={"desiredReplicas": 3})


@pytest.mark.parametrize(
    "status", [crashed(), crashed("OOMKilled", 137), UNREADY], ids=["crash", "memory", "readiness"]
)
def test_noise_is_not_named(story: Story, status: Any) -> None:
    much_noise(story)
    story.pod("a", status, BROKE)
    found = story.suspects("Pod", "shop/web-1-a")
    assert found.failure.since is not None
    assert [f"{each.score:.2f} {each.what} | {each.why}" for each in found.suspects] == []
