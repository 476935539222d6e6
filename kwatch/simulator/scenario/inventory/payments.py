"""Payments: few, careful services of their own namespace."""

from __future__ import annotations

from kwatch.simulator.scenario.inventory.workload import GIT_REGISTRY, HELM, CronWorkload, Workload

WORKLOADS = (
    Workload(
        "payments-api", "payments", f"{GIT_REGISTRY}/payments/api:7.2.1", replicas=3, cpu="200m", memory="256Mi",
        cpu_limit="1", memory_limit="512Mi", config=True, secret=True, host="api.payments.example", min_available=2,
        autoscale=(3, 6, 65), age_days=187, deployed_hours=73, labels=(("pci", "true"), ("team", "payments")),
        history=("7.1.0", "7.2.0"),
    ),
    Workload(
        "ledger", "payments", f"{GIT_REGISTRY}/payments/ledger:3.0.5", replicas=2, language="java", cpu="300m",
        memory="768Mi", memory_limit="1Gi", secret=True, health="/actuator/health", ready_after=(8.0, 15.0),
        min_available=1, age_days=187, deployed_hours=290, labels=(("pci", "true"), ("team", "payments")),
        history=("3.0.4",),
    ),
    Workload(
        "fraud-scorer", "payments", f"{GIT_REGISTRY}/payments/fraud-scorer:1.15.0", replicas=2, language="python",
        cpu="400m", memory="512Mi", memory_limit="1Gi", config=True, age_days=120, deployed_hours=25,
        labels=(("pci", "false"), ("team", "risk")), history=("1.14.2",), ready_after=(5.0, 10.0),
    ),
    Workload(
        "webhooks", "payments", f"{GIT_REGISTRY}/payments/webhooks:2.2.2", replicas=2, language="node", cpu="50m",
        memory="96Mi", memory_limit="192Mi", secret=True, host="hooks.payments.example", age_days=160,
        deployed_hours=140, labels=(("pci", "false"), ("team", "payments")), history=("2.2.1",),
    ),
    Workload(
        "kafka", "payments", "docker.io/bitnamilegacy/kafka:4.0.0", kind="StatefulSet", replicas=3, language="java",
        port=9092, cpu="500m", memory="1536Mi", memory_limit="2Gi", claim="100Gi", health="", service="headless",
        age_days=187, deployed_hours=1100, applied_by=HELM, labels=(("tier", "data"),), config=True, min_available=2,
        ready_after=(8.0, 16.0), stops_in=(3.0, 10.0),
    ),
)  # fmt: skip

CRON_JOBS = (
    CronWorkload(
        "settlement", "payments", f"{GIT_REGISTRY}/payments/ledger:3.0.5", "*/2 * * * *",
        ("java", "-jar", "/app/settle.jar"), takes=(12.0, 22.0), language="java", keep_succeeded=3, fails_every=5,
        memory="512Mi",
    ),
)  # fmt: skip
