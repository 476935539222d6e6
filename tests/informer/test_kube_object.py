import copy
import pickle
import threading
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from kwatch.informer import KubeObject, ObjectPacker, OwnerReference, kube_object, object_head
from kwatch.informer.kube_object import is_packed, unpack
from tests.benchmarks.flat_out import pod
from tests.informer.fakes import PATIENCE


def raw_pod(number: int) -> bytes:
    return msgspec.json.encode(pod(number))


def test_fields_without_parsing() -> None:
    obj = KubeObject(raw_pod(7))
    assert (obj.kind, obj.api_version, obj.namespace, obj.node) == ("Pod", "v1", "ns-7", "node-7")
    assert obj.key == f"ns-7/{obj.name}"
    assert obj.labels["app"] == "app-7"
    [owner] = obj.owners
    assert isinstance(owner, OwnerReference)
    assert (owner.kind, owner.controller) == ("ReplicaSet", True)
    assert obj.creation_timestamp == "2026-11-08T03:07:35Z"


def test_a_mapping_that_parses_afresh() -> None:
    obj = KubeObject(raw_pod(1))
    assert dict(obj) == obj.tree() == pod(1)
    assert len(obj) == len(pod(1))
    assert obj["spec"] is not obj["spec"]
    assert obj.get("none") is None
    assert "status" in obj
    with pytest.raises(KeyError):
        obj["none"]


def test_labels_cannot_be_changed() -> None:
    obj: Any = KubeObject(raw_pod(1))
    with pytest.raises(TypeError):
        obj.labels["app"] = "other"
    with pytest.raises(TypeError):
        obj["spec"] = {}


def test_attributes_cannot_be_changed_and_cells_be_set_once() -> None:
    obj: Any = KubeObject(raw_pod(1))
    for name in ("name", "labels", "resource_version", "_stored", "new"):
        with pytest.raises(AttributeError, match="read-only"):
            setattr(obj, name, "other")
    obj.cells = ("web", 1)
    with pytest.raises(AttributeError):
        obj.cells = ("other", 2)
    assert obj.cells == ("web", 1)


def test_kind_is_supplied_by_the_resource_and_does_not_count() -> None:
    bare = KubeObject(b'{"metadata":{"name":"a"},"x":1}', "Pod", "v1")
    whole = KubeObject(b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"x":1}')
    assert (bare.kind, bare.api_version) == ("Pod", "v1")
    assert bare.tree() == {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}, "x": 1}
    assert bare == whole
    assert bare == {"metadata": {"name": "a"}, "x": 1}
    assert whole != KubeObject(b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"x":2}')
    assert bare != "a"


def test_an_empty_kind_is_supplied_too() -> None:
    bare = KubeObject(b'{"kind":"","apiVersion":"","metadata":{"name":"a"}}', "Pod", "v1")
    assert bare.tree() == {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}}


def test_of_a_tree() -> None:
    obj = KubeObject.of(pod(3))
    assert obj == KubeObject(raw_pod(3))
    assert obj.uid == pod(3)["metadata"]["uid"]
    with pytest.raises(msgspec.ValidationError):
        KubeObject.of({"metadata": {}})


class _Status(msgspec.Struct):
    phase: str = ""


class _Phase(msgspec.Struct):
    status: _Status


def test_read_decodes_partially() -> None:
    assert KubeObject(raw_pod(1)).read(_Phase).status.phase == "Running"
    with pytest.raises(msgspec.DecodeError):
        KubeObject(b'{"metadata":{"name":"a"}}').read(_Phase)


def packed(count: int = 300) -> list[KubeObject]:
    packer = ObjectPacker()
    objects = [KubeObject(raw_pod(number)) for number in range(count)]
    for obj in objects:
        packer.pack(obj)
    return objects


def test_packed_objects_are_small_and_unchanged() -> None:
    objects = packed()
    assert sum(obj.stored_size for obj in objects) / len(objects) < 1000
    for number, obj in enumerate(objects):
        assert obj.raw == raw_pod(number)
    assert objects[5] == KubeObject(raw_pod(5))
    assert objects[5].read(_Phase).status.phase == "Running"


