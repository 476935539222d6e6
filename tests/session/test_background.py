"""What explains other things is watched beside the views: after them, in bounds, and quietly."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType, SimpleNamespace
from typing import Any

import pytest

from kwatch.history.journal import Journal
from kwatch.informer.decoding import digest_of
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import ADDED, MODIFIED, Form, ListOptions, ObjectList, WatchEvent
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.session import background
from kwatch.session.background import BackgroundKind, Bounds, Standing
from kwatch.session.ports import Watched
from kwatch.session.session import Session
from kwatch.session.state import RECORDING, ConnectionPhase
from tests.session.fake_cluster import NODES, PODS, VERBS, FakeCluster, FakeListerWatcher, FakeStream
from tests.waiting import wait_until

DEPLOYMENTS = Resource(GroupVersionResource("apps", "v1", "deployments"), "Deployment", True, verbs=VERBS)
CONFIG_MAPS = Resource(GroupVersionResource("", "v1", "configmaps"), "ConfigMap", True, verbs=VERBS)
SECRETS = Resource(GroupVersionResource("", "v1", "secrets"), "Secret", True, verbs=VERBS)
ALL = (PODS, NODES, DEPLOYMENTS, CONFIG_MAPS, SECRETS)
KINDS = ("deployments.apps", "nodes", "configmaps", "secrets")
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Views rest at once, and bounds are looked at often."""
    monkeypatch.setattr(background, "PAUSE", 0.01)
    monkeypatch.setattr(background, "LOOK", 0.01)


class Door(FakeListerWatcher):
    """Lists like a server: with a limit, and how many more there are."""

    def __init__(self, cluster: Served, resource: Resource, namespace: str | None, form: Form) -> None:
        super().__init__(cluster.objects.get(resource, []))
        self.where = resource, namespace, form
        self._cluster = cluster

    def list(self, options: ListOptions) -> ObjectList:
        resource, namespace, form = self.where
        self._cluster.asked.append((str(resource), namespace, form, options.limit))
        self._cluster.hold_back(resource)
        refusal = self._cluster.refusals.get(resource)
        if refusal is not None and namespace not in self._cluster.allowed:
            raise refusal
        inside = [each for each in self.objects if namespace in (None, each.namespace)]
        objects = [digest_of(each) if form is Form.DIGEST else each for each in inside]
        limit = options.limit or len(objects)
        return ObjectList(objects[:limit], "10", remaining_item_count=max(0, len(objects) - limit))

    def watch(self, options: ListOptions) -> FakeStream:
        stream = super().watch(options)
        self._cluster.streams.setdefault(str(self.where[0]), []).append(stream)
        return stream

    def send(self, obj: KubeObject) -> None:
        event = digest_of(obj) if self.where[2] is Form.DIGEST else obj
        self.streams[-1].send(WatchEvent(MODIFIED, event))


class Served(FakeCluster):
    def __init__(self) -> None:
        super().__init__()
        self.refusals: dict[Resource, ApiError] = {}
        self.allowed: set[str | None] = set()
        """Namespaces in which nothing is refused."""
        self.asked: list[tuple[str, str | None, Form, int | None]] = []
        self.streams: dict[str, list[FakeStream]] = {}
        self.doors: list[Door] = []
        self.offered: tuple[Resource, ...] = ALL
        self.slow: dict[Resource, threading.Event] = {}
        self.objects[DEPLOYMENTS] = [deployment("web")]
        self.objects[CONFIG_MAPS] = [config_map(LEVEL="info")]
        self.objects[SECRETS] = [secret(PASSWORD)]

    def discover(self) -> Any:
        self.discoveries += 1
        return SimpleNamespace(resources=self.offered, failed_groups={})

    def lister_watcher(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        form: Form = Form.OBJECTS,
    ) -> Door:
        self.doors.append(Door(self, resource, namespace, form))
        return self.doors[-1]

    def hold_back(self, resource: Resource) -> None:
        """A list takes as long as the test says."""
        if resource in self.slow:
            self.slow[resource].wait(60)

    def door(self, resource: Resource, form: Form = Form.OBJECTS) -> Door:
        """The one that is watched through."""
        return next(each for each in reversed(self.doors) if each.where[::2] == (resource, form) and each.streams)

    def close(self) -> None:
        super().close()
        for door in self.doors:
            door.close()


