"""For tests of programs that use informers: a server in memory, and a clock that only the test moves.

    client = FakeClient()
    pods = client.source(PODS)
    pods.add({"metadata": {"name": "cart", "namespace": "shop"}})
    with SharedInformerFactory(client) as factory: ...

Everything is thread-safe, and nothing here has a thread of its own.
"""

from kwatch.informer.testing.fake_clock import FakeClock, eventually
from kwatch.informer.testing.fake_source import FakeClient, FakeControllerSource, FakeListerWatcher, FakeWatch

__all__ = ["FakeClient", "FakeClock", "FakeControllerSource", "FakeListerWatcher", "FakeWatch", "eventually"]
