from __future__ import annotations

from kwatch.catalog.names import ResourceNames
from kwatch.view.relations import nearest_owner, related
from tests.view.relations.world import RESOURCES, World, make

SELECTOR = {"matchLabels": {"app": "web"}}
DEPLOYMENT = make("Deployment", "shop/web", spec={"selector": SELECTOR})
REPLICA_SET = make("ReplicaSet", "shop/web-7d", owner=("Deployment", "web"), spec={"selector": SELECTOR})
POD = make(
    "Pod",
    "shop/web-7d-x",
    labels={"app": "web", "tier": "front"},
    owner=("ReplicaSet", "web-7d"),
    spec={
        "nodeName": "node-7",
        "serviceAccountName": "web",
        "containers": [{"name": "c", "envFrom": [{"configMapRef": {"name": "settings"}}]}],
        "volumes": [
            {"name": "s", "secret": {"secretName": "tls"}},
            {"name": "d", "persistentVolumeClaim": {"claimName": "data-0"}},
        ],
    },
)
ELSEWHERE = make("Pod", "other/web-7d-x", labels={"app": "web"}, spec={"nodeName": "node-7"})
SERVICE = make("Service", "shop/web", spec={"selector": {"app": "web"}})
BLIND = make("Service", "shop/blind", spec={})
NODE = make("Node", "node-7")


def test_owners_are_followed_to_the_top() -> None:
    world = World(DEPLOYMENT, REPLICA_SET, POD)
    around = world.around(POD)
    assert around["controlled by ReplicaSet"] == ["shop/web-7d"]
    assert around["‥ controlled by Deployment"] == ["shop/web"]


def test_the_nearest_owner_is_the_controller_in_its_own_scope() -> None:
    names = World().names
    assert nearest_owner(RESOURCES["Pod"], POD, names) == (RESOURCES["ReplicaSet"], "shop/web-7d")
    static = make("Pod", "kube-system/etcd", owner=("Node", "cp-1"))
    assert nearest_owner(RESOURCES["Pod"], static, names) == (RESOURCES["Node"], "cp-1")
    assert nearest_owner(RESOURCES["Node"], NODE, names) is None


def test_owners_in_a_circle_end() -> None:
    one = make("Widget", "shop/one", owner=("Widget", "two"))
    two = make("Widget", "shop/two", owner=("Widget", "one"))
    assert World(one, two).around(one)["controlled by Widget"] == ["shop/two"]


def test_a_pod_knows_its_node_its_services_and_what_it_uses() -> None:
    around = World(POD, SERVICE, BLIND, NODE).around(POD)
    assert around["runs on Node"] == ["node-7"]
    assert around["served by Service"] == ["shop/web"]
    assert around["runs as ServiceAccount"] == ["shop/web"]
    assert around["uses ConfigMap"] == ["shop/settings"]  # shown although it is not there
    assert around["uses Secret"] == ["shop/tls"]
    assert around["mounts PersistentVolumeClaim"] == ["shop/data-0"]


def test_references_by_name_need_no_more_than_that_object_watched() -> None:
    world = World(POD, NODE)
    world.around(POD)
    watched = {(relation.resource.name, relation.namespace, relation.name) for relation in world.asked}
    assert ("nodes", None, "node-7") in watched
    assert ("secrets", "shop", "tls") in watched


def test_what_a_deployment_has() -> None:
    autoscaler = make(
        "HorizontalPodAutoscaler", "shop/web", spec={"scaleTargetRef": {"kind": "Deployment", "name": "web"}}
    )
    around = World(DEPLOYMENT, REPLICA_SET, POD, ELSEWHERE, autoscaler).around(DEPLOYMENT)
    assert around["owns ReplicaSet"] == ["shop/web-7d"]
    assert around["pods Pod"] == ["shop/web-7d-x"]
    assert around["scaled by HorizontalPodAutoscaler"] == ["shop/web"]
    assert World(DEPLOYMENT, autoscaler).around(autoscaler) == {"scales Deployment": ["shop/web"]}


def test_a_nodes_pods_come_from_every_namespace() -> None:
    assert World(POD, ELSEWHERE, NODE).around(NODE)["runs Pod"] == ["other/web-7d-x", "shop/web-7d-x"]


def test_a_service_selects_pods_of_its_own_namespace() -> None:
    slice_ = make("EndpointSlice", "shop/web-abc", labels={"kubernetes.io/service-name": "web"})
    stranger = make("EndpointSlice", "other/web-xyz", labels={"kubernetes.io/service-name": "web"})
    backend = {"service": {"name": "web"}}
    ingress = make("Ingress", "shop/front", spec={"rules": [{"http": {"paths": [{"backend": backend}]}}]})
    world = World(POD, ELSEWHERE, SERVICE, slice_, stranger, ingress)
    around = world.around(SERVICE)
    assert around["selects Pod"] == ["shop/web-7d-x"]
    assert around["endpoints EndpointSlice"] == ["shop/web-abc"]
    assert around["reached through Ingress"] == ["shop/front"]
    assert world.around(ingress)["leads to Service"] == ["shop/web"]
    assert world.around(slice_)["of service Service"] == ["shop/web"]
    assert "selects Pod" not in world.around(BLIND)


