import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from kwatch.informer import (
    Change,
    DeletedFinalStateUnknown,
    Indexer,
    Object,
    ObjectKeyError,
    TransactionError,
    label_index,
    namespace_index,
    standard_indexers,
)
from kwatch.informer.metadata import annotations_of
from tests.informer.fakes import PATIENCE, pod


def by_user(obj: Object) -> Sequence[str]:
    users = annotations_of(obj).get("users", "")
    return users.split(",") if users else ()


def used_by(name: str, users: str, version: int = 1) -> dict[str, Any]:
    return pod(name, version, annotations={"users": users})


def filled() -> Indexer:
    indexer = Indexer(indexers={"byUser": by_user})
    indexer.add(used_by("one", "ernie,bert"))
    indexer.add(used_by("two", "bert,oscar"))
    indexer.add(used_by("tre", "ernie,elmo"))
    return indexer


def test_I1_the_last_key_of_a_value_takes_the_value_with_it() -> None:
    indexer = Indexer(indexers={"byUser": by_user})
    indexer.add(used_by("one", "ernie"))
    indexer.delete(used_by("one", "ernie"))
    assert indexer.list_index_func_values("byUser") == []
    assert indexer.index_counts("byUser") == {}


def test_I1_a_value_with_another_key_stays() -> None:
    indexer = Indexer(indexers={"byUser": by_user})
    indexer.add(used_by("one", "ernie"))
    indexer.add(used_by("two", "ernie"))
    indexer.delete(used_by("one", "ernie"))
    assert indexer.index_counts("byUser") == {"ernie": 1}


def test_I3_keys_by_value() -> None:
    indexer = filled()
    assert sorted(indexer.list_index_func_values("byUser")) == ["bert", "elmo", "ernie", "oscar"]
    assert indexer.index_keys("byUser", "ernie") == ["one", "tre"]
    assert indexer.index_keys("byUser", "bert") == ["one", "two"]
    assert indexer.index_keys("byUser", "nobody") == []
    assert indexer.by_index("byUser", "nobody") == []
    assert [obj["metadata"]["name"] for obj in indexer.by_index("byUser", "oscar")] == ["two"]
    indexer.delete(used_by("tre", ""))
    assert indexer.index_keys("byUser", "elmo") == []
    indexer.update(used_by("two", "bert,oscar,elmo"))
    indexer.update(used_by("one", "oscar"))
    assert indexer.index_keys("byUser", "ernie") == []
    assert indexer.index_keys("byUser", "oscar") == ["one", "two"]
    assert indexer.index_counts("byUser") == {"oscar": 2, "bert": 1, "elmo": 1}
    assert indexer.index_key_set("byUser", ["oscar", "elmo"]) == {"one", "two"}


def test_I4_everything_that_shares_a_value() -> None:
    indexer = filled()
    found = [obj["metadata"]["name"] for obj in indexer.index("byUser", used_by("new", "bert,ernie"))]
    assert sorted(found) == ["one", "tre", "two"]


def test_I5_a_new_index_holds_what_is_there() -> None:
    indexer = filled()
    indexer.add_indexers({"again": by_user})
    assert indexer.index_keys("again", "ernie") == ["one", "tre"]
    indexer.add(used_by("four", "ernie"))
    assert indexer.index_keys("again", "ernie") == indexer.index_keys("byUser", "ernie") == ["four", "one", "tre"]
    with pytest.raises(ValueError, match="again"):
        indexer.add_indexers({"again": by_user})


def test_an_index_that_does_not_exist() -> None:
    indexer = filled()
    assert indexer.list_index_func_values("none") == []
    for ask in (indexer.by_index, indexer.index_keys):
        with pytest.raises(KeyError):
            ask("none", "ernie")
    with pytest.raises(KeyError):
        indexer.index("none", pod("x"))
    with pytest.raises(KeyError):
        indexer.index_counts("none")


