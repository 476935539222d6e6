"""What a scenario file may say: one class a section, with the defaults of what is left out.

The comments of shopworks.yaml, stories.yaml and logs.yaml say what the fields mean.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Range = tuple[Seconds, Seconds]
"""At least and at most."""
Days = Annotated[float, Meta(ge=0, le=10_000)]
Hours = Annotated[float, Meta(ge=0, le=240_000)]
Count = Annotated[int, Meta(ge=0, le=1_000)]
Port = Annotated[int, Meta(ge=0, le=65_535)]

HELM = "helm"
KUBECTL = "kubectl-client-side-apply"


class _Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Part(_Spec, frozen=True):
    """One container beside the main one: a sidecar, an init container, an exporter."""

    name: str
    image: str
    command: tuple[str, ...] = ()
    port: Port = 0
    cpu: str = "10m"
    memory: str = "32Mi"
    memory_limit: str = "64Mi"
    native: bool = False
    """Whether a sidecar is an init container that keeps running."""


class Workload(_Spec, frozen=True):
    """A workload: its controller, its pods, and what stands around it (service, ingress, scaling, config)."""

    name: str
    namespace: str
    image: str
    kind: str = "Deployment"
    replicas: Count = 1
    language: str = "go"
    port: Port = 8080
    cpu: str = "100m"
    memory: str = "128Mi"
    cpu_limit: str = ""
    memory_limit: str = ""
    environment: dict[str, str] = {}
    command: tuple[str, ...] = ()
    sidecars: tuple[Part, ...] = ()
    init: tuple[Part, ...] = ()
    health: str = "/healthz"
    ready_after: Range = (2.0, 6.0)
    stops_in: Range = (1.0, 4.0)
    config: bool = False
    secret: bool = False
    claim: str = ""
    storage_class: str = "gp3"
    service: str = "ClusterIP"
    host: str = ""
    autoscale: tuple[Annotated[int, Meta(ge=1)], Count, Annotated[int, Meta(ge=1, le=1_000)]] | None = None
    min_available: int | str | None = None
    max_surge: int | str = "25%"
    max_unavailable: int | str = "25%"
    applied_by: str = "argocd-controller"
    age_days: Days = 90.0
    deployed_hours: Hours = 30.0
    priority: str = ""
    host_network: bool = False
    nodes: str = "workers"
    service_account: str = ""
    labels: dict[str, str] = {}
    history: tuple[str, ...] = ()
    private: bool = False
    """Whether its images are pulled with the team's registry credentials; always so for a team's deployments."""

    @property
    def tag(self) -> str:
        """The version of its image."""
        return self.image.rsplit(":", 1)[1]


class CronWorkload(_Spec, frozen=True):
    """A cron job and how its jobs go."""

    name: str
    namespace: str
    image: str
    schedule: str
    command: tuple[str, ...] = ()
    takes: Range = (6.0, 20.0)
    language: str = "python"
    cpu: str = "100m"
    memory: str = "128Mi"
    concurrency: str = "Forbid"
    keep_succeeded: Count = 3
    keep_failed: Count = 1
    suspended: bool = False
    fails_every: Count = 0
    age_days: Days = 80.0
    applied_by: str = "argocd-controller"


class NamespaceSpec(_Spec, frozen=True):
    """A namespace's labels; that of a team gets the team's objects, and room for so many pods."""

    labels: dict[str, str] = {}
    team: bool = False
    pods: Count = 80


class StaticPod(_Spec, frozen=True):
    """What every control plane node runs."""

    name: str
    image: str
    cpu: str
    memory: str
    port: Port


class DatabaseSpec(_Spec, frozen=True):
    """A database of the custom kind; `size` in Gi, `backed_up` seconds ago."""

    name: str
    namespace: str
    engine: str
    version: str
    replicas: Annotated[int, Meta(ge=1, le=100)]
    size: Annotated[int, Meta(ge=1, le=100_000)]
    age_days: Days
    backed_up: Seconds


class ManifestMetadata(msgspec.Struct, frozen=True):
    """What every object must have, and what must be of the right type."""

    name: str
    namespace: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class Manifest(msgspec.Struct, frozen=True):
    """What every object must have; the rest is as it is."""

    apiVersion: str  # noqa: N815 -- as Kubernetes writes it
    kind: str
    metadata: ManifestMetadata


class Manifests(_Spec, frozen=True):
    """Objects as they are, with who applied them and how long ago; None is as old as the cluster."""

    applied_by: str
    objects: tuple[dict[str, Any], ...]
    status_by: str = ""
    age_days: Days | None = None


class CrashLoop(_Spec, frozen=True):
    """A deployment whose newest version does not start."""

    workload: str
    namespace: str
    runs: Range = (4.0, 7.0)
    restarts: Count = 5
    began: Seconds = 333.0
    next_try: Seconds = 9.0


class LostClaim(_Spec, frozen=True):
    """A claim of a storage class that does not exist."""

    name: str
    namespace: str
    app: str
    size: str
    storage_class: str
    age_days: Days
    failures: Count


class DeadService(_Spec, frozen=True):
    """A service in front of nothing."""

    name: str
    namespace: str
    image: str
    age_days: Days


class FailedProbe(_Spec, frozen=True):
    """A readiness probe that failed `count` times within the last half hour."""

    workload: str
    namespace: str
    count: Count


class Troubles(_Spec, frozen=True):
    """What is wrong from the start."""

    crash_loops: tuple[CrashLoop, ...] = ()
    lost_claims: tuple[LostClaim, ...] = ()
    dead_services: tuple[DeadService, ...] = ()
    failed_probes: tuple[FailedProbe, ...] = ()


class Cue(_Spec, frozen=True):
    """One story that is to be played, for `among` these deployments or this `app`, once `at` or `times` in a deck."""

    story: str
    at: Seconds = 0.0
    times: Annotated[int, Meta(ge=1, le=1_000)] = 1
    among: tuple[str, ...] = ()
    app: str = ""
    anywhere: bool = False
    """Whether it may happen to any deployment of the cluster, not only to the teams' own."""


