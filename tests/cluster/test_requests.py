"""What is sent: headers, query, compression, redirects, proxies, keepalive."""

from __future__ import annotations

import gc
import gzip
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from kwatch.base.proxy import proxy_for
from kwatch.cluster import ApiServer, connect
from kwatch.cluster.connecting import in_cluster_config
from kwatch.cluster.credentials import REREAD
from kwatch.cluster.kubeconfig.loading import load_kubeconfig
from kwatch.cluster.kubeconfig.resolving import resolve
from kwatch.cluster.settings import ConnectionSettings, Overrides, TLSTrust, UserEntry
from kwatch.cluster.transport import happy_eyeballs, kubernetes_client
from kwatch.cluster.transport.transport import compression_pays
from kwatch.informer.clock import SystemClock
from kwatch.informer.errors import ApiError
from kwatch.informer.protocol import ListOptions
from tests.cluster.conftest import Serve
from tests.cluster.samples import NODES, PODS, WIDGETS, cluster_at
from tests.cluster.scripted_server import (
    LAST_CHUNK,
    Received,
    ScriptedServer,
    answer,
    chunk,
    event,
    head,
    stream_head,
    watch,
)

EMPTY = answer({"kind": "List", "metadata": {"resourceVersion": "7"}, "items": []})
VERSION = answer({"gitVersion": "v1"})
POD = answer({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a", "namespace": "demo"}})


def with_user(url: str, **fields: object) -> ApiServer:
    user = UserEntry(**fields)  # type: ignore[arg-type]
    return ApiServer(ConnectionSettings("it", "default", url, TLSTrust(), user))


def only_request(server: ScriptedServer) -> Received:
    (received,) = server.requests
    return received


def test_impersonation(serve: Serve) -> None:
    server = serve(lambda _: [VERSION])
    extra = {"Example.com/Scopes": ("read", "write")}
    with_user(
        server.url, impersonate="jane", impersonate_uid="7", impersonate_groups=("a", "b"), impersonate_extra=extra
    ).version()
    received = only_request(server)
    assert received.all("impersonate-user") == ["jane"]
    assert received.all("impersonate-uid") == ["7"]
    assert received.all("impersonate-group") == ["a", "b"]
    assert received.all("impersonate-extra-example.com%2fscopes") == ["read", "write"]


def test_basic_authentication(serve: Serve) -> None:
    server = serve(lambda _: [VERSION])
    with_user(server.url, username="jane", password="päss").version()
    assert only_request(server).header("authorization") == "Basic amFuZTpww6Rzcw=="


def test_no_credentials_in_the_clear(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(lambda _: [answer(b"no", 401)])
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    with pytest.raises(ApiError, match="none are sent over plain http"):
        with_user("http://cluster.example", token="secret", impersonate="jane").version()
    received = only_request(proxy)
    assert received.header("authorization") is None
    assert received.header("impersonate-user") is None


def test_who_asks(serve: Serve) -> None:
    server = serve(lambda _: [VERSION])
    cluster_at(server.url).version()
    received = only_request(server)
    assert (received.header("user-agent") or "").startswith("kwatch/")
    assert received.header("authorization") is None
    assert received.header("accept") == "application/json"


@pytest.mark.parametrize("token", ["a\nb", "a\rX-Evil: 1", "a\n", "\x01", "\x7f"])
def test_a_token_that_is_none(token: str) -> None:
    with pytest.raises(ApiError, match="characters that a header cannot carry"):
        with_user("http://127.0.0.1:1", token=token).version()


def test_what_is_not_ascii_goes_out_as_utf_8(serve: Serve) -> None:
    server = serve(lambda _: [VERSION])
    with_user(server.url, token="tök", impersonate="jäne").version()
    received = only_request(server)
    sent = [(received.header(name) or "").encode("latin-1").decode() for name in ("authorization", "impersonate-user")]
    assert sent == ["Bearer tök", "jäne"]


def test_whom_to_impersonate_is_checked() -> None:
    with pytest.raises(ApiError, match="check --as"):
        with_user("http://127.0.0.1:1", impersonate="a\nX-Evil: 1").version()


class MovableClock(SystemClock):
    now = 0.0

    def monotonic(self) -> float:
        return self.now


def test_a_token_file_is_read_again(serve: Serve, tmp_path: Path) -> None:
    server, clock, file = serve(lambda _: [VERSION]), MovableClock(), tmp_path / "token"
    settings = ConnectionSettings("it", "default", server.url, TLSTrust(), UserEntry(token_file=file))
    cluster = ApiServer(settings, clock)
    with pytest.raises(ApiError, match=r"token file .* is missing, unreadable or empty"):
        cluster.version()
    file.write_text("first\n")
    cluster.version()
    file.write_text("second\n")
    cluster.version()
    clock.now = REREAD
    cluster.version()
    file.unlink()
    clock.now = 2 * REREAD
    cluster.version()
    assert [each.header("authorization") for each in server.requests] == [
        "Bearer first",
        "Bearer first",
        "Bearer second",
        "Bearer second",
    ]


def test_a_refused_token_is_read_again_at_once(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "token"
    server = serve(lambda it: [VERSION if it.header("authorization") == "Bearer new" else answer(b"no", 401)])
    file.write_text("old")
    cluster = with_user(server.url, token_file=file)
    with pytest.raises(ApiError, match="does not accept the credentials"):
        cluster.version()
    assert len(server.requests) == 1, "nothing has changed, so asking again is of no use"
    file.write_text("new")
    assert cluster.version() == "v1"


def test_a_list_asks_for_what_the_options_say(serve: Serve) -> None:
    server = serve(lambda _: [EMPTY])
    door = cluster_at(server.url).lister_watcher(WIDGETS, "a/b?", "app in (a,b)", "spec.nodeName=n 1")
    page = door.list(
        ListOptions(resource_version="5", resource_version_match="NotOlderThan", limit=500, continue_token="+/=")
    )
    assert (page.resource_version, list(page.items)) == ("7", [])
    target = urlsplit(only_request(server).target)
    assert target.path == "/apis/example.com/v1/namespaces/a%2Fb%3F/widgets"
    assert parse_qs(target.query) == {
        "resourceVersion": ["5"],
        "resourceVersionMatch": ["NotOlderThan"],
        "limit": ["500"],
        "continue": ["+/="],
        "labelSelector": ["app in (a,b)"],
        "fieldSelector": ["spec.nodeName=n 1"],
    }


def test_the_options_selectors_go_first(serve: Serve) -> None:
    server = serve(lambda _: [EMPTY])
    cluster_at(server.url).lister_watcher(NODES, "ignored", "a=b").list(ListOptions(label_selector="c=d"))
    assert only_request(server).target == "/api/v1/nodes?labelSelector=c%3Dd"


def test_a_watch_asks_for_what_the_options_say(serve: Serve) -> None:
    server = serve(lambda _: watch())
    options = ListOptions(timeout_seconds=300, allow_watch_bookmarks=True, send_initial_events=True)
    assert list(cluster_at(server.url).lister_watcher(PODS).watch(options)) == []
    query = parse_qs(urlsplit(only_request(server).target).query)
    assert query == {
        "watch": ["true"],
        "timeoutSeconds": ["300"],
        "allowWatchBookmarks": ["true"],
        "sendInitialEvents": ["true"],
    }


@pytest.mark.parametrize(
    ("labels", "fields", "selective"),
    [
        (None, None, False),
        ("", "", False),
        ("app=web", None, True),
        (None, "status.phase=Running", True),
        (None, "metadata.name=a", False),
        (None, "metadata.name=a,metadata.namespace=demo", False),
        (None, "metadata.name=a,status.phase=Running", True),
        ("app=web", "metadata.name=a", True),
        (None, "nonsense", True),
    ],
)
def test_what_an_object_may_leave(labels: str | None, fields: str | None, selective: bool) -> None:
    assert cluster_at("http://127.0.0.1:1").lister_watcher(PODS, None, labels, fields).selective is selective


def test_one_object(serve: Serve) -> None:
    server = serve(lambda _: [POD])
    cluster = cluster_at(server.url)
    found = cluster.get(PODS, "a", "demo")
    assert (found.kind, found.key) == ("Pod", "demo/a")
    cluster.get(NODES, "system:node/1")
    assert [each.target for each in server.requests] == [
        "/api/v1/namespaces/demo/pods/a",
        "/api/v1/nodes/system%3Anode%2F1",
    ]


def test_a_sign_of_life(serve: Serve) -> None:
    server = serve(lambda it: [stream_head() if "watch" in it.target else VERSION])
    door = cluster_at(server.url).lister_watcher(PODS)
    stream = door.watch(ListOptions())
    door.probe()
    assert server.requests[1].target == "/version"
    assert server.accepted == 2
    stream.close()


def test_raw_paths(serve: Serve) -> None:
    server = serve(lambda _: [answer({"items": [1]})])
    assert cluster_at(server.url + "/prefix").get_raw("/apis/metrics.k8s.io/v1beta1/pods?limit=1") == b'{"items": [1]}'
    assert only_request(server).target == "/prefix/apis/metrics.k8s.io/v1beta1/pods?limit=1"


@pytest.mark.parametrize(("wanted", "encoding"), [(None, "identity"), (True, "identity"), (False, "gzip")])
def test_lists_may_be_compressed_and_what_only_watches_not(wanted: bool | None, encoding: str, serve: Serve) -> None:
    listed = b'{"kind":"PodList","metadata":{"resourceVersion":"9"},"items":[]}'
    packed = answer(gzip.compress(listed), Content_Encoding="gzip") if encoding == "gzip" else answer(listed)
    server = serve(lambda it: watch() if "watch" in it.target else [packed])
    door = connect(server=server.url, disable_compression=wanted).lister_watcher(PODS)
    assert door.list(ListOptions()).resource_version == "9"
    list(door.watch(ListOptions(send_initial_events=True)))
    list(door.watch(ListOptions()))
    assert [each.header("accept-encoding") for each in server.requests] == [encoding, encoding, "identity"]


@pytest.mark.parametrize(
    ("server", "proxy", "flags", "pays"),
    [
        ("https://10.0.0.1:6443", "", {}, True),
        ("https://kube.example", "", {"disable-compression": False}, True),
        ("https://kube.example", "", {"disable-compression": True}, False),
        ("https://127.0.0.1:6443", "", {}, False),
        ("http://localhost:8001", "", {}, False),
        ("https://[::1]:6443", "", {}, False),
        ("https://127.0.0.1:6443", "socks5://far.example:1080", {}, True),
    ],
)
def test_compression_pays_where_there_is_a_network(
    server: str, proxy: str, flags: dict[str, bool], pays: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"server": server, **flags, **({"proxy-url": proxy} if proxy else {})}
    path = tmp_path / "config"
    contexts = [{"name": "c", "context": {"cluster": "c"}}]
    path.write_text(
        yaml.safe_dump({"clusters": [{"name": "c", "cluster": entry}], "contexts": contexts, "current-context": "c"})
    )
    assert compression_pays(resolve(load_kubeconfig(path, {}), Overrides())) is pays
    assert compression_pays(resolve(load_kubeconfig(path, {}), Overrides(disable_compression=True))) is False
    assert compression_pays(resolve(load_kubeconfig(path, {}), Overrides(disable_compression=False))) is True


def test_the_pod_we_run_in_takes_gzip(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    environ = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    for wanted, pays in ((None, True), (True, False)):
        config = in_cluster_config(environ, tmp_path)
        assert config is not None
        assert compression_pays(resolve(config, Overrides(disable_compression=wanted))) is pays


def test_a_watch_that_is_compressed_all_the_same(serve: Serve) -> None:
    def respond(_: Received) -> Iterator[bytes]:
        yield stream_head(Content_Encoding="gzip")
        for name in "abc":
            yield chunk(gzip.compress(event("ADDED", name)))
        yield LAST_CHUNK

    events = list(cluster_at(serve(respond).url).lister_watcher(PODS).watch(ListOptions()))
    assert [each.object["metadata"]["name"] for each in events] == ["a", "b", "c"]


def test_a_streaming_list_in_members_that_break_off(serve: Serve) -> None:
    def respond(it: Received) -> Iterator[bytes]:
        yield stream_head(Content_Encoding="gzip")
        yield chunk(gzip.compress(event("ADDED", "a")))
        yield chunk(gzip.compress(event("ADDED", "b"))[:60] if "cut" in it.target else b"this is no member")
        yield LAST_CHUNK

    cluster = connect(server=serve(respond).url, disable_compression=False)
    for namespace, words in (("cut", "broke off in the middle"), ("spoilt", "try --disable-compression")):
        with pytest.raises(ApiError, match=words):
            list(cluster.lister_watcher(PODS, namespace).watch(ListOptions(send_initial_events=True)))


def test_a_watch_in_an_encoding_nobody_asked_for(serve: Serve) -> None:
    server = serve(lambda _: iter([stream_head(Content_Encoding="br"), chunk(event("ADDED")), LAST_CHUNK]))
    with pytest.raises(ApiError, match="encoded as 'br'"):
        list(cluster_at(server.url).lister_watcher(PODS).watch(ListOptions()))


def test_what_a_watch_received_is_counted(serve: Serve) -> None:
    stream = cluster_at(serve(lambda _: watch(event("ADDED"))).url).lister_watcher(PODS).watch(ListOptions())
    assert stream.bytes_received == 0
    assert [[each.type for each in batch] for batch in stream.batches() if batch] == [["ADDED"]]
    assert stream.bytes_received == len(chunk(event("ADDED")) + LAST_CHUNK)


def test_a_watch_without_chunks_ends_with_its_connection(serve: Serve) -> None:
    from tests.cluster.scripted_server import CLOSE

    server = serve(lambda _: [head(200, {"Connection": "close"}) + event("ADDED"), CLOSE])
    events = list(cluster_at(server.url).lister_watcher(PODS).watch(ListOptions()))
    assert [each.type for each in events] == ["ADDED"]


def test_redirects_are_followed_without_the_token_to_others(serve: Serve) -> None:
    other = serve(lambda _: [VERSION])
    moved = {"Location": f"{other.url.replace('127.0.0.1', 'localhost')}/version", "Content-Length": "0"}
    server = serve(lambda _: [head(307, moved)])
    assert with_user(server.url, token="secret").version() == "v1"
    assert only_request(server).header("authorization") == "Bearer secret"
    assert only_request(other).header("authorization") is None


def test_dead_connections_are_probed_for() -> None:
    options = {(level, name): value for level, name, value in kubernetes_client.socket_options()}
    assert options[socket.SOL_SOCKET, socket.SO_KEEPALIVE] == 1
    assert [options[socket.IPPROTO_TCP, getattr(socket, f"TCP_KEEP{name}")] for name in ("IDLE", "INTVL", "CNT")] == [
        10,
        5,
        3,
    ]


def test_the_options_reach_the_socket(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = happy_eyeballs.connect_to_first

    def looking(*args: Any) -> socket.socket:
        sock = real(*args)
        seen.append(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE))
        return sock

    monkeypatch.setattr(kubernetes_client, "connect_to_first", looking)
    cluster_at(serve(lambda _: [VERSION]).url).version()
    assert seen == [10]


class TestProxies:
    def test_plain_requests_are_passed_on(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        proxy = serve(lambda _: [VERSION])
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("http://", "http://me:p%40ss@"))
        assert cluster_at("http://cluster.example").version() == "v1"
        assert only_request(proxy).target == "http://cluster.example/version"
        assert only_request(proxy).header("proxy-authorization") == "Basic bWU6cEBzcw=="

    def test_secure_ones_go_through_a_tunnel(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        proxy = serve(lambda _: [head(403, {"Content-Length": "0"})])
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(ApiError) as caught:
            cluster_at("https://cluster.example").version()
        assert (only_request(proxy).method, only_request(proxy).target) == ("CONNECT", "cluster.example:443")
        assert caught.value.message == f"The proxy {proxy.url} refuses to pass the connection on: 403 Whatever."

    def test_the_kubeconfigs_proxy_goes_first(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        proxy = serve(lambda _: [VERSION])
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", "*")
        file = tmp_path / "config"
        cluster = {"server": "http://cluster.example", "proxy-url": proxy.url}
        context = {"cluster": "it"}
        tree = {"current-context": "it", "clusters": [{"name": "it", "cluster": cluster}]}
        file.write_text(yaml.safe_dump(tree | {"contexts": [{"name": "it", "context": context}]}))
        assert connect(file).version() == "v1"
        assert len(proxy.requests) == 1

    def test_nobody_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        monkeypatch.setenv("HTTP_PROXY", f"http://me:s3cret@127.0.0.1:{port}")
        with pytest.raises(ApiError, match=rf"^The proxy http://127\.0\.0\.1:{port} refuses connections") as caught:
            cluster_at("http://cluster.example").version()
        assert caught.value.reason == "ConnectionRefused"

    @pytest.mark.parametrize(
        ("server", "no_proxy", "direct"),
        [
            ("https://cluster.example", "", False),
            ("https://cluster.example", "cluster.example", True),
            ("https://cluster.example", "example", True),
            ("https://cluster.example", ".example", True),
            ("https://cluster.example", "*.example", True),
            ("https://cluster.example", "ample", False),
            ("https://example", ".example", False),
            ("https://cluster.example:6443", "cluster.example:6443", True),
            ("https://cluster.example:6443", "cluster.example:443", False),
            ("https://cluster.example", "cluster.example:443", True),
            ("https://cluster.example", "other, *", True),
            ("https://10.1.2.3", "10.0.0.0/8", True),
            ("https://10.1.2.3", "10.1.2.3", True),
            ("https://10.1.2.3", "1.2.3", False),
            ("https://11.1.2.3", "10.0.0.0/8,bad/99", False),
            ("https://[fd00::1]:6443", "fd00::/8", True),
            ("https://localhost:6443", "", True),
            ("https://127.0.0.1", "", True),
            ("https://[::1]", "", True),
        ],
    )
    def test_where_no_proxy_is_used(self, server: str, no_proxy: str, direct: bool) -> None:
        environ = {"HTTPS_PROXY": "proxy.example:3128", "NO_PROXY": no_proxy}
        assert proxy_for(server, "", environ) == (None if direct else "http://proxy.example:3128")

    def test_small_letters_count_too(self) -> None:
        environ = {"http_proxy": "http://a:1", "no_proxy": "b"}
        assert proxy_for("http://c", "", environ) == "http://a:1"
        assert proxy_for("http://b", "", environ) is None
        assert proxy_for("https://c", "", environ) is None

    @pytest.mark.parametrize("url", ["ftp://x", "http://", "http://x:port"])
    def test_what_is_no_proxy(self, url: str) -> None:
        with pytest.raises(ValueError, match="proxy-url of the cluster is not the URL of"):
            proxy_for("https://a", url, {})


def test_nothing_is_left_open(serve: Serve) -> None:
    def respond(received: Received) -> Iterator[bytes]:
        if "watch" in received.target:
            yield stream_head() + chunk(event("ADDED"))
        else:
            yield answer(b"no", 404) if "nodes" in received.target else EMPTY

    server = serve(respond)
    cluster = cluster_at(server.url)
    pods, nodes = cluster.lister_watcher(PODS), cluster.lister_watcher(NODES)
    gc.collect()  # what others left open is not meant
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always", ResourceWarning)
        for _ in range(5):
            pods.list(ListOptions())
            stream = pods.watch(ListOptions())
            next(iter(stream))
            stream.close()
            with pytest.raises(ApiError):
                nodes.list(ListOptions())
        assert server.accepted >= 5
        server.wait_until_open(1)
        cluster.close()
        server.wait_until_open(0)
        gc.collect()
    assert [str(each.message) for each in complaints] == []


_ASK = """
import sys
from tests.cluster.samples import cluster_at
cluster_at(sys.argv[1]).version()
print(*sorted(sys.modules))
import kubernetes
print(kubernetes.config.load_kube_config.__name__, kubernetes.__version__, kubernetes.client.ApiClient.__name__)
"""


def test_a_request_imports_two_modules_of_kubernetes_and_not_the_whole_package(serve: Serve) -> None:
    """What it brings, half of a start, no request needs; who imports it afterwards has all of it."""
    server = serve(lambda received: [answer({"gitVersion": "v1.36.2"})])
    done = subprocess.run([sys.executable, "-c", _ASK, server.url], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    modules, whole = done.stdout.splitlines()
    loaded = set(modules.split())
    assert {"kubernetes.client.configuration", "kubernetes.client.rest"} <= loaded
    ballast = {"kubernetes.client.api_client", "kubernetes.config", "kubernetes.watch", "kubernetes.informer"}
    assert not loaded & (ballast | {"pydantic", "requests", "oauthlib", "websocket", "dateutil", "aiohttp"})
    assert whole.split() == ["load_kube_config", version("kubernetes"), "ApiClient"]


def test_importing_the_cluster_is_cheap() -> None:
    """Only the thread of the first request pays for TLS and the pool."""
    code = "import sys, kwatch.cluster; print([n for n in ('kubernetes', 'urllib3', 'ssl') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"
