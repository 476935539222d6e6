"""Objects as plain dicts: what the store calls them, metadata, conditions, quantities, changed copies, templates."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import msgspec
import yaml

from kwatch.base.quantity import parse_quantity
from kwatch.base.timestamp import timestamp
from kwatch.simulator.api_types import BUILTIN_TYPES
from kwatch.simulator.managed_fields import BUILTIN_FIELDS

Object = dict[str, Any]
"""One Kubernetes object, with apiVersion and kind. Frozen once it is in the store: parts of it are shared."""

DATABASE = "databases.data.example.com"
RESOURCES = {each.kind: each.storage for each in reversed(BUILTIN_TYPES)} | {"Database": DATABASE}
"""Kind -> the resource's name in the store."""

POD = "pods"
DEPLOYMENT = "deployments.apps"
REPLICA_SET = "replicasets.apps"
STATEFUL_SET = "statefulsets.apps"
DAEMON_SET = "daemonsets.apps"
JOB = "jobs.batch"
CRON_JOB = "cronjobs.batch"


def resource_of(obj: Object) -> str:
    return RESOURCES[obj["kind"]]


def name_of(obj: Object) -> str:
    name: str = obj["metadata"]["name"]
    return name


def namespace_of(obj: Object) -> str:
    """metadata.namespace; empty for what belongs to the cluster."""
    namespace: str = obj["metadata"].get("namespace", "")
    return namespace


def uid_of(obj: Object) -> str:
    uid: str = obj["metadata"]["uid"]
    return uid


def key_of(obj: Object) -> tuple[str, str]:
    return namespace_of(obj), name_of(obj)


def revised(obj: Object, **parts: Mapping[str, Any]) -> Object:
    """A changed copy: `revised(pod, status={"phase": "Running"})`; None removes a field, all else is shared."""
    copy = dict(obj)
    for part, changes in parts.items():
        merged = {**copy.get(part, {}), **changes}
        for field, value in changes.items():
            if value is None:
                del merged[field]
        copy[part] = merged
    return copy


def owner_reference(owner: Object) -> Object:
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controller_of(obj: Object) -> Object | None:
    for reference in obj["metadata"].get("ownerReferences", ()):
        if reference.get("controller"):
            found: Object = reference
            return found
    return None


def is_terminating(obj: Object) -> bool:
    """Whether its deletion has begun."""
    return "deletionTimestamp" in obj["metadata"]


quantity = lru_cache(maxsize=1024)(parse_quantity)
"""CPU in cores, memory and storage in bytes."""


def requested(pod: Object) -> tuple[float, float]:
    """The CPU (cores) and memory (bytes) that a pod's containers ask for."""
    cpu = memory = 0.0
    for container in pod["spec"]["containers"]:
        requests = container.get("resources", {}).get("requests", {})
        cpu += quantity(requests.get("cpu", "0"))
        memory += quantity(requests.get("memory", "0"))
    return cpu, memory


def condition(
    kind: str, status: bool | str, at: float, reason: str = "", message: str = "", **more: Any
) -> dict[str, Any]:
    """One condition; `status` may be a word (`Unknown`)."""
    word = status if isinstance(status, str) else str(status)
    made: dict[str, Any] = {"type": kind, "status": word, **more, "lastTransitionTime": timestamp(at)}
    if reason:
        made["reason"] = reason
    if message:
        made["message"] = message
    return made


