"""What is watched: a resource as the API server names it."""

from __future__ import annotations

from dataclasses import dataclass, field


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
        """The API group, empty for core."""
        return self.gvr.group

    @property
    def version(self) -> str:
        """The version inside the group."""
        return self.gvr.version

    @property
    def api_version(self) -> str:
        """What objects of it carry in apiVersion."""
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