def deployment(name: str) -> KubeObject:
    metadata = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "resourceVersion": "1"}
    return KubeObject.of({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata})


def config_map(version: str = "1", **data: str) -> KubeObject:
    metadata = {"name": "settings", "namespace": "shop", "uid": "uid-settings", "resourceVersion": version}
    applied = {"kubectl.kubernetes.io/last-applied-configuration": str(data)}
    tree = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {**metadata, "annotations": applied}, "data": data}
    return KubeObject.of(tree)


def secret(password: str, version: str = "1") -> KubeObject:
    metadata = {"name": "login", "namespace": "shop", "uid": "uid-login", "resourceVersion": version}
    tree = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": password}}
    return KubeObject.of(tree)


@contextmanager
def opened(cluster: Served, bounds: Bounds | None = None, journal: Journal | None = None) -> Iterator[Session]:
    session = Session(lambda: cluster, journal=journal, background=bounds or Bounds(KINDS))
    session.start()
    wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
    try:
        yield session
    finally:
        for held in cluster.slow.values():
            held.set()
        assert session.close(60) == ()


def standing(session: Session) -> dict[str, Standing]:
    assert session.background is not None
    return {each.name: each.standing for each in session.background.kinds}


def kind(session: Session, name: str) -> BackgroundKind:
    assert session.background is not None
    return next(each for each in session.background.kinds if each.name == name)


def running(session: Session) -> set[str]:
    return {str(each.watched) for each in session.informers()}


def stands(session: Session, name: str, wanted: Standing) -> Callable[[], bool]:
    return lambda: standing(session)[name] is wanted


def all_watched(session: Session) -> Callable[[], bool]:
    return lambda: set(standing(session).values()) == {Standing.WATCHED}


def test_nothing_begins_before_a_view_does_and_each_kind_is_counted_first() -> None:
    cluster = Served()
    with opened(cluster) as session:
        assert running(session) == set()
        session.open(PODS, "shop")
        session.look_at("shop")
        wait_until(all_watched(session))
        assert running(session) == {
            "pods in shop",
            "deployments.apps in shop",
            "nodes",
            "configmaps in shop (without data)",
            "secrets in shop (without data)",
        }
        counted = [(name, where) for name, where, _, limit in cluster.asked if limit == 1]
        assert [each for each in counted if each[0] != "pods"] == [
            ("deployments.apps", "shop"),
            ("nodes", None),
            ("configmaps", "shop"),
            ("secrets", "shop"),
        ]


def test_it_waits_while_a_view_waits_for_its_first_list() -> None:
    cluster = Served()
    cluster.slow[PODS] = threading.Event()
    with opened(cluster) as session:
        feed = session.open(PODS, "shop")
        session.look_at("shop")
        wait_until(lambda: cluster.asked)
        threading.Event().wait(0.1)  # ten looks
        assert {name for name, *_ in cluster.asked} == {"pods"}
        cluster.slow[PODS].set()
        wait_until(all_watched(session))
        assert feed.status.synced


def test_one_kind_at_a_time() -> None:
    cluster = Served()
    cluster.slow[NODES] = threading.Event()
    with opened(cluster) as session:
        session.look_at("shop")
        wait_until(stands(session, "deployments.apps", Standing.WATCHED))
        wait_until(lambda: any(name == "nodes" for name, *_ in cluster.asked))
        assert standing(session)["configmaps"] is Standing.WAITING
        cluster.slow[NODES].set()
        wait_until(all_watched(session))


def test_a_view_shares_what_is_watched_and_leaves_it_there() -> None:
    cluster = Served()
    with opened(cluster) as session:
        session.look_at("shop")
        wait_until(all_watched(session))
        lists = len(cluster.asked)
        feed = session.open(DEPLOYMENTS, "shop", purpose="a table")
        assert feed.indexer.list_keys() == ["shop/web"] and feed.drain() == {"shop/web"}
        found = next(each for each in session.informers() if each.watched == Watched(DEPLOYMENTS, "shop"))
        assert found.purposes == ["background", "a table"]
        feed.release()
        assert found.purposes == ["background"] and found.idle_since is None
        assert len(cluster.asked) == lists


