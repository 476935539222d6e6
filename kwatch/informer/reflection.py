"""What the parts of one reflector share."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.informer.clock import Clock
from kwatch.informer.contact import Contact
from kwatch.informer.last_version import LastVersion
from kwatch.informer.metadata import KeyFunc
from kwatch.informer.object_intake import ObjectIntake
from kwatch.informer.retries import Retries
from kwatch.informer.status import StatusRecorder
from kwatch.informer.store_target import StoreTarget
from kwatch.informer.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Reflection:
    """One store that follows one resource: where it comes from, where it goes, and how far it has come."""

    name: str
    upstream: Upstream
    intake: ObjectIntake
    target: StoreTarget
    version: LastVersion
    contact: Contact
    retries: Retries
    recorder: StatusRecorder
    clock: Clock
    key_func: KeyFunc
    min_watch_timeout: float
    """Seconds."""
