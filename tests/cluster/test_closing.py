"""close(), from another thread, ends a request at once in whatever state it is."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from kwatch.cluster import ApiServer, connect
from kwatch.cluster.transport import happy_eyeballs
from kwatch.informer.errors import Closed
from kwatch.informer.protocol import ListOptions
from tests.cluster.conftest import Serve
from tests.cluster.samples import PODS, cluster_at
from tests.cluster.scripted_server import WAIT, Received, chunk, event, head, stream_head

AT_ONCE = WAIT / 3
"""Seconds; long before anything here would end by itself."""


class InThread:
    """Runs something that blocks; says how it ended."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action = action
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._action()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            self.error = error

    def ended(self) -> BaseException | None:
        self._thread.join(AT_ONCE)
        assert not self._thread.is_alive(), "it still waits"
        return self.error

    def still_waits(self) -> bool:
        return self._thread.is_alive()


def asking(cluster: ApiServer) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Ways to ask, each with the ways to close it."""
    door = cluster.lister_watcher(PODS)
    return {
        "list, closed with its lister-watcher": (lambda: door.list(ListOptions()), door.close),
        "watch, closed with its lister-watcher": (lambda: door.watch(ListOptions()), door.close),
        "watch, closed with the cluster": (lambda: door.watch(ListOptions()), cluster.close),
        "get, closed with the cluster": (lambda: cluster.get(PODS, "a", "demo"), cluster.close),
        "logs, closed with the cluster": (lambda: cluster.logs("demo", "a", follow=True), cluster.close),
    }


WAYS = list(asking(cluster_at("http://127.0.0.1:1")))


@pytest.mark.parametrize("way", WAYS)
def test_while_the_name_is_looked_up(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looking, found = threading.Event(), threading.Event()
    real = socket.getaddrinfo
    slow_host = (
        f"slow{WAYS.index(way)}.example"  # a name of its own: who asks for the same one waits for the same look-up
    )

    def slow(host: str, *args: object, **kwargs: object) -> object:
        if host != slow_host or kwargs.get("flags"):
            return real(host, *args, **kwargs)  # type: ignore[arg-type]
        looking.set()
        found.wait(WAIT)
        raise socket.gaierror(socket.EAI_NONAME, "no such host")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    action, close = asking(cluster_at(f"http://{slow_host}:80"))[way]
    request = InThread(action)
    assert looking.wait(WAIT)
    close()
    assert isinstance(request.ended(), Closed)
    found.set()


@pytest.fixture
def unanswering() -> Iterator[int]:
    """A port whose queue of connections is full, so that connecting to it takes for ever."""
    with ExitStack() as stack:
        listener = stack.enter_context(closing(socket.socket()))
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(8):
            filler = stack.enter_context(closing(socket.socket()))
            filler.setblocking(False)
            filler.connect_ex(address)
        with pytest.raises(TimeoutError):
            socket.create_connection(address, timeout=0.1)
        yield int(address[1])


@pytest.mark.parametrize("way", WAYS)
def test_while_connecting(way: str, unanswering: int, monkeypatch: pytest.MonkeyPatch) -> None:
    connecting = threading.Event()
    real = happy_eyeballs._Waker.wait

    def telling(*args: object) -> object:
        connecting.set()
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(happy_eyeballs._Waker, "wait", telling)
    action, close = asking(cluster_at(f"http://127.0.0.1:{unanswering}"))[way]
    request = InThread(action)
    assert connecting.wait(WAIT)
    close()
    assert isinstance(request.ended(), Closed)


@pytest.mark.parametrize("way", WAYS)
def test_while_shaking_hands(way: str, serve: Serve) -> None:
    server = serve(lambda _: ())
    secure = connect(server=server.url.replace("http:", "https:"), insecure_skip_tls_verify=True)
    action, close = asking(secure)[way]
    request = InThread(action)
    server.wait_for_connections(1)
    assert request.still_waits()
    close()
    assert isinstance(request.ended(), Closed)


@pytest.mark.parametrize("way", WAYS)
def test_while_waiting_for_headers(way: str, serve: Serve) -> None:
    server = serve(lambda _: ())
    action, close = asking(cluster_at(server.url))[way]
    request = InThread(action)
    server.wait_for_requests(1)
    assert request.still_waits()
    close()
    assert isinstance(request.ended(), Closed)


def test_while_a_proxy_is_asked_to_pass_on(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(lambda _: ())
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    cluster = connect(server="https://cluster.example", insecure_skip_tls_verify=True)
    request = InThread(cluster.version)
    assert proxy.wait_for_requests(1)[0].method == "CONNECT"
    cluster.close()
    assert isinstance(request.ended(), Closed)


def test_in_the_middle_of_a_list(serve: Serve) -> None:
    def half(_: Received) -> Iterator[bytes]:
        yield head(200, {"Content-Length": "1000"}) + b'{"items":['

    server = serve(half)
    door = cluster_at(server.url).lister_watcher(PODS)
    request = InThread(lambda: door.list(ListOptions()))
    server.wait_for_requests(1)
    door.close()
    assert isinstance(request.ended(), Closed)


def open_watch(_: Received) -> Iterator[bytes]:
    yield stream_head() + chunk(event("ADDED"))


@pytest.mark.parametrize("who", ["stream", "lister-watcher", "cluster"])
def test_in_a_silent_watch(who: str, serve: Serve) -> None:
    cluster = cluster_at(serve(open_watch).url)
    door = cluster.lister_watcher(PODS)
    stream = door.watch(ListOptions())
    first = threading.Event()

    def read() -> None:
        for _ in stream:
            first.set()

    reading = InThread(read)
    assert first.wait(WAIT)
    close = {"stream": stream.close, "lister-watcher": door.close, "cluster": cluster.close}[who]
    close()
    assert isinstance(reading.ended(), Closed)


def test_in_a_silent_log(serve: Serve) -> None:
    def one_line(_: Received) -> Iterator[bytes]:
        yield stream_head() + chunk(b"hello\n")

    logs = cluster_at(serve(one_line).url).logs("demo", "a", follow=True)
    first = threading.Event()

    def read() -> None:
        for _ in logs:
            first.set()

    reading = InThread(read)
    assert first.wait(WAIT)
    logs.close()
    assert isinstance(reading.ended(), Closed)


def test_a_watch_that_nobody_reads(serve: Serve) -> None:
    stream = cluster_at(serve(open_watch).url).lister_watcher(PODS).watch(ListOptions())
    stream.close()
    stream.close()
    with pytest.raises(Closed):
        list(stream)


def test_a_watch_closed_before_it_is_read_lets_go_of_its_connection(serve: Serve) -> None:
    server = serve(open_watch)
    door = cluster_at(server.url).lister_watcher(PODS)
    stream = door.watch(ListOptions())
    door.close()
    with pytest.raises(Closed):
        list(stream)
    server.wait_until_open(0)


def test_while_a_plugin_runs(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"open({str(begun)!r}, 'w').close(); time.sleep(60)"
    )
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(
        f"""
