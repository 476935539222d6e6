"""metadata of an object of the past: with its uid, its time of creation and who wrote which fields when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kwatch.simulator.managed_fields import BUILTIN_FIELDS
from kwatch.simulator.scenario.objects.kube import Object, owner_reference
from kwatch.simulator.scenario.timestamps import timestamp

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_NOT_APPLIED = frozenset({LAST_APPLIED, "deployment.kubernetes.io/revision"})


def metadata(
    name: str,
    namespace: str = "",
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    owner: Object | None = None,
    generate_name: str = "",
    created: float | None = None,
) -> Object:
    """The part of metadata that its author gives; the store supplies what is missing."""
    made: Object = {"name": name}
    if generate_name:
        made["generateName"] = generate_name
    if namespace:
        made["namespace"] = namespace
    if created is not None:
        made["creationTimestamp"] = timestamp(created)
    if labels:
        made["labels"] = dict(labels)
    if annotations:
        made["annotations"] = dict(annotations)
    if owner is not None:
        made["ownerReferences"] = [owner_reference(owner)]
    return made


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
    """One entry of metadata.managedFields."""
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
