"""The result of a discovery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kwatch.base.limits import MOST_RESOURCES
from kwatch.informer.resource import Resource


@dataclass(frozen=True, slots=True)
class Discovered:
    """Every resource of every served version, without subresources; preferred versions first."""

    resources: tuple[Resource, ...] = ()
    failed_groups: dict[str, str] = field(default_factory=dict)
    """`group/version` -> why its resources are unknown."""

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)


@dataclass(frozen=True, slots=True)
class GroupVersion:
    """One version of one group, and whether the group prefers it."""

    group: str
    version: str
    preferred: bool

    def __str__(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


def in_order(resources: Mapping[GroupVersion, list[Resource]], failed: Mapping[str, str]) -> Discovered:
    """Core first, then the groups in the server's order; within that, preferred versions before the others."""
    found = [each for version, each_list in resources.items() if version.preferred for each in each_list]
    found += [each for version, each_list in resources.items() if not version.preferred for each in each_list]
    if len(found) > MOST_RESOURCES:
        failed = {**failed, "*": f"it offers {len(found):,} resources; those after {MOST_RESOURCES:,} are left out"}
    return Discovered(tuple(found[:MOST_RESOURCES]), dict(failed))
