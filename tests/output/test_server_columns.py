"""A server of another version prints other columns: kwatch prints what kubectl prints."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from kwatch.base.printable import printable
from kwatch.catalog.column import Column
from kwatch.catalog.kind import Kind, Values
from kwatch.cluster import connect
from kwatch.informer.clock import SystemClock
from kwatch.informer.kube_object import KubeObject
from kwatch.output.opening import Run, Selection
from kwatch.output.rows import RowPrinter
from kwatch.output.stream import Stream, StreamRequest
from kwatch.session.columns import ColumnsFrom
from kwatch.session.session import Session
from kwatch.simulator.api import encoders, verbs
from kwatch.simulator.api_types import APIType
from kwatch.simulator.store import Store
from tests.simulator.kubectl import Kubectl, kubeconfig
from tests.simulator.objects import namespace, pod, widget_definition
from tests.simulator.simulator_server import SimulatorServer

Change = Callable[[Kind], Kind]


def of_columns(*places: int) -> Change:
    def change(kind: Kind) -> Kind:
        def read(obj: KubeObject) -> Values:
            values = kind.read(obj)
            return tuple(values[place] for place in places)

        return Kind(kind.name, tuple(kind.columns[place] for place in places), read)

    return change


def with_column(place: int, column: Column, value: object) -> Change:
    def change(kind: Kind) -> Kind:
        def read(obj: KubeObject) -> Values:
            values = list(kind.read(obj))
            values.insert(place, f"{value}-{obj.name}" if isinstance(value, str) else value)
            return tuple(values)

        return Kind(kind.name, (*kind.columns[:place], column, *kind.columns[place:]), read)

    return change


def with_definition(place: int, **fields: object) -> Change:
    return lambda kind: Kind(
        kind.name,
        tuple(replace(each, **fields) if number == place else each for number, each in enumerate(kind.columns)),  # type: ignore[arg-type]
        kind.read,
    )


def with_meaning(place: int) -> Change:
    def change(kind: Kind) -> Kind:
        def read(obj: KubeObject) -> Values:
            return tuple(f"not {value}" if number == place else value for number, value in enumerate(kind.read(obj)))

        return Kind(kind.name, kind.columns, read)

    return change


def with_many(kind: Kind) -> Kind:
    more = tuple(Column(f"C{number}") for number in range(10_000))
    values = tuple(str(number) for number in range(10_000))
    return Kind(kind.name, (*kind.columns, *more), lambda obj: (*kind.read(obj), *values))


CHANGES: dict[str, Change] = {
    "as they are": lambda kind: kind,
    "removed": of_columns(0, 1, 4),
    "in another order": of_columns(0, 4, 3, 2, 1, 5),
    "twice": of_columns(0, 1, 1, 2),
    "renamed": with_definition(2, title="State"),
    "the name renamed": with_definition(0, title="Pod"),
    "a new one": with_column(2, Column("Sidecars"), "two"),
    "a new one in the wide view": with_column(2, Column("Sidecars", priority=1), "two"),
    "a number": with_column(5, Column("Weight", type="integer"), 7),
    "nothing in it": with_column(5, Column("Weight", type="integer"), None),
    "wide that were not": with_definition(2, priority=2),
    "not wide that were": with_definition(5, priority=0),
    "of another type": with_definition(3, type="integer"),
    "of another format": with_definition(2, format="binary"),
    "of another meaning": with_meaning(2),
    "hostile": with_column(1, Column("E\x9bvil\n\tname\u202e"), "x\x1b[2Jy\nz"),
    "10,000 of them": with_many,
}


@contextmanager
def serving(folder: Path, store: Store, change: Change = CHANGES["as they are"]) -> Iterator[Kubectl]:
    """A server whose pods are printed so, and a kubectl for it."""
    real = encoders.printed_kind

    def changed(store: Store, api_type: APIType) -> Kind:
        kind = real(store, api_type)
        return change(kind) if api_type.resource == "pods" else kind

    with mock.patch.object(verbs, "printed_kind", changed), SimulatorServer(store) as server:
        yield Kubectl(folder, kubeconfig(folder / "config", server.url, "shop"))


def rows(folder: Path, resource: str, wide: bool) -> str:
    """What `kwatch RESOURCE --until-synced` prints."""
    printed, complaints, clock = list[str](), list[str](), SystemClock()
    session = Session(lambda: connect(folder / "config"), columns=ColumnsFrom.SERVER_FIRST)
    session.start()
    request = StreamRequest(Selection(resource), until_synced=True)
    printer = RowPrinter(clock, wide=wide)
    try:
        run = Run(session, complaints.append, clock, threading.Event())
        Stream(run, request, printer, printed.append).run()
    finally:
        session.close()
    assert complaints == []
    return "".join(printed)


def visible(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


@pytest.mark.parametrize("name", CHANGES)
def test_rows_are_kubectls(name: str, tmp_path: Path) -> None:
    # All is an hour and half a minute old: ages that stay the same while a test runs.
    past = 3630.0
    store = Store(revision=100, clock=lambda: time.time() - past)
    store.create(namespace("shop"), manager="test")
    for each in ("cart-1", "web-1"):
        store.create(pod(each), manager="test")
    past = 0.0
    with serving(tmp_path, store, CHANGES[name]) as kubectl:
        for wide, words in ((False, ()), (True, ("-o", "wide"))):
            assert rows(tmp_path, "pods", wide) == visible(kubectl.clean("get", "pods", *words))


@pytest.mark.parametrize("minor", [36, 37])
def test_definitions_of_custom_resources(minor: int, tmp_path: Path) -> None:
    store = Store(revision=100, minor=minor)
    store.create(widget_definition(), manager="test")
    with serving(tmp_path, store) as kubectl:
        for wide, words in ((False, ()), (True, ("-o", "wide"))):
            ours = rows(tmp_path, "crd", wide)
            assert ours == kubectl.clean("get", "crd", *words)
            assert ("SCOPE" in ours) is (minor == 37)
