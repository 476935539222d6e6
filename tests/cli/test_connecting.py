"""What is asked of a cluster before discovery has answered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from kwatch.cli.arguments import ConnectionArguments, OutputArguments, SelectionArguments, WatchArguments
from kwatch.cli.connecting import asking_ahead, configured_clusters, first_list

Asked = list[tuple[Any, ...]]


class Cluster:
    """Remembers what it is asked ahead."""

    namespace = "own"

    def __init__(self) -> None:
        self.asked: Asked = []

    def ask_ahead(self, resources: Sequence[object], *where: str | None, columns: bool) -> None:
        self.asked.append(([str(each) for each in resources], *where, columns))


def asked(*, plain: bool = False, view: str = "", output: str | None = None, **selection: Any) -> Asked:
    arguments = WatchArguments(
        selection=SelectionArguments(**selection), output=OutputArguments(format=output), view=view
    )
    cluster = Cluster()
    ask = first_list(arguments, plain)
    if ask is not None:
        ask(cluster)  # type: ignore[arg-type]
    return cluster.asked


@pytest.mark.parametrize(
    ("resource", "names"),
    [
        ("pods", ["pods"]),
        ("po,Service,deploy", ["pods", "services", "deployments.apps"]),
        ("deployments.v1.apps", ["deployments.apps"]),
        ("ns,no,pv,sc,ing", ["namespaces", "nodes", "persistentvolumes", "storageclasses.storage.k8s.io"]),
    ],
)
def test_resources_that_every_server_has(resource: str, names: list[str]) -> None:
    assert asked(resource=resource) == [(names, "own", None, None, True)]


@pytest.mark.parametrize("resource", ["widgets", "all", "pods,widgets", "pods.v2", ""])
def test_of_others_discovery_has_to_tell(resource: str) -> None:
    assert asked(resource=resource) == []


def test_a_saved_view_is_read_later() -> None:
    assert asked(view="broken") == []


def test_where_and_narrowed_how() -> None:
    assert asked(all_namespaces=True, label_selector="a=b") == [(["pods"], None, "a=b", None, True)]
    assert asked(namespace="shop", name="web-1", field_selector="status.phase=Running") == [
        (["pods"], "shop", None, "status.phase=Running,metadata.name=web-1", True)
    ]


def test_the_servers_columns_are_for_rows() -> None:
    columns = {name: asked(plain=True, output=name)[0][-1] for name in (None, "wide", "json", "yaml", "name")}
    assert columns == {None: True, "wide": True, "json": False, "yaml": False, "name": False}


def test_only_the_first_attempt_asks_ahead_and_only_in_the_context_that_was_asked_for(tmp_path: Path) -> None:
    """An attempt that follows a failure asks one question after the other, of a server that may be in trouble."""
    ahead: list[object] = []
    with mock.patch("kwatch.cluster.connect", side_effect=lambda **words: words["context"]) as connect:
        clusters = configured_clusters(ConnectionArguments(), None, ahead.append)
        clusters.connect_to("other")()
        assert ahead == []
        for _ in range(3):
            clusters.connect_to(None)()
    assert len(ahead) == 1
    assert connect.call_count == 4


def test_what_a_command_without_a_screen_lists_is_asked_ahead_too() -> None:
    cluster = Cluster()
    asking_ahead(SelectionArguments(resource="pods", namespace="shop", label_selector="a=b"))(cluster)  # type: ignore[arg-type]
    assert cluster.asked == [(["pods"], "shop", "a=b", None, False)]
    asking_ahead(SelectionArguments(resource="widgets"))(cluster)  # type: ignore[arg-type]
    assert len(cluster.asked) == 1
