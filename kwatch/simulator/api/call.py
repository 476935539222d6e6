"""One request with everything its answer depends on."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from aiohttp import web

from kwatch.simulator.api.discovery import Discovery
from kwatch.simulator.api.logs_source import LogsSource
from kwatch.simulator.api.request_info import RequestInfo
from kwatch.simulator.api.revision_clock import RevisionClock
from kwatch.simulator.api.status import object_not_found
from kwatch.simulator.api.usage_source import UsageSource
from kwatch.simulator.api.users import User, Users
from kwatch.simulator.api_types import APIType
from kwatch.simulator.faults import Faults
from kwatch.simulator.store import Store

if TYPE_CHECKING:
    from kwatch.simulator.api.grace import Undertaker


@dataclass(slots=True)
class ClusterAPI:
    """What every request shares."""

    store: Store
    discovery: Discovery
    revisions: RevisionClock
    usage: UsageSource
    faults: Faults = field(default_factory=Faults)
    users: Users = field(default_factory=Users)
    logs: LogsSource | None = None
    undertaker: Undertaker | None = None
    streaming_lists: bool = True
    """Whether watches may ask for the initial events, as servers do from 1.34 on."""
    second: float = 1.0
    """How long a second of timeoutSeconds and of bookmarks lasts; tests shorten it."""
    random: Random = field(default_factory=Random)


@dataclass(frozen=True, slots=True)
class Call:
    """A request for a resource."""

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
        """The key of the object the path names."""
        return f"{self.info.namespace}/{self.info.name}" if self.info.namespace else self.info.name

    def stored(self) -> dict[str, Any]:
        """The object the path names, as it is stored; raise StatusError 404."""
        found = self.api.store.get(self.api_type.storage, self.info.name, self.info.namespace)
        if found is None:
            raise object_not_found(self.info.group, self.info.resource, self.info.name)
        return found
