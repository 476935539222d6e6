"""Indices that come and go while the cache is in use."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kwatch.informer import Indexer, Object, label_index
from kwatch.informer.index import IndexSize
from tests.informer.fakes import PATIENCE, pod

names = st.sampled_from(["a", "b", "c", "d"])
colours = st.sampled_from(["red", "blue", ""])


def by_colour(obj: Object) -> Sequence[str]:
    colour = obj["metadata"].get("labels", {}).get("colour", "")
    return (colour,) if colour else ()


def by_name(obj: Object) -> Sequence[str]:
    return (str(obj["metadata"]["name"]),)


def by_both(obj: Object) -> Sequence[str]:
    return (*by_name(obj), *by_colour(obj))


FUNCTIONS = {"colour": by_colour, "name": by_name, "both": by_both}


def coloured(name: str, colour: str) -> Object:
    return pod(name, labels={"colour": colour} if colour else {})


class IndicesAgainstModel(RuleBasedStateMachine):
    """After every step each index that is there holds exactly what its function says of what is in the cache."""

    def __init__(self) -> None:
        super().__init__()
        self.indexer = Indexer()
        self.items: dict[str, Object] = {}
        self.there: set[str] = set()

    @rule(name=names, colour=colours)
    def put(self, name: str, colour: str) -> None:
        obj = coloured(name, colour)
        self.indexer.put(name, obj)
        self.items[name] = obj

    @rule(name=names)
    def delete(self, name: str) -> None:
        self.indexer.delete(pod(name))
        self.items.pop(name, None)

    @rule(objects=st.dictionaries(names, colours))
    def replace(self, objects: dict[str, str]) -> None:
        self.items = {name: coloured(name, colour) for name, colour in objects.items()}
        self.indexer.replace(self.items.values())

    @rule(wanted=st.sets(st.sampled_from(sorted(FUNCTIONS)), min_size=1))
    def add_indexers(self, wanted: set[str]) -> None:
        functions = {name: FUNCTIONS[name] for name in wanted}
        if wanted & self.there:
            with pytest.raises(ValueError, match="exists already"):
                self.indexer.add_indexers(functions)
            return
        self.indexer.add_indexers(functions)
        self.there |= wanted

    @rule(dropped=st.sets(st.sampled_from(sorted(FUNCTIONS)), min_size=1))
    def remove_indexers(self, dropped: set[str]) -> None:
        if dropped - self.there:
            with pytest.raises(KeyError):
                self.indexer.remove_indexers(dropped)
            return
        self.indexer.remove_indexers(dropped)
        self.there -= dropped

    @invariant()
    def every_index_is_in_step(self) -> None:
        assert set(self.indexer.index_names) == self.there
        for name in self.there:
            expected: dict[str, set[str]] = {}
            for key, obj in self.items.items():
                for value in FUNCTIONS[name](obj):
                    expected.setdefault(value, set()).add(key)
            found = {value: set(self.indexer.index_keys(name, value)) for value in self.indexer.index_counts(name)}
            assert found == expected
            filed = {key for keys in expected.values() for key in keys}
            assert self.indexer.index_sizes()[name] == IndexSize(len(expected), len(filed))


IndicesAgainstModel.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
test_indices_against_a_model = IndicesAgainstModel.TestCase


def test_an_index_that_is_gone_is_unknown_and_may_come_again() -> None:
    indexer = Indexer(indexers={"name": by_name, "colour": by_colour})
    indexer.add(coloured("a", "red"))
    indexer.remove_indexers(["colour"])
    with pytest.raises(KeyError):
        indexer.by_index("colour", "red")
    assert indexer.index_keys("name", "a") == ["a"]
    indexer.add_indexers({"colour": by_colour})
    assert indexer.index_keys("colour", "red") == ["a"]


def test_none_is_dropped_if_one_of_them_is_unknown() -> None:
    indexer = Indexer(indexers={"name": by_name})
    with pytest.raises(KeyError):
        indexer.remove_indexers(["name", "colour"])
    assert indexer.index_names == ("name",)


def test_two_who_add_the_same_index_at_once_do_not_both_make_it() -> None:
    indexer = Indexer()
    indexer.add(coloured("a", "red"))
    asked, go_on = threading.Event(), threading.Event()

    def slow(obj: Object) -> Sequence[str]:
        asked.set()
        assert go_on.wait(PATIENCE)
        return by_colour(obj)

    first = threading.Thread(target=lambda: indexer.add_indexers({"colour": slow}), daemon=True)
    first.start()
    assert asked.wait(PATIENCE)
    with pytest.raises(ValueError, match="colour"):
        indexer.add_indexers({"colour": by_colour})
    with pytest.raises(KeyError):
        indexer.remove_indexers(["colour"])
    go_on.set()
    first.join(PATIENCE)
    assert indexer.index_keys("colour", "red") == ["a"]


def test_writers_go_on_while_indices_come_and_go() -> None:
    indexer = Indexer(indexers={"label": label_index})
    for number in range(2000):
        indexer.add(coloured(f"old-{number}", "red"))
    stop, written = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            indexer.add(coloured(f"new-{number % 300}", ("blue", "green")[number % 2]))
            indexer.delete(pod(f"old-{number % 2000}"))
            number += 1
            written.set()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    assert written.wait(PATIENCE)
    for _ in range(5):
        indexer.add_indexers({"colour": by_colour, "name": by_name})
        indexer.remove_indexers(["name"])
        indexer.remove_indexers(["colour"])
    indexer.add_indexers({"colour": by_colour})
    stop.set()
    writer.join(PATIENCE)
    assert not writer.is_alive()
    expected: dict[str, int] = {}
    for obj in indexer.list():
        [value] = by_colour(obj)
        expected[value] = expected.get(value, 0) + 1
    assert indexer.index_counts("colour") == expected
    assert indexer.index_names == ("label", "colour")


def test_an_object_whose_index_goes_while_it_is_put_is_filed_in_the_others() -> None:
    indexer = Indexer(indexers={"name": by_name})

    def removes_another(obj: Object) -> Sequence[str]:
        if "doomed" in indexer.index_names:
            indexer.remove_indexers(["doomed"])
            indexer.add_indexers({"late": by_name})
        return by_colour(obj)

    indexer.add_indexers({"doomed": by_name, "colour": removes_another})
    indexer.add(coloured("a", "red"))
    assert indexer.index_keys("colour", "red") == indexer.index_keys("late", "a") == ["a"]
    assert set(indexer.index_names) == {"name", "colour", "late"}
