"""Objects as plain dicts: what the store calls them, metadata, conditions, changed copies, and templates."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
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
NODE = "nodes"
DEPLOYMENT = "deployments.apps"
REPLICA_SET = "replicasets.apps"
STATEFUL_SET = "statefulsets.apps"
DAEMON_SET = "daemonsets.apps"
JOB = "jobs.batch"
CRON_JOB = "cronjobs.batch"
CLAIM = "persistentvolumeclaims"
CONFIG_MAP = "configmaps"


def resource_of(obj: Object) -> str:
    return RESOURCES[obj["kind"]]


def name_of(obj: Object) -> str:
    return str(obj["metadata"]["name"])


def namespace_of(obj: Object) -> str:
    """metadata.namespace; empty for what belongs to the cluster."""
    return str(obj["metadata"].get("namespace", ""))


def key_of(obj: Object) -> tuple[str, str]:
    return namespace_of(obj), name_of(obj)


def uid_of(obj: Object) -> str:
    return str(obj["metadata"]["uid"])


def app_of(obj: Object) -> tuple[str, str]:
    """Namespace and name of the app that a pod belongs to, by its label; the name is empty without."""
    return namespace_of(obj), obj["metadata"].get("labels", {}).get("app", "")


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
    return next((each for each in obj["metadata"].get("ownerReferences", ()) if each.get("controller")), None)


def is_terminating(obj: Object) -> bool:
    """Whether its deletion has begun."""
    return "deletionTimestamp" in obj["metadata"]


_DIRECTIVE = "$patch"


def merge_patch(target: Object, patch: Mapping[str, Any], *, strategic: bool = False) -> Object:
    """The target with the patch applied; null removes. Neither is changed, and the result shares parts with both.

    A strategic one merges items of keyed lists (containers by name), or removes them by `$patch: delete`.
    """
    if strategic and patch.get(_DIRECTIVE) == "replace":
        return {key: value for key, value in patch.items() if key != _DIRECTIVE}
    result = dict(target)
    for key, value in patch.items():
        if strategic and key.startswith("$"):
            continue  # the order of list items, and keys to retain, do not matter to what is stored here
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            inner = result.get(key)
            result[key] = merge_patch(inner if isinstance(inner, dict) else {}, value, strategic=strategic)
        elif strategic and isinstance(value, list):
            result[key] = _merged_list(key, result.get(key), value)
        else:
            result[key] = value
    return result


def _merged_list(name: str, target: Any, patch: list[Any]) -> list[Any]:
    keys = next((keys for keys in BUILTIN_FIELDS.list_keys.get(name, ()) if _all_have(patch, keys[0])), None)
    if keys is None or not isinstance(target, list) or not _all_have(target, keys[0]):
        return [item for item in patch if not (isinstance(item, dict) and _DIRECTIVE in item)]
    merged = {item[keys[0]]: item for item in target}
    for item in patch:
        identity = item[keys[0]]
        if item.get(_DIRECTIVE) == "delete":
            merged.pop(identity, None)
        else:
            merged[identity] = strategic_merge_patch(merged.get(identity, {}), item)
    return list(merged.values())


def _all_have(items: list[Any], key: str) -> bool:
    return all(isinstance(item, dict) and key in item for item in items)


def strategic_merge_patch(target: Object, patch: Mapping[str, Any]) -> Object:
    return merge_patch(target, patch, strategic=True)


quantity = lru_cache(maxsize=1024)(parse_quantity)
"""CPU in cores, memory and storage in bytes."""


def requested(pod: Object) -> tuple[float, float]:
    """The CPU (cores) and memory (bytes) that a pod's containers ask for."""
    asked = [container.get("resources", {}).get("requests", {}) for container in pod["spec"]["containers"]]
    cpu = sum(quantity(each.get("cpu", "0")) for each in asked)
    return cpu, sum(quantity(each.get("memory", "0")) for each in asked)