def test_it_follows_the_view_to_another_namespace_and_what_has_none_goes_on() -> None:
    cluster = Served()
    with opened(cluster) as session:
        session.look_at("shop")
        wait_until(all_watched(session))
        nodes = next(each for each in session.informers() if each.watched == Watched(NODES))
        session.look_at("bank")
        wait_until(lambda: running(session) == {each.replace("shop", "bank") for each in EVERYTHING})
        assert nodes in session.informers()
        session.look_at(None)
        everywhere = {each.replace("in shop", "in all namespaces") for each in EVERYTHING}
        wait_until(lambda: running(session) == everywhere)
        session.look_at("shop")
        threading.Event().wait(0.1)
        assert running(session) == everywhere  # it is all there already


EVERYTHING = {
    "deployments.apps in shop",
    "nodes",
    "configmaps in shop (without data)",
    "secrets in shop (without data)",
}


def test_what_one_may_not_list_is_left_alone() -> None:
    cluster = Served()
    cluster.refusals[SECRETS] = ApiError(403, "Forbidden", "secrets is forbidden")
    with opened(cluster) as session:
        session.look_at("shop")
        wait_until(stands(session, "secrets", Standing.FORBIDDEN))
        wait_until(stands(session, "configmaps", Standing.WATCHED))
        threading.Event().wait(0.1)
        assert [name for name, *_ in cluster.asked].count("secrets") == 1
        assert "secrets in shop (without data)" not in running(session)


def test_who_may_not_list_all_namespaces_has_those_watched_that_a_view_is_in() -> None:
    cluster = Served()
    for refused in (PODS, DEPLOYMENTS, CONFIG_MAPS, SECRETS):
        cluster.refusals[refused] = ApiError(403, "Forbidden", "eve cannot list")
    cluster.allowed = {"shop", "payments"}
    with opened(cluster) as session:
        session.open(PODS)
        for namespace in ("shop", "payments", "kube-system"):
            session.open(PODS, namespace, purpose="a table")
        session.look_at(None)
        places = ("shop", "payments")
        namespaced = ("deployments.apps in {}", "configmaps in {} (without data)", "secrets in {} (without data)")
        wanted = {each.format(place) for each in namespaced for place in places} | {"nodes"}
        wait_until(lambda: wanted <= running(session))
        assert kind(session, "secrets").words == "forbidden: across all namespaces"
        wait_until(lambda: standing(session).get("secrets in payments") is Standing.WATCHED)
        asked = {where for name, where, _, _ in cluster.asked if name == "secrets"}
        assert asked == {None, "shop", "payments"}, "where no view can be, nothing is asked for"
        session.look_at("shop")
        wait_until(lambda: "secrets in payments (without data)" not in running(session))
        wait_until(lambda: "secrets in shop (without data)" in running(session))


def test_a_server_without_a_kind_is_no_trouble_and_one_that_gets_it_is_noticed() -> None:
    cluster = Served()
    cluster.offered = (PODS, NODES, CONFIG_MAPS, SECRETS)
    with opened(cluster) as session:
        session.look_at("shop")
        wait_until(stands(session, "secrets", Standing.WATCHED))
        assert standing(session)["deployments.apps"] is Standing.NOT_OFFERED
        assert all(name != "deployments.apps" for name, *_ in cluster.asked)
        cluster.offered = ALL
        session.retry_now()
        wait_until(all_watched(session))


def test_a_kind_with_too_many_objects_is_left_out_and_says_so() -> None:
    cluster = Served()
    cluster.objects[DEPLOYMENTS] = [deployment(f"web-{number}") for number in range(12)]
    with opened(cluster, Bounds(KINDS, objects=10)) as session:
        session.look_at("shop")
        wait_until(stands(session, "secrets", Standing.WATCHED))
        found = kind(session, "deployments.apps")
        assert found.words == "left out: too many objects: 12, at most 10"
        assert found.objects == 12
        assert "deployments.apps in shop" not in running(session)


def test_a_kind_that_grows_out_of_its_bound_goes() -> None:
    cluster = Served()
    with opened(cluster, Bounds(KINDS, objects=3)) as session:
        session.look_at("shop")
        wait_until(all_watched(session))
        stream = cluster.door(DEPLOYMENTS).streams[-1]
        stream.send(*(WatchEvent(ADDED, deployment(f"new-{number}")) for number in range(3)))
        wait_until(stands(session, "deployments.apps", Standing.TOO_MANY))
        wait_until(lambda: "deployments.apps in shop" not in running(session))


