"""What handlers are told."""

from __future__ import annotations

import msgspec

from kwatch.informer.delta import DeletedFinalStateUnknown
from kwatch.informer.protocol import Object


class Added(msgspec.Struct, frozen=True, gc=False):
    """An object is in the cache that was not."""

    object: Object
    is_in_initial_list: bool


class Updated(msgspec.Struct, frozen=True, gc=False):
    """An object in the cache was exchanged."""

    old: Object
    new: Object


class Deleted(msgspec.Struct, frozen=True, gc=False):
    """An object is no longer in the cache."""

    object: Object | DeletedFinalStateUnknown


Notification = Added | Updated | Deleted