def test_I6_a_store() -> None:
    indexer = Indexer()
    indexer.add(pod("a", 1, "ns"))
    indexer.update(pod("a", 2, "ns"))
    indexer.add(pod("b", 1))
    assert indexer.get_by_key("ns/a") == indexer.get(pod("a", 9, "ns")) == pod("a", 2, "ns")
    assert sorted(indexer.list_keys()) == ["b", "ns/a"]
    assert len(indexer) == len(indexer.list()) == 2
    indexer.delete(pod("b"))
    indexer.delete(pod("b"))
    assert indexer.get_by_key("b") is None
    indexer.replace([pod("c", 3)], "7")
    assert [*indexer.list_keys()] == ["c"]
    assert indexer.resource_version == "7"


def test_replace_rebuilds_every_index() -> None:
    indexer = filled()
    indexer.replace([used_by("new", "grover")])
    assert indexer.index_counts("byUser") == {"grover": 1}


def test_I7_the_version_of_the_last_change_that_had_one() -> None:
    indexer = Indexer()
    seen = [indexer.resource_version]

    def note() -> None:
        seen.append(indexer.resource_version)

    steps: list[Callable[[], object]] = [
        lambda: indexer.add(pod("a", 10)),
        lambda: indexer.add(pod("b", 20)),
        lambda: indexer.delete(pod("b", 30)),
        lambda: indexer.put("plain", {"spec": {}}),
        lambda: indexer.add(pod("c", 40)),
        lambda: indexer.remove("c"),
        lambda: indexer.transaction([Change("add", pod("d", v)) for v in (40, 30, 50)]),
        lambda: indexer.replace([pod("e", 45)], "50"),
    ]
    for step in steps:
        step()
        note()
    assert seen == ["", "10", "20", "30", "30", "40", "40", "50", "50"]


def test_I8_a_transaction_applies_what_it_can() -> None:
    def key(obj: Object) -> str:
        name: str = obj["metadata"]["name"]
        if name.startswith("bad"):
            raise LookupError("no key")
        return name

    indexer = Indexer(key)
    changes = [Change("add", pod(name)) for name in ("a", "bad1", "b", "bad2")]
    with pytest.raises(TransactionError) as raised:
        indexer.transaction(changes)
    assert raised.value.successful_indices == (0, 2)
    assert isinstance(raised.value.errors[0], ObjectKeyError)
    assert isinstance(raised.value.errors[0].__cause__, LookupError)
    assert sorted(indexer.list_keys()) == ["a", "b"]


@pytest.mark.parametrize("values", [None, 5, [["unhashable"]]])
def test_an_index_function_that_fails_gives_no_values_and_is_counted(values: Any) -> None:
    def odd(obj: Object) -> Any:
        if values is None:
            raise LookupError("odd")
        return values

    indexer = Indexer(indexers={"odd": odd, "label": label_index})
    indexer.add(pod("a", 1, labels={"app": "web"}))
    assert indexer.index_errors == 1
    assert indexer.index_counts("odd") == {}
    assert indexer.index_keys("label", "app=web") == ["a"]
    indexer.delete(pod("a"))
    assert indexer.index_counts("label") == {}


def test_an_object_changed_in_place_leaves_the_index_as_it_was_filed() -> None:
    indexer = Indexer(indexers={"label": label_index})
    obj = pod("a", 1, labels={"app": "web"})
    indexer.add(obj)
    obj["metadata"]["labels"]["app"] = "changed"
    indexer.delete(pod("a"))
    assert indexer.index_counts("label") == {}


def test_no_lock_is_held_while_an_index_function_runs() -> None:
    indexer = Indexer()

    def reads_the_cache(obj: Object) -> Sequence[str]:
        return (str(len(indexer.list())),)

    indexer.add(pod("a"))
    indexer.add_indexers({"size": reads_the_cache})
    finished = threading.Event()

    def write() -> None:
        indexer.add(pod("b"))
        indexer.replace([pod("c")])
        finished.set()

    threading.Thread(target=write, daemon=True).start()
    assert finished.wait(PATIENCE)
    assert indexer.index_counts("size") == {"2": 1}


