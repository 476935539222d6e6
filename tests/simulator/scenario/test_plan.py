from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.simulator.scenario.loader import load_scenario
from kwatch.simulator.scenario.plan import generated_workloads, plan

SPEC = load_scenario()


@settings(max_examples=50)
@given(st.integers(1, 20_000), st.integers())
def test_generated_workloads_have_exactly_the_pods_and_names_of_their_own(pods: int, seed: int) -> None:
    made = generated_workloads(SPEC, pods, Random(seed))
    assert sum(each.replicas for each in made) == pods
    assert len({(each.namespace, each.name) for each in made}) == len(made)


def test_no_node_is_asked_to_run_too_many_pods() -> None:
    for objects in (120, 1_000, 10_000, 100_000):
        made = plan(SPEC, objects, Random(1))
        pods = sum(each.replicas for each in (*made.workloads, *made.generated)) + made.workers * len(made.daemons)
        assert pods / made.workers < 60


def test_the_shop_is_there_however_small_the_cluster() -> None:
    assert all(plan(SPEC, objects, Random(1)).workloads[0].name == "cart" for objects in (1, 10, 100))
