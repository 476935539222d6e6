"""Who may do what: roles and their bindings, certificates, admission webhooks and policies."""

from __future__ import annotations

from typing import Any

from kwatch.base.duration import humanize
from kwatch.catalog.column import NONE, UNSET, Level
from kwatch.catalog.kind import Field, Kind, age, created_at, declare, name, number, text
from kwatch.catalog.shapes import (
    Conditions,
    LabelSelector,
    Nothing,
    ObjectReference,
    Requirement,
    Shape,
    WholeObject,
    labels_text,
)


class Binding(Shape, frozen=True):
    role_ref: ObjectReference = ObjectReference()
    subjects: tuple[ObjectReference, ...] | None = None


def _subjects(binding: Binding, kind: str) -> str:
    """The subjects of a kind; service accounts with their namespace."""
    chosen = [subject for subject in binding.subjects or () if subject.kind == kind]
    if kind == "ServiceAccount":
        return ", ".join([f"{subject.namespace}/{subject.name}" for subject in chosen])
    return ", ".join([subject.name for subject in chosen])


def _bindings(kind: str) -> Kind:
    return declare(
        kind,
        Binding,
        name(),
        text("Role", lambda binding: f"{binding.role_ref.kind}/{binding.role_ref.name}"),
        age(),
        text("Users", lambda binding: _subjects(binding, "User"), wide=True),
        text("Groups", lambda binding: _subjects(binding, "Group"), wide=True),
        text("ServiceAccounts", lambda binding: _subjects(binding, "ServiceAccount"), wide=True),
    )


ROLES = declare("Role", Nothing, name(), created_at())
CLUSTER_ROLES = declare("ClusterRole", Nothing, name(), created_at())
ROLE_BINDINGS = _bindings("RoleBinding")
CLUSTER_ROLE_BINDINGS = _bindings("ClusterRoleBinding")


class RequestSpec(Shape, frozen=True):
    signer_name: str = ""
    username: str = ""
    expiration_seconds: int | None = None


class RequestStatus(Shape, frozen=True):
    conditions: Conditions = None
    certificate: str | None = None


class SigningRequest(WholeObject, frozen=True):
    spec: RequestSpec = RequestSpec()
    status: RequestStatus = RequestStatus()


class TrustBundle(Shape, frozen=True):
    signer_name: str = ""


class PodRequestSpec(Shape, frozen=True):
    signer_name: str = ""
    pod_name: str = ""
    service_account_name: str = ""
    node_name: str = ""
    unverified_user_annotations: dict[str, str] | None = None


class PodRequest(Shape, frozen=True):
    spec: PodRequestSpec = PodRequestSpec()
    status: RequestStatus = RequestStatus()


def _condition(request: SigningRequest) -> str:
    """`Pending`, `Approved,Issued`, `Denied`, `Approved,Failed`."""
    types = {each.type for each in request.status.conditions or ()}
    words = ["Denied" if "Denied" in types else "Approved" if "Approved" in types else "Pending"]
    if "Failed" in types:
        words.append("Failed")
    if request.status.certificate:
        words.append("Issued")
    return ",".join(words)


def _requested_duration(request: SigningRequest) -> str:
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
    "ClusterTrustBundle",
    TrustBundle,
    name(),
    text("SignerName", lambda bundle: bundle.signer_name or NONE),
    within="spec",
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
    SigningRequest,
    name(),
    age(),
    text("SignerName", lambda request: request.spec.signer_name or NONE),
    text("Requestor", lambda request: request.spec.username),
    text("RequestedDuration", _requested_duration),
    text("Condition", _condition, levels=_condition_level),
)


class WebhookConfiguration(Shape, frozen=True):
    webhooks: tuple[Nothing, ...] | None = None


class Policy(Shape, frozen=True):
    validations: tuple[Nothing, ...] | None = None
    mutations: tuple[Nothing, ...] | None = None
    param_kind: ObjectReference | None = None


class ParameterReference(Shape, frozen=True):
    name: str = ""
    namespace: str = ""
    selector: LabelSelector | None = None


class PolicyBinding(Shape, frozen=True):
    policy_name: str = ""
    param_ref: ParameterReference | None = None


def _parameter_kind(policy: Policy) -> str:
    """`example.com/v1/Limit`."""
    given = policy.param_kind
    return UNSET if given is None else f"{given.api_version}/{given.kind}"


def _parameters(binding: PolicyBinding) -> str:
    """`namespace/name`, with a star for any namespace, or the selector the way the server writes a Go value."""
    given = binding.param_ref
    if given is None:
        return UNSET
    if given.name:
        return f"{given.namespace or '*'}/{given.name}"
    return UNSET if given.selector is None else _go_selector(given.selector)


def _go_selector(selector: LabelSelector) -> str:
    labels = "".join([f"{key}: {value}," for key, value in sorted((selector.match_labels or {}).items())])
    expressions = "".join([f"{_go_requirement(each)}," for each in selector.match_expressions or ()])
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )


def _go_requirement(requirement: Requirement) -> str:
    values = " ".join(requirement.values or ())
    return f"LabelSelectorRequirement{{Key:{requirement.key},Operator:{requirement.operator},Values:[{values}],}}"


def _webhooks(kind: str) -> Kind:
    return declare(kind, WebhookConfiguration, name(), number("Webhooks", lambda each: len(each.webhooks or ())), age())


def _policy_bindings(kind: str) -> Kind:
    return declare(
        kind,
        PolicyBinding,
        name(),
        text("PolicyName", lambda binding: binding.policy_name),
        text("ParamRef", _parameters),
        age(),
        within="spec",
    )


def _policies(kind: str, counted: Field[Policy]) -> Kind:
    return declare(kind, Policy, name(), counted, text("ParamKind", _parameter_kind), age(), within="spec")


MUTATING_WEBHOOKS = _webhooks("MutatingWebhookConfiguration")
VALIDATING_WEBHOOKS = _webhooks("ValidatingWebhookConfiguration")
MUTATING_BINDINGS = _policy_bindings("MutatingAdmissionPolicyBinding")
VALIDATING_BINDINGS = _policy_bindings("ValidatingAdmissionPolicyBinding")

MUTATING_POLICIES = _policies(
    "MutatingAdmissionPolicy", number("Mutations", lambda policy: len(policy.mutations or ()))
)
VALIDATING_POLICIES = _policies(
    "ValidatingAdmissionPolicy", number("Validations", lambda policy: len(policy.validations or ()))
)
