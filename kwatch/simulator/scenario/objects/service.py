"""Services, their endpoint slices and endpoints, and ingresses."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.inventory.workload import Workload
from kwatch.simulator.scenario.objects.conditions import is_true
from kwatch.simulator.scenario.objects.kube import Object, is_terminating, name_of, namespace_of, uid_of
from kwatch.simulator.scenario.objects.metadata import metadata, recommended_labels, with_last_applied
from kwatch.simulator.scenario.timestamps import timestamp


def service(workload: Workload, index: int, created: float | None = None) -> Object:
    """The service in front of a workload; `index` decides its address."""
    headless = workload.service == "headless"
    port: dict[str, Any] = {"name": "http", "protocol": "TCP", "port": workload.port, "targetPort": "http"}
    if not headless and workload.port == 8080:
        port["port"] = 80
    address = "None" if headless else names.service_ip(index)
    spec: Object = {
        "ports": [port],
        "selector": {"app": workload.name},
        "clusterIP": address,
        "clusterIPs": [address],
        "type": "ClusterIP" if headless else workload.service,
        "sessionAffinity": "None",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "internalTrafficPolicy": "Cluster",
    }
    status: Object = {"loadBalancer": {}}
    if workload.service == "LoadBalancer":
        port["nodePort"] = 30443
        spec |= {"externalTrafficPolicy": "Local", "allocateLoadBalancerNodePorts": True, "healthCheckNodePort": 32100}
        host = f"k8s-ingress-{names.digest(workload.name)[:10]}.elb.eu-central-1.example.com"
        status["loadBalancer"] = {"ingress": [{"hostname": host}]}
    made = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(
            f"{workload.name}-headless" if headless else workload.name,
            workload.namespace,
            labels=recommended_labels(workload.name, workload.tag, workload.namespace),
            created=created,
        ),
        "spec": spec,
        "status": status,
    }
    return made if workload.applied_by == "helm" else with_last_applied(made)


def endpoint_slice(service: Object, suffix: str, created: float | None = None) -> Object:
    """The endpoint slice of a service, still without endpoints."""
    name = name_of(service)
    labels = {
        "app": service["spec"]["selector"]["app"],
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": name,
    }
    if service["spec"]["clusterIP"] == "None":
        labels["service.kubernetes.io/headless"] = ""
    made = metadata(
        f"{name}-{suffix}",
        namespace_of(service),
        labels=labels,
        owner=service,
        generate_name=f"{name}-",
        created=created,
    )
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": made,
        "addressType": "IPv4",
        "endpoints": [],
        "ports": [],
    }


def endpoints(service: Object, created: float | None = None) -> Object:
    """The older form of the same, still without addresses."""
    labels = {"app": service["spec"]["selector"]["app"], "endpoints.kubernetes.io/managed-by": "endpoint-controller"}
    made = metadata(name_of(service), namespace_of(service), labels=labels, created=created)
    return {"apiVersion": "v1", "kind": "Endpoints", "metadata": made, "subsets": []}


def slice_endpoint(pod: Object, zone: str) -> Object:
    """One pod's entry in an endpoint slice."""
    ready = is_true(pod["status"].get("conditions", ()), "Ready")
    terminating = is_terminating(pod)
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready and not terminating, "serving": ready, "terminating": terminating},
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": _target(pod),
        "zone": zone,
    }


def endpoints_address(pod: Object) -> Object:
    """One pod's entry in endpoints."""
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": _target(pod)}


def _target(pod: Object) -> Object:
    return {"kind": "Pod", "name": name_of(pod), "namespace": namespace_of(pod), "uid": uid_of(pod)}


def change_trigger(at: float) -> dict[str, str]:
    """The annotation that says when what the endpoints follow from changed."""
    return {"endpoints.kubernetes.io/last-change-trigger-time": timestamp(at)}


def ingress(workload: Workload, created: float | None = None) -> Object:
    """The way from outside to a workload's service."""
    annotations = {"cert-manager.io/cluster-issuer": "letsencrypt", "nginx.ingress.kubernetes.io/ssl-redirect": "true"}
    backend = {"service": {"name": workload.name, "port": {"name": "http"}}}
    made_metadata = metadata(
        workload.name,
        workload.namespace,
        labels=recommended_labels(workload.name, workload.tag, workload.namespace),
        annotations=annotations,
        created=created,
    )
    host = f"k8s-ingress-{names.digest('ingress-nginx-controller')[:10]}.elb.eu-central-1.example.com"
    return with_last_applied(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": made_metadata,
            "spec": {
                "ingressClassName": "nginx",
                "rules": [
                    {
                        "host": workload.host,
                        "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
                    }
                ],
                "tls": [{"hosts": [workload.host], "secretName": f"{workload.name}-tls"}],
            },
            "status": {"loadBalancer": {"ingress": [{"hostname": host}]}},
        }
    )


def api_service(addresses: list[str], created: float) -> list[Object]:
    """The service in front of the API servers, with its endpoints; it selects no pods."""
    labels = {"component": "apiserver", "provider": "kubernetes"}
    port = {"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}
    spec = {
        "ports": [port],
        "clusterIP": names.service_ip(0),
        "clusterIPs": [names.service_ip(0)],
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "internalTrafficPolicy": "Cluster",
    }
    real = {"name": "https", "port": 6443, "protocol": "TCP"}
    mirrored = {"endpointslice.kubernetes.io/skip-mirror": "true"}
    slice_labels = {"kubernetes.io/service-name": "kubernetes"}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata("kubernetes", "default", labels=labels, created=created),
            "spec": spec,
            "status": {"loadBalancer": {}},
        },
        {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": metadata("kubernetes", "default", labels=mirrored, created=created),
            "subsets": [{"addresses": [{"ip": address} for address in addresses], "ports": [real]}],
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": metadata("kubernetes", "default", labels=slice_labels, created=created),
            "addressType": "IPv4",
            "endpoints": [{"addresses": addresses, "conditions": {"ready": True}}],
            "ports": [real],
        },
    ]
