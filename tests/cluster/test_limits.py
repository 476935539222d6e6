"""Everything a server sends has a limit, and a sentence where it is over it; what can go on goes on."""

from __future__ import annotations

import gzip
import json
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kwatch.cluster.api_server import ApiServer
from kwatch.cluster.framing import Buffer, LineFramer, Oversize, ValueFramer, read_page
from kwatch.cluster.settings import ConnectionSettings, TLSTrust, UserEntry
from kwatch.cluster.transport.body_coding import ChunkedBody, inflating
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject, Unreadable
from kwatch.informer.protocol import Form, ListOptions, Object
from tests.cluster.conftest import Serve
from tests.cluster.samples import PODS, WIDGETS, cluster_at
from tests.cluster.scripted_server import CLOSE, LAST_CHUNK, Received, answer, chunk, event, head, stream_head, watch

OBJECT, PAGE, SKIPPED = 2000, 20_000, 100_000
HEAD = 300
ENDLESS = 64 << 10
JSON = {"Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("kwatch.cluster.framing", "kwatch.informer.decoding"):
        monkeypatch.setattr(f"{module}.LARGEST_OBJECT", OBJECT)
    monkeypatch.setattr("kwatch.cluster.framing.OBJECT_HEAD", HEAD)
    for module in ("kwatch.informer.decoding", "kwatch.cluster.table"):
        monkeypatch.setattr(f"{module}.MB", 1000)
    monkeypatch.setattr("kwatch.cluster.framing.LARGEST_UNSPLIT_PAGE", OBJECT)
    monkeypatch.setattr("kwatch.cluster.framing.LARGEST_PAGE", PAGE)
    for module in ("kwatch.cluster.framing", "kwatch.cluster.lister_watcher"):
        monkeypatch.setattr(f"{module}.LONGEST_SKIPPED", SKIPPED)


def pod(name: str, size: int = 0) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "demo", "resourceVersion": "1"}
    return {"metadata": metadata, "spec": {"x": "x" * size}}


def pod_list(*items: Any, **metadata: Any) -> bytes:
    tree = {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "9", **metadata}, "items": items}
    return json.dumps(tree).encode()


def told(items: Iterable[Object]) -> list[str]:
    """Each object by its name, and why it is unreadable."""
    return [
        each["metadata"].get("name", "?") + (f": {each.reason}" if isinstance(each, Unreadable) else "")
        for each in items
    ]


def listed(serve: Serve, *sent: bytes) -> list[str]:
    return told(cluster_at(serve(lambda _: sent).url).lister_watcher(PODS).list(ListOptions()).items)


def refused(serve: Serve, *sent: bytes, ask: Callable[[Any], object] | None = None) -> str:
    server = serve(lambda _: sent)
    cluster = cluster_at(server.url)
    with pytest.raises(ApiError) as caught:
        (ask or (lambda cluster: cluster.lister_watcher(PODS).list(ListOptions())))(cluster)
    assert caught.value.reason == "TooLarge"
    return caught.value.message.replace(server.url, "URL")


TOO_LONG = "it is {} bytes long, and at most 2,000 bytes are read"


