"""Who may do what: service accounts, roles and their bindings."""

from __future__ import annotations

from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.objects.metadata import metadata

_RBAC = "rbac.authorization.k8s.io"
_READ = ["get", "list", "watch"]


def service_account(name: str, namespace: str, created: float | None = None) -> Object:
    """An identity for pods."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(name, namespace, created=created)}


def _rule(groups: list[str], resources: list[str], verbs: list[str]) -> Object:
    return {"apiGroups": groups, "resources": resources, "verbs": verbs}


def _role(kind: str, name: str, namespace: str, rules: list[Object], created: float | None) -> Object:
    made = metadata(name, namespace, created=created)
    return {"apiVersion": f"{_RBAC}/v1", "kind": kind, "metadata": made, "rules": rules}


def _binding(kind: str, name: str, namespace: str, role: tuple[str, str], subject: Object, created: float) -> Object:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": kind,
        "metadata": metadata(name, namespace, created=created),
        "subjects": [subject],
        "roleRef": {"apiGroup": _RBAC, "kind": role[0], "name": role[1]},
    }


def team_access(namespace: str, created: float) -> list[Object]:
    """What a team may do in its namespace, and the pipeline that deploys to it."""
    deploy = [
        _rule(["apps"], ["deployments", "statefulsets"], [*_READ, "create", "update", "patch", "delete"]),
        _rule([""], ["services", "configmaps", "secrets"], [*_READ, "create", "update", "patch"]),
        _rule(["networking.k8s.io"], ["ingresses"], [*_READ, "create", "update", "patch"]),
    ]
    read = [_rule(["", "apps", "batch"], ["*"], _READ), _rule([""], ["pods/log"], ["get"])]
    team = {"kind": "Group", "apiGroup": _RBAC, "name": f"team-{namespace}"}
    robot = {"kind": "ServiceAccount", "name": "deployer", "namespace": namespace}
    return [
        service_account("deployer", namespace, created),
        _role("Role", "deployer", namespace, deploy, created),
        _role("Role", "reader", namespace, read, created),
        _binding("RoleBinding", "deployer", namespace, ("Role", "deployer"), robot, created),
        _binding("RoleBinding", f"team-{namespace}-reader", namespace, ("Role", "reader"), team, created),
    ]


def cluster_access(created: float) -> list[Object]:
    """Roles of the whole cluster."""
    scrape = [_rule([""], ["nodes", "nodes/metrics", "services", "endpoints", "pods"], _READ)]
    scrape.append({"nonResourceURLs": ["/metrics"], "verbs": ["get"]})
    view = [_rule(["", "apps", "batch", "networking.k8s.io"], ["*"], _READ)]
    everything = [_rule(["*"], ["*"], ["*"])]
    admins = {"kind": "Group", "apiGroup": _RBAC, "name": "platform-admins"}
    prometheus = {"kind": "ServiceAccount", "name": "prometheus", "namespace": "monitoring"}
    everyone = {"kind": "Group", "apiGroup": _RBAC, "name": "engineers"}
    return [
        _role("ClusterRole", "cluster-admin", "", everything, created),
        _role("ClusterRole", "view", "", view, created),
        _role("ClusterRole", "prometheus", "", scrape, created),
        _binding("ClusterRoleBinding", "platform-admins", "", ("ClusterRole", "cluster-admin"), admins, created),
        _binding("ClusterRoleBinding", "prometheus", "", ("ClusterRole", "prometheus"), prometheus, created),
        _binding("ClusterRoleBinding", "engineers-view", "", ("ClusterRole", "view"), everyone, created),
    ]
