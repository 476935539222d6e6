"""What is watched: a resource as the API server names it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kwatch.informer.errors import NotFound


@dataclass(frozen=True, slots=True, order=True)
class GroupVersionResource:
    """The coordinates of a resource. The core group is the empty string: ("", "v1", "pods")."""

    group: str
    version: str
    resource: str

    @property
    def api_version(self) -> str:
        """`v1` for the core group, `apps/v1` for others."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_resource(self) -> str:
        """`pods`, `deployments.apps`: how kubectl prints it."""
        return f"{self.resource}.{self.group}" if self.group else self.resource

    def __str__(self) -> str:
        return f"{self.resource}.{self.version}.{self.group}" if self.group else f"{self.resource}.{self.version}"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource as discovery describes it."""

    gvr: GroupVersionResource
    kind: str
    namespaced: bool
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: frozenset[str] = field(default=frozenset())
    preferred: bool = True
    """Whether this version is the one its group prefers."""

    @property
    def name(self) -> str:
        """The plural, lower-case name: `pods`."""
        return self.gvr.resource

    @property
    def group(self) -> str:
        return self.gvr.group

    @property
    def version(self) -> str:
        return self.gvr.version

    @property
    def api_version(self) -> str:
        return self.gvr.api_version

    @property
    def watchable(self) -> bool:
        """Whether it can be both listed and watched."""
        return "list" in self.verbs and "watch" in self.verbs

    def __str__(self) -> str:
        return self.gvr.group_resource


@dataclass(frozen=True, slots=True, order=True)
class InformerKey:
    """What makes an informer another one: its resource, the namespace it looks into (empty: all), its selectors."""

    gvr: GroupVersionResource
    namespace: str = ""
    label_selector: str = ""
    field_selector: str = ""

    def __str__(self) -> str:
        place = f"{self.gvr.group_resource} in {self.namespace}" if self.namespace else self.gvr.group_resource
        return ", ".join(filter(None, (place, self.label_selector, self.field_selector)))


_VERSION = re.compile(r"v[0-9]+((alpha|beta)[0-9]+)?\Z")
_CORE = "core"


def find_resource(resources: Iterable[Resource], wanted: str | GroupVersionResource) -> Resource:
    """By `pods`, `deployments.apps`, `widgets.v1.example.com` or coordinates; raise NotFound."""
    for resource in resources:
        gvr = resource.gvr
        if wanted in (gvr, gvr.resource, gvr.group_resource, str(gvr)):
            return resource
    raise NotFound(f"the server offers no {wanted}")


def find_by_path(resources: Iterable[Resource], group: str, version: str, name: str) -> Resource:
    """By the words of a path, `core`, `v1`, `pods`; of the group the first label suffices. Raise NotFound."""
    wanted = "" if group == _CORE else group.replace("_", ".")
    for resource in resources:
        there = resource.gvr
        if (there.version, there.resource) == (version, name) and wanted in (there.group, there.group.split(".")[0]):
            return resource
    raise NotFound(f"the server offers no {name} in {group}/{version}")


def assume_resource(wanted: str | GroupVersionResource) -> Resource:
    """The resource meant by these words where discovery is missing: of version `v1` by default. Its kind is unknown."""
    if isinstance(wanted, GroupVersionResource):
        return Resource(wanted, kind="", namespaced=True)
    name, _, rest = wanted.partition(".")
    version, _, group = rest.partition(".")
    if not _VERSION.match(version):
        version, group = "v1", rest
    return Resource(GroupVersionResource(group, version, name), kind="", namespaced=True)


def assume_by_path(group: str, version: str, name: str) -> Resource:
    """The same for the words of a path."""
    return assume_resource(GroupVersionResource("" if group == _CORE else group.replace("_", "."), version, name))