def test_without_room_the_last_kinds_go_first() -> None:
    cluster = Served()
    cluster.objects[CONFIG_MAPS] = [
        KubeObject.of(
            {"metadata": {"name": f"c{number}", "namespace": "shop", "annotations": {"a": f"{number}" * 500}}}
        )
        for number in range(40)
    ]
    with opened(cluster, Bounds(KINDS, bytes=20_000)) as session:
        session.look_at("shop")
        wait_until(stands(session, "configmaps", Standing.NO_ROOM))
        assert standing(session)["deployments.apps"] is Standing.WATCHED
        assert kind(session, "configmaps").why.endswith("at most 20 KB")


def test_for_want_of_memory_all_of_it_goes_once() -> None:
    cluster = Served()
    with opened(cluster) as session:
        feed = session.open(DEPLOYMENTS, "shop")
        session.look_at("shop")
        wait_until(all_watched(session))
        assert session.background is not None and session.background.give_up()
        wait_until(lambda: running(session) == {"deployments.apps in shop"})
        assert feed.status.synced
        assert not session.background.give_up()


def test_what_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "RETRY", 0.05)
    cluster = Served()
    cluster.refusals[NODES] = ApiError(500, "InternalError", "etcd is away")
    with opened(cluster) as session:
        session.look_at("shop")
        wait_until(stands(session, "secrets", Standing.WATCHED))
        assert kind(session, "nodes").words == "failed: etcd is away"
        del cluster.refusals[NODES]
        wait_until(all_watched(session))


def test_none_is_asked_for_where_it_is_off() -> None:
    cluster = Served()
    session = Session(lambda: cluster)
    session.start()
    try:
        wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
        feed = session.open(PODS, "shop")
        session.look_at("shop")
        wait_until(lambda: feed.status.synced)
        assert {name for name, *_ in cluster.asked} == {"pods"} and session.background is None
    finally:
        session.close(60)


def test_a_recording_has_no_background() -> None:
    class Recorded(Served):
        def version(self) -> str:
            return RECORDING

    cluster = Recorded()
    with opened(cluster) as session:
        session.look_at("shop")
        threading.Event().wait(0.1)
        assert cluster.asked == []


# Data


def texts_of(thing: object) -> Iterator[bytes]:
    """Every text that can be reached from something, of objects also what is packed in them."""
    seen: set[int] = set()
    waiting = [thing]
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, type | threading.Thread):
            continue
        seen.add(id(found))
        if isinstance(found, KubeObject):
            yield found.disclosed
        elif isinstance(found, bytes):
            yield found
        elif isinstance(found, str):
            yield found.encode("utf-8", "surrogatepass")
        elif isinstance(found, FunctionType):
            waiting += found.__closure__ or ()
        elif type(found).__module__.split(".")[0] in ("kwatch", "builtins", "collections"):
            waiting += gc.get_referents(found)


def test_of_config_maps_and_secrets_no_data_is_kept_anywhere() -> None:
    cluster, journal = Served(), Journal()
    with opened(cluster, journal=journal) as session:
        session.look_at("shop")
        wait_until(all_watched(session))
        cluster.door(SECRETS, Form.DIGEST).send(secret(f"not {PASSWORD}", "2"))
        cluster.door(CONFIG_MAPS, Form.DIGEST).send(config_map("2", LEVEL=PASSWORD, MODE="fast"))
        for name, key in (("secrets", "shop/login"), ("configmaps", "shop/settings")):
            wait_until(lambda name=name, key=key: len(journal.versions("blue", name, key)) == 2)  # type: ignore[misc]
        assert journal.catch_up(60, compacted=True)
        kept = [*texts_of([each.informer for each in session.informers()]), *texts_of(journal)]
        assert len(kept) > 100
        assert not [text for text in kept if PASSWORD.encode() in text]
    journal.close()


def words_of(journal: Journal, name: str, key: str) -> list[str]:
    return [
        change.path
        for version in journal.versions("blue", name, key)[1:]
        for change in journal.compare(version).changes
    ]