class PackedMeanwhile(KubeObject):
    """Packed by the informer's thread just after a reader saw one of its attributes."""

    __slots__ = ()
    after = ""
    packed_as: tuple[bytes, Any] = (b"", None)

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if name == PackedMeanwhile.after:
            PackedMeanwhile.after = ""
            self.keep(*PackedMeanwhile.packed_as)
            self.drop_fresh()
        return value


@pytest.mark.parametrize("after", ["_fresh", "_stored", "_dictionary"])
def test_who_reads_while_it_is_packed_reads_the_same(after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stored, dictionary = packed()[250].stored
    assert dictionary is not None
    monkeypatch.setattr(PackedMeanwhile, "packed_as", (stored, dictionary))
    obj = PackedMeanwhile(raw_pod(250))
    monkeypatch.setattr(PackedMeanwhile, "after", after)
    assert obj.disclosed == raw_pod(250)
    obj = PackedMeanwhile(raw_pod(250))
    monkeypatch.setattr(PackedMeanwhile, "after", after)
    json, found = obj.stored
    assert (unpack(json, found) if is_packed(json) else json) == raw_pod(250)


def test_at_every_step_of_packing_what_is_stored_can_be_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    stored, dictionary = packed()[250].stored
    obj = KubeObject(raw_pod(250))
    steps: list[str] = []

    def step(target: KubeObject, name: str, value: object) -> None:
        object.__setattr__(target, name, value)
        json, found = obj.stored
        assert (unpack(json, found) if is_packed(json) else json) == raw_pod(250), f"after {name}"
        steps.append(name)

    monkeypatch.setattr(kube_object, "_set", step)
    obj.keep(stored, dictionary)
    assert obj.is_fresh and obj.is_packed and steps


def test_few_objects_stay_as_they_are() -> None:
    objects = packed(50)
    assert all(obj.stored_size == len(obj.raw) for obj in objects)


def test_large_objects_are_packed_before_there_are_many() -> None:
    packer = ObjectPacker()
    objects = [KubeObject(b'{"metadata":{"name":"%d"},"data":"%s"}' % (n, b"x" * 1_000_000)) for n in range(6)]
    for obj in objects:
        packer.pack(obj)
    assert objects[-1].stored_size < 10_000
    assert objects[-1]["data"] == "x" * 1_000_000


def test_samples_that_teach_nothing_are_packed_without_a_dictionary() -> None:
    packer = ObjectPacker(samples=2)
    objects = [KubeObject(b'{"metadata":{"name":"%d"}}' % number) for number in range(3)]
    for obj in objects:
        packer.pack(obj)
    assert [obj.tree()["metadata"]["name"] for obj in objects] == ["0", "1", "2"]


def test_many_threads_may_read_while_objects_are_packed() -> None:
    objects = [KubeObject(raw_pod(number)) for number in range(400)]
    wrong: list[int] = []
    finished = threading.Event()

    def read() -> None:
        while not finished.is_set():
            wrong.extend(number for number in range(0, 400, 7) if objects[number].raw != raw_pod(number))

    readers = [threading.Thread(target=read, daemon=True) for _ in range(3)]
    for reader in readers:
        reader.start()
    packer = ObjectPacker()
    for obj in objects:
        packer.pack(obj)
    finished.set()
    for reader in readers:
        reader.join(PATIENCE)
    assert wrong == []


def test_copies() -> None:
    obj = packed()[250]
    assert copy.deepcopy(obj).raw == pickle.loads(pickle.dumps(obj)).raw == raw_pod(250)
    assert copy.copy(obj).labels == obj.labels


def test_repr() -> None:
    assert (
        repr(KubeObject(b'{"metadata":{"name":"a","namespace":"n","resourceVersion":"3"}}', "Pod"))
        == "KubeObject(Pod n/a @3)"
    )


def test_any_mapping_makes_an_object_also_inside() -> None:
    metadata = MappingProxyType({"name": "a", "labels": MappingProxyType({"app": "web"})})
    assert KubeObject.of({"metadata": metadata}) == {"metadata": {"name": "a", "labels": {"app": "web"}}}
    with pytest.raises(TypeError, match="object cannot be written as JSON"):
        KubeObject.of({"metadata": {"name": "a"}, "spec": object()})


def test_what_many_objects_have_in_common_is_kept_once() -> None:
    """At 100,000 pods it is a quarter of the memory."""

    def made(number: int) -> KubeObject:
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "owner-1"}
        metadata = {"name": f"web-{number}", "namespace": "shop", "labels": {"app": "web", "hash": "5f7b"}}
        when = {"creationTimestamp": "2026-11-23T03:47:35Z", "ownerReferences": [owner]}
        return KubeObject.of({"kind": "Pod", "apiVersion": "v1", "metadata": metadata | when})

    one, other = made(1), made(2)
    assert one.labels is other.labels
    assert one.created is other.created
    assert all(
        getattr(one.owners[0], each) is getattr(other.owners[0], each) for each in ("api_version", "kind", "uid")
    )
    assert (one.name, other.name) == ("web-1", "web-2")