class TestWatches:
    def test_one_line_that_is_too_long(self, serve: Serve) -> None:
        large = event("MODIFIED", "large", 2, spec={"x": "y" * 50_000})
        server = serve(lambda _: watch(event("ADDED", "a"), large, event("ADDED", "b", 3)))
        events = list(cluster_at(server.url).lister_watcher(PODS).watch(ListOptions()))
        assert [each.type for each in events] == ["ADDED", "MODIFIED", "ADDED"]
        assert told(each.object for each in events) == [
            "a",
            f"large: it is {len(large) / 1024:.0f} KB long, and at most 2,000 bytes are read",
            "b",
        ]

    @pytest.mark.parametrize("size", [1, 7, 5000])
    @pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
    def test_a_line_without_end(self, size: int, encoding: str, serve: Serve) -> None:
        packer = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)

        def packed(data: bytes) -> bytes:
            return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH) if encoding else data

        def endless(_: Received) -> Iterator[bytes]:
            yield stream_head(**({"Content_Encoding": encoding} if encoding else {}))
            yield chunk(packed(event("ADDED", "a") + b'{"type":"ADDED","object":{"metadata":{"name":"b"},"x":"'))
            piece = chunk(packed(b"y" * size)) if not encoding else b""
            while True:
                yield piece * (ENDLESS // len(piece)) if piece else chunk(packed(b"y" * ENDLESS))

        batches = cluster_at(serve(endless).url).lister_watcher(PODS).watch(ListOptions()).batches()
        assert told(each.object for each in next(batches)) == ["a"]
        with pytest.raises(ApiError, match="A line of the watch is larger than 98 KB") as caught:
            list(batches)
        assert caught.value.reason == "TooLarge"

    def test_a_little_that_unpacks_to_much_is_unpacked_in_steps(self) -> None:
        (layer,) = inflating("gzip")
        bomb = gzip.compress(bytes(50 << 20))
        steps = layer.feed([bomb])
        assert max(len(next(steps)) for _ in range(10)) <= 256 << 10
        assert sum(map(len, layer.feed([]))) == 0

    def test_bombs_within_bombs(self) -> None:
        bomb = bytes(20 << 20)
        for _ in range(3):
            bomb = gzip.compress(bomb)
        steps: Iterable[bytes] = [bomb]
        for layer in inflating("gzip, gzip, gzip"):
            steps = layer.feed(steps)
        assert all(len(step) <= 256 << 10 for step in steps)

    def test_what_is_kept_back_at_the_end_of_a_step_comes(self) -> None:
        for size in range((256 << 10) - 3, (256 << 10) + 3):
            data = bytes(size)
            (layer,) = inflating("gzip")
            assert b"".join(layer.feed([gzip.compress(data) + gzip.compress(b"next")])) == data + b"next"

    def test_an_error_that_is_too_long(self, serve: Serve) -> None:
        status = {"kind": "Status", "code": 500, "message": "m" * 1500}
        line = json.dumps({"type": "ERROR", "object": status}).encode() + b"\n"
        server = serve(lambda _: watch(line))
        (found,) = cluster_at(server.url).lister_watcher(PODS).watch(ListOptions())
        assert found.type == "ERROR"

    def test_tables(self, serve: Serve) -> None:
        row = {"cells": ["x" * 3000], "object": {"metadata": {"name": "w", "namespace": "demo"}}}
        line = json.dumps({"type": "ADDED", "object": {"kind": "Table", "rows": [row]}}).encode() + b"\n"
        server = serve(lambda _: watch(line))
        (found,) = cluster_at(server.url).lister_watcher(WIDGETS, form=Form.TABLE).watch(ListOptions())
        assert isinstance(found.object, Unreadable)


class TestFraming:
    def test_only_the_beginning_is_held(self) -> None:
        buffer = Buffer("It")
        for _ in range(100):
            buffer += b"x" * 100
        assert (len(buffer.content), buffer.size, buffer.is_whole) == (HEAD, 10_000, False)
        taken = buffer.take()
        assert isinstance(taken, Oversize)
        assert (len(taken), taken.size, buffer.size) == (HEAD, 10_000, 0)

    def test_the_next_line_is_whole(self) -> None:
        framer = LineFramer()
        assert framer.feed([b"x" * 5000, b"x\nabc", b"def\n", b"ghi\njk"])[1:] == [b"abcdef\n", b"ghi\n"]
        assert framer.take_tail() == b"jk"

    def test_values_without_newlines(self) -> None:
        framer = ValueFramer()
        large, small = framer.feed(b'{"a":"' + b"x" * 5000 + b'"}{"b":1}')
        assert (isinstance(large, Oversize), small) == (True, b'{"b":1}')

    def test_tiny_chunks_are_joined(self) -> None:
        assert ChunkedBody().feed(b"1\r\nx\r\n" * 5000) == [b"x" * 5000]


class TestLists:
    def test_one_object_that_is_too_large(self, serve: Serve) -> None:
        body = pod_list(pod("a"), pod("large", 50_000), pod("b"))
        assert listed(serve, answer(body)) == ["a", "large: it is 49 KB long, and at most 2,000 bytes are read", "b"]

    @pytest.mark.parametrize("encoding", ["gzip", "deflate"])
    def test_packed(self, encoding: str, serve: Serve) -> None:
        body = pod_list(pod("a"), pod("large", 50_000), pod("b"))
        packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
        assert [each[:5] for each in listed(serve, answer(packed, Content_Encoding=encoding))] == ["a", "large", "b"]

    def test_a_large_page_of_small_objects_is_as_good(self, serve: Serve) -> None:
        items = [pod(f"p{number}", 100) for number in range(60)]
        page = cluster_at(serve(lambda _: [answer(pod_list(*items))]).url).lister_watcher(PODS).list(ListOptions())
        assert told(page.items) == [f"p{number}" for number in range(60)]
        assert page.resource_version == "9"
        assert all(
            isinstance(each, KubeObject) and json.loads(each.raw) == item
            for each, item in zip(page.items, items, strict=True)
        )

    def test_tables(self, serve: Serve) -> None:
        rows = [{"cells": [f"w{n}", "x" * size], "object": pod(f"w{n}")} for n, size in enumerate((9, 5000, 9))]
        body = json.dumps({"kind": "Table", "metadata": {"resourceVersion": "9"}, "rows": rows}).encode()
        page = (
            cluster_at(serve(lambda _: [answer(body)]).url).lister_watcher(WIDGETS, form=Form.TABLE).list(ListOptions())
        )
        first, large, last = page.items
        assert isinstance(large, Unreadable)
        assert isinstance(first, KubeObject) and isinstance(last, KubeObject)
        assert (first.cells, last.cells) == (("w0", "x" * 9), ("w2", "x" * 9))

    def test_a_page_that_is_too_large(self, serve: Serve) -> None:
        body = pod_list(*(pod(f"p{number}", 500) for number in range(50)))
        said = refused(serve, answer(body))
        assert said == "The answer of URL to /api/v1/pods is larger than 20 KB, which is the most that is read."

    def test_a_page_without_end(self, serve: Serve) -> None:
        def endless(_: Received) -> Iterator[bytes]:
            yield stream_head()
            yield chunk(pod_list()[:-2] + b'{"metadata":{"name":"a"},"x":"')
            while True:
                yield chunk(b"y" * ENDLESS)

        with pytest.raises(ApiError, match=r"larger than 98 KB") as caught:
            cluster_at(serve(endless).url).lister_watcher(PODS).list(ListOptions())
        assert caught.value.reason == "TooLarge"

    def test_a_page_that_announces_too_much_is_not_read(self, serve: Serve) -> None:
        assert "larger than 98 KB" in refused(serve, head(200, JSON | {"Content-Length": "999999999999"}) + b"{")

    @pytest.mark.parametrize(
        "body",
        [b"[" + b"1," * 5000, b'"' + b"x" * 9000, b'{"items":[1,2,"' + b"x" * 9000, b'{"x":"' + b"y" * 9000 + b'"}'],
    )
    def test_what_is_large_and_no_list(self, body: bytes, serve: Serve) -> None:
        server = serve(lambda _: [answer(body)])
        with pytest.raises(ApiError) as caught:
            cluster_at(server.url).lister_watcher(PODS).list(ListOptions())
        assert caught.value.status == 0

    @pytest.mark.parametrize("strange", [b"1", b"null", b'"x"', b"[]", b"]}]"])
    def test_what_is_among_large_objects_and_none(self, strange: bytes, serve: Serve) -> None:
        """An object that is not understood must not be taken for deleted."""
        body = pod_list(*(pod(f"p{number}", 100) for number in range(60))).replace(
            b'{"metadata": {"name": "p9"', strange
        )
        server = serve(lambda _: [answer(body)])
        with pytest.raises(ApiError) as caught:
            cluster_at(server.url).lister_watcher(PODS).list(ListOptions())
        assert caught.value.status == 0

    def test_broken_off_in_the_middle_it_is_no_list(self) -> None:
        whole = pod_list(*(pod(f"p{number}", 100) for number in range(60)))
        body, items = read_page((each for each in [whole[:3000]]), "It")
        assert items
        with pytest.raises(ApiError, match="cannot be read"):
            cluster_at("http://127.0.0.1:1").lister_watcher(PODS)._decode_list(body, items)

    def test_too_many_values(self, monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
        monkeypatch.setattr("kwatch.informer.decoding.MOST_VALUES", 500)
        large = {**pod("large"), "x": [1] * 600}
        assert listed(serve, answer(pod_list(pod("a"), large))) == ["a", "large: it holds more than 500 values"]

    def test_too_many_objects(self, monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
        for module in ("kwatch.informer.decoding", "kwatch.cluster.framing"):
            monkeypatch.setattr(f"{module}.MOST_PAGE_ITEMS", 20)
        assert "more than 20 objects" in refused(serve, answer(pod_list(*[pod("a")] * 21)))
        assert "more than 20 objects" in refused(serve, answer(pod_list(*[pod("a", 90)] * 60)))

    @pytest.mark.parametrize("field", ["resourceVersion", "continue"])
    def test_a_version_or_token_of_megabytes(self, field: str, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        # Otherwise it depends on the network how much is there when the objects are looked for.
        monkeypatch.setattr("kwatch.cluster.framing.LARGEST_UNSPLIT_PAGE", 1 << 20)
        server = serve(lambda _: [answer(pod_list(**{field: "9" * 70_000}))])
        with pytest.raises(ApiError, match=f"{field.replace('continue', 'continue token')} is 68 KB long"):
            cluster_at(server.url).lister_watcher(PODS).list(ListOptions())

    def test_names_of_kilobytes(self, serve: Serve) -> None:
        (found,) = listed(serve, answer(pod_list(pod("n" * 1500))))
        assert found.endswith("too long")


class TestConnections:
    def test_a_whole_answer_leaves_the_connection_to_the_next(self, serve: Serve) -> None:
        server = serve(lambda _: [stream_head(), chunk(pod_list()), LAST_CHUNK])
        door = cluster_at(server.url).lister_watcher(PODS)
        for _ in range(3):
            door.list(ListOptions())
        assert server.accepted == 1

    @pytest.mark.parametrize("end", [b"0\r\nX: y\r\n\r\n", b"0\r\n\r\nHTTP/1.1 200 more", b"0;ext=1\r\nX: 1\r\nY:"])
    def test_trailers_are_not_read(self, end: bytes, serve: Serve) -> None:
        server = serve(lambda _: [stream_head(), chunk(pod_list()), end])
        door = cluster_at(server.url).lister_watcher(PODS)
        for _ in range(2):
            door.list(ListOptions())
        assert server.accepted == 2

    def test_the_body_of_a_redirect_is_not_read(self, serve: Serve) -> None:
        def redirect(received: Received) -> Iterator[bytes]:
            if received.target.startswith("/moved"):
                yield answer(pod_list(pod("a")))
                return
            yield head(307, {"Location": "/moved", "Transfer-Encoding": "chunked"})
            while True:
                yield chunk(b"x" * ENDLESS)

        assert told(cluster_at(serve(redirect).url).lister_watcher(PODS).list(ListOptions()).items) == ["a"]

    def test_the_body_of_an_error_is_read_as_far_as_it_may(self, serve: Serve) -> None:
        def refuse(_: Received) -> Iterator[bytes]:
            yield head(500, {"Content-Type": "text/plain", "Transfer-Encoding": "chunked"})
            while True:
                yield chunk(b"no " * ENDLESS)

        with pytest.raises(ApiError, match=r"^no no .*\.\.\.$") as caught:
            cluster_at(serve(refuse).url).version()
        assert caught.value.status == 500

    def test_a_status_of_a_megabyte_is_shortened(self, serve: Serve) -> None:
        causes = [{"message": "c" * 5000}] * 100
        status = {"kind": "Status", "message": "m" * 50_000, "reason": "r" * 5000, "details": {"causes": causes}}
        with pytest.raises(ApiError, match=r"^m{2000}… \(49 KB\)$") as caught:
            cluster_at(serve(lambda _: [answer(status, 500)]).url).version()
        assert len(caught.value.reason) < 300
        assert len(caught.value.causes) == 50
        assert len(caught.value.causes[0].message) < 2100

    def test_answers_and_headers_byte_by_byte(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        now = iter(range(0, 1_000_000, 5))
        looked = threading.Semaphore(1)

        def clock() -> int:
            looked.release()
            return next(now)

        monkeypatch.setattr("kwatch.cluster.framing.LARGEST_UNSPLIT_PAGE", 1 << 20)
        for module in ("answer", "kubernetes_client"):
            monkeypatch.setattr(f"kwatch.cluster.transport.{module}.monotonic", clock)

        def drip(received: Received) -> Iterator[bytes]:
            in_headers = received.target.startswith("/version")
            yield b"HTTP/1.1 200 OK\r\nX: " if in_headers else head(200, JSON | {"Content-Length": "50000"})
            while looked.acquire(timeout=60):  # a byte for each look at the clock, however busy the machine is
                yield b"y"

        server = serve(drip)
        with pytest.raises(ApiError, match="does not answer"):
            cluster_at(server.url).version()
        with pytest.raises(ApiError, match=r"sends too slowly: [\d,]+ bytes in 8\d s\."):
            cluster_at(server.url).lister_watcher(PODS).list(ListOptions())

    def test_a_watch_that_does_not_end(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        now = iter(range(0, 1_000_000, 5))

        def drip(_: Received) -> Iterator[bytes]:
            yield stream_head()
            while True:
                yield chunk(b" ")

        server = serve(drip)
        opened = cluster_at(server.url).lister_watcher(PODS).watch(ListOptions(timeout_seconds=300))
        monkeypatch.setattr("kwatch.cluster.transport.answer.monotonic", lambda: 1e9 + next(now))
        with pytest.raises(ApiError, match="has not ended within"):
            list(opened)

    def test_headers_without_end(self, serve: Serve) -> None:
        def endless(_: Received) -> Iterator[bytes]:
            yield b"HTTP/1.1 200 OK\r\n"
            while True:
                yield b"X: y\r\n" * 1000

        with pytest.raises(ApiError, match="not answer in HTTP that can be read"):
            cluster_at(serve(endless).url).version()

    def test_continuing_without_end(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        now = iter(range(0, 1_000_000, 30))
        monkeypatch.setattr("kwatch.cluster.transport.kubernetes_client.monotonic", lambda: next(now))

        def endless(_: Received) -> Iterator[bytes]:
            while True:
                yield b"HTTP/1.1 100 Continue\r\n\r\n" * 100

        with pytest.raises(ApiError, match="does not answer"):
            cluster_at(serve(endless).url).version()

    def test_a_chunk_extension_without_end(self, serve: Serve) -> None:
        with pytest.raises(ApiError, match="broke off"):
            cluster_at(serve(lambda _: [stream_head(), b"5;" + b"x" * 9000, CLOSE]).url).version()


class TestOtherAnswers:
    def test_what_the_server_offers(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kwatch.cluster.discovery.LARGEST_DISCOVERY", 1000)
        said = refused(serve, answer({"kind": "x" * 2000}), ask=lambda cluster: cluster.discover())
        assert said == "The answer of URL to /api is larger than 1,000 bytes, which is the most that is read."

    def test_too_many_resources(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kwatch.cluster.discovery.MOST_RESOURCES", 5)
        resources = [{"resource": f"r{number}", "scope": "Cluster"} for number in range(20)]
        group = {"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": resources}]}
        server = serve(lambda _: [answer({"kind": "APIGroupDiscoveryList", "items": [group]})])
        found = cluster_at(server.url).discover()
        assert len(found.resources) == 5
        assert found.failed_groups == {"*": "it offers 20 resources; those after 5 are left out"}

    def test_the_usage_of_too_much(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kwatch.cluster.transport.transport.MB", 1000)
        monkeypatch.setattr("kwatch.cluster.transport.transport.MOST_ANSWER_VALUES", 100)
        sent = answer(b"[" + b"[]," * 1000 + b"1]")
        said = refused(serve, sent, ask=lambda cluster: cluster.get_raw("/apis/metrics.k8s.io/v1beta1/pods"))
        assert said == "The server's answer holds more than 100 values."

    def test_a_version_without_end(self, serve: Serve) -> None:
        sent = head(200, JSON | {"Content-Length": str(2 << 20)}) + b" " * 10
        assert "to /version is larger than 1 MB" in refused(serve, sent, ask=lambda cluster: cluster.version())

    def test_one_object(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kwatch.cluster.lister_watcher.LARGEST_OBJECT", 1000)
        said = refused(serve, answer(pod("a", 5000)), ask=lambda cluster: cluster.get(PODS, "a", "demo"))
        assert "/pods/a is larger than 1,000 bytes" in said

    def test_a_token_file_that_holds_something_else(self, tmp_path: Path) -> None:
        file = tmp_path / "token"
        file.write_bytes(b"x" * 100_000)
        settings = ConnectionSettings("it", "default", "http://127.0.0.1:1", TLSTrust(), UserEntry(token_file=file))
        with pytest.raises(ApiError, match="is too long for a token"):
            ApiServer(settings).version()
