"""Asks the server what it offers, in the newest form it speaks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from kwatch.cluster.discovery.aggregated import ACCEPT, read_aggregated
from kwatch.cluster.discovery.legacy import read_core_versions, read_group_versions, read_resources
from kwatch.cluster.discovery.model import Discovered, GroupVersion, in_order
from kwatch.cluster.paths import version_path
from kwatch.cluster.transport.request import JSON, Request
from kwatch.cluster.transport.transport import Transport
from kwatch.informer.errors import ApiError
from kwatch.informer.resource import Resource

PARALLEL = 8
Found = dict[GroupVersion, list[Resource]]


def discover(transport: Transport) -> Discovered:
    """Every resource; versions that fail are told apart. Raise ApiError if nothing can be learnt, Closed."""
    found: Found = {}
    failed: dict[str, str] = {}
    missing: list[GroupVersion] = []
    absent: list[ApiError] = []
    for path, read_versions in (("/api", read_core_versions), ("/apis", read_group_versions)):
        try:
            body = transport.fetch(_request(transport, path, ACCEPT), transport.scope)
        except ApiError as error:
            # Some servers have only one of the two.
            if error.status != 404 or absent:
                raise
            absent.append(error)
            continue
        aggregated = read_aggregated(body)
        if aggregated is None:
            missing += read_versions(body)
        else:
            found |= aggregated[0]
            failed |= aggregated[1]
    _discover_each(transport, missing, found, failed)
    return in_order(found, failed)


def _request(transport: Transport, path: str, accept: str) -> Request:
    return Request(path, accept=accept, read_timeout=transport.read_timeout())


def _discover_each(transport: Transport, versions: list[GroupVersion], found: Found, failed: dict[str, str]) -> None:
    def ask(version: GroupVersion) -> bytes | ApiError:
        path = version_path(version.group, version.version)
        try:
            return transport.fetch(_request(transport, path, JSON), transport.scope)
        except ApiError as error:
            return error

    if not versions:
        return
    with ThreadPoolExecutor(PARALLEL, "kwatch-discovery") as pool:
        for version, answer in zip(versions, pool.map(ask, versions), strict=True):
            if isinstance(answer, ApiError):
                failed[str(version)] = answer.message
            else:
                found[version] = read_resources(answer, version)
