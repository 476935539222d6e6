"""What Kubernetes itself runs in the cluster."""

from __future__ import annotations

from kwatch.simulator.scenario.inventory.workload import HELM, KUBEADM, Part, Workload

VERSION = "v1.36.2"

_CILIUM_CONFIG = Part("config", "quay.io/cilium/cilium:v1.18.4", ("cilium-dbg", "build-config"))

WORKLOADS = (
    Workload(
        "coredns", "kube-system", "registry.k8s.io/coredns/coredns:v1.14.1", replicas=2, port=53, memory="70Mi",
        memory_limit="170Mi", health="/health", applied_by=KUBEADM, age_days=212.5, deployed_hours=1300,
        priority="system-cluster-critical", min_available=1, language="kube", service_account="coredns", config=True,
    ),
    Workload(
        "metrics-server", "kube-system", "registry.k8s.io/metrics-server/metrics-server:v0.8.0", port=10250,
        memory="200Mi", health="/livez", applied_by=HELM, age_days=212, deployed_hours=980, language="kube",
        priority="system-cluster-critical", service_account="metrics-server",
    ),
    Workload(
        "cluster-autoscaler", "kube-system", "registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.1", port=8085,
        memory="600Mi", memory_limit="600Mi", health="/health-check", applied_by=HELM, age_days=180,
        deployed_hours=400, language="kube", priority="system-cluster-critical", service="",
        service_account="cluster-autoscaler",
    ),
)  # fmt: skip

DAEMONS = (
    Workload(
        "kube-proxy", "kube-system", f"registry.k8s.io/kube-proxy:{VERSION}", kind="DaemonSet", language="kube",
        health="", service="", host_network=True, nodes="all", applied_by=KUBEADM, age_days=212.6, config=True,
        priority="system-node-critical", deployed_hours=1300, port=10249, service_account="kube-proxy",
    ),
    Workload(
        "cilium", "kube-system", "quay.io/cilium/cilium:v1.18.4", kind="DaemonSet", language="kube", service="",
        host_network=True, nodes="all", applied_by=HELM, age_days=212.5, priority="system-node-critical",
        memory="300Mi", deployed_hours=1300, port=9879, init=(_CILIUM_CONFIG,), config=True, service_account="cilium",
    ),
    Workload(
        "node-exporter", "monitoring", "quay.io/prometheus/node-exporter:v1.10.2", kind="DaemonSet", nodes="all",
        health="/", host_network=True, port=9100, cpu="50m", memory="48Mi", memory_limit="96Mi", applied_by=HELM,
        age_days=205, deployed_hours=420,
    ),
    Workload(
        "fluent-bit", "monitoring", "cr.fluentbit.io/fluent/fluent-bit:4.1.1", kind="DaemonSet", port=2020,
        health="/api/v1/health", cpu="50m", memory="64Mi", memory_limit="128Mi", service="", age_days=140,
        applied_by=HELM, deployed_hours=420, config=True, service_account="fluent-bit",
    ),
    Workload(
        "ebs-csi-node", "kube-system", "public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver:v1.51.0", kind="DaemonSet",
        service="", applied_by=HELM, age_days=212, priority="system-node-critical", deployed_hours=900, memory="40Mi",
        port=9808, language="kube", service_account="ebs-csi-node",
        sidecars=(Part("node-driver-registrar", "registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.15.0"),),
    ),
)  # fmt: skip

STATIC_PODS = (
    ("etcd", "registry.k8s.io/etcd:3.6.5-0", "100m", "100Mi", 2381),
    ("kube-apiserver", f"registry.k8s.io/kube-apiserver:{VERSION}", "250m", "512Mi", 6443),
    ("kube-controller-manager", f"registry.k8s.io/kube-controller-manager:{VERSION}", "200m", "256Mi", 10257),
    ("kube-scheduler", f"registry.k8s.io/kube-scheduler:{VERSION}", "100m", "128Mi", 10259),
)
"""Name, image, CPU, memory and port of what each control plane node runs without asking the API server."""
