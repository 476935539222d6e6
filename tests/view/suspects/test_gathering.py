from __future__ import annotations

from kwatch.catalog.indices import indexers_for
from kwatch.catalog.names import ResourceNames
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.view.suspects.failure import oldest_made
from kwatch.view.suspects.gathering import Asking
from kwatch.view.suspects.surroundings import RelatedObject
from tests.history.test_event_flood import event
from tests.view.relations.world import RESOURCES, make

POD = RESOURCES["Pod"]


def test_of_very_many_events_about_one_object_the_last_written_are_taken() -> None:
    events = Indexer(indexers=indexers_for(RESOURCES["Event"]))
    obj = make("Pod", "shop/web")
    for number in range(2_000):
        events.add(event(f"web.{(7 * number) % 2_001}", number + 10, uid=obj.uid))
    names = ResourceNames(tuple(RESOURCES.values()))
    asking = Asking(names, lambda relation: events if relation.resource.name == "events" else None)
    found = asking.events_about([RelatedObject("itself", POD, obj.key, obj, 1.0)])
    assert sorted(int(each.resource_version) for each in found) == list(range(1_510, 2_010))


def test_of_each_template_the_oldest_pods_stand_for_all() -> None:
    """A tag is compared with what it meant to older pods of the same template and of others."""

    def pod(name: str, template: str, minute: int) -> KubeObject:
        labels = {"pod-template-hash": template}
        metadata = {"name": name, "labels": labels, "creationTimestamp": f"2026-11-23T04:{minute:02}:00Z"}
        return KubeObject.of({"kind": "Pod", "apiVersion": "v1", "metadata": metadata})

    pods = [*(pod(f"old-{minute}", "a", minute) for minute in (9, 1, 5, 3)), pod("new", "b", 30)]
    assert sorted(each.name for each in oldest_made(pods)) == ["new", "old-1", "old-3"]