def test_what_one_replica_set_owns_has_one_owner_in_memory() -> None:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "u-1", "controller": True}
    first, second = (KubeObject.of({"metadata": {"name": name, "ownerReferences": [owner]}}) for name in "ab")
    assert first.owners is second.owners
    assert first.owners[0].name == "web" and first.owners[0].controller
    other = KubeObject.of({"metadata": {"name": "c", "ownerReferences": [owner | {"uid": "u-2"}]}})
    assert other.owners[0].uid == "u-2"


def test_what_is_shared_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels that come and go, and five thousand of one object, are not kept when the object has gone."""
    moments: dict[str, Any] = {}
    mappings: dict[Any, Any] = {}
    owners: dict[Any, Any] = {}
    monkeypatch.setattr(object_head, "_shared_tuples", owners)
    monkeypatch.setattr(object_head, "_shared_moments", moments)
    monkeypatch.setattr(object_head, "_shared_mappings", mappings)
    monkeypatch.setattr(object_head, "_MOST_SHARED", 10)
    for number in range(25):
        metadata: dict[str, Any] = {
            "name": "x",
            "labels": {"n": f"{number}"},
            "creationTimestamp": f"2026-11-23T03:47:{number:02}Z",
        }
        metadata["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "x", "uid": f"{number}"}]
        KubeObject.of({"metadata": metadata})
    assert 0 < len(moments) <= 10 and len(mappings) <= 10 and len(owners) <= 10
    before = len(mappings)
    many = {f"label-{number}": "x" for number in range(5000)}
    assert len(KubeObject.of({"metadata": {"name": "x", "labels": many}}).labels) == 5000
    assert len(mappings) == before


@pytest.mark.parametrize(
    ("text", "created"),
    [
        ("2026-11-23T03:46:53Z", 1795405613.0),
        ("2026-11-23T03:46:53.5Z", 1795405613.5),
        ("2026-11-23T04:46:53+01:00", 1795405613.0),
        ("", None),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_the_time_of_creation_is_kept_as_it_was_written(text: str, created: float | None) -> None:
    raw = msgspec.json.encode({"metadata": {"name": "a", "creationTimestamp": text}})
    for obj in (KubeObject(raw), KubeObject.identified(raw, "Pod", "v1", "", "a", "1")):
        assert obj.creation_timestamp == text
        assert obj.created == created


@pytest.mark.parametrize("text", ["yesterday", "2026-13-45T00:00:00Z", "2026-11-23T03:46:53", "9" * 5000])
def test_a_time_of_creation_that_is_none_is_kept_too(text: str) -> None:
    obj = KubeObject.of({"metadata": {"name": "a", "creationTimestamp": text}})
    assert obj.creation_timestamp == text
    with pytest.raises(ValueError, match=r"."):
        obj.created  # noqa: B018 - reading raises