def test_selectors_with_expressions() -> None:
    def policy(*expressions: dict[str, object]) -> list[str] | None:
        spec = {"podSelector": {"matchExpressions": list(expressions)}}
        return World(POD, ELSEWHERE).around(make("NetworkPolicy", "shop/p", spec=spec)).get("selects Pod")

    assert policy({"key": "app", "operator": "In", "values": ["web", "api"]}) == ["shop/web-7d-x"]
    assert policy({"key": "app", "operator": "NotIn", "values": ["web"]}) is None
    assert policy({"key": "tier", "operator": "Exists"}) == ["shop/web-7d-x"]
    assert policy({"key": "tier", "operator": "DoesNotExist"}) is None
    assert policy() == ["shop/web-7d-x"]


def test_who_uses_a_secret_a_config_map_a_claim() -> None:
    template = {"spec": {"imagePullSecrets": [{"name": "tls"}], "containers": []}}
    workload = make("StatefulSet", "shop/db", spec={"template": template})
    world = World(POD, ELSEWHERE, workload)
    secret = world.around(make("Secret", "shop/tls"))
    assert (secret["used by Pod"], secret["used by StatefulSet"]) == (["shop/web-7d-x"], ["shop/db"])
    assert world.around(make("ConfigMap", "shop/settings"))["used by Pod"] == ["shop/web-7d-x"]
    assert world.around(make("PersistentVolumeClaim", "shop/data-0"))["mounted by Pod"] == ["shop/web-7d-x"]


def test_an_index_that_is_not_there_yet_is_no_answer() -> None:
    world = World(POD, on_demand=False)
    assert world.around(make("Secret", "shop/tls"))["used by Pod"] is None
    assert {relation.index for relation in world.asked} == {"secret"}


def test_a_claim_and_its_volume_know_each_other() -> None:
    claim = make("PersistentVolumeClaim", "shop/data-0", spec={"volumeName": "pv-1"})
    volume = make("PersistentVolume", "pv-1", spec={"claimRef": {"namespace": "shop", "name": "data-0"}})
    world = World(claim, volume)
    assert world.around(claim)["bound to PersistentVolume"] == ["pv-1"]
    assert world.around(volume)["claimed by PersistentVolumeClaim"] == ["shop/data-0"]


def test_what_an_event_is_about() -> None:
    about = {"kind": "Pod", "namespace": "shop", "name": "web-7d-x", "apiVersion": "v1"}
    assert World().around(make("Event", "shop/e", involvedObject=about))["about Pod"] == ["shop/web-7d-x"]
    replica_set = {"kind": "ReplicaSet", "namespace": "shop", "name": "web-7d", "apiVersion": "apps/v1"}
    assert World().around(make("Event", "shop/e", involvedObject=replica_set))["about ReplicaSet"] == ["shop/web-7d"]


def test_roles_bindings_and_accounts_know_each_other() -> None:
    role = make("Role", "shop/deployer")
    account = make("ServiceAccount", "shop/builder")
    reference = {"kind": "Role", "name": "deployer"}
    subjects = [{"kind": "ServiceAccount", "name": "builder"}, {"kind": "User", "name": "ann"}]
    binding = make("RoleBinding", "shop/b", roleRef=reference, subjects=subjects)
    whole = make(
        "ClusterRoleBinding",
        "everywhere",
        roleRef={"kind": "ClusterRole", "name": "admin"},
        subjects=[{"kind": "ServiceAccount", "namespace": "shop", "name": "builder"}],
    )
    world = World(role, account, binding, whole)
    assert world.around(role) == {"granted by RoleBinding": ["shop/b"]}
    assert world.around(binding) == {"grants Role": ["shop/deployer"], "to ServiceAccount": ["shop/builder"]}
    granted = world.around(account)
    assert granted["granted by RoleBinding"] == ["shop/b"]
    assert granted["granted by ClusterRoleBinding"] == ["everywhere"]
    cluster_role = world.around(make("ClusterRole", "admin"))
    assert cluster_role == {"granted by ClusterRoleBinding": ["everywhere"]}


def test_endpoints_and_storage_classes() -> None:
    subsets = [{"addresses": [{"ip": "10.0.0.1", "targetRef": {"kind": "Pod", "name": "web-7d-x"}}]}]
    endpoints = make("Endpoints", "shop/web", subsets=subsets)
    around = World(SERVICE, POD).around(endpoints)
    assert around == {"of service Service": ["shop/web"], "endpoint Pod": ["shop/web-7d-x"]}
    volume = make("PersistentVolume", "pv-1", spec={"storageClassName": "fast"})
    assert World(volume).around(make("StorageClass", "fast")) == {"class of PersistentVolume": ["pv-1"]}


def test_what_a_custom_resource_owns() -> None:
    widget = make("Widget", "shop/w")
    made = make("Job", "shop/w-1", owner=("Widget", "w"))
    assert World(widget, made).around(widget) == {"owns Job": ["shop/w-1"]}


def test_odd_objects_and_unknown_resources_have_fewer_relations() -> None:
    odd = make("Service", "shop/odd", spec={"selector": ["app"], "rules": 7})
    assert World(POD).around(odd) == {}
    odd_pod = make("Pod", "shop/odd", spec={"volumes": "x"})
    assert World().around(odd_pod) == {}
    only_pods = ResourceNames((RESOURCES["Pod"],))
    assert related(RESOURCES["Pod"], POD, only_pods, World().cache) == ()