class Story(_Spec, frozen=True):
    """What happens, step by step, to a target that nothing else is happening to; see stories.yaml."""

    happens_to: str
    steps: tuple[str | dict[str, Any], ...]
    target: str = ""
    repeat: bool = False
    skip_autoscaled: bool = False


class Incident(_Spec, frozen=True):
    """What breaks in the world of the demo, and why; see incidents/README.md."""

    about: str
    """One sentence for people."""
    fails: str
    """KIND/NAMESPACE/NAME of what is seen to fail."""
    cause: str
    """The object whose change is the cause, in the same form."""
    changed: str
    """Words of what changed in it."""
    story: Story
    within: Seconds = 120.0
    """Seconds from the beginning of the story until it fails."""
    named: str = ""
    """What still names the cause when nobody watched it happen; the name of the object unless given."""


class Noise(_Spec, frozen=True):
    """What happens beside every incident: at its times, and then from a deck."""

    stories: dict[str, Story]
    opening: tuple[Cue, ...]
    deck: tuple[Cue, ...]


class StoryCatalog(_Spec, frozen=True):
    """The stories that every scenario can tell, and the decks of those that have none."""

    stories: dict[str, Story]
    everyday: tuple[Cue, ...]
    crowd: tuple[Cue, ...]


class Generated(_Spec, frozen=True):
    """Of what the workloads that fill a larger cluster are put together."""

    products: tuple[str, ...] = ("atlas", "beacon", "cobalt", "delta")
    stages: tuple[str, ...] = ("dev", "staging", "production")
    roles: tuple[str, ...] = ("api", "worker", "gateway", "scheduler")
    languages: tuple[str, ...] = ("go", "java", "python", "node")
    replicas: tuple[Annotated[int, Meta(ge=1, le=1_000)], ...] = (2, 3, 4, 6)


class Program(_Spec, frozen=True):
    """How one kind of program writes its log; see logs.yaml."""

    period: Annotated[float, Meta(ge=0.01, le=86_400)]
    """Seconds from line to line."""
    lines: tuple[str, ...]
    startup: tuple[str, ...] = ()
    failure: dict[str, tuple[str, ...]] = {}
    """By exit code, or `other`."""


class LogCatalog(_Spec, frozen=True):
    """How the programs that every scenario knows write their logs, and lists of words for that."""

    lists: dict[str, tuple[str, ...]]
    programs: dict[str, Program]


class ScenarioSpec(_Spec, frozen=True):
    """A whole scenario file."""

    namespace: str = "default"
    version: str = "v1.36.2"
    pods: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    registry: str = "registry.example"
    namespaces: dict[str, NamespaceSpec] = {}
    workloads: tuple[Workload, ...] = ()
    daemons: tuple[Workload, ...] = ()
    cron_jobs: tuple[CronWorkload, ...] = ()
    static_pods: tuple[StaticPod, ...] = ()
    databases: tuple[DatabaseSpec, ...] = ()
    cluster_objects: tuple[Manifests, ...] = ()
    team_objects: tuple[Manifests, ...] = ()
    troubles: Troubles = Troubles()
    opening: tuple[Cue, ...] = ()
    deck: tuple[Cue, ...] = ()
    stories: dict[str, Story] = {}
    programs: dict[str, Program] = {}
    generated: Generated = Generated()
