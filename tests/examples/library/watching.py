import signal
import threading

from kwatch.cluster import connect
from kwatch.informer import SharedInformerFactory

factory = SharedInformerFactory(connect(), default_resync=60)
pods = factory.core.v1.pods.informer
pods.add_event_handler(
    on_add=lambda pod, is_in_initial_list: print("+", pod.key),
    on_update=lambda old, new: print("~", new.key, old.resource_version, "->", new.resource_version),
    on_delete=lambda pod: print("-", pod.key),
)
stop = threading.Event()
signal.signal(signal.SIGINT, lambda *_: stop.set())
with factory:
    factory.wait_for_cache_sync(timeout=30, stop=stop)
    print(len(pods.lister.list()), "pods,", len(pods.lister.by_namespace("shop").list()), "of them in shop")
    stop.wait()
