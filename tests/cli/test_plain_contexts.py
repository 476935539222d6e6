"""The stream of several contexts: each on its own, printed as one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from kwatch.cli import plain, running
from kwatch.cli.arguments import OutputArguments, SelectionArguments
from kwatch.cli.connecting import Clusters
from kwatch.informer.errors import ApiError
from kwatch.session.ports import Cluster
from tests.session.fake_cluster import PODS, FakeCluster, thing


class Named(FakeCluster):
    def __init__(self, context: str, pod: str) -> None:
        super().__init__()
        self.context = context
        self.objects = {PODS: [thing(pod)]}


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str]]:
    """What goes to stdout and to stderr."""
    rows: list[str] = []
    said: list[str] = []
    monkeypatch.setattr(plain, "write", rows.append)
    monkeypatch.setattr(running, "complain", said.append)
    monkeypatch.setattr(running, "stop_on_signals", lambda stop: lambda: 0)
    monkeypatch.setattr(plain, "quieten_collector", lambda: None)
    return rows, said


def clusters(*refused: str) -> Clusters:
    def connect_to(context: str | None) -> Callable[[], Cluster]:
        def connect() -> Cluster:
            if context in refused:
                raise ApiError(0, "Unreachable", "nobody is there")
            return Named(context or "", f"pod-of-{context}")

        return connect

    return Clusters(connect_to, tuple, several=("eu", "us"))


def test_rows_say_where_they_are(printed: tuple[list[str], list[str]]) -> None:
    output = OutputArguments(until_synced=True)
    assert plain.run_plain(clusters(), SelectionArguments(), output, "0") == 0
    lines = [line.split()[:2] for line in "".join(printed[0]).splitlines()]
    assert lines[0] == ["CONTEXT", "NAME"]
    assert sorted(lines[1:]) == [["eu", "pod-of-eu"], ["us", "pod-of-us"]]


def test_json_has_a_field_for_it(printed: tuple[list[str], list[str]]) -> None:
    output = OutputArguments(format="json", until_synced=True)
    assert plain.run_plain(clusters(), SelectionArguments(), output, "0") == 0
    found = [json.loads(line) for line in "".join(printed[0]).splitlines()]
    assert {(each["context"], each["object"]["metadata"]["name"]) for each in found} == {
        ("eu", "pod-of-eu"),
        ("us", "pod-of-us"),
    }


def test_one_that_cannot_be_reached_is_said_and_a_script_knows(printed: tuple[list[str], list[str]]) -> None:
    output = OutputArguments(until_synced=True)
    connecting = replace(clusters("us"), request_timeout=lambda: 0.01)
    assert plain.run_plain(connecting, SelectionArguments(), output, "0") == 1
    assert "pod-of-eu" in "".join(printed[0]) and "pod-of-us" not in "".join(printed[0])
    assert "us: nobody is there" in printed[1]


def test_one_list_of_yaml_cannot_be_of_several(printed: tuple[list[str], list[str]]) -> None:
    with pytest.raises(ValueError, match="use -o json"):
        plain.run_plain(clusters(), SelectionArguments(), OutputArguments(format="yaml", until_synced=True), "0")


def test_what_stdout_says_ends_all(printed: tuple[list[str], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(text: str) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(plain, "write", full)
    with pytest.raises(OSError, match="no space left"):
        plain.run_plain(clusters(), SelectionArguments(), OutputArguments(until_synced=True), "0")
