"""From the words for a resource to the resource."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kwatch.informer.errors import NotFound
from kwatch.informer.resource import GroupVersionResource, Resource

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
    """What these words mean where nobody says what there is: `v1`, unless they name a version. Its kind is unknown."""
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
