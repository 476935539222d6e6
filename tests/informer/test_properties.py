"""Properties that hold for every history: of the queue against a model, of the cache against a naive one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import copy
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kwatch.informer import (
    ApiError,
    DeletedFinalStateUnknown,
    Delta,
    DeltaFIFO,
    Deltas,
    DeltaType,
    Indexer,
    Object,
    ObjectList,
    SharedInformer,
    Unreadable,
)
from kwatch.informer.delta_processor import DeltaProcessor
from kwatch.informer.metadata import deletion_handling_key, uid_of
from kwatch.informer.registration import Added, Notifications, Updated
from kwatch.informer.sink import SinkSet
from kwatch.informer.status import StatusRecorder
from tests.informer.fakes import (
    FakeClock,
    FakeListerWatcher,
    FakeStream,
    event,
    eventually,
    pod,
    quick_backoff,
    show,
    status_event,
)
from tests.informer.witness import Witness

names = st.sampled_from(["a", "b", "c", "d"])


class Model:
    """DeltaFIFO as its description has it, with nothing in mind but being right."""

    def __init__(self) -> None:
        self.queue: list[tuple[str, list[tuple[str, str]]]] = []
        self.known: dict[str, str] = {}
        self.populated = False
        self.initial = 0

    def waiting(self, key: str) -> list[tuple[str, str]] | None:
        return next((deltas for queued, deltas in self.queue if queued == key), None)

    def append(self, type_: str, key: str, shown: str) -> None:
        deltas = self.waiting(key)
        if deltas is None:
            self.queue.append((key, [(type_, shown)]))
        elif type_ == "Deleted" and deltas[-1][0] == "Deleted":
            if not shown.startswith("T("):
                deltas[-1] = (type_, shown)
        else:
            deltas.append((type_, shown))

    def change(self, type_: str, key: str, shown: str) -> None:
        self.populated = True
        if type_ != "Deleted" or self.waiting(key) is not None or key in self.known:
            self.append(type_, key, shown)

    def replace(self, listed: dict[str, str]) -> None:
        for key, shown in listed.items():
            self.append("Replaced", key, shown)
        for key, deltas in [*self.queue]:
            if key not in listed and deltas[-1][0] != "Deleted":
                self.append("Deleted", key, f"T({key}, {deltas[-1][1]})")
        for key, shown in self.known.items():
            if key not in listed and self.waiting(key) is None:
                self.append("Deleted", key, f"T({key}, {shown})")
        if not self.populated:
            self.populated = True
            self.initial = len(self.queue)

    def resync(self) -> None:
        for key, shown in self.known.items():
            if self.waiting(key) is None:
                self.append("Sync", key, shown)

    def pop(self) -> tuple[list[tuple[str, str]], bool]:
        key, deltas = self.queue.pop(0)
        initial = self.initial > 0
        self.initial -= initial
        for type_, shown in deltas:
            if type_ == "Deleted":
                self.known.pop(key, None)
            else:
                self.known[key] = shown
        return deltas, initial


class QueueAgainstModel(RuleBasedStateMachine):
    """Every interleaving of what producers and consumers may do."""

    @initialize()
    def begin(self) -> None:
        self.model = Model()
        self.indexer = Indexer()
        self.fifo = DeltaFIFO(known_objects=self.indexer)
        self.processor = DeltaProcessor(
            self.indexer, lambda told: None, SinkSet((), StatusRecorder(FakeClock())), lambda obj, error: None
        )
        self.version = 0

    def _next(self, name: str) -> dict[str, Any]:
        self.version += 1
        return pod(name, self.version)

    @rule(name=names)
    def add(self, name: str) -> None:
        obj = self._next(name)
        self.fifo.add(obj)
        self.model.change("Added", name, show(obj))

    @rule(name=names)
    def update(self, name: str) -> None:
        obj = self._next(name)
        self.fifo.update(obj)
        self.model.change("Updated", name, show(obj))

    @rule(name=names, tombstone=st.booleans())
    def delete(self, name: str, tombstone: bool) -> None:
        obj: Any = self._next(name)
        if tombstone:
            obj = DeletedFinalStateUnknown(name, obj)
        self.fifo.delete(obj)
        self.model.change("Deleted", name, show(obj))

    @rule(listed=st.lists(names, unique=True))
    def replace(self, listed: list[str]) -> None:
        objects = [self._next(name) for name in listed]
        self.fifo.replace(objects, str(self.version))
        self.model.replace({obj["metadata"]["name"]: show(obj) for obj in objects})

    @rule()
    def resync(self) -> None:
        self.fifo.resync()
        self.model.resync()

    @precondition(lambda self: len(self.fifo) > 0)
    @rule()
    def pop(self) -> None:
        seen: list[tuple[list[tuple[str, str]], bool]] = []

        def process(deltas: Deltas, initial: bool) -> None:
            seen.append(([(str(delta.type), show(delta.object)) for delta in deltas], initial))
            for delta in deltas:
                self._apply(delta)

        self.fifo.pop(process)
        [popped] = seen
        expected, initial = self.model.pop()
        assert popped == (expected, initial)

    @rule()
    def drain(self) -> None:
        seen: list[tuple[list[tuple[str, str]], bool]] = []

        def process(batch: Any) -> None:
            for position, deltas in enumerate(batch.deltas.values()):
                shown = [(str(delta.type), show(delta.object)) for delta in deltas]
                seen.append((shown, position < batch.initial))
            self.processor.process(batch)

        self.fifo.drain(process)
        assert seen == [self.model.pop() for _ in range(len(self.model.queue))]
        # Across keys it is applied in the order of arrival, which the model of one key after the other cannot know.
        self.model.known = {key: self.model.known[key] for key in self.indexer.list_keys()}

    @invariant()
    def same_length_and_sync(self) -> None:
        if not hasattr(self, "fifo"):
            return
        assert len(self.fifo) == len(self.model.queue)
        assert self.fifo.has_synced() == (self.model.populated and self.model.initial == 0)
        assert {key: show(obj) for key, obj in self.indexer.items()} == self.model.known

    def _apply(self, delta: Delta) -> None:
        if delta.type is DeltaType.DELETED:
            self.indexer.remove(deletion_handling_key(delta.object))
        else:
            assert not isinstance(delta.object, DeletedFinalStateUnknown)
            self.indexer.put(deletion_handling_key(delta.object), delta.object)


TestQueueAgainstModel = QueueAgainstModel.TestCase
TestQueueAgainstModel.settings = settings(max_examples=60, stateful_step_count=40)


values = st.lists(st.sampled_from(["x", "y", "z"]), max_size=3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), names, values),
        st.tuples(st.just("delete"), names, st.just([])),
        st.tuples(st.just("replace"), names, values),
        st.tuples(st.just("index"), names, st.just([])),
    ),
    max_size=30,
)


def by_values(obj: Object) -> Sequence[str]:
    found: list[str] = obj["values"]
    return found


def by_first(obj: Object) -> Sequence[str]:
    """Fails for an object without values."""
    return [obj["values"][0]]


@settings(max_examples=150)
@given(steps)
def test_the_cache_equals_a_naive_one(history: list[tuple[str, str, list[str]]]) -> None:
    indexer = Indexer(indexers={"values": by_values})
    naive: dict[str, dict[str, Any]] = {}
    functions = {"values": by_values}
    for action, name, found in history:
        obj = pod(name) | {"values": found}
        if action == "put":
            indexer.update(obj)
            naive[name] = obj
        elif action == "delete":
            indexer.delete(obj)
            naive.pop(name, None)
        elif action == "replace":
            indexer.replace([obj])
            naive = {name: obj}
        elif "first" not in functions:
            indexer.add_indexers({"first": by_first})
            functions["first"] = by_first
    assert {*indexer.list_keys()} == {*naive}
    for index, function in functions.items():
        filed: dict[str, set[str]] = {}
        for key, obj in naive.items():
            for value in set(function(obj)) if obj["values"] or function is by_values else ():
                filed.setdefault(value, set()).add(key)
        assert indexer.index_counts(index) == {value: len(keys) for value, keys in filed.items()}
        assert sorted(indexer.list_index_func_values(index)) == sorted(filed)
        for value in "xyz":
            assert indexer.index_keys(index, value) == sorted(filed.get(value, ()))
            assert Counter(map(show, indexer.by_index(index, value))) == Counter(
                show(naive[key]) for key in filed.get(value, ())
            )


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "update", "delete", "replace", "drain"]), names, st.integers(1, 3)),
        max_size=40,
    )
)
def test_handlers_see_a_legal_history(history: list[tuple[str, str, int]]) -> None:
    """Whatever the queue is given, uids that change under a key included."""
    indexer = Indexer()
    fifo = DeltaFIFO(known_objects=indexer)
    witness = Witness()

    def tell(told: Notifications) -> None:
        for each in told.for_all:
            if isinstance(each, Added):
                witness.on_add(each.object, each.is_in_initial_list)
            elif isinstance(each, Updated):
                witness.on_update(each.old, each.new)
            else:
                witness.on_delete(each.object)

    processor = DeltaProcessor(indexer, tell, SinkSet((), StatusRecorder(FakeClock())), lambda obj, error: None)
    for version, (action, name, uid) in enumerate([*history, ("drain", "a", 1)], 1):
        obj = pod(name, version, uid=f"u{uid}")
        if action == "drain":
            fifo.drain(processor.process)
        elif action == "replace":
            fifo.replace([obj], str(version))
        else:
            {"add": fifo.add, "update": fifo.update, "delete": fifo.delete}[action](obj)
    assert witness.illegal == []
    assert witness.held == {key: obj["metadata"]["resourceVersion"] for key, obj in indexer.items()}


ODD_LISTS: dict[str, Any] = {
    "nameless": lambda objects: ObjectList([*objects[1:], {"metadata": {"uid": "u"}}], "1000"),
    "foreign": lambda objects: ObjectList([*objects[1:], pod("a", 1) | {"kind": "Service"}], "1000"),
    "unreadable": lambda objects: ObjectList([*objects[1:], Unreadable(b"{}", "no name")], "1000"),
    "strangers": lambda objects: ObjectList([pod("a", 1) | {"kind": "Service"}], "1000"),
    "circle": lambda objects: ObjectList([*objects[1:]], "1000", "again"),
    "half": lambda objects: ObjectList([*objects[1:]], "1000", "then"),
}
ODD_ERRORS = {
    "no list": ApiError(0, "Malformed", "The answer is no list: please log in."),
    "too large": ApiError(0, "TooLarge", "The page is larger than it may be."),
    "table": ApiError(0, "Table", "the server answered with a Table"),
    "not found": ApiError(404, "NotFound", "no such page"),
    "nothing": ApiError(204, "Unknown", "The server answered 204."),
}
ODD_EVENTS = [
    event("ODD", pod("a", 999)),
    event("DELETED", pod("a", 999) | {"kind": "Service"}),
    event("BOOKMARK", {}),
    event("BOOKMARK", pod("", 999) | {"kind": "Service"}),
    event("DELETED", Unreadable(b"{}", "no name")),
]


class Flaky:
    """A server whose watches end in all the ways there are, at moments that a script chooses; so do its lists."""

    def __init__(self, script: list[tuple[str, str]]) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.version = 1
        self._script = script
        self._log: list[tuple[int, Any]] = []
        self._odd: list[str] = []
        self._astray = False
        """Whether it was led to take something odd for the whole."""
        self.lister_watcher = FakeListerWatcher([self._list], [self._watch] * 1000)

    def _list(self, options: Any) -> ObjectList:
        if options.continue_token == "then":
            raise copy(ODD_ERRORS["not found"])
        how = "circle" if options.continue_token else self._odd.pop() if self._odd else ""
        if how in ODD_ERRORS:
            raise copy(ODD_ERRORS[how])
        self._astray = bool(how)
        if how:
            odd: ObjectList = ODD_LISTS[how]([*self.objects.values()])
            return odd
        return ObjectList([*self.objects.values()], str(self.version))

    def _watch(self, options: Any) -> FakeStream:
        if self._astray:
            return FakeStream([status_event(410, "Expired")])
        since = int(options.resource_version)
        stream = FakeStream([each for version, each in self._log if version > since])
        while self._script:
            what, name = self._script.pop(0)
            self.version += 1
            if what in ODD_LISTS or what in ODD_ERRORS:
                self._odd.append(what)
                stream.send(status_event(410, "Expired"))
                return stream
            if what == "odd event":
                stream.send(ODD_EVENTS[self.version % len(ODD_EVENTS)])
                continue
            if what in ("410", "500", "end", "lost"):
                if what == "lost":
                    self._log.clear()
                stream.send(status_event(500 if what == "500" else 410, "Expired")) if what != "end" else stream.end()
                return stream
            self._change(what, name, stream)
        return stream

    def _change(self, what: str, name: str, stream: FakeStream) -> None:
        obj = pod(
            name,
            self.version,
            uid=f"u{self.version if name not in self.objects else self.objects[name]['metadata']['uid'][1:]}",
        )
        if what == "delete":
            if self.objects.pop(name, None) is None:
                return
            sent = event("DELETED", obj)
        else:
            sent = event("MODIFIED" if name in self.objects else "ADDED", obj)
            self.objects[name] = obj
        self._log.append((self.version, sent))
        stream.send(sent)


WHATEVER = ["set", "set", "delete", "410", "500", "end", "lost", "odd event", *ODD_LISTS, *ODD_ERRORS]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(WHATEVER), names), max_size=30))
@example([("set", "a"), ("set", "b"), *((odd, "a") for odd in (*ODD_LISTS, *ODD_ERRORS)), ("set", "c")])
@example([("set", "a"), ("set", "b"), ("foreign", "a"), ("delete", "a"), ("lost", "a"), ("odd event", "b")])
def test_an_informer_converges(script: list[tuple[str, str]]) -> None:
    server = Flaky(list(script))
    witness = Witness()
    informer = SharedInformer(server.lister_watcher, backoff=quick_backoff(), expected_type=("v1", "Pod"))
    gone: list[str] = []

    def on_delete(obj: Any) -> None:
        witness.on_delete(obj)
        last = obj.object if isinstance(obj, DeletedFinalStateUnknown) else obj
        gone.append(uid_of(last or {}))

    informer.add_event_handler(witness.on_add, witness.on_update, on_delete)
    informer.start()

    def converged() -> bool:
        expected = {name: obj["metadata"]["resourceVersion"] for name, obj in server.objects.items()}
        return not server._script and informer.status.phase == "watching" and witness.held == expected

    eventually(converged, f"{server.objects} {witness.held}")
    assert informer.stop(60) == ()
    assert witness.illegal == []
    assert not {obj["metadata"]["uid"] for obj in server.objects.values()} & {*gone}, "nothing that lives was lost"
