"""Indexes that know the values of the object before, and those that keep them, are one to who asks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.informer import index as index_module
from kwatch.informer.index import label_index
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from tests.informer.fakes import pod


def test_what_reads_one_attribute_of_objects_keeps_no_values_by_key() -> None:
    indexer = Indexer(indexers={"label": label_index, "own": lambda obj: label_index(obj)})
    indexer.replace([KubeObject.of(pod(f"p-{number}", 1, labels={"app": f"a{number % 3}"})) for number in range(9)])
    derived, kept = indexer._indices["label"], indexer._indices["own"]
    assert not derived.values_by_key
    assert len(kept.values_by_key) == 9
    assert indexer.index_sizes()["label"] == indexer.index_sizes()["own"]


def test_an_object_with_the_same_attribute_is_not_filed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(obj: Any) -> Any:
        asked.append(obj.resource_version)
        return label_index(obj)

    monkeypatch.setattr(index_module, "_READ", {counted: "labels"})
    indexer = Indexer(indexers={"label": counted})
    for version in range(1, 5):
        indexer.add(KubeObject.of(pod("a", version, labels={"app": "web"})))
    assert asked == ["1"]
    indexer.add(KubeObject.of(pod("a", 5, labels={"app": "cart"})))
    assert asked == ["1", "4", "5"]
    assert indexer.index_counts("label") == {"app=cart": 1}


_LABELS = st.dictionaries(st.sampled_from("xy"), st.sampled_from("12"), max_size=2)
_CHANGES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["kube", "dict", None]), _LABELS), max_size=12)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(["put", "put_all", "replace", "adopt", "again"]), _CHANGES), max_size=8))
def test_indexes_that_derive_and_that_keep_say_the_same(script: list[tuple[str, Any]]) -> None:
    """Whatever is in the cache: KubeObjects, other mappings, and one after the other under one key."""
    indexer = Indexer(indexers={"derives": label_index, "keeps": lambda obj: label_index(obj)})
    for step, changes in script:
        objects = {name: _labelled(name, form, labels) for name, form, labels in changes}
        if step == "put":
            for name, obj in objects.items():
                indexer.put(name, obj) if obj is not None else indexer.remove(name)
        elif step == "put_all":
            indexer.put_all([*objects.items()])
        elif step == "replace":
            indexer.replace([obj for obj in objects.values() if obj is not None])
        elif step == "adopt":
            staged = indexer.staging()
            for name, obj in objects.items():
                if obj is not None:
                    staged.put(name, obj)
            indexer.adopt({name: obj for name, obj in objects.items() if obj is not None and name != "b"})
        else:
            indexer.remove_indexers(["derives"])
            indexer.add_indexers({"derives": label_index})
        wanted: dict[str, set[str]] = {}
        for key, obj in indexer.items():
            for value in label_index(obj):
                wanted.setdefault(value, set()).add(key)
        for name in ("derives", "keeps"):
            assert {value: indexer.index_key_set(name, [value]) for value in wanted} == wanted
            assert indexer.index_counts(name) == {value: len(keys) for value, keys in wanted.items()}
            assert indexer.index_sizes()[name].keys == len(set().union(*wanted.values()))


def _labelled(name: str, form: str | None, labels: dict[str, str]) -> Any:
    tree = {"metadata": {"name": name, "labels": labels}}
    return KubeObject.of(tree) if form == "kube" else tree if form == "dict" else None
