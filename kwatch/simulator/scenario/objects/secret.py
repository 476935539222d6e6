"""Secrets: of every common type, with data that looks real and opens nothing."""

from __future__ import annotations

import base64
import json

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.objects.config import fake_pem
from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.objects.metadata import metadata


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def secret(name: str, namespace: str, kind: str, data: dict[str, str], created: float | None = None) -> Object:
    """A secret of a type; `data` is plain text here and base64 in the object."""
    encoded = {key: _encoded(value) for key, value in data.items()}
    made = metadata(name, namespace, created=created)
    return {"apiVersion": "v1", "kind": "Secret", "metadata": made, "data": encoded, "type": kind}


def credentials(workload: str, namespace: str, created: float | None = None) -> Object:
    """A database's user and password."""
    password = names.digest(f"{namespace}/{workload} password")[:24]
    data = {
        "username": workload.replace("-", "_"),
        "password": password,
        "url": f"postgres://{workload}:{password}@postgres.shop.svc:5432/{workload}?sslmode=verify-full",
    }
    return secret(f"{workload}-credentials", namespace, "Opaque", data, created)


def registry_credentials(namespace: str, created: float | None = None) -> Object:
    """What pulls images."""
    password = names.digest(f"{namespace} registry")[:32]
    login = {"username": "pull", "password": password, "auth": _encoded(f"pull:{password}")}
    config = json.dumps({"auths": {"registry.shopworks.example": login}})
    kind = "kubernetes.io/dockerconfigjson"
    return secret("registry-credentials", namespace, kind, {".dockerconfigjson": config}, created)


def certificate(workload: str, namespace: str, host: str, created: float | None = None) -> Object:
    """The certificate behind an ingress, as cert-manager keeps it."""
    data = {
        "tls.crt": fake_pem("CERTIFICATE", f"{host} certificate", 22),
        "tls.key": fake_pem("PRIVATE KEY", f"{host} key", 24),
    }
    made = secret(f"{workload}-tls", namespace, "kubernetes.io/tls", data, created)
    made["metadata"]["annotations"] = {
        "cert-manager.io/alt-names": host,
        "cert-manager.io/certificate-name": f"{workload}-tls",
        "cert-manager.io/common-name": host,
        "cert-manager.io/issuer-kind": "ClusterIssuer",
        "cert-manager.io/issuer-name": "letsencrypt",
    }
    made["metadata"]["labels"] = {"controller.cert-manager.io/fao": "true"}
    return made


def helm_release(name: str, namespace: str, revision: int, created: float | None = None) -> Object:
    """What Helm remembers of a release."""
    body = base64.b64encode(names.digest(f"{name} {revision}").encode() * 6).decode()
    full_name = f"sh.helm.release.v1.{name}.v{revision}"
    made = secret(full_name, namespace, "helm.sh/release.v1", {"release": body}, created)
    labels = {"name": name, "owner": "helm", "status": "deployed", "version": str(revision)}
    made["metadata"]["labels"] = labels
    return made