def condition(
    kind: str, status: bool | str, at: float, reason: str = "", message: str = "", **more: Any
) -> dict[str, Any]:
    """One condition; `status` may be a word (`Unknown`)."""
    made: dict[str, Any] = {"type": kind, "status": str(status), **more, "lastTransitionTime": timestamp(at)}
    if reason:
        made["reason"] = reason
    if message:
        made["message"] = message
    return made


def conditions_of(obj: Object) -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = obj.get("status", {}).get("conditions", ())
    return found


def with_condition(conditions: Sequence[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    """The conditions with one set: in its place when there is one of its type, at the end otherwise."""
    old = find_condition(conditions, new["type"])
    if old is None:
        return [*conditions, new]
    if old["status"] == new["status"]:
        new = {**new, "lastTransitionTime": old["lastTransitionTime"]}
    return [new if each is old else each for each in conditions]


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
    return merge_patch(obj, {"metadata": {"annotations": {LAST_APPLIED: text}}})


def recommended_labels(name: str, version: str, part_of: str) -> dict[str, str]:
    """What Kubernetes recommends to label a workload with, and the short `app` that people type."""
    return {
        "app": name,
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/part-of": part_of,
        "app.kubernetes.io/version": version.removeprefix("v"),
    }


_TEMPLATES = Path(__file__).with_name("objects.yaml")
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_Maker = Callable[[Mapping[str, Any]], Any]


def _maker_of(node: Any) -> _Maker | None:
    """What fills a tree in: a string that is one placeholder becomes its value, and what comes to None is left out, as
    are a field `x if flag` and an item `if flag: x` without the flag. None for a tree that may be shared as it is.
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
    parts = [_part_of(*pair) for pair in (node.items() if isinstance(node, dict) else enumerate(node))]
    if not any(flag or maker for _, flag, _, maker in parts):
        return None

    def make(values: Mapping[str, Any]) -> Any:
        made = [
            (key, maker(values) if maker else child) for key, flag, child, maker in parts if not flag or values[flag]
        ]
        if isinstance(node, list):
            return [child for _, child in made if child is not None]
        return {key: child for key, child in made if child is not None}

    return make


def _part_of(key: Any, child: Any) -> tuple[Any, str, Any, _Maker | None]:
    """A field or an item: its key, the flag it depends on, what is there, and what fills that in."""
    flag = ""
    if isinstance(key, str):
        key, _, flag = key.partition(" if ")
    elif isinstance(child, dict) and len(child) == 1 and (only := next(iter(child))).startswith("if "):
        flag, child = only.removeprefix("if "), child[only]
    return key, flag, child, _maker_of(child)


class _Given(dict[str, Any]):
    """What is not given stays as it was written."""

    def __missing__(self, name: str) -> str:
        return f"${{{name}}}"


def filled_manifest(manifest: Object, values: Mapping[str, Any]) -> Object:
    """A copy of an object of a scenario file, its placeholders filled in."""
    make = _maker_of(manifest)
    return make(_Given(values)) if make else dict(manifest)


@lru_cache(maxsize=1)
def _templates() -> dict[str, tuple[_Maker | None, Any]]:
    trees = yaml.load(_TEMPLATES.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {kind: (_maker_of(tree), tree) for kind, tree in trees.items()}


def part(template: str, /, **values: Any) -> Any:
    """A template of objects.yaml, filled in; a value that is not given, or None, leaves its field out."""
    make, tree = _templates()[template]
    return make(defaultdict(lambda: None, values)) if make else tree


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
    metadata: Object = {"name": name, **made["metadata"]}
    if namespace:
        metadata.setdefault("namespace", namespace)
    if generate_name:
        metadata["generateName"] = generate_name
    if created is not None:
        metadata["creationTimestamp"] = timestamp(created)
    for field, more in (("labels", labels), ("annotations", annotations)):
        if more:
            metadata[field] = {**metadata.get(field, {}), **more}
    if owner is not None:
        metadata["ownerReferences"] = [owner_reference(owner)]
    return {**made, "metadata": metadata}
