"""One request with everything its answer depends on: the sources the scenario is, and what a write brings along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

import msgspec
from aiohttp import web

from kwatch.simulator.api.discovery import Discovery
from kwatch.simulator.api.listing import PATIENCE, RevisionClock
from kwatch.simulator.api.responses import bad_request, method_not_allowed, object_not_found, unsupported_media_type
from kwatch.simulator.api.users import RequestInfo, User, Users
from kwatch.simulator.api_types import APIType
from kwatch.simulator.faults import Faults
from kwatch.simulator.managed_fields import BUILTIN_FIELDS
from kwatch.simulator.store import Store


class LogsSource(Protocol):
    """The logs of containers; a scenario has them. Every line begins with an RFC 3339 time and a blank, as a container
    runtime writes it.
    """

    def logs(self, namespace: str, pod: str, container: str, previous: bool) -> list[str]:
        """What the container has written so far; of the one before it if `previous`. Raises LookupError if that is
        not there.
        """
        ...

    def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        """The lines it writes from now on, until it ends."""
        ...


class PodTerminator(Protocol):
    """Terminates pods in their own time; a scenario does."""

    def terminate(self, namespace: str, pod: str, grace: int | None, manager: str) -> dict[str, Any] | None:
        """Begin to stop a pod, in `grace` seconds or its own time; the pod as it is now, None if it is on no node."""
        ...


class Amount(Protocol):
    """CPU in cores, memory in bytes."""

    @property
    def cpu(self) -> float: ...

    @property
    def memory(self) -> float:
        """Bytes."""
        ...


class UsageSource(Protocol):
    """How much pods and nodes use at the moment; a scenario knows."""

    def usage(self, namespace: str, pod: str) -> Mapping[str, Amount]:
        """Container -> what it uses; raise LookupError if there is no such pod."""
        ...

    def node_usage(self, name: str) -> Amount:
        """What a node uses; raise LookupError if there is no such node."""
        ...


@dataclass(slots=True)
class ClusterAPI:
    store: Store
    usage: UsageSource
    faults: Faults = field(default_factory=Faults)
    users: Users = field(default_factory=Users)
    logs: LogsSource | None = None
    pod_terminator: PodTerminator | None = None
    streaming_lists: bool = True
    """Whether watches may ask for the initial events, as servers do from 1.34 on."""
    second: float = 1.0
    """How long a second of timeoutSeconds and of bookmarks lasts; tests shorten it."""
    random: Random = field(default_factory=Random)
    discovery: Discovery = field(init=False)
    revisions: RevisionClock = field(init=False)

    def __post_init__(self) -> None:
        self.discovery = Discovery(self.store.types)
        self.revisions = RevisionClock(self.store, PATIENCE * self.second)


@dataclass(frozen=True, slots=True)
class Call:
    api: ClusterAPI
    request: web.Request
    info: RequestInfo
    api_type: APIType
    user: User

    @property
    def query(self) -> dict[str, str]:
        """The query; of a repeated key, the first value."""
        return {key: self.request.query[key] for key in self.request.query}

    @property
    def key(self) -> str:
        return f"{self.info.namespace}/{self.info.name}" if self.info.namespace else self.info.name

    def stored(self) -> dict[str, Any]:
        """The object the path names, as it is stored; raise StatusError 404."""
        found = self.api.store.get(self.api_type.storage, self.info.name, self.info.namespace)
        if found is None:
            raise object_not_found(self.info.group, self.info.resource, self.info.name)
        return found


MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"

Tree = dict[str, Any]
Patch = Callable[[Tree, Tree], Tree]

_DIRECTIVE = "$patch"


def merge_patch(target: Tree, patch: Tree) -> Tree:
    """The target with the patch applied; null removes. Neither is changed, and the result shares parts with both."""
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            inner = result.get(key)
            result[key] = merge_patch(inner if isinstance(inner, dict) else {}, value)
        else:
            result[key] = value
    return result


def strategic_merge_patch(target: Tree, patch: Tree) -> Tree:
    """Like merge_patch, but items of keyed lists (containers by name) are merged or, by `$patch: delete`, removed."""
    if patch.get(_DIRECTIVE) == "replace":
        return {key: value for key, value in patch.items() if key != _DIRECTIVE}
    result = dict(target)
    for key, value in patch.items():
        if key.startswith("$"):
            continue  # the order of list items, and keys to retain, do not matter to what is stored here
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            inner = result.get(key)
            result[key] = strategic_merge_patch(inner if isinstance(inner, dict) else {}, value)
        elif isinstance(value, list):
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


PATCHES: dict[str, Patch] = {MERGE: merge_patch, STRATEGIC: strategic_merge_patch}
"""By the media type of the patch."""


async def read_body(call: Call) -> Tree:
    """The JSON object in the body; raise StatusError."""
    media_type = call.request.content_type
    if call.request.method != "PATCH" and media_type not in ("application/json", "application/octet-stream"):
        raise unsupported_media_type(media_type, "application/json")
    try:
        tree = msgspec.json.decode(await call.request.read())
    except msgspec.DecodeError as error:
        raise bad_request(f"couldn't get version/kind; json parse error: {error}") from None
    if not isinstance(tree, dict) or not isinstance(tree.get("metadata", {}), dict | None):
        raise bad_request("couldn't get version/kind; json parse error: the body is no object")
    return tree


async def read_object(call: Call) -> Tree:
    """The object in the body, of the type that the path names; raise StatusError."""
    obj = await read_body(call)
    expected = (call.api_type.api_version, call.api_type.kind)
    given = (obj.get("apiVersion", expected[0]), obj.get("kind", expected[1]))
    if given != expected:
        raise bad_request(
            f'{given[1]} in version "{given[0].rpartition("/")[2]}" cannot be handled as a {call.api_type.kind}: '
            f"converting ({given[0]}.{given[1]}) to ({expected[0]}.{expected[1]}): unknown conversion"
        )
    stored = call.api.store.types.stored(call.api_type.storage)
    if stored is None or stored.api_version != call.api_type.api_version:
        raise method_not_allowed()
    return {**obj, "apiVersion": expected[0], "kind": expected[1]}


async def changed_by(call: Call, target: Tree) -> Tree:
    """A tree with the patch in the body applied; raise StatusError 415 for a patch of another kind."""
    media_type = call.request.content_type
    apply = PATCHES.get(media_type)
    if apply is None or (media_type == STRATEGIC and call.api_type.custom):
        raise unsupported_media_type(media_type, ", ".join(PATCHES))
    return apply(target, await read_body(call))


def manager_of(call: Call) -> str:
    """Who writes, for managedFields."""
    agent = call.request.headers.get("User-Agent", "").partition("/")[0]
    return call.query.get("fieldManager") or agent[:128] or "unknown"
