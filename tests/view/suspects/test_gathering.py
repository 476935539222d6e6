from __future__ import annotations

from kwatch.catalog.indices import indexers_for
from kwatch.catalog.names import ResourceNames
from kwatch.informer.indexer import Indexer
from kwatch.view.suspects.gathering import Asking, RelatedObject
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