def test_which_keys_changed_is_seen_all_the_same() -> None:
    cluster, journal = Served(), Journal()
    with opened(cluster, journal=journal) as session:
        session.look_at("shop")
        wait_until(all_watched(session))
        cluster.door(SECRETS, Form.DIGEST).send(secret("another", "2"))
        cluster.door(CONFIG_MAPS, Form.DIGEST).send(config_map("2", LEVEL="info", MODE="fast"))
        wait_until(lambda: words_of(journal, "secrets", "shop/login"))
        wait_until(lambda: words_of(journal, "configmaps", "shop/settings"))
        assert words_of(journal, "secrets", "shop/login") == ["stringData.password"]
        assert words_of(journal, "configmaps", "shop/settings") == ["data.MODE"]
    journal.close()


def test_a_table_of_config_maps_is_whole_and_its_history_with_what_was_seen_before() -> None:
    cluster, journal = Served(), Journal()
    with opened(cluster, journal=journal) as session:
        session.look_at("shop")
        wait_until(all_watched(session))
        feed = session.open(CONFIG_MAPS, "shop", purpose="a table")
        wait_until(lambda: feed.status.synced)
        obj = feed.indexer.get_by_key("shop/settings")
        assert isinstance(obj, KubeObject) and obj["data"] == {"LEVEL": "info"}
        wait_until(stands(session, "configmaps", Standing.ELSEWHERE))
        # The version that came without data is whole now, and is no other one.
        (version,) = journal.versions("blue", "configmaps", "shop/settings")
        assert journal.object_of(version)["data"] == {"LEVEL": "info"}
        cluster.door(CONFIG_MAPS).send(config_map("2", LEVEL="debug"))
        wait_until(lambda: len(journal.versions("blue", "configmaps", "shop/settings")) == 2)
        (change,) = journal.compare(journal.versions("blue", "configmaps", "shop/settings")[-1]).changes
        assert (change.path, change.old, change.new) == ("data.LEVEL", "info", "debug")
        feed.release()
        wait_until(stands(session, "configmaps", Standing.WATCHED))
        cluster.objects[CONFIG_MAPS] = [config_map("2", LEVEL="debug")]
        cluster.door(CONFIG_MAPS, Form.DIGEST).send(config_map("3", LEVEL="debug", MODE="fast"))
        wait_until(lambda: len(journal.versions("blue", "configmaps", "shop/settings")) == 3)
        assert words_of(journal, "configmaps", "shop/settings") == ["data.LEVEL", "data.MODE"]
        assert journal.catch_up(60)
        changed = journal.changes("blue", "configmaps").paths()
        assert set(changed) == {"data.LEVEL", "data.MODE"}
    journal.close()


def test_a_server_that_does_not_answer_is_not_asked_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "LOOK", 3600.0)
    cluster = Served()
    cluster.refusals[DEPLOYMENTS] = ApiError(0, "ConnectionRefused", "connection refused")
    with opened(cluster) as session:
        session.look_at("shop")
        wait_until(stands(session, "deployments.apps", Standing.FAILED))
        threading.Event().wait(0.1)
        assert [name for name, *_ in cluster.asked] == ["deployments.apps"]
        assert standing(session)["nodes"] is Standing.WAITING


def test_columns_are_asked_for_when_somebody_looks() -> None:
    cluster = Served()
    with opened(cluster) as session:
        session.look_at("shop")
        wait_until(all_watched(session))
        assert cluster.sampled == []
        session.open(DEPLOYMENTS, "shop")
        wait_until(lambda: cluster.sampled == [(DEPLOYMENTS, "shop")])
        session.open(DEPLOYMENTS, "shop")
        assert cluster.sampled == [(DEPLOYMENTS, "shop")]


def test_of_several_namespaces_each_is_watched_and_what_is_in_none_once() -> None:
    cluster = Served()
    with opened(cluster) as session:
        session.look_at("shop,payments")
        wait_until(lambda: len(standing(session)) == 7)
        wait_until(all_watched(session))
        assert {"deployments.apps in shop", "deployments.apps in payments", "nodes"} <= running(session)
        session.look_at("payments")
        wait_until(lambda: set(standing(session)) == set(KINDS))
        wait_until(lambda: "deployments.apps in shop" not in running(session))
        wait_until(all_watched(session))
        assert "deployments.apps in payments" in running(session)


def test_of_very_many_namespaces_all_are_watched_at_once() -> None:
    cluster = Served()
    with opened(cluster) as session:
        session.look_at("a,b,c,d,e")
        wait_until(all_watched(session))
        assert "deployments.apps in all namespaces" in running(session)
