"""Whoever reads a Secret reads masks: columns, indices, filters, completion, change words, files, every format."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kwatch.catalog.indices import indexers_for, indexers_on_demand
from kwatch.catalog.kinds.cluster import SECRETS
from kwatch.catalog.user_columns import arrange
from kwatch.cluster.table import decode_table_list
from kwatch.history.journal import Journal
from kwatch.history.recording.format import Recorded
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.recorder import Recorder
from kwatch.history.recording.saving import Described, save
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.output.formats import Format, order_by, printer_for
from kwatch.output.printer import Masking, ObjectChange
from kwatch.query import Context, parse
from kwatch.query.completion import complete
from kwatch.query.index_names import UserIndices
from tests.history.objects import Feeder
from tests.output.changes import FixedClock
from tests.query.cluster import FakeClock

WORDS = ("hunter2-hunter2", "swordfish-2026")
HIDDEN = (*WORDS, *(base64.b64encode(word.encode()).decode().rstrip("=") for word in WORDS))
RESOURCE = Resource(GroupVersionResource("", "v1", "secrets"), "Secret", namespaced=True)


def secret(word: str = WORDS[0], version: int = 1, name: str = "login") -> KubeObject:
    value = base64.b64encode(word.encode()).decode()
    original = {"kind": "Secret", "data": {"password": value}}
    metadata = {
        "name": name,
        "namespace": "shop",
        "uid": name,
        "resourceVersion": str(version),
        "labels": {"copy": word, "app": "cart"},
        "annotations": {"kapp.k14s.io/original": json.dumps(original), "plain": f"see {word}"},
        "managedFields": [{"manager": "m", "fieldsV1": {"f:x": {f'v:"{word}"': {}}}}],
    }
    # As a list brings it: without a kind.
    raw = msgspec.json.encode({"metadata": metadata, "data": {"password": value}, "stringData": {"plain": word}})
    return KubeObject(raw, "Secret", "v1")


def assert_masked(*found: Any) -> None:
    text = repr(found)
    assert found and len(text) > 4, "nothing was looked at"
    assert not [word for word in HIDDEN if word in text]


def test_the_object_itself() -> None:
    obj = secret()
    assert_masked(obj, obj.raw, obj.tree(), dict(obj), obj["data"], obj.labels, obj.read(dict))
    assert obj.labels["app"] == "cart"
    assert obj.tree(show_secrets=True)["stringData"]["plain"] == WORDS[0]


def test_equality_is_of_what_it_holds() -> None:
    assert secret() == secret()
    assert secret() == KubeObject.of(secret().tree(show_secrets=True))
    assert secret(WORDS[0]) != secret(WORDS[1])


def test_a_row_of_a_table_is_a_secret_though_it_says_otherwise() -> None:
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": secret().tree()["metadata"]}
    partial["metadata"] = secret().tree(show_secrets=True)["metadata"] | {"labels": {}}
    body = json.dumps({"kind": "Table", "rows": [{"cells": ["login"], "object": partial}]}).encode()
    (found,) = decode_table_list(body, "Secret", "v1").items
    assert isinstance(found, KubeObject)
    assert found.kind == "Secret"
    assert "aHVudGVyMi1odW50ZXIy" not in json.dumps(found.tree())


def test_columns_of_the_user() -> None:
    entries = ["NAME", "PW:.data.password|string|40", "ALL:.data", "A:.metadata.annotations.plain", "L:label:copy"]
    kind = arrange(SECRETS, entries)
    assert_masked(kind.texts(kind.read(secret()), 0.0))


def context() -> Context:
    indices = UserIndices({"secrets": ("pw:.data.password", "note:.metadata.annotations.plain")})
    cache = Indexer(indexers=indexers_for(RESOURCE) | indexers_on_demand(RESOURCE))
    cache.replace([secret(), secret(WORDS[1], name="other")])
    return Context(SECRETS, RESOURCE, cache, FakeClock(), names=indices.names_for(RESOURCE))


@pytest.mark.parametrize(
    "typed",
    [
        ".data.password=",
        ".data.",
        "pw:",
        "note:",
        "copy=",
        "copy",
        ".metadata.annotations.plain=",
        ".stringData.plain=s",
    ],
)
def test_completion(typed: str) -> None:
    assert_masked(complete(typed, len(typed), context()))


@pytest.mark.parametrize(
    "asked",
    [
        f".data.password={HIDDEN[2]}==",
        f".stringData.plain={WORDS[0]}",
        f"pw:{HIDDEN[2]}*",
        WORDS[0],
        f"copy={WORDS[0]}",
    ],
)
def test_a_filter_is_no_oracle(asked: str) -> None:
    there = context()
    compiled = parse(asked, there.names).compile(there)
    assert not [obj for obj in there.index.list() if compiled.matches(obj.key, obj)]  # type: ignore[attr-defined]


def test_facets_of_an_index_of_the_user() -> None:
    there = context()
    compiled = parse("pw:x", there.names).compile(there)
    there.index.add_indexers(compiled.indices)  # type: ignore[attr-defined]
    for name in compiled.indices:
        assert_masked(dict(there.index.index_counts(name)))


def change(old: KubeObject | None = None) -> ObjectChange:
    obj = secret(WORDS[1], 2) if old is not None else secret()
    return ObjectChange("MODIFIED" if old is not None else "ADDED", RESOURCE, SECRETS, obj, old, 1.5)


@pytest.mark.parametrize(
    "format_",
    [
        None,
        "wide",
        "name",
        "json",
        "yaml",
        "jsonpath={.data.password} {.metadata.annotations} {.metadata.labels}",
        "jsonpath={range .items[*]}{.data}{end}",
        "custom-columns=PW:.data.password,ALL:.metadata",
    ],
)
def test_every_format(format_: str | None) -> None:
    wanted = Format(format_, label_columns=("copy",), show_labels=True, show_managed_fields=True)
    printer = printer_for(wanted, FixedClock())
    told = printer.initial([change()], False) + printer.change(change(secret())) + printer.initial([change()], True)
    assert_masked(told)
    if format_ in ("json", "yaml"):
        shown = printer_for(Format(format_, show_secrets=True), FixedClock()).change(change())
        assert WORDS[0] in shown


def test_columns_of_labels_are_unmasked_with_everything_else() -> None:
    wanted = Format(label_columns=("copy", "none"), show_labels=True, headers=False, show_secrets=True)
    (row,) = printer_for(wanted, FixedClock()).initial([change()], True).splitlines()
    assert row.split()[-2:] == [WORDS[0], f"app=cart,copy={WORDS[0]}"]


def test_sorting_tells_nothing_of_the_values() -> None:
    order = order_by(".data.password", Masking())
    assert order is not None
    assert_masked(order(change()))
    order = order_by(".stringData.plain", Masking(show=True))
    assert order is not None and order(change()) == (1, 0.0, WORDS[0])


def test_history_and_what_is_written_of_it(tmp_path: Path) -> None:
    journal = Journal()
    recorder = Recorder(tmp_path / "recorder.kwatch")
    feeder = Feeder(journal.sink("demo", "secrets"))
    recording = Feeder(recorder.sink("demo", RESOURCE))
    for each in (feeder, recording):
        each.add(secret())
        for version in range(2, 9):
            each.update(secret(WORDS[version % 2], version))
    assert journal.catch_up(10, compacted=True)

    versions = journal.versions("demo", "secrets", "shop/login")
    told = [journal.compare(version) for version in versions]
    assert ["data.password *** (" in each.words(99) for each in told] == [False, False, *[True] * 6]
    assert_masked(told, [each.words(99) for each in told], [journal.object_of(each).tree() for each in versions])
    changes = journal.changes("demo", "secrets")
    assert changes.last_changes("data.password", None, None)
    filed = journal._store.stream("demo", "secrets").changes._paths.values()
    assert any(each.pairs for each in filed)
    assert_masked([list(each.pairs) for each in filed], list(changes.paths()))
    assert not changes.last_changes("stringData.plain", WORDS[0], WORDS[1])
    assert_masked(journal.timeline("demo", "secrets", "shop/login"))
    since = journal.baseline_diff({"demo"}, None)
    since.take()
    while since.compare(10):
        pass
    assert_masked(since.found())

    recorder.close()
    save(journal, tmp_path / "export.kwatch", lambda name: Described(RESOURCE), created=1.0)
    for file in ("recorder.kwatch", "export.kwatch"):
        read = Recording(tmp_path / file)
        found = [each.object for each in read.deltas() if isinstance(each, Recorded)]
        read.close()
        assert len(found) == 8
        assert_masked([obj.disclosed for obj in found])
    journal.close()
