"""How the server stores objects, and moves them to another version; who may lead."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from kwatch.catalog.column import UNSET, Level
from kwatch.catalog.declaration import age, declare, name, text
from kwatch.catalog.kinds.endpoints import first_three
from kwatch.catalog.shapes import Condition, Shape


class ServerVersion(Shape, frozen=True):
    """What one API server writes."""

    api_server_id: str = msgspec.field(default="", name="apiServerID")
    encoding_version: str = ""


class StorageVersionStatus(Shape, frozen=True):
    """What is read of the status."""

    common_encoding_version: str | None = None
    storage_versions: tuple[ServerVersion, ...] | None = None


class StorageVersion(Shape, frozen=True):
    """What is read of a storage version."""

    status: StorageVersionStatus = StorageVersionStatus()


class GroupResource(Shape, frozen=True):
    """A resource without its version."""

    group: str = ""
    resource: str = ""


class MigrationSpec(Shape, frozen=True):
    """What is read of the spec."""

    resource: GroupResource = GroupResource()


class MigrationStatus(Shape, frozen=True):
    """What is read of the status."""

    conditions: tuple[Condition, ...] | None = None


class Migration(Shape, frozen=True):
    """What is read of a migration."""

    spec: MigrationSpec = MigrationSpec()
    status: MigrationStatus = MigrationStatus()


class CandidateSpec(Shape, frozen=True):
    """What is read of the spec."""

    lease_name: str = ""
    binary_version: str = ""
    emulation_version: str = ""


class LeaseCandidate(Shape, frozen=True):
    """What is read of a candidate."""

    spec: CandidateSpec = CandidateSpec()


def _common_version(one: StorageVersion) -> str:
    given = one.status.common_encoding_version
    return UNSET if given is None else given


def _server_versions(one: StorageVersion) -> str:
    return first_three([f"{each.api_server_id}={each.encoding_version}" for each in one.status.storage_versions or ()])


def _migrated(migration: Migration) -> str:
    resource = migration.spec.resource
    return f"{resource.resource}.{resource.group}" if resource.group else resource.resource


def _progress(migration: Migration) -> str:
    """The last of these conditions that holds."""
    word = "Unknown"
    for condition in migration.status.conditions or ():
        if condition.status == "True" and condition.type in _PROGRESS_LEVELS:
            word = condition.type
    return word


_PROGRESS_LEVELS = {"Running": Level.PROGRESS, "Failed": Level.BAD, "Succeeded": Level.DONE}

STORAGE_VERSIONS = declare(
    "StorageVersion",
    StorageVersion,
    name(),
    text("CommonEncodingVersion", _common_version),
    text("StorageVersions", _server_versions),
    age(),
)

_NAME = name()

STORAGE_VERSION_MIGRATIONS = declare(
    "StorageVersionMigration",
    Migration,
    # The server does not mark this column as the name.
    replace(_NAME, column=replace(_NAME.column, format="")),
    text("Resource", _migrated),
    text("Status", _progress, levels=_PROGRESS_LEVELS),
)

LEASE_CANDIDATES = declare(
    "LeaseCandidate",
    LeaseCandidate,
    name(),
    text("LeaseName", lambda candidate: candidate.spec.lease_name),
    text("BinaryVersion", lambda candidate: candidate.spec.binary_version),
    text("EmulationVersion", lambda candidate: candidate.spec.emulation_version),
    age(),
)