def test_an_index_added_while_others_write_misses_nothing() -> None:
    indexer = Indexer()
    for number in range(3000):
        indexer.add(pod(f"old-{number}", labels={"n": str(number % 7)}))
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            indexer.add(pod(f"new-{number % 500}", labels={"n": str(number % 7)}))
            indexer.delete(pod(f"old-{number % 3000}"))
            number += 1

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    for number in range(5):
        indexer.add_indexers({f"label-{number}": label_index})
    stop.set()
    writer.join(PATIENCE)
    expected: dict[str, int] = {}
    for obj in indexer.list():
        [value] = label_index(obj)
        expected[value] = expected.get(value, 0) + 1
    for number in range(5):
        assert indexer.index_counts(f"label-{number}") == expected


def test_the_standard_indices_read_plain_dicts() -> None:
    indexer = Indexer(indexers=standard_indexers())
    owners = [{"kind": "ReplicaSet", "name": "web", "uid": "u1"}, "odd"]
    obj = pod("a", 1, "shop", labels={"app": "web"}, ownerReferences=owners) | {"spec": {"nodeName": "n1"}}
    indexer.add(obj)
    assert indexer.index_keys("namespace", "shop") == ["shop/a"]
    assert indexer.index_keys("label", "app=web") == ["shop/a"]
    assert indexer.index_keys("owner", "u1") == ["shop/a"]
    assert indexer.index_keys("node", "n1") == ["shop/a"]
    assert indexer.index_errors == 0


def test_a_tombstone_can_be_deleted() -> None:
    indexer = Indexer()
    for tombstone in (DeletedFinalStateUnknown("a", pod("a", 3)), DeletedFinalStateUnknown("a", None)):
        indexer.add(pod("a", 4))
        indexer.delete(tombstone)
        assert (indexer.list(), indexer.resource_version) == ([], "4")


@pytest.mark.parametrize("values", ["web", b"web", None, 5, [1], [None], ["a", 2], [["a"]], (1,)])
def test_what_is_no_sequence_of_texts_is_an_error_and_no_value(values: Any) -> None:
    told: list[str] = []
    indexer = Indexer(indexers={"odd": lambda obj: values}, on_index_error=told.append)
    indexer.add(pod("a", 1))
    indexer.replace([pod("a", 2), pod("b", 2)])
    assert indexer.list_index_func_values("odd") == []
    assert indexer.index_errors == 3
    assert len(told) == 1
    assert len(indexer) == 2


@pytest.mark.parametrize("values", [[], ["a", "b"], ("a", "b"), {"a": 1, "b": 2}.keys(), iter(["a", "b"])])
def test_any_sequence_of_texts_is_taken(values: Any) -> None:
    indexer = Indexer(indexers={"odd": lambda obj: values})
    indexer.add(pod("a", 1))
    assert sorted(indexer.list_index_func_values("odd")) in ([], ["a", "b"])
    assert indexer.index_errors == 0


def test_after_a_list_an_index_takes_no_more_than_it_needs() -> None:
    """A set of keys takes five times what they need; of values that are the same for many keys one tuple is kept."""
    objects = [pod(f"p-{number}", 1, namespace="shop") for number in range(5000)]
    indexer = Indexer(indexers={"namespace": namespace_index})
    indexer.put_all([(indexer._key(each), each) for each in objects])
    index = indexer._indices["namespace"]
    [keys] = index.keys_by_value.values()
    assert keys.bytes < 8 * len(objects) + 200 < sys.getsizeof(set(keys)) / 4
    assert len({id(values) for values in index.values_by_key.values()}) == 1


def test_a_value_that_is_named_twice_counts_once() -> None:
    indexer = Indexer(indexers={"odd": lambda obj: ("a", "b", "a")})
    indexer.add(pod("p", 1))
    indexer.add(pod("p", 2))
    assert indexer.index_counts("odd") == {"a": 1, "b": 1}
    indexer.remove(*indexer.list_keys())
    assert indexer.index_counts("odd") == {}
