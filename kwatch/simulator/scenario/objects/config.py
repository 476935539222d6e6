"""Config maps: what people and pipelines change most often."""

from __future__ import annotations

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.inventory.workload import Workload
from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.objects.metadata import metadata, recommended_labels, with_last_applied

_ROOT_CA_NOTE = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    "clusters."
)


def fake_pem(label: str, seed: str, lines: int = 18) -> str:
    """Something that looks like a PEM block and is none."""
    body = "".join(names.digest(f"{seed} {index}") for index in range(lines))
    rows = [body[start : start + 64] for start in range(0, 64 * lines, 64)]
    return "\n".join([f"-----BEGIN {label}-----", *rows, f"-----END {label}-----", ""])


ROOT_CA = fake_pem("CERTIFICATE", "cluster root")


def root_ca(namespace: str, created: float | None = None) -> Object:
    """The config map that every namespace gets."""
    notes = {"kubernetes.io/description": _ROOT_CA_NOTE}
    made = metadata("kube-root-ca.crt", namespace, annotations=notes, created=created)
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": made, "data": {"ca.crt": ROOT_CA}}


def config_map(name: str, namespace: str, data: dict[str, str], created: float | None = None) -> Object:
    """A config map of somebody's."""
    made = metadata(name, namespace, created=created)
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": made, "data": data}


def workload_config(workload: Workload, created: float | None = None) -> Object:
    """The settings of a workload."""
    made = config_map(f"{workload.name}-config", workload.namespace, _settings(workload), created)
    made["metadata"]["labels"] = recommended_labels(workload.name, workload.tag, workload.namespace)
    return made if workload.applied_by == "helm" else with_last_applied(made)


def _settings(workload: Workload) -> dict[str, str]:
    if workload.language == "nginx":
        return {
            "nginx.conf": _NGINX.format(name=workload.name, port=workload.port),
            "FEATURE_FLAGS": "new-header=on,one-page-checkout=off",
        }
    if workload.language == "redis":
        return {"redis.conf": "maxmemory 400mb\nmaxmemory-policy allkeys-lru\nappendonly yes\nsave 900 1\n"}
    if workload.language == "postgres":
        return {"postgresql.conf": "max_connections = 300\nshared_buffers = 512MB\nlog_min_duration_statement = 250\n"}
    stable = names.stable_number(workload.name)
    return {
        "LOG_LEVEL": "info",
        "CACHE_TTL": f"{30 + stable % 10 * 15}s",
        "MAX_CONNECTIONS": str(50 + stable % 6 * 25),
        "FEATURE_FLAGS": f"retries=on,shadow-traffic={'on' if stable % 3 == 0 else 'off'}",
        f"{workload.name}.yaml": _YAML.format(name=workload.name, port=workload.port, timeout=1 + stable % 5),
    }


_NGINX = """worker_processes auto;
events {{ worker_connections 4096; }}
http {{
  server {{
    listen {port};
    location / {{ root /usr/share/nginx/html; try_files $uri /index.html; }}
    location /api/ {{ proxy_pass http://gateway.{name}.svc; proxy_read_timeout 5s; }}
  }}
}}
"""

_YAML = """server:
  address: 0.0.0.0:{port}
  timeout: {timeout}s
  graceful_shutdown: 15s
tracing:
  endpoint: http://localhost:4317
  sample: 0.05
service: {name}
"""
