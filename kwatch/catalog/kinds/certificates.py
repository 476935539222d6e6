"""Requests for certificates, of users and of pods, and the bundles they are checked against."""

from __future__ import annotations

from typing import Any

from kwatch.base.duration import humanize
from kwatch.catalog.column import NONE, Level
from kwatch.catalog.declaration import age, declare, name, text
from kwatch.catalog.label_text import labels_text
from kwatch.catalog.shapes import Condition, Shape


class RequestSpec(Shape, frozen=True):
    """What is read of the spec."""

    signer_name: str = ""
    username: str = ""
    expiration_seconds: int | None = None


class RequestStatus(Shape, frozen=True):
    """What is read of the status."""

    conditions: tuple[Condition, ...] | None = None
    certificate: str | None = None


class Request(Shape, frozen=True):
    """What is read of a request."""

    spec: RequestSpec = RequestSpec()
    status: RequestStatus = RequestStatus()


class TrustBundleSpec(Shape, frozen=True):
    """What is read of the spec."""

    signer_name: str = ""


class TrustBundle(Shape, frozen=True):
    """What is read of a bundle."""

    spec: TrustBundleSpec = TrustBundleSpec()


class PodRequestSpec(Shape, frozen=True):
    """What is read of the spec."""

    signer_name: str = ""
    pod_name: str = ""
    service_account_name: str = ""
    node_name: str = ""
    unverified_user_annotations: dict[str, str] | None = None


class PodRequest(Shape, frozen=True):
    """What is read of a pod's request."""

    spec: PodRequestSpec = PodRequestSpec()
    status: RequestStatus = RequestStatus()


def condition(request: Request) -> str:
    """`Pending`, `Approved,Issued`, `Denied`, `Approved,Failed`."""
    types = {each.type for each in request.status.conditions or ()}
    words = ["Denied" if "Denied" in types else "Approved" if "Approved" in types else "Pending"]
    if "Failed" in types:
        words.append("Failed")
    if request.status.certificate:
        words.append("Issued")
    return ",".join(words)


def _requested_duration(request: Request) -> str:
    seconds = request.spec.expiration_seconds
    return NONE if seconds is None else humanize(seconds)


def _condition_level(value: Any) -> Level:
    if not isinstance(value, str):
        return Level.NONE
    if "Denied" in value or "Failed" in value:
        return Level.BAD
    return Level.DONE if "Issued" in value else Level.WARNING


def _pod_request_state(request: PodRequest) -> str:
    """The last word of the three that is there, whatever its status."""
    ended = [each.type for each in request.status.conditions or () if each.type in ("Issued", "Denied", "Failed")]
    return ended[-1] if ended else "Pending"


TRUST_BUNDLES = declare(
    "ClusterTrustBundle", TrustBundle, name(), text("SignerName", lambda bundle: bundle.spec.signer_name or NONE)
)

POD_REQUESTS = declare(
    "PodCertificateRequest",
    PodRequest,
    name(),
    text("PodName", lambda request: request.spec.pod_name),
    text("ServiceAccountName", lambda request: request.spec.service_account_name),
    text("NodeName", lambda request: request.spec.node_name),
    text("SignerName", lambda request: request.spec.signer_name),
    text("State", _pod_request_state, levels=_condition_level),
    text("UnverifiedUserAnnotations", lambda request: labels_text(request.spec.unverified_user_annotations)),
)

SIGNING_REQUESTS = declare(
    "CertificateSigningRequest",
    Request,
    name(),
    age(),
    text("SignerName", lambda request: request.spec.signer_name or NONE),
    text("Requestor", lambda request: request.spec.username),
    text("RequestedDuration", _requested_duration),
    text("Condition", condition, levels=_condition_level),
)
