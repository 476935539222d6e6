"""Static pods: what a kubelet runs from files, and mirrors to the API server so that people see it."""

from __future__ import annotations

from random import Random
from typing import Any

from kwatch.simulator.managed_fields import BUILTIN_FIELDS
from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.objects import pod_status
from kwatch.simulator.scenario.objects.container import http_probe
from kwatch.simulator.scenario.objects.kube import Object, name_of, uid_of
from kwatch.simulator.scenario.objects.metadata import managed_entry
from kwatch.simulator.scenario.objects.pod_template import HIGHEST_PRIORITIES
from kwatch.simulator.scenario.timestamps import timestamp


def static_pod(
    random: Random, node: Object, name: str, image: str, cpu: str, memory: str, port: int, created: float
) -> Object:
    """The mirror of one component of the control plane, running since then."""
    host = node["status"]["addresses"][0]["address"]
    metadata = _metadata(node, name, image, created)
    spec = _spec(node, name, image, {"cpu": cpu, "memory": memory}, port)
    made: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    made["status"] = {"qosClass": "Burstable"}
    made["status"] = pod_status.running_status(
        made, random, node_address=host, address=host, started=created, ready=created + 20
    )
    authored = {key: metadata[key] for key in ("labels", "annotations", "ownerReferences")}
    fields = BUILTIN_FIELDS.fields_of({"metadata": authored, "spec": spec})
    reported = BUILTIN_FIELDS.fields_of({"status": made["status"]})
    metadata["managedFields"] = [
        managed_entry("kubelet", timestamp(created), "v1", fields),
        managed_entry("kubelet", timestamp(created + 20), "v1", reported, subresource="status"),
    ]
    return made


def _metadata(node: Object, name: str, image: str, created: float) -> Object:
    where = name_of(node)
    checksum = names.digest(f"{name} {image}")[:32]
    return {
        "name": f"{name}-{where}",
        "namespace": "kube-system",
        "creationTimestamp": timestamp(created),
        "generation": 1,
        "labels": {"app": name, "component": name, "tier": "control-plane"},
        "annotations": {
            "kubernetes.io/config.hash": checksum,
            "kubernetes.io/config.mirror": checksum,
            "kubernetes.io/config.seen": timestamp(created),
            "kubernetes.io/config.source": "file",
        },
        "ownerReferences": [
            {"apiVersion": "v1", "kind": "Node", "name": where, "uid": uid_of(node), "controller": True}
        ],
    }


def _spec(node: Object, name: str, image: str, requests: dict[str, str], port: int) -> Object:
    host = node["status"]["addresses"][0]["address"]
    container: dict[str, Any] = {
        "name": name,
        "image": image,
        "command": [name, f"--bind-address={host}", "--leader-elect=true"],
        "resources": {"requests": requests},
        "volumeMounts": [{"name": "k8s-certs", "readOnly": True, "mountPath": "/etc/kubernetes/pki"}],
        "livenessProbe": http_probe("/livez", "probe-port", delay=10, failures=8),
        "ports": [{"name": "probe-port", "containerPort": port, "hostPort": port, "protocol": "TCP"}],
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
    }
    return {
        "volumes": [{"name": "k8s-certs", "hostPath": {"path": "/etc/kubernetes/pki", "type": "DirectoryOrCreate"}}],
        "containers": [container],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "nodeName": name_of(node),
        "hostNetwork": True,
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "schedulerName": "default-scheduler",
        "tolerations": [{"operator": "Exists", "effect": "NoExecute"}],
        "priorityClassName": "system-node-critical",
        "priority": HIGHEST_PRIORITIES["system-node-critical"],
        "enableServiceLinks": True,
        "preemptionPolicy": "PreemptLowerPriority",
    }
