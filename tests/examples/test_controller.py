"""The worked example, against the simulator."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kwatch.cluster import connect
from kwatch.simulator.server import SimulatorServer
from kwatch.simulator.store import Store
from tests.examples.controller import NodeFiles
from tests.informer.fakes import eventually


def pod(name: str, node: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"nodeName": node, "containers": [{"name": "web", "image": "nginx:1"}]},
    }


def files(folder: Path) -> dict[str, list[str]]:
    return {file.stem: json.loads(file.read_text() or "[]") for file in folder.glob("*.json")}


def create(*objects: dict[str, Any]) -> Callable[[Store], object]:
    return lambda store: [store.create(obj, manager="test") for obj in objects]


def test_the_files_follow_the_cluster(tmp_path: Path) -> None:
    before = threading.active_count()
    store = Store()
    create(pod("web-1", "node-1"), pod("web-2", "node-1"), pod("web-3", "node-2"))(store)
    stop = threading.Event()
    with SimulatorServer(store) as server:
        cluster = connect(server=server.url)
        controller = threading.Thread(target=NodeFiles(cluster, tmp_path).run, args=(stop,))
        controller.start()
        eventually(lambda: files(tmp_path) == {"node-1": ["shop/web-1", "shop/web-2"], "node-2": ["shop/web-3"]})
        server.call(create(pod("web-4", "node-3")))
        server.call(lambda store: store.delete("pods", "web-3", "shop"))
        eventually(lambda: files(tmp_path) == {"node-1": ["shop/web-1", "shop/web-2"], "node-3": ["shop/web-4"]})
        (tmp_path / "node-1.json").unlink()
        server.call(lambda store: store.delete("pods", "web-2", "shop"))
        eventually(lambda: files(tmp_path).get("node-1") == ["shop/web-1"])
        stop.set()
        controller.join(5)
        assert not controller.is_alive()
        cluster.close()
    eventually(lambda: threading.active_count() <= before)


def test_a_file_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    store = Store()
    create(pod("web-1", "node-1"))(store)
    blocked = tmp_path / "node-1.json"
    blocked.mkdir()
    stop = threading.Event()
    with SimulatorServer(store) as server:
        cluster = connect(server=server.url)
        controller = threading.Thread(target=NodeFiles(cluster, tmp_path).run, args=(stop,))
        controller.start()
        blocked.rmdir()
        eventually(lambda: blocked.is_file() and files(tmp_path) == {"node-1": ["shop/web-1"]})
        stop.set()
        controller.join(5)
        cluster.close()


def test_it_is_short() -> None:
    assert len((Path(__file__).parent / "controller.py").read_text().splitlines()) < 100
