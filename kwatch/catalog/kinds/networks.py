"""Network policies, and the addresses services are given."""

from __future__ import annotations

from kwatch.catalog.column import NONE
from kwatch.catalog.declaration import age, declare, name, text
from kwatch.catalog.label_text import selector_or_none
from kwatch.catalog.shapes import LabelSelector, Shape


class NetworkPolicySpec(Shape, frozen=True):
    """What is read of the spec."""

    pod_selector: LabelSelector = LabelSelector()


class NetworkPolicy(Shape, frozen=True):
    """What is read of a policy."""

    spec: NetworkPolicySpec = NetworkPolicySpec()


class ParentReference(Shape, frozen=True):
    """What an address belongs to."""

    group: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""


class IPAddressSpec(Shape, frozen=True):
    """What is read of the spec."""

    parent_ref: ParentReference | None = None


class IPAddress(Shape, frozen=True):
    """What is read of an address."""

    spec: IPAddressSpec = IPAddressSpec()


class ServiceCIDRSpec(Shape, frozen=True):
    """What is read of the spec."""

    cidrs: tuple[str, ...] | None = None


class ServiceCIDR(Shape, frozen=True):
    """What is read of a range."""

    spec: ServiceCIDRSpec = ServiceCIDRSpec()


def parent(address: IPAddress) -> str:
    """`services/shop/web`."""
    given = address.spec.parent_ref
    if given is None:
        return NONE
    resource = (f"{given.resource}.{given.group}" if given.group else given.resource).lower()
    return "/".join([resource, *filter(None, [given.namespace]), given.name])


NETWORK_POLICIES = declare(
    "NetworkPolicy",
    NetworkPolicy,
    name(),
    text("Pod-Selector", lambda policy: selector_or_none(policy.spec.pod_selector)),
    age(),
)

IP_ADDRESSES = declare("IPAddress", IPAddress, name(), text("ParentRef", parent, unique=True))

SERVICE_CIDRS = declare(
    "ServiceCIDR", ServiceCIDR, name(), text("CIDRs", lambda cidr: ",".join(cidr.spec.cidrs or ())), age()
)
