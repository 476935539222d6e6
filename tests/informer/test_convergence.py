"""Whatever goes wrong between a server and the cache: in the end they are equal, and every step there was legal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest

from kwatch.cluster import connect
from kwatch.informer import Backoff, GroupVersionResource, Resource, SharedInformer, label_index, namespace_index
from kwatch.informer.clock import SystemClock
from kwatch.simulator.api.call import ADMIN, User, Users
from kwatch.simulator.faults import FAULTS, Faults
from kwatch.simulator.store import Store
from tests.informer.witness import Witness
from tests.simulator.objects import widget, widget_definition
from tests.simulator.simulator_server import SimulatorServer

PATIENCE = 60.0
WIDGETS = Resource(GroupVersionResource("example.com", "v1", "widgets"), "Widget", True)
TOKEN = "of-the-informer"
LARGE = b"x" * 1000
NAMES = [f"w{number}" for number in range(30)]


class Jumping(SystemClock):
    """A clock whose wall time jumps, as after a suspend or a correction."""

    def __init__(self) -> None:
        self.offset = 0.0

    def time(self) -> float:
        return super().time() + self.offset


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes minutes between a person and a cluster takes moments here."""
    monkeypatch.setattr("kwatch.informer.streaming_list.LONGEST_SILENCE", 0.3)
    monkeypatch.setattr("kwatch.informer.api_calls.QUIET_AFTER", 0.2)
    monkeypatch.setattr("kwatch.informer.api_calls.REOPEN_AFTER", 0.3)
    monkeypatch.setattr("kwatch.cluster.lister_watcher.PATIENCE", 0.05)
    monkeypatch.setattr("kwatch.informer.retries.LONGEST_RETRY_AFTER", 0.05)
    monkeypatch.setattr("kwatch.informer.watching.BRIEF", 0.2)


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes megabytes takes kilobytes here."""
    for module in ("kwatch.cluster.framing", "kwatch.informer.decoding"):
        monkeypatch.setattr(f"{module}.LARGEST_OBJECT", 16_000)
    monkeypatch.setattr("kwatch.cluster.framing.LARGEST_UNSPLIT_PAGE", 100_000)
    monkeypatch.setattr("kwatch.cluster.framing.LARGEST_PAGE", 200_000)
    for module in ("kwatch.cluster.framing", "kwatch.cluster.lister_watcher"):
        monkeypatch.setattr(f"{module}.LONGEST_SKIPPED", 400_000)


def versions(store: Store) -> dict[str, str]:
    try:
        objects = store.list("widgets.example.com")
    except LookupError:
        return {}
    return {
        f"{obj['metadata']['namespace']}/{obj['metadata']['name']}": obj["metadata"]["resourceVersion"]
        for obj in objects
    }


def change_something(chance: Random) -> Callable[[Store], None]:
    """Create, change or delete one widget."""
    name, namespace = chance.choice(NAMES), chance.choice(("shop", "data"))
    size = chance.randrange(10**6)
    delete = chance.random() < 0.3

    def change(store: Store) -> None:
        found = store.get("widgets.example.com", name, namespace)
        if found is None:
            store.create(widget(name, namespace, size, app=f"app-{size % 3}"), manager="test")
        elif delete:
            store.delete("widgets.example.com", name, namespace)
        else:
            wanted = widget(name, namespace, size, app=f"app-{size % 3}")
            wanted["metadata"] = found["metadata"] | {"labels": wanted["metadata"]["labels"]}
            store.update(wanted, manager="test")

    return change


class Trouble:
    """What goes wrong: the simulator's faults, a forgotten history, a type that goes and comes, a clock that jumps."""

    def __init__(self, server: SimulatorServer, tokens: dict[str, User], clock: Jumping, chance: Random) -> None:
        self._server = server
        self._tokens = tokens
        self._clock = clock
        self._chance = chance

    def strike(self) -> None:
        names = [*FAULTS, "compact", "clock", "type", "credentials"]
        self._trust()
        name = self._chance.choice(names)
        if name == "restart":
            self._server.restart(0.05)
        elif name in FAULTS:
            self._server.faults.plan(name, times=self._chance.choice((1, 1, 3)))
        elif name == "compact":
            self._server.call(lambda store: store.compact())
        elif name == "credentials":
            # From now on a token is refused, until the next trouble.
            self._server.call(lambda store: self._tokens.pop(TOKEN, None))
            return
        elif name == "clock":
            self._clock.offset += self._chance.choice((-3600.0, 3600.0))
        else:
            self._server.call(
                lambda store: store.delete("customresourcedefinitions.apiextensions.k8s.io", "widgets.example.com")
            )
            self._server.call(lambda store: store.create(widget_definition(), manager="test"))

    def _trust(self) -> None:
        self._server.call(lambda store: self._tokens.setdefault(TOKEN, ADMIN))

    def end(self) -> None:
        self._trust()
        for name in FAULTS:
            self._server.faults.set(name, 0.0)
        self._server.faults._planned.clear()


def threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("kwatch")}


@contextmanager
def simulated(seed: int, tokens: dict[str, User]) -> Iterator[SimulatorServer]:
    store = Store(window=25, revision=100)
    store.create(widget_definition(), manager="test")
    for name in NAMES[:15]:
        store.create(widget(name), manager="test")
    with SimulatorServer(store, users=Users(tokens), faults=Faults(seed=seed), second=0.05) as server:
        yield server


def until(condition: Callable[[], object], explain: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, explain()
        pause.wait(0.01)


@pytest.mark.parametrize("seed", range(8))
def test_the_cache_ends_equal_to_the_server(seed: int) -> None:
    chance = Random(seed)
    clock = Jumping()
    before = threads()
    # A second token, because a simulator without any lets everybody in.
    tokens = {TOKEN: ADMIN, "another": ADMIN}
    with simulated(seed, tokens) as server:
        # A server that restarts may never answer a request that it had taken: 75 s are too long for a test.
        cluster = connect(server=server.url, token=TOKEN, request_timeout=3.0)
        informer = SharedInformer(
            cluster.lister_watcher(WIDGETS),
            indexers={"namespace": namespace_index, "label": label_index},
            clock=clock,
            backoff=Backoff(initial=0.01, cap=0.05),
            page_size=chance.choice((None, 4)),
            streaming=seed % 2 == 0,
            expected_type=("example.com/v1", "Widget"),
            name=f"widgets-{seed}",
        )
        witness, late = Witness(), Witness()
        informer.add_event_handler(witness.on_add, witness.on_update, witness.on_delete)
        informer.start()
        trouble = Trouble(server, tokens, clock, chance)
        for step in range(80):
            server.call(change_something(chance))
            if step % 4 == 0:
                trouble.strike()
            if step == 40:
                informer.add_event_handler(late.on_add, late.on_update, late.on_delete)
            threading.Event().wait(chance.choice((0.0, 0.0, 0.01)))
        trouble.end()
        expected = server.call(versions)

        def explain() -> Any:
            return informer.status, expected, witness.held

        until(lambda: witness.held == expected and late.held == expected, explain)
        cached = {key: obj["metadata"]["resourceVersion"] for key, obj in informer.indexer.items()}
        assert cached == expected
        assert informer.indexer.index_counts("namespace") == _counted(expected)
        assert witness.illegal == late.illegal == []
        assert witness.seen >= len(expected)
        until(lambda: informer.status.phase == "watching", explain)
        assert all(
            each.raw in (b'{"type":"ADDED"}\n', b"null", b"{}") or LARGE in each.raw for each in informer.quarantine
        )
        assert informer.stop(60) == ()
        cluster.close()
    until(lambda: threads() <= before, threads)


def _counted(expected: dict[str, str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key in expected:
        namespace = key.partition("/")[0]
        counts[namespace] = counts.get(namespace, 0) + 1
    return counts
