"""Volumes and claims."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.overview.facts import Fact, Section, condition_facts, fact, metadata_facts, plain_facts, sections
from kwatch.catalog.tree import Tree

_SPEC_OF_A_VOLUME = frozenset(
    {
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    }
)


def describe_volume(volume: Tree) -> tuple[Section, ...]:
    spec = volume["spec"]
    source = next((key for key, _ in spec.entries() if key not in _SPEC_OF_A_VOLUME), "")
    return sections(
        ("Persistent Volume", (*metadata_facts(volume), *_volume_facts(volume))),
        (f"Source {source}".strip(), plain_facts(spec[source])),
        ("Node Affinity", (fact("Required", spec.at("nodeAffinity", "required").compact()),)),
    )


def _volume_facts(volume: Tree) -> Iterator[Fact | None]:
    spec, status = volume["spec"], volume["status"]
    claim = spec["claimRef"]
    yield fact("Status", status["phase"])
    yield fact("Reason", status["reason"])
    yield fact("Message", status["message"])
    yield fact("Claim", f"{claim['namespace'].text()}/{claim['name'].text()}" if claim else "")
    yield fact("Capacity", spec.at("capacity", "storage"))
    yield from _common_facts(spec)
    yield fact("Reclaim Policy", spec["persistentVolumeReclaimPolicy"])
    yield fact("Mount Options", spec["mountOptions"].joined())


def describe_claim(claim: Tree) -> tuple[Section, ...]:
    spec, status = claim["spec"], claim["status"]
    source = spec["dataSource"]
    facts = (
        fact("Status", status["phase"]),
        fact("Volume", spec["volumeName"]),
        fact("Capacity", status.at("capacity", "storage")),
        fact("Requested", spec.at("resources", "requests", "storage")),
        *_common_facts(spec),
        fact("Data Source", f"{source['kind'].text()}/{source['name'].text()}" if source else ""),
    )
    return sections(
        ("Persistent Volume Claim", (*metadata_facts(claim), *facts)), ("Conditions", condition_facts(claim))
    )


def _common_facts(spec: Tree) -> Iterator[Fact | None]:
    yield fact("Storage Class", spec["storageClassName"])
    yield fact("Volume Attributes Class", spec["volumeAttributesClassName"])
    yield fact("Access Modes", spec["accessModes"].joined())
    yield fact("Volume Mode", spec["volumeMode"])