current-context: it
contexts: [{{name: it, context: {{cluster: it, user: it}}}}]
clusters: [{{name: it, cluster: {{server: "http://127.0.0.1:1"}}}}]
users:
- name: it
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      interactiveMode: Never
      command: {sys.executable}
      args: [-c, {script!r}]
"""
    )
    cluster = connect(kubeconfig)
    door = cluster.lister_watcher(PODS)
    alone, others = InThread(lambda: door.list(ListOptions())), InThread(cluster.version)
    wait_for_file(begun)
    door.close()
    assert isinstance(alone.ended(), Closed)
    assert others.still_waits(), "closing one lister-watcher must not end the login of the others"
    cluster.close()
    assert isinstance(others.ended(), Closed)


def wait_for_file(path: Path) -> None:
    waiting = threading.Event()
    for _ in range(int(WAIT * 100)):
        if path.exists():
            return
        waiting.wait(0.01)
    raise AssertionError(f"{path} never came")


@pytest.mark.parametrize("way", WAYS)
def test_afterwards_everything_raises(way: str, serve: Serve) -> None:
    server = serve(lambda _: ())
    action, close = asking(cluster_at(server.url))[way]
    close()
    with pytest.raises(Closed):
        action()
    assert server.accepted == 0


def test_one_lister_watcher_does_not_end_another(serve: Serve) -> None:
    cluster = cluster_at(serve(open_watch).url)
    first, second = cluster.lister_watcher(PODS), cluster.lister_watcher(PODS)
    stream = second.watch(ListOptions())
    first.close()
    assert next(iter(stream)).type == "ADDED"
    stream.close()
