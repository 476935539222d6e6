import threading

from kwatch.informer import KubeObject, MutationDetector, Object, ObjectList, SharedInformer
from tests.informer.fakes import PATIENCE, FakeListerWatcher, pod


def test_S17_a_consumer_that_changes_the_cache_is_found() -> None:
    found: list[str] = []
    told = threading.Event()

    def note(key: str) -> None:
        found.append(key)
        told.set()

    def change(obj: Object, initial: bool) -> None:
        if obj["metadata"]["name"] == "changed":
            obj["metadata"]["labels"]["app"] = "other"

    detector = MutationDetector(note, interval=0.005)
    objects = [pod("changed", 1, labels={"app": "web"}), pod("kept", 1, labels={"app": "web"})]
    informer = SharedInformer(FakeListerWatcher([ObjectList(objects, "1")]), sinks=[detector])
    informer.add_event_handler(change)
    with detector:
        informer.start()
        assert told.wait(PATIENCE)
    informer.stop()
    assert found == ["changed"]
    assert detector.check() == ()


def test_a_kube_object_is_changed_by_nobody() -> None:
    obj = KubeObject(b'{"metadata":{"name":"a","labels":{"app":"web"}},"spec":{"list":[1]}}')
    obj["spec"]["list"].append(2)
    obj.tree()["metadata"]["name"] = "b"
    assert obj["spec"] == {"list": [1]}
    assert obj.name == "a"
