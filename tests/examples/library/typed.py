import msgspec

from kwatch.cluster import connect
from kwatch.informer import ObjectMeta, SharedInformerFactory
from kwatch.informer.resources import PODS


class Spec(msgspec.Struct, rename="camel"):
    node_name: str = ""


class Pod(msgspec.Struct):
    metadata: ObjectMeta
    spec: Spec


factory = SharedInformerFactory(connect())
pods = factory.for_resource(PODS, type=Pod)
carts = factory.for_resource(PODS, type=Pod, namespace="shop", label_selector="app=cart")
with factory:
    factory.wait_for_cache_sync(timeout=30)
    for pod in carts.lister.list():
        print(pod.metadata.key, "on", pod.spec.node_name)
    print(f"{pods.lister.name}: {len(pods.lister.list())}; {carts.lister.name}: {len(carts.lister.list())}")
