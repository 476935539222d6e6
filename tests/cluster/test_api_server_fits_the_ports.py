"""The cluster fulfils what session and informer ask for: mypy checks the shapes, the test what is optional."""

from __future__ import annotations

import pytest

from kwatch.cluster import ApiServer, ContextEntry
from kwatch.cluster.api_server import HttpLogStream
from kwatch.cluster.lister_watcher import HttpListerWatcher, HttpWatchStream
from kwatch.informer import protocol
from kwatch.session import ports


def cluster(it: ApiServer) -> ports.Cluster:
    return it


def log_stream(it: HttpLogStream) -> ports.LogStream:
    return it


def context_entry(it: ContextEntry) -> ports.ContextEntry:
    return it


def lister_watcher(it: HttpListerWatcher) -> protocol.ListerWatcher:
    return it


def watch_stream(it: HttpWatchStream) -> protocol.BatchedWatchStream:
    return it


@pytest.mark.parametrize("shape", [protocol.Closing, protocol.Probing, protocol.Versioned])
def test_a_lister_watcher_offers_what_is_optional(shape: type) -> None:
    wanted = {name for name in vars(shape) if not name.startswith("_")}
    assert wanted
    assert wanted <= set(dir(HttpListerWatcher))
