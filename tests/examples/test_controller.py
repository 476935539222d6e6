"""The worked example, against the simulator."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kwatch.cluster import connect
from kwatch.simulator.store import Store
from tests.examples.controller import NodeFiles
from tests.informer.fakes import PATIENCE, eventually
from tests.simulator.simulator_server import SimulatorServer


def pod(name: str, node: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"nodeName": node, "containers": [{"name": "web", "image": "nginx:1"}]},
    }


def files(folder: Path) -> dict[str, list[str]] | None:
    """What the files say; None while one of them is being written."""
    try:
        return {file.stem: json.loads(file.read_text()) for file in folder.glob("*.json")}
    except (OSError, ValueError):
        return None


def create(*objects: dict[str, Any]) -> Callable[[Store], object]:
    return lambda store: [store.create(obj, manager="test") for obj in objects]


@contextmanager
def controlled(folder: Path, *objects: dict[str, Any]) -> Iterator[SimulatorServer]:
    """The controller over a cluster with some objects; it has ended when the context is left."""
    store = Store()
    create(*objects)(store)
    stop = threading.Event()
    with SimulatorServer(store) as server:
        cluster = connect(server=server.url)
        controller = threading.Thread(target=NodeFiles(cluster, folder).run, args=(stop,), daemon=True)
        controller.start()
        try:
            yield server
        finally:
            stop.set()
            controller.join(PATIENCE)
            cluster.close()
        assert not controller.is_alive()


def test_the_files_follow_the_cluster(tmp_path: Path) -> None:
    before = threading.active_count()
    with controlled(tmp_path, pod("web-1", "node-1"), pod("web-2", "node-1"), pod("web-3", "node-2")) as server:
        eventually(lambda: files(tmp_path) == {"node-1": ["shop/web-1", "shop/web-2"], "node-2": ["shop/web-3"]})
        server.call(create(pod("web-4", "node-3")))
        server.call(lambda store: store.delete("pods", "web-3", "shop"))
        eventually(lambda: files(tmp_path) == {"node-1": ["shop/web-1", "shop/web-2"], "node-3": ["shop/web-4"]})
        (tmp_path / "node-1.json").unlink()
        server.call(lambda store: store.delete("pods", "web-2", "shop"))
        eventually(lambda: files(tmp_path) == {"node-1": ["shop/web-1"], "node-3": ["shop/web-4"]})
    eventually(lambda: threading.active_count() <= before)


def test_a_file_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    blocked = tmp_path / "node-1.json"
    blocked.mkdir()
    with controlled(tmp_path, pod("web-1", "node-1")):
        blocked.rmdir()
        eventually(lambda: files(tmp_path) == {"node-1": ["shop/web-1"]})


def test_it_is_short() -> None:
    assert len((Path(__file__).parent / "controller.py").read_text().splitlines()) < 100
