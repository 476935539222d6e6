"""Handlers and listers whose objects are a Struct of the program's own, and what type checkers see of the package."""

from dataclasses import dataclass
from typing import Any, TypedDict

import msgspec
import pytest

import kwatch.informer
from kwatch.informer import (
    DeletedFinalStateUnknown,
    KubeObject,
    NotFound,
    Object,
    ObjectMeta,
    TypedInformer,
    WatchEvent,
    node_index,
    read_as,
)
from tests.informer.fakes import PATIENCE, eventually, pod
from tests.informer.informed import Informed


class Spec(msgspec.Struct, rename="camel"):
    node_name: str = ""


class Pod(msgspec.Struct):
    metadata: ObjectMeta
    spec: Spec


class Seen:
    """A typed handler that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def on_add(self, obj: Pod, is_in_initial_list: bool) -> None:
        self.told.append(f"add {obj.metadata.key} on {obj.spec.node_name}{' (initial)' * is_in_initial_list}")

    def on_update(self, old: Pod, new: Pod) -> None:
        self.told.append(f"update {new.metadata.key} {old.spec.node_name} -> {new.spec.node_name}")

    def on_delete(self, obj: Pod | DeletedFinalStateUnknown[Pod]) -> None:
        if isinstance(obj, DeletedFinalStateUnknown):
            self.told.append(f"tombstone {obj.key} {obj.object}")
        else:
            self.told.append(f"delete {obj.metadata.key}")


def on(node: Any, name: str, version: int) -> KubeObject:
    return KubeObject.of(pod(name, version, "shop") | {"spec": {"nodeName": node}})


def listened(informed: Informed) -> Seen:
    seen = Seen()
    TypedInformer(informed.informer, Pod).add_event_handler(seen.on_add, seen.on_update, seen.on_delete)
    return seen


def test_handlers_and_lister_get_the_struct() -> None:
    informed = Informed(on("n1", "a", 1), indexers={"node": node_index})
    seen = listened(informed)
    with informed:
        typed = TypedInformer(informed.informer, Pod)
        informed.stream.send(WatchEvent("MODIFIED", on("n2", "a", 11)), WatchEvent("DELETED", on("n2", "a", 12)))
        eventually(lambda: len(seen.told) == 3)
        assert seen.told == ["add shop/a on n1 (initial)", "update shop/a n1 -> n2", "delete shop/a"]
        informed.stream.send(WatchEvent("ADDED", on("n3", "b", 13)))
        assert typed.wait_for_version("13", PATIENCE)
        assert typed.lister.get("shop/b") == Pod(ObjectMeta("b", "shop", resource_version="13"), Spec("n3"))
        assert typed.lister.by_namespace("shop").get("b").spec.node_name == "n3"
        assert [each.metadata.name for each in typed.lister.by_index("node", "n3")] == ["b"]
        assert typed.lister.list("app=x") == []
        with pytest.raises(NotFound, match=r"^informer 'shop/z' not found$"):
            typed.lister.get("shop/z")


def test_what_is_returned_is_the_callers_own() -> None:
    with Informed(on("n1", "a", 1)) as informed:
        lister = TypedInformer(informed.informer, Pod).lister
        lister.get("shop/a").spec.node_name = "elsewhere"
        assert lister.get("shop/a").spec.node_name == "n1"


@pytest.mark.usefixtures("crashes")
def test_an_object_that_does_not_fit_is_told_when_it_does_and_its_deletion_always() -> None:
    informed = Informed(on(5, "odd", 1))
    seen = listened(informed)
    with informed:
        lister = TypedInformer(informed.informer, Pod).lister
        with pytest.raises(msgspec.ValidationError, match=r"Pod shop/odd is no Pod: Expected `str`.*nodeName"):
            lister.list()
        informed.stream.send(WatchEvent("MODIFIED", on("n1", "odd", 11)), WatchEvent("MODIFIED", on(6, "odd", 12)))
        informed.stream.send(WatchEvent("DELETED", on(6, "odd", 13)))
        eventually(lambda: len(seen.told) == 2)
        assert seen.told == ["add shop/odd on n1", "tombstone shop/odd None"]
        status = informed.informer.status
        assert status.handler_errors == 2
        assert status.last_error is not None
        assert "Seen.on_add" in status.last_error.source


def test_any_mapping_is_read_and_what_fits_already_stays() -> None:
    plain: Object = pod("a", 1) | {"spec": {"nodeName": "n1"}}
    assert read_as(plain, Pod).spec.node_name == "n1"
    whole = KubeObject.of(plain)
    assert read_as(whole, KubeObject) is whole


def test_dataclasses_and_typed_dicts_are_shapes_too() -> None:
    @dataclass
    class Typed:
        kind: str

    class Loose(TypedDict):
        kind: str

    obj = KubeObject.of(pod("a", 1))
    assert read_as(obj, Typed) == Typed("Pod")
    assert read_as(obj, Loose) == {"kind": "Pod"}


def test_the_data_of_a_secret_is_masked() -> None:
    class Secret(msgspec.Struct):
        metadata: ObjectMeta
        data: dict[str, str] = {}

    secret = KubeObject.of(pod("a", 1) | {"kind": "Secret", "data": {"password": "aHVudGVyMg=="}})
    assert "aHVudGVyMg==" not in read_as(secret, Secret).data.values()


def test_every_public_name_is_spelled_out_and_leads_somewhere() -> None:
    assert sorted(kwatch.informer.__all__) == sorted(kwatch.informer._HOMES)
    for name in kwatch.informer.__all__:
        assert getattr(kwatch.informer, name) is not None
    found: dict[str, Any] = {}
    exec("from kwatch.informer import *", found)
    assert found.keys() >= {*kwatch.informer.__all__}