def with_condition(conditions: Sequence[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    """The conditions with one set: in its place when there is one of its type, at the end otherwise."""
    result = []
    found = False
    for old in conditions:
        if old["type"] == new["type"]:
            found = True
            if old["status"] == new["status"]:
                new = {**new, "lastTransitionTime": old["lastTransitionTime"]}
            result.append(new)
        else:
            result.append(old)
    return result if found else [*result, new]


def find_condition(conditions: Sequence[dict[str, Any]], kind: str) -> dict[str, Any] | None:
    return next((each for each in conditions if each["type"] == kind), None)


def is_true(conditions: Sequence[dict[str, Any]], kind: str) -> bool:
    """Whether the condition of a type is there and true."""
    found = find_condition(conditions, kind)
    return found is not None and found["status"] == "True"


LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_NOT_APPLIED = frozenset({LAST_APPLIED, "deployment.kubernetes.io/revision"})


def with_last_applied(obj: Object) -> Object:
    """As `kubectl apply` leaves it: annotated with what was applied."""
    given = {key: value for key, value in obj.items() if key != "status"}
    own = {key: value for key, value in obj["metadata"].get("annotations", {}).items() if key not in _NOT_APPLIED}
    given["metadata"] = {key: obj["metadata"][key] for key in ("name", "namespace", "labels") if key in obj["metadata"]}
    given["metadata"]["annotations"] = own
    text = msgspec.json.encode(given, order="sorted").decode() + "\n"
    annotations = {**obj["metadata"].get("annotations", {}), LAST_APPLIED: text}
    return {**obj, "metadata": {**obj["metadata"], "annotations": annotations}}


def recommended_labels(name: str, version: str, part_of: str) -> dict[str, str]:
    """What Kubernetes recommends to label a workload with, and the short `app` that people type."""
    return {
        "app": name,
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/part-of": part_of,
        "app.kubernetes.io/version": version.removeprefix("v"),
    }


def managed_entry(
    manager: str, time: str, api_version: str, fields: Mapping[str, Any], *, subresource: str = ""
) -> Object:
    entry: Object = {
        "manager": manager,
        "operation": "Update",
        "apiVersion": api_version,
        "time": time,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    if subresource:
        entry["subresource"] = subresource
    return entry


_AUTHORED = ("labels", "annotations", "generateName", "ownerReferences", "finalizers")


def past_writes(
    obj: Object, manager: str, written_at: float | None, status_by: str, status_at: float | None
) -> list[Object]:
    """managedFields of an object that one manager wrote and that had its status written by another later."""
    created = obj["metadata"]["creationTimestamp"] if written_at is None else timestamp(written_at)
    api_version = obj["apiVersion"]
    written = {
        key: value for key, value in obj.items() if key not in ("apiVersion", "kind", "metadata", "status") and value
    }
    authored = {key: value for key, value in obj["metadata"].items() if key in _AUTHORED}
    if authored:
        written = {"metadata": authored, **written}
    entries = [managed_entry(manager, created, api_version, BUILTIN_FIELDS.fields_of(written))] if written else []
    if status_by and obj.get("status"):
        time = created if status_at is None else timestamp(status_at)
        fields = BUILTIN_FIELDS.fields_of({"status": obj["status"]})
        entries.append(managed_entry(status_by, time, api_version, fields, subresource="status"))
    return entries


_TEMPLATES = Path(__file__).with_name("objects.yaml")
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_Maker = Callable[[Mapping[str, Any]], Any]


def _maker_of(node: Any) -> _Maker | None:
    """What fills a tree in: a string that is one placeholder becomes its value, and a field whose value is None is left
    out. None for a tree without placeholders, which may be shared as it is.
    """
    if isinstance(node, str):
        whole = _PLACEHOLDER.fullmatch(node)
        if whole:
            return lambda values: values[whole[1]]
        if _PLACEHOLDER.search(node):
            return lambda values: _PLACEHOLDER.sub(lambda found: str(values[found[1]]), node)
        return None
    if not isinstance(node, dict | list):
        return None
    parts = [
        (key, child, _maker_of(child)) for key, child in (node.items() if isinstance(node, dict) else enumerate(node))
    ]
    if not any(maker for _, _, maker in parts):
        return None

    def make(values: Mapping[str, Any]) -> Any:
        made = [(key, maker(values) if maker else child) for key, child, maker in parts]
        if isinstance(node, list):
            return [child for _, child in made]
        return {key: child for key, child in made if child is not None}

    return make


class _Given(dict[str, Any]):
    """What is not given stays as it was written."""

    def __missing__(self, name: str) -> str:
        return f"${{{name}}}"


def filled_manifest(manifest: Object, values: Mapping[str, Any]) -> Object:
    """A copy of an object of a scenario file, its placeholders filled in."""
    make = _maker_of(manifest)
    return make(_Given(values)) if make else dict(manifest)


@lru_cache(maxsize=1)
def _templates() -> dict[str, _Maker]:
    trees = yaml.load(_TEMPLATES.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {kind: _maker_of(tree) or partial(_unchanged, tree) for kind, tree in trees.items()}


def _unchanged(tree: Any, _: Mapping[str, Any]) -> Any:
    return tree


def part(template: str, /, **values: Any) -> Any:
    """A template of objects.yaml, filled in; a value that is not given, or None, leaves its field out."""
    return _templates()[template](defaultdict(lambda: None, values))


def shape(
    template: str,
    /,
    name: str = "",
    namespace: str = "",
    *,
    created: float | None = None,
    owner: Object | None = None,
    generate_name: str = "",
    labels: Mapping[str, str] = {},
    annotations: Mapping[str, str] = {},
    **values: Any,
) -> Object:
    """An object of a template, which may have a name, labels and annotations of its own; `created` is a time of the
    past. What is missing in metadata is supplied by the store.
    """
    made: Object = part(template, name=name, namespace=namespace, **values)
    own = made["metadata"]
    metadata: Object = {"name": own.get("name", name)}
    if generate_name:
        metadata["generateName"] = generate_name
    if own.get("namespace", namespace):
        metadata["namespace"] = own.get("namespace", namespace)
    if created is not None:
        metadata["creationTimestamp"] = timestamp(created)
    for field, more in (("labels", labels), ("annotations", annotations)):
        if field in own or more:
            metadata[field] = {**own.get(field, {}), **more}
    if owner is not None:
        metadata["ownerReferences"] = [owner_reference(owner)]
    return {**made, "metadata": {**metadata, **own, **metadata}}
