import asyncio

from kwatch.cluster import connect
from kwatch.informer import Added, Deleted, SharedInformerFactory, Updated, aio
from kwatch.informer.resources import PODS


async def main() -> None:
    factory = SharedInformerFactory(connect(), namespace="shop")
    pods = factory.for_resource(PODS)
    async with aio.running(factory):
        await aio.wait_for_cache_sync(factory, timeout=30)
        async for change in aio.changes(pods):
            match change:
                case Added(pod):
                    print("+", pod.key)
                case Updated(new=new):
                    print("~", new.key)
                case Deleted(pod):
                    print("-", pod.key)


asyncio.run(main())
