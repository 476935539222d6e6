"""A list at any revision and a watch from there add up to what the store holds, whatever is selected."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.simulator.api.listing import ListOptions, Selection, parse_selection
from kwatch.simulator.api.watching import WatchFeed
from kwatch.simulator.collection import Collection, Expired, Record, in_namespace
from kwatch.simulator.store import Store
from tests.simulator.objects import pod

WINDOW = 12
NAMESPACES = ("a", "a-b", "b")
STAGES = ("dev", "prod")
NODES = ("node-1", "node-2")

State = dict[str, Any]

writes = st.tuples(
    st.sampled_from(NAMESPACES), st.sampled_from("xy"), st.sampled_from(STAGES), st.sampled_from(NODES), st.booleans()
)
selectors = st.sampled_from(
    [
        ("", "", ""),
        ("a", "", ""),
        ("", "stage=dev", ""),
        ("", "stage!=dev", "spec.nodeName=node-1"),
        ("b", "stage in (prod)", "spec.nodeName!=node-1"),
        ("", "!stage", ""),
    ]
)


def apply(store: Store, write: tuple[str, str, str, str, bool]) -> None:
    """Create, change or delete a pod."""
    namespace, name, stage, node, remove = write
    stored = store.get("pods", name, namespace)
    if stored is not None and remove:
        store.delete("pods", name, namespace)
        return
    wanted = copy.deepcopy(stored) if stored else pod(name, namespace)
    wanted["metadata"]["labels"] = {"stage": stage}
    wanted["spec"]["nodeName"] = node
    if stored:
        store.update(wanted, manager="test")
    else:
        store.create(wanted, manager="test")


def selected(records: Any, selection: Selection) -> State:
    return {
        record.key: shown(record) for record in in_namespace(records, selection.namespace) if selection.matches(record)
    }


def shown(record: Record) -> Any:
    return json.loads(record.whole)


def selection_of(collection: Collection, namespace: str, labels: str, fields: str) -> Selection:
    options = ListOptions(label_selector=labels, field_selector=fields)
    return parse_selection(options, collection.api_type, namespace)


def follow(state: State, feed: WatchFeed) -> State:
    """Apply events as an informer does, and insist that each makes sense."""
    for event in feed.take():
        key = event.record.key
        told = shown(event.record)
        assert told["metadata"]["resourceVersion"] == str(event.record.revision)
        if event.type == "DELETED":
            gone = state.pop(key)
            assert told["spec"] == gone["spec"] and told["metadata"]["labels"] == gone["metadata"]["labels"]
        else:
            assert (event.type == "ADDED") is (key not in state)
            state[key] = told
    return state


@given(st.lists(writes, max_size=30), st.lists(writes, max_size=10), selectors, st.integers(0, 40))
def test_list_and_watch_from_any_revision(before: Any, after: Any, selector: tuple[str, str, str], back: int) -> None:
    store = Store(window=WINDOW)
    collection = store.collection("pods")
    selection = selection_of(collection, *selector)
    for write in before:
        apply(store, write)
    start = max(0, store.revision - back)
    feed = WatchFeed(collection, selection, start)
    if start < collection.floor:
        with pytest.raises(Expired):
            collection.as_of(start)
        with pytest.raises(Expired):
            feed.replay(start)
        return
    listed = selected(collection.as_of(start), selection)
    feed.replay(start)
    for write in after:
        apply(store, write)
    assert follow(listed, feed) == selected(collection.current(), selection)


@given(st.lists(writes, max_size=25))
def test_every_remembered_revision_is_as_it_was(sequence: Any) -> None:
    store = Store(window=WINDOW)
    collection = store.collection("pods")
    history = {store.revision: collection.current()}
    for write in sequence:
        apply(store, write)
        history[store.revision] = collection.current()
    remembered = {revision: records for revision, records in history.items() if revision >= collection.floor}
    assert remembered
    for revision, records in remembered.items():
        assert collection.as_of(revision) == records


@given(st.lists(writes, max_size=20), selectors)
def test_a_watch_that_begins_with_the_present(sequence: Any, selector: tuple[str, str, str]) -> None:
    store = Store()
    collection = store.collection("pods")
    selection = selection_of(collection, *selector)
    for write in sequence[:10]:
        apply(store, write)
    feed = WatchFeed(collection, selection, 0)
    state = {event.record.key: shown(event.record) for event in feed.present()}
    for write in sequence[10:]:
        apply(store, write)
    assert follow(state, feed) == selected(collection.current(), selection)
