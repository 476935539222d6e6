"""client-go's informer machinery in Python: list, watch, queue, cache, handlers. Knows no HTTP and no screen.

**Begin** with `SharedInformerFactory` and `SharedInformer`; then `reflector`, whose states are in `reflector_state`.
The way of one change:

    ListerWatcher (yours, or a kwatch.cluster.ApiServer's)
      -> Reflector (reflector, streaming_list, watching; api_calls asks, retries says when)   a thread
         -> EventWriter (event_writer: counted, checked, packed; what cannot be read: status)
      -> DeltaFIFO (delta_fifo, delta)
      -> DeltaProcessor (delta_processor)                                                    a thread
         -> Indexer (indexer, index), read through a Lister (lister)
         -> Sinks (sink), in the same thread
         -> SharedProcessor (shared_processor) -> Registration (registration)                a thread each

An object is a `kube_object`, decoded by `decoding` (`json`), a Secret masked by `masking`. What an informer says of
itself is `status`, what a server refuses with is in `errors` (a 403, a 410); when it is asked again, Retry-After
included, is in `retries`.

**Threads.** A started informer has two: one lists and watches (the transform, the key function and the watch error
handler run there), one applies the changes to the cache (index functions and sinks run there, so they must be quick;
of a first list without a transform, index functions run in the first thread, while it comes).
Each handler has one of its own, in which all its callbacks run one after the other: a slow one delays nobody else, and
its backlog is in the status. A DelayingQueue has one from its first delay to its shut-down. All are daemons; `stop` and
`shutdown` end them within a second, wherever they wait, and name those in which a callback of yours still runs.

**Order.** The cache changes first, then the sinks are called, then the handlers: each change once, in the order in
which it arrived from the server, across objects too. A whole list replaces the cache in one step for readers, and is
then delivered object by object, deletions last. What a first list has brought before it is whole can be read in
`SharedInformer.arriving`, for progress; nobody is notified of it. The cache is never behind what a handler has heard,
and may be ahead. A handler added late gets what is in the cache as additions first. Between two informers, and between
two handlers of one, there is no order.

**Handlers** take exactly `on_add(obj, is_in_initial_list)`, `on_update(old, new)`, `on_delete(obj)`; if a deletion was
missed, `obj` is a DeletedFinalStateUnknown. What they raise is logged and counted, and ends nothing. Objects are shared
and read-only.

**Objects** are KubeObjects where a Cluster or kwatch.informer.testing brings them, as the types say. What a transform
or a ListerWatcher of your own brings is handed out as it is; KubeObject.of(mapping) makes one.

**Rights.** `list` and `watch` on the resource: in the namespace (a Role) or everywhere (a ClusterRole). Nothing else is
needed; `get` is not. For words like `pods`, GET on /api and /apis, which every authenticated user has.

**Costs.** An object is its JSON, packed. The fields of a KubeObject (`name`, `labels`, `owners`...) are kept beside it
and cost nothing. `obj["spec"]` unpacks and parses the whole object, every time, and returns a copy: about 100 us for a
pod of 8 KB. Ask once and keep the answer, or declare the fields you need in a Struct: `obj.read(Pod)` takes half.

**Secrets** are masked for every reader: `obj["data"]`, `obj.raw`, a Struct. `obj.tree(show_secrets=True)` shows them.

Every public name can be imported from here; its module is loaded when it is first used, so that importing one
submodule (the selectors, say) stays cheap. Beside them: kwatch.informer.resources (PODS, DEPLOYMENTS...),
kwatch.informer.aio, kwatch.informer.metrics and kwatch.informer.testing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kwatch.informer.clock import Clock, SystemClock
    from kwatch.informer.decoding import decode_list, decode_object, decode_watch_event
    from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, Deltas, DeltaType
    from kwatch.informer.delta_fifo import DeltaFIFO, Transform
    from kwatch.informer.errors import (
        ApiError,
        Cause,
        Closed,
        NotFound,
        ObjectKeyError,
        QueueClosed,
        QueueEmpty,
        TransactionError,
        VeryShortWatchError,
    )
    from kwatch.informer.index import (
        LABEL_INDEX,
        NAMESPACE_INDEX,
        NODE_INDEX,
        OWNER_INDEX,
        IndexFunc,
        label_index,
        label_key_index,
        namespace_index,
        node_index,
        owner_index,
        standard_indexers,
    )
    from kwatch.informer.indexer import Change, Indexer
    from kwatch.informer.kube_object import KubeObject, Unreadable
    from kwatch.informer.lister import Lister, NamespaceLister
    from kwatch.informer.metadata import (
        KeyFunc,
        compare_resource_versions,
        deletion_handling_key,
        deletion_handling_name,
        join_key,
        meta_namespace_key,
        split_key,
    )
    from kwatch.informer.metrics import QueueMetrics
    from kwatch.informer.object_head import OwnerReference
    from kwatch.informer.packing import ObjectPacker
    from kwatch.informer.pager import Pager
    from kwatch.informer.protocol import (
        BatchedWatchStream,
        ListerWatcher,
        ListOptions,
        Object,
        ObjectList,
        WatchEvent,
        WatchStream,
    )
    from kwatch.informer.rate_limiting_queue import (
        BucketRateLimiter,
        DelayingQueue,
        ExponentialFailureRateLimiter,
        FastSlowRateLimiter,
        MaxOfRateLimiter,
        RateLimiter,
        RateLimitingQueue,
        WithMaxWaitRateLimiter,
        default_rate_limiter,
    )
    from kwatch.informer.reflector import Reflector
    from kwatch.informer.reflector_state import Phase
    from kwatch.informer.reflector_store import ArrivingList
    from kwatch.informer.registration import (
        Added,
        Deleted,
        Notification,
        OnAdd,
        OnDelete,
        OnUpdate,
        Registration,
        SyncTracker,
        Updated,
    )
    from kwatch.informer.resource import GroupVersionResource, InformerKey, Resource
    from kwatch.informer.retries import Backoff
    from kwatch.informer.selectors import Selector, SelectorSyntaxError, parse_field_selector, parse_label_selector
    from kwatch.informer.shared_informer import SharedInformer
    from kwatch.informer.shared_informer_factory import Client, SharedInformerFactory, TweakListOptions
    from kwatch.informer.sink import MutationDetector, Sink
    from kwatch.informer.status import ErrorRecord, InformerStatus, Quarantined
    from kwatch.informer.typed_informer import ObjectMeta, TypedInformer, read_as
    from kwatch.informer.waiting import CacheSync, Signal, StopReport, WaitResult, wait_for
    from kwatch.informer.work_queue import FirstInFirstOut, Order, WorkQueue, parallelize_until

_MODULES = {
    "clock": "Clock SystemClock",
    "decoding": "decode_list decode_object decode_watch_event",
    "delta": "DeletedFinalStateUnknown Delta Deltas DeltaType",
    "delta_fifo": "DeltaFIFO Transform",
    "errors": (
        "ApiError Cause Closed NotFound ObjectKeyError QueueClosed QueueEmpty TransactionError VeryShortWatchError"
    ),
    "index": (
        "IndexFunc LABEL_INDEX label_index label_key_index NAMESPACE_INDEX namespace_index NODE_INDEX "
        "node_index OWNER_INDEX owner_index standard_indexers"
    ),
    "indexer": "Change Indexer",
    "kube_object": "KubeObject Unreadable",
    "lister": "Lister NamespaceLister",
    "metadata": (
        "compare_resource_versions deletion_handling_key deletion_handling_name join_key KeyFunc "
        "meta_namespace_key split_key"
    ),
    "metrics": "QueueMetrics",
    "object_head": "OwnerReference",
    "packing": "ObjectPacker",
    "pager": "Pager",
    "protocol": "BatchedWatchStream ListerWatcher ListOptions Object ObjectList WatchEvent WatchStream",
    "rate_limiting_queue": (
        "BucketRateLimiter default_rate_limiter DelayingQueue ExponentialFailureRateLimiter "
        "FastSlowRateLimiter MaxOfRateLimiter RateLimiter RateLimitingQueue WithMaxWaitRateLimiter"
    ),
    "reflector": "Reflector",
    "reflector_state": "Phase",
    "reflector_store": "ArrivingList",
    "registration": "Added Deleted Notification OnAdd OnDelete OnUpdate Registration SyncTracker Updated",
    "resource": "GroupVersionResource InformerKey Resource",
    "retries": "Backoff",
    "selectors": "parse_field_selector parse_label_selector Selector SelectorSyntaxError",
    "shared_informer": "SharedInformer",
    "shared_informer_factory": "Client SharedInformerFactory TweakListOptions",
    "sink": "MutationDetector Sink",
    "status": "ErrorRecord InformerStatus Quarantined",
    "typed_informer": "ObjectMeta read_as TypedInformer",
    "waiting": "CacheSync Signal StopReport wait_for WaitResult",
    "work_queue": "FirstInFirstOut Order parallelize_until WorkQueue",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}

# Spelled out, because type checkers read only this.
__all__ = ["Client", "ObjectMeta", "SharedInformer", "SharedInformerFactory", "TweakListOptions", "TypedInformer"]
__all__ += ["read_as"]
__all__ += ["Added", "Deleted", "MutationDetector", "Notification", "OnAdd", "OnDelete", "OnUpdate", "Registration"]
__all__ += ["Sink", "Updated"]
__all__ += ["CacheSync", "ErrorRecord", "InformerStatus", "Phase", "Quarantined", "Signal", "StopReport"]
__all__ += ["SyncTracker", "WaitResult", "wait_for"]
__all__ += ["Change", "Indexer", "KeyFunc", "Lister", "NamespaceLister", "Selector", "SelectorSyntaxError"]
__all__ += ["TransactionError"]
__all__ += ["LABEL_INDEX", "NAMESPACE_INDEX", "NODE_INDEX", "OWNER_INDEX", "IndexFunc", "standard_indexers"]
__all__ += ["label_index", "label_key_index", "namespace_index", "node_index", "owner_index"]
__all__ += ["compare_resource_versions", "deletion_handling_key", "deletion_handling_name", "join_key"]
__all__ += ["meta_namespace_key", "split_key"]
__all__ += ["parse_field_selector", "parse_label_selector"]
__all__ += ["KubeObject", "Object", "ObjectPacker", "OwnerReference", "Unreadable", "decode_list", "decode_object"]
__all__ += ["decode_watch_event"]
__all__ += ["GroupVersionResource", "InformerKey", "Resource"]
__all__ += ["DeletedFinalStateUnknown", "Delta", "DeltaFIFO", "DeltaType", "Deltas", "Transform"]
__all__ += ["Backoff", "BatchedWatchStream", "ListOptions", "ListerWatcher", "ObjectList", "Pager", "Reflector"]
__all__ += ["WatchEvent", "WatchStream"]
__all__ += ["ArrivingList"]
__all__ += ["ApiError", "Cause", "Closed", "NotFound", "ObjectKeyError", "QueueClosed", "QueueEmpty"]
__all__ += ["VeryShortWatchError"]
__all__ += ["DelayingQueue", "FirstInFirstOut", "Order", "QueueMetrics", "RateLimitingQueue", "WorkQueue"]
__all__ += ["parallelize_until"]
__all__ += ["BucketRateLimiter", "ExponentialFailureRateLimiter", "FastSlowRateLimiter", "MaxOfRateLimiter"]
__all__ += ["RateLimiter"]
__all__ += ["Clock", "SystemClock", "WithMaxWaitRateLimiter", "default_rate_limiter"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
