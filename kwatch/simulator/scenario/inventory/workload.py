"""What a team says about one of its workloads, before it becomes a dozen objects."""

from __future__ import annotations

from dataclasses import dataclass

ARGO = "argocd-controller"
HELM = "helm"
KUBECTL = "kubectl-client-side-apply"
KUBEADM = "kubeadm"

GIT_REGISTRY = "registry.shopworks.example"


@dataclass(frozen=True, slots=True)
class Part:
    """One container beside the main one: a sidecar, an init container, an exporter."""

    name: str
    image: str
    command: tuple[str, ...] = ()
    port: int = 0
    cpu: str = "10m"
    memory: str = "32Mi"
    memory_limit: str = "64Mi"


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload: its controller, its pods, and what stands around it (service, ingress, scaling, config)."""

    name: str
    namespace: str
    image: str
    kind: str = "Deployment"
    replicas: int = 1
    language: str = "go"
    """What its log looks like: go, java, python, node, nginx, postgres, redis, kube."""
    port: int = 8080
    cpu: str = "100m"
    memory: str = "128Mi"
    cpu_limit: str = ""
    memory_limit: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    command: tuple[str, ...] = ()
    sidecars: tuple[Part, ...] = ()
    init: tuple[Part, ...] = ()
    health: str = "/healthz"
    """The path of its probes; empty: no probes."""
    ready_after: tuple[float, float] = (2.0, 6.0)
    """How long from start to ready, in seconds."""
    stops_in: tuple[float, float] = (1.0, 4.0)
    """How long it takes to stop when told, in seconds."""
    config: bool = False
    secret: bool = False
    claim: str = ""
    """The size of a volume for each of its pods (stateful sets)."""
    storage_class: str = "gp3"
    service: str = "ClusterIP"
    """ClusterIP, LoadBalancer, NodePort, headless, or empty for none."""
    host: str = ""
    """The name its ingress answers to."""
    autoscale: tuple[int, int, int] | None = None
    """Least and most replicas, and the CPU utilization to keep, in percent."""
    min_available: int | str | None = None
    """A disruption budget."""
    max_surge: int | str = "25%"
    max_unavailable: int | str = "25%"
    applied_by: str = ARGO
    age_days: float = 90.0
    deployed_hours: float = 30.0
    """How long ago the present pods were rolled out."""
    priority: str = ""
    host_network: bool = False
    nodes: str = "workers"
    """Where a daemon set runs: workers, all, control-plane."""
    service_account: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    """Labels of the pods beside the recommended ones."""
    history: tuple[str, ...] = ()
    """Older image tags whose replica sets are still there, oldest first."""

    @property
    def tag(self) -> str:
        """The version of its image."""
        return self.image.rsplit(":", 1)[1]


@dataclass(frozen=True, slots=True)
class CronWorkload:
    """A cron job and how its jobs go."""

    name: str
    namespace: str
    image: str
    schedule: str
    command: tuple[str, ...]
    takes: tuple[float, float] = (6.0, 20.0)
    """How long a run takes, in seconds."""
    language: str = "python"
    cpu: str = "100m"
    memory: str = "128Mi"
    concurrency: str = "Forbid"
    keep_succeeded: int = 3
    keep_failed: int = 1
    suspended: bool = False
    fails_every: int = 0
    """Every n-th run fails; 0: none."""
    age_days: float = 80.0
    applied_by: str = ARGO
