"""What the platform team runs for the others: delivery, secrets, monitoring, the way in."""

from __future__ import annotations

from kwatch.simulator.scenario.inventory.workload import GIT_REGISTRY, HELM, CronWorkload, Part, Workload

_RELOADER = Part("config-reloader", "quay.io/prometheus-operator/prometheus-config-reloader:v0.86.1", port=8080)

WORKLOADS = (
    Workload(
        "ingress-nginx-controller", "ingress", "registry.k8s.io/ingress-nginx/controller:v1.13.3", replicas=2,
        language="nginx", port=443, cpu="200m", memory="256Mi", service="LoadBalancer", min_available=1,
        applied_by=HELM, age_days=212, deployed_hours=510, priority="system-cluster-critical", config=True,
        service_account="ingress-nginx",
    ),
    Workload(
        "prometheus", "monitoring", "quay.io/prometheus/prometheus:v3.7.3", kind="StatefulSet", replicas=2, port=9090,
        cpu="500m", memory="2Gi", memory_limit="3Gi", claim="100Gi", health="/-/ready", service="headless",
        sidecars=(_RELOADER,), age_days=205, deployed_hours=420, config=True, ready_after=(6.0, 12.0),
        service_account="prometheus",
    ),
    Workload(
        "alertmanager", "monitoring", "quay.io/prometheus/alertmanager:v0.29.0", kind="StatefulSet", replicas=2,
        port=9093, cpu="50m", memory="64Mi", claim="5Gi", health="/-/ready", service="headless", age_days=205,
        deployed_hours=430, config=True, sidecars=(_RELOADER,),
    ),
    Workload(
        "grafana", "monitoring", "docker.io/grafana/grafana:12.2.1", port=3000, cpu="100m", memory="256Mi",
        memory_limit="512Mi", health="/api/health", host="grafana.platform.example", secret=True, config=True,
        age_days=205, deployed_hours=95, applied_by=HELM, history=("12.1.0", "12.2.0"),
        sidecars=(Part("dashboards", "quay.io/kiwigrid/k8s-sidecar:1.30.11"),), service_account="grafana",
    ),
    Workload(
        "kube-state-metrics", "monitoring", "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0",
        memory="190Mi", memory_limit="250Mi", applied_by=HELM, age_days=205, deployed_hours=420, language="kube",
        service_account="kube-state-metrics",
    ),
    Workload(
        "loki", "monitoring", "docker.io/grafana/loki:3.5.7", kind="StatefulSet", replicas=1, port=3100, cpu="200m",
        memory="512Mi", memory_limit="1Gi", claim="50Gi", health="/ready", service="headless", age_days=140,
        deployed_hours=420, applied_by=HELM, config=True,
    ),
    Workload(
        "argocd-server", "platform", "quay.io/argoproj/argocd:v3.2.0", replicas=2, host="argocd.platform.example",
        memory="128Mi", memory_limit="256Mi", age_days=209, deployed_hours=260, applied_by=HELM,
        service_account="argocd-server", history=("v3.1.8",),
    ),
    Workload(
        "argocd-repo-server", "platform", "quay.io/argoproj/argocd:v3.2.0", replicas=2, port=8081, memory="256Mi",
        memory_limit="512Mi", age_days=209, deployed_hours=260, applied_by=HELM, history=("v3.1.8",),
    ),
    Workload(
        "argocd-application-controller", "platform", "quay.io/argoproj/argocd:v3.2.0", kind="StatefulSet", port=8082,
        cpu="250m", memory="512Mi", memory_limit="1Gi", age_days=209, deployed_hours=260, applied_by=HELM,
        service="headless", service_account="argocd-application-controller",
    ),
    Workload(
        "cert-manager", "platform", "quay.io/jetstack/cert-manager-controller:v1.19.1", port=9402, memory="64Mi",
        age_days=212, deployed_hours=640, applied_by=HELM, service_account="cert-manager", health="/livez",
    ),
    Workload(
        "cert-manager-webhook", "platform", "quay.io/jetstack/cert-manager-webhook:v1.19.1", port=10250, memory="32Mi",
        age_days=212, deployed_hours=640, applied_by=HELM, health="/livez",
    ),
    Workload(
        "database-operator", "platform", f"{GIT_REGISTRY}/platform/database-operator:0.6.1", memory="64Mi",
        memory_limit="128Mi", service="", age_days=110, deployed_hours=180, service_account="database-operator",
        history=("0.6.0",),
    ),
    Workload(
        "vault", "platform", "hashicorp/vault:1.20.4", kind="StatefulSet", replicas=3, port=8200, cpu="250m",
        memory="256Mi", claim="10Gi", health="/v1/sys/health", service="headless", age_days=200, deployed_hours=1400,
        applied_by=HELM, min_available=2, config=True,
    ),
    Workload(
        "ci-runner", "platform", f"{GIT_REGISTRY}/platform/ci-runner:18.5.0", replicas=3, service="", cpu="500m",
        memory="512Mi", memory_limit="2Gi", age_days=130, deployed_hours=48, health="", secret=True,
        history=("18.4.0",),
    ),
)  # fmt: skip

CRON_JOBS = (
    CronWorkload(
        "registry-gc", "platform", f"{GIT_REGISTRY}/platform/registry-gc:0.3.1", "*/3 * * * *",
        ("registry-gc", "--keep=20"), takes=(9.0, 18.0), language="go", keep_succeeded=2,
    ),
    CronWorkload(
        "cost-report", "platform", f"{GIT_REGISTRY}/platform/cost-report:2026.10", "30 6 * * 1", ("report", "weekly"),
        suspended=True,
    ),
)  # fmt: skip
