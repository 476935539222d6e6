"""Whose logs are wanted: what is watched for that, and let go of."""

from __future__ import annotations

from kwatch.catalog.indices import indexers_on_demand
from kwatch.informer.clock import SystemClock
from kwatch.query import parse
from kwatch.session.log_pods import ChosenPods, LogChoice
from kwatch.session.session import Session
from kwatch.session.state import ConnectionPhase
from kwatch.view.indexes_on_demand import demand_indices, indices_on_demand
from tests.session.fake_cluster import PODS, FakeCluster, thing
from tests.waiting import wait_until


def test_what_a_filter_wants_of_a_cache_is_let_go_of_at_the_end() -> None:
    cluster = FakeCluster()
    cluster.objects[PODS] = [thing("web", containers=[{"name": "app", "image": "nginx:1"}])]
    session = Session(lambda: cluster)
    session.start()
    try:
        wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
        pods = ChosenPods(session, [LogChoice(PODS, "shop", query=parse("image:nginx*"))], SystemClock())
        wait_until(pods.look)
        cache = session.open(PODS, "shop").indexer
        other = demand_indices(cache, {"image": indexers_on_demand(PODS)["image"]})
        other.make()
        other.release()
        assert indices_on_demand(cache).users == {"image": 1}
        pods.release()
        assert indices_on_demand(cache).users == {"image": 0}
    finally:
        assert session.close(60) == ()
