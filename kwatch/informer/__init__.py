"""client-go's informer machinery in Python: list, watch, queue, cache, handlers. Knows no HTTP and no screen.

Every public name can be imported from here; its module is loaded when it is first asked for, so that importing one
submodule (the selectors, say) stays cheap.
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
    from kwatch.informer.errors import ApiError as ApiError
    from kwatch.informer.errors import Cause as Cause
    from kwatch.informer.errors import Closed as Closed
    from kwatch.informer.errors import NotFound as NotFound
    from kwatch.informer.errors import ObjectKeyError as ObjectKeyError
    from kwatch.informer.errors import QueueClosed as QueueClosed
    from kwatch.informer.errors import QueueEmpty as QueueEmpty
    from kwatch.informer.errors import VeryShortWatchError as VeryShortWatchError
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
    from kwatch.informer.mutation_detector import MutationDetector as MutationDetector
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
    from kwatch.informer.registration import Registration as Registration
    from kwatch.informer.resource import GroupVersionResource as GroupVersionResource
    from kwatch.informer.resource import Resource as Resource
    from kwatch.informer.resource_versions import compare_resource_versions as compare_resource_versions
    from kwatch.informer.selectors import Selector as Selector
    from kwatch.informer.selectors import SelectorSyntaxError as SelectorSyntaxError
    from kwatch.informer.selectors import parse_field_selector as parse_field_selector
    from kwatch.informer.selectors import parse_label_selector as parse_label_selector
    from kwatch.informer.shared_informer import SharedInformer as SharedInformer
    from kwatch.informer.shared_informer_factory import SharedInformerFactory as SharedInformerFactory
    from kwatch.informer.signal import Signal as Signal
    from kwatch.informer.sink import Sink as Sink
    from kwatch.informer.status import ErrorRecord as ErrorRecord
    from kwatch.informer.status import InformerStatus as InformerStatus
    from kwatch.informer.status import Phase as Phase
    from kwatch.informer.sync_tracker import SyncTracker as SyncTracker
    from kwatch.informer.transaction import Change as Change
    from kwatch.informer.transaction import TransactionError as TransactionError
    from kwatch.informer.unreadable import Unreadable as Unreadable
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
    from kwatch.informer.work_queues.work_queue import WorkQueue as WorkQueue

_MODULES = {
    "backoff": "Backoff",
    "clock": "Clock SystemClock",
    "decoding": "decode_list decode_object decode_watch_event",
    "delta": "DeletedFinalStateUnknown Delta Deltas DeltaType",
    "delta_fifo": "DeltaFIFO",
    "errors": "ApiError Cause Closed NotFound ObjectKeyError QueueClosed QueueEmpty VeryShortWatchError",
    "index_functions": (
        "IndexFunc label_index label_key_index namespace_index node_index owner_index standard_indexers"
    ),
    "indexer": "Indexer",
    "keys": ("KeyFunc deletion_handling_key deletion_handling_name join_key meta_namespace_key split_key"),
    "kube_object": "KubeObject OwnerReference",
    "lister": "Lister",
    "mutation_detector": "MutationDetector",
    "packing": "ObjectPacker",
    "pager": "Pager",
    "protocol": "BatchedWatchStream ListerWatcher ListOptions Object ObjectList WatchEvent WatchStream",
    "quarantine": "Quarantined",
    "reflector": "Reflector",
    "registration": "Registration",
    "resource": "GroupVersionResource Resource",
    "resource_versions": "compare_resource_versions",
    "selectors": "Selector SelectorSyntaxError parse_field_selector parse_label_selector",
    "shared_informer": "SharedInformer",
    "shared_informer_factory": "SharedInformerFactory",
    "signal": "Signal",
    "sink": "Sink",
    "status": "ErrorRecord InformerStatus Phase",
    "sync_tracker": "SyncTracker",
    "transaction": "Change TransactionError",
    "unreadable": "Unreadable",
    "waiting": "WaitResult wait_for",
    "work_queues.delaying_queue": "DelayingQueue",
    "work_queues.parallelize": "parallelize_until",
    "work_queues.queue_metrics": "QueueMetrics",
    "work_queues.rate_limiters": (
        "BucketRateLimiter ExponentialFailureRateLimiter FastSlowRateLimiter MaxOfRateLimiter RateLimiter"
        " WithMaxWaitRateLimiter default_rate_limiter"
    ),
    "work_queues.rate_limiting_queue": "RateLimitingQueue",
    "work_queues.work_queue": "WorkQueue",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
