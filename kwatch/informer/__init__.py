"""client-go's informer machinery in Python: list, watch, queue, cache, handlers. Knows no HTTP and no screen.

**Threads.** A started informer has two: one lists and watches (the transform, the key function and the watch error
handler run there), one applies the changes to the cache (index functions and sinks run there, so they must be quick).
Each handler has one of its own, in which all its callbacks run one after the other: a slow one delays nobody else, and
its backlog is in the status. A DelayingQueue has one from its first delay to its shut-down. All are daemons; `stop` and
`shutdown` end them within a second, wherever they wait, and name those in which a callback of yours still runs.

**Order.** The cache changes first, then the sinks hear of it, then the handlers: each change once, in the order in
which it arrived from the server, across objects too. A whole list after the first replaces the cache in one step for
those who read it, and is then told object by object, deletions last. The cache is never behind what a handler is told,
and may be ahead. A handler that comes late hears what is in the cache as additions first. Between two informers, and
between two handlers of one, there is no order.

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

**Secrets** read masked, whoever reads: `obj["data"]`, `obj.raw`, a Struct. `obj.tree(show_secrets=True)` shows them.

Every public name can be imported from here; its module is loaded when it is first asked for, so that importing one
submodule (the selectors, say) stays cheap. Beside them: kwatch.informer.resources (PODS, DEPLOYMENTS...),
kwatch.informer.aio, kwatch.informer.metrics and kwatch.informer.testing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kwatch.informer.backoff import Backoff as Backoff
    from kwatch.informer.clock import Clock as Clock
    from kwatch.informer.clock import SystemClock as SystemClock
    from kwatch.informer.decoding import decode_list as decode_list
    from kwatch.informer.decoding import decode_object as decode_object
    from kwatch.informer.decoding import decode_watch_event as decode_watch_event
    from kwatch.informer.delta import DeletedFinalStateUnknown as DeletedFinalStateUnknown
    from kwatch.informer.delta import Delta as Delta
    from kwatch.informer.delta import Deltas as Deltas
    from kwatch.informer.delta import DeltaType as DeltaType
    from kwatch.informer.delta_fifo import DeltaFIFO as DeltaFIFO
    from kwatch.informer.delta_fifo import Transform as Transform
    from kwatch.informer.errors import ApiError as ApiError
    from kwatch.informer.errors import Cause as Cause
    from kwatch.informer.errors import Closed as Closed
    from kwatch.informer.errors import NotFound as NotFound
    from kwatch.informer.errors import ObjectKeyError as ObjectKeyError
    from kwatch.informer.errors import QueueClosed as QueueClosed
    from kwatch.informer.errors import QueueEmpty as QueueEmpty
    from kwatch.informer.errors import VeryShortWatchError as VeryShortWatchError
    from kwatch.informer.index_functions import LABEL_INDEX as LABEL_INDEX
    from kwatch.informer.index_functions import NAMESPACE_INDEX as NAMESPACE_INDEX
    from kwatch.informer.index_functions import NODE_INDEX as NODE_INDEX
    from kwatch.informer.index_functions import OWNER_INDEX as OWNER_INDEX
    from kwatch.informer.index_functions import IndexFunc as IndexFunc
    from kwatch.informer.index_functions import label_index as label_index
    from kwatch.informer.index_functions import label_key_index as label_key_index
    from kwatch.informer.index_functions import namespace_index as namespace_index
    from kwatch.informer.index_functions import node_index as node_index
    from kwatch.informer.index_functions import owner_index as owner_index
    from kwatch.informer.index_functions import standard_indexers as standard_indexers
    from kwatch.informer.indexer import Indexer as Indexer
    from kwatch.informer.keys import KeyFunc as KeyFunc
    from kwatch.informer.keys import deletion_handling_key as deletion_handling_key
    from kwatch.informer.keys import deletion_handling_name as deletion_handling_name
    from kwatch.informer.keys import join_key as join_key
    from kwatch.informer.keys import meta_namespace_key as meta_namespace_key
    from kwatch.informer.keys import split_key as split_key
    from kwatch.informer.kube_object import KubeObject as KubeObject
    from kwatch.informer.kube_object import OwnerReference as OwnerReference
    from kwatch.informer.lister import Lister as Lister
    from kwatch.informer.lister import NamespaceLister as NamespaceLister
    from kwatch.informer.mutation_detector import MutationDetector as MutationDetector
    from kwatch.informer.notification import Added as Added
    from kwatch.informer.notification import Deleted as Deleted
    from kwatch.informer.notification import Notification as Notification
    from kwatch.informer.notification import Updated as Updated
    from kwatch.informer.packing import ObjectPacker as ObjectPacker
    from kwatch.informer.pager import Pager as Pager
    from kwatch.informer.protocol import BatchedWatchStream as BatchedWatchStream
    from kwatch.informer.protocol import ListerWatcher as ListerWatcher
    from kwatch.informer.protocol import ListOptions as ListOptions
    from kwatch.informer.protocol import Object as Object
    from kwatch.informer.protocol import ObjectList as ObjectList
    from kwatch.informer.protocol import WatchEvent as WatchEvent
    from kwatch.informer.protocol import WatchStream as WatchStream
    from kwatch.informer.quarantine import Quarantined as Quarantined
    from kwatch.informer.reflector import Reflector as Reflector
    from kwatch.informer.registration import OnAdd as OnAdd
    from kwatch.informer.registration import OnDelete as OnDelete
    from kwatch.informer.registration import OnUpdate as OnUpdate
    from kwatch.informer.registration import Registration as Registration
    from kwatch.informer.resource import GroupVersionResource as GroupVersionResource
    from kwatch.informer.resource import InformerKey as InformerKey
    from kwatch.informer.resource import Resource as Resource
    from kwatch.informer.resource_versions import compare_resource_versions as compare_resource_versions
    from kwatch.informer.selectors import Selector as Selector
    from kwatch.informer.selectors import SelectorSyntaxError as SelectorSyntaxError
    from kwatch.informer.selectors import parse_field_selector as parse_field_selector
    from kwatch.informer.selectors import parse_label_selector as parse_label_selector
    from kwatch.informer.shared_informer import SharedInformer as SharedInformer
    from kwatch.informer.shared_informer_factory import Client as Client
    from kwatch.informer.shared_informer_factory import SharedInformerFactory as SharedInformerFactory
    from kwatch.informer.shared_informer_factory import TweakListOptions as TweakListOptions
    from kwatch.informer.signal import Signal as Signal
    from kwatch.informer.sink import Sink as Sink
    from kwatch.informer.status import ErrorRecord as ErrorRecord
    from kwatch.informer.status import InformerStatus as InformerStatus
    from kwatch.informer.status import Phase as Phase
    from kwatch.informer.stop_report import StopReport as StopReport
    from kwatch.informer.sync_tracker import SyncTracker as SyncTracker
    from kwatch.informer.transaction import Change as Change
    from kwatch.informer.transaction import TransactionError as TransactionError
    from kwatch.informer.typed_informer import ObjectMeta as ObjectMeta
    from kwatch.informer.typed_informer import TypedInformer as TypedInformer
    from kwatch.informer.typed_informer import read_as as read_as
    from kwatch.informer.unreadable import Unreadable as Unreadable
    from kwatch.informer.waiting import CacheSync as CacheSync
    from kwatch.informer.waiting import WaitResult as WaitResult
    from kwatch.informer.waiting import wait_for as wait_for
    from kwatch.informer.work_queues.delaying_queue import DelayingQueue as DelayingQueue
    from kwatch.informer.work_queues.parallelize import parallelize_until as parallelize_until
    from kwatch.informer.work_queues.queue_metrics import QueueMetrics as QueueMetrics
    from kwatch.informer.work_queues.rate_limiters import BucketRateLimiter as BucketRateLimiter
    from kwatch.informer.work_queues.rate_limiters import ExponentialFailureRateLimiter as ExponentialFailureRateLimiter
    from kwatch.informer.work_queues.rate_limiters import FastSlowRateLimiter as FastSlowRateLimiter
    from kwatch.informer.work_queues.rate_limiters import MaxOfRateLimiter as MaxOfRateLimiter
    from kwatch.informer.work_queues.rate_limiters import RateLimiter as RateLimiter
    from kwatch.informer.work_queues.rate_limiters import WithMaxWaitRateLimiter as WithMaxWaitRateLimiter
    from kwatch.informer.work_queues.rate_limiters import default_rate_limiter as default_rate_limiter
    from kwatch.informer.work_queues.rate_limiting_queue import RateLimitingQueue as RateLimitingQueue
    from kwatch.informer.work_queues.work_queue import FirstInFirstOut as FirstInFirstOut
    from kwatch.informer.work_queues.work_queue import Order as Order
    from kwatch.informer.work_queues.work_queue import WorkQueue as WorkQueue

_MODULES = {
    "backoff": "Backoff",
    "clock": "Clock SystemClock",
    "decoding": "decode_list decode_object decode_watch_event",
    "delta": "DeletedFinalStateUnknown Delta Deltas DeltaType",
    "delta_fifo": "DeltaFIFO Transform",
    "errors": "ApiError Cause Closed NotFound ObjectKeyError QueueClosed QueueEmpty VeryShortWatchError",
    "index_functions": (
        "IndexFunc LABEL_INDEX label_index label_key_index namespace_index NAMESPACE_INDEX node_index "
        "NODE_INDEX OWNER_INDEX owner_index standard_indexers"
    ),
    "indexer": "Indexer",
    "keys": ("KeyFunc deletion_handling_key deletion_handling_name join_key meta_namespace_key split_key"),
    "kube_object": "KubeObject OwnerReference",
    "lister": "Lister NamespaceLister",
    "mutation_detector": "MutationDetector",
    "notification": "Added Deleted Notification Updated",
    "packing": "ObjectPacker",
    "pager": "Pager",
    "protocol": "BatchedWatchStream ListerWatcher ListOptions Object ObjectList WatchEvent WatchStream",
    "quarantine": "Quarantined",
    "reflector": "Reflector",
    "registration": "OnAdd OnDelete OnUpdate Registration",
    "resource": "GroupVersionResource InformerKey Resource",
    "resource_versions": "compare_resource_versions",
    "selectors": "Selector SelectorSyntaxError parse_field_selector parse_label_selector",
    "shared_informer": "SharedInformer",
    "shared_informer_factory": "Client SharedInformerFactory TweakListOptions",
    "signal": "Signal",
    "sink": "Sink",
    "status": "ErrorRecord InformerStatus Phase",
    "stop_report": "StopReport",
    "sync_tracker": "SyncTracker",
    "transaction": "Change TransactionError",
    "typed_informer": "ObjectMeta read_as TypedInformer",
    "unreadable": "Unreadable",
    "waiting": "CacheSync WaitResult wait_for",
    "work_queues.delaying_queue": "DelayingQueue",
    "work_queues.parallelize": "parallelize_until",
    "work_queues.queue_metrics": "QueueMetrics",
    "work_queues.rate_limiters": (
        "BucketRateLimiter ExponentialFailureRateLimiter FastSlowRateLimiter MaxOfRateLimiter "
        "RateLimiter WithMaxWaitRateLimiter default_rate_limiter"
    ),
    "work_queues.rate_limiting_queue": "RateLimitingQueue",
    "work_queues.work_queue": "FirstInFirstOut Order WorkQueue",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}

# Spelled out, because type checkers read only this.
__all__ = [
    "LABEL_INDEX",
    "NAMESPACE_INDEX",
    "NODE_INDEX",
    "OWNER_INDEX",
    "Added",
    "ApiError",
    "Backoff",
    "BatchedWatchStream",
    "BucketRateLimiter",
    "CacheSync",
    "Cause",
    "Change",
    "Client",
    "Clock",
    "Closed",
    "DelayingQueue",
    "Deleted",
    "DeletedFinalStateUnknown",
    "Delta",
    "DeltaFIFO",
    "DeltaType",
    "Deltas",
    "ErrorRecord",
    "ExponentialFailureRateLimiter",
    "FastSlowRateLimiter",
    "FirstInFirstOut",
    "GroupVersionResource",
    "IndexFunc",
    "Indexer",
    "InformerKey",
    "InformerStatus",
    "KeyFunc",
    "KubeObject",
    "ListOptions",
    "Lister",
    "ListerWatcher",
    "MaxOfRateLimiter",
    "MutationDetector",
    "NamespaceLister",
    "NotFound",
    "Notification",
    "Object",
    "ObjectKeyError",
    "ObjectList",
    "ObjectMeta",
    "ObjectPacker",
    "OnAdd",
    "OnDelete",
    "OnUpdate",
    "Order",
    "OwnerReference",
    "Pager",
    "Phase",
    "Quarantined",
    "QueueClosed",
    "QueueEmpty",
    "QueueMetrics",
    "RateLimiter",
    "RateLimitingQueue",
    "Reflector",
    "Registration",
    "Resource",
    "Selector",
    "SelectorSyntaxError",
    "SharedInformer",
    "SharedInformerFactory",
    "Signal",
    "Sink",
    "StopReport",
    "SyncTracker",
    "SystemClock",
    "TransactionError",
    "Transform",
    "TweakListOptions",
    "TypedInformer",
    "Unreadable",
    "Updated",
    "VeryShortWatchError",
    "WaitResult",
    "WatchEvent",
    "WatchStream",
    "WithMaxWaitRateLimiter",
    "WorkQueue",
    "compare_resource_versions",
    "decode_list",
    "decode_object",
    "decode_watch_event",
    "default_rate_limiter",
    "deletion_handling_key",
    "deletion_handling_name",
    "join_key",
    "label_index",
    "label_key_index",
    "meta_namespace_key",
    "namespace_index",
    "node_index",
    "owner_index",
    "parallelize_until",
    "parse_field_selector",
    "parse_label_selector",
    "read_as",
    "split_key",
    "standard_indexers",
    "wait_for",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
