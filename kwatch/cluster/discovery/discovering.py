"""Asks the server what it offers, in the newest form it speaks."""

from __future__ import annotations

import threading

from kwatch.base.limits import LARGEST_DISCOVERY
from kwatch.base.threads import Thread, report
from kwatch.cluster.discovery.aggregated import ACCEPT, read_aggregated
from kwatch.cluster.discovery.legacy import read_core_versions, read_group_versions, read_resources
from kwatch.cluster.discovery.model import Discovered, GroupVersion, in_order
from kwatch.cluster.paths import version_path
from kwatch.cluster.transport.request import JSON, Request
from kwatch.cluster.transport.transport import Transport
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.resource import Resource
from kwatch.informer.waiting import join_all

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
            body = _fetch(transport, path, ACCEPT)
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


def _fetch(transport: Transport, path: str, accept: str) -> bytes:
    request = Request(path, accept=accept, timeout=transport.timeout, largest=LARGEST_DISCOVERY)
    return transport.fetch(request, transport.scope)


def _discover_each(transport: Transport, versions: list[GroupVersion], found: Found, failed: dict[str, str]) -> None:
    """Ask for each version, some at a time, in daemon threads: a server that hangs must not hold up the exit."""
    answers: dict[GroupVersion, list[Resource] | ApiError | Closed] = {}
    waiting = iter(versions)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                version = next(waiting, None)
            if version is None:
                return
            try:
                body = _fetch(transport, version_path(version.group, version.version), JSON)
                answers[version] = read_resources(body, version)
            except (ApiError, Closed) as error:
                answers[version] = error
            except Exception as error:  # noqa: BLE001 - reported; one version says nothing of the others
                answers[version] = _unread(report("kwatch-discovery", error).reason)

    count = min(PARALLEL, len(versions))
    threads = [Thread("kwatch-discovery", work) for _ in range(count)]
    for each in threads:
        each.start()
    join_all(threads, None)
    for version in versions:
        answer = answers.get(version, _unread("no thread could be started"))
        if isinstance(answer, Closed):
            raise answer
        if isinstance(answer, ApiError):
            failed[str(version)] = answer.message
        else:
            found[version] = answer


def _unread(reason: str) -> ApiError:
    return ApiError(0, "Discovery", f"What it offers could not be read: {reason}.")
