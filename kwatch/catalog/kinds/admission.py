"""Admission webhooks and policies."""

from __future__ import annotations

from kwatch.catalog.column import UNSET
from kwatch.catalog.declaration import age, declare, name, number, text
from kwatch.catalog.kind import Kind
from kwatch.catalog.shapes import LabelSelector, Nothing, ObjectReference, Requirement, Shape


class WebhookConfiguration(Shape, frozen=True):
    """What is read of a configuration."""

    webhooks: tuple[Nothing, ...] | None = None


class PolicySpec(Shape, frozen=True):
    """What is read of the spec."""

    validations: tuple[Nothing, ...] | None = None
    mutations: tuple[Nothing, ...] | None = None
    param_kind: ObjectReference | None = None


class Policy(Shape, frozen=True):
    """What is read of a policy."""

    spec: PolicySpec = PolicySpec()


class ParameterReference(Shape, frozen=True):
    """Which objects parameterise a policy."""

    name: str = ""
    namespace: str = ""
    selector: LabelSelector | None = None


class PolicyBindingSpec(Shape, frozen=True):
    """What is read of the spec."""

    policy_name: str = ""
    param_ref: ParameterReference | None = None


class PolicyBinding(Shape, frozen=True):
    """What is read of a binding."""

    spec: PolicyBindingSpec = PolicyBindingSpec()


def parameter_kind(policy: Policy) -> str:
    """`example.com/v1/Limit`."""
    given = policy.spec.param_kind
    return UNSET if given is None else f"{given.api_version}/{given.kind}"


def parameters(binding: PolicyBinding) -> str:
    """`namespace/name`, with a star for any namespace, or the selector the way the server writes a Go value."""
    given = binding.spec.param_ref
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


def _bindings(kind: str) -> Kind:
    return declare(
        kind,
        PolicyBinding,
        name(),
        text("PolicyName", lambda binding: binding.spec.policy_name),
        text("ParamRef", parameters),
        age(),
    )


MUTATING_WEBHOOKS = _webhooks("MutatingWebhookConfiguration")
VALIDATING_WEBHOOKS = _webhooks("ValidatingWebhookConfiguration")
MUTATING_BINDINGS = _bindings("MutatingAdmissionPolicyBinding")
VALIDATING_BINDINGS = _bindings("ValidatingAdmissionPolicyBinding")

MUTATING_POLICIES = declare(
    "MutatingAdmissionPolicy",
    Policy,
    name(),
    number("Mutations", lambda policy: len(policy.spec.mutations or ())),
    text("ParamKind", parameter_kind),
    age(),
)

VALIDATING_POLICIES = declare(
    "ValidatingAdmissionPolicy",
    Policy,
    name(),
    number("Validations", lambda policy: len(policy.spec.validations or ())),
    text("ParamKind", parameter_kind),
    age(),
)
