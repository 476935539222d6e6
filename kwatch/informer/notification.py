"""What handlers are told."""

from __future__ import annotations

from typing import Generic

import msgspec

from kwatch.informer.delta import DeletedFinalStateUnknown
from kwatch.informer.protocol import T_co


class Added(msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """An object is in the cache that was not."""

    object: T_co
    is_in_initial_list: bool


class Updated(msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """An object in the cache was exchanged."""

    old: T_co
    new: T_co


class Deleted(msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """An object is no longer in the cache: the last that was known of it, or a tombstone if its deletion was missed."""

    object: T_co | DeletedFinalStateUnknown[T_co]


Notification = Added[T_co] | Updated[T_co] | Deleted[T_co]
