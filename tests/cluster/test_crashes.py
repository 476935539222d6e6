"""Whatever escapes from a thread on the way to a server is counted, and whoever waits is told."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from kwatch.base.threads import Crashes, Thread
from kwatch.cli import demo
from kwatch.cli.arguments import DemoArguments, WatchArguments
from kwatch.cluster import discovery, exec_plugin
from kwatch.cluster.api_server import ApiServer
from kwatch.cluster.exec_plugin import ExecProcess
from kwatch.cluster.settings import ConnectionSettings, ExecEntry, TLSTrust, UserEntry
from kwatch.cluster.transport.happy_eyeballs import resolve_host
from kwatch.informer.errors import ApiError
from tests.cluster.conftest import Serve
from tests.cluster.samples import cluster_at
from tests.cluster.test_discovery import LEGACY, serving


def fail(*_: Any, **__: Any) -> Any:
    raise KeyError("nobody foresaw this")


def test_a_login_that_crashes_is_an_error_and_tried_again(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch, serve: Serve
) -> None:
    server = serve(serving(LEGACY))
    entry = ExecEntry("login", api_version=exec_plugin.API_VERSIONS[0])
    user = UserEntry(exec=entry)
    cluster = ApiServer(ConnectionSettings("it", "default", server.url, TLSTrust(), user))
    monkeypatch.setattr(ExecProcess, "run", fail)
    for number in (1, 2):
        with pytest.raises(ApiError, match=r"The login command .*could not be run: KeyError"):
            cluster.version()
        assert crashes.counts == {"login": number}
    cluster.close()


def test_a_version_whose_resources_cannot_be_read_says_nothing_of_the_others(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch, serve: Serve
) -> None:
    read = discovery.read_resources

    def reading(body: bytes, version: Any) -> Any:
        return fail() if version.group == "apps" else read(body, version)

    monkeypatch.setattr(discovery, "read_resources", reading)
    found = cluster_at(serve(serving(LEGACY)).url).discover()
    assert found.failed_groups["apps/v1"] == "What it offers could not be read: KeyError: 'nobody foresaw this'."
    assert "pods.v1" in {str(each.gvr) for each in found.resources}
    assert crashes.counts == {"discovery": 1}


def test_where_no_thread_can_be_started_discovery_says_so(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch, serve: Serve
) -> None:
    server = serve(serving(LEGACY))

    class Idle(Thread):
        def run(self) -> None:
            """As if it had never been started."""

    with monkeypatch.context() as patched:
        patched.setattr("kwatch.cluster.discovery.Thread", Idle)
        found = cluster_at(server.url).discover()
    assert found.resources == ()
    assert all("no thread could be started" in each for each in found.failed_groups.values())


def test_a_name_that_cannot_be_looked_up_is_an_error(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = socket.getaddrinfo

    def asking(host: Any, *more: Any, **named: Any) -> Any:
        return fail() if threading.current_thread().name.startswith("kwatch-resolve") else ask(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", asking)
    with pytest.raises(OSError, match="nobody foresaw this"):
        resolve_host("somewhere.invalid", 443, None)
    assert crashes.counts == {"resolve somewhere.invalid": 1}


def test_nobody_waits_for_a_demo_whose_words_cannot_be_read(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kwatch.cli.demo.json.loads", fail)
    simulator = demo.Simulator(DemoArguments(WatchArguments(), objects=1))
    try:
        with pytest.raises(ValueError, match="did not start: internal error: KeyError"):
            simulator.clusters().connect_to(None)()
    finally:
        simulator.stop()
    assert crashes.counts == {"demo": 1}
