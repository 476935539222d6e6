"""`python -m tests.benchmarks.attacks [NAME...]`: hostile servers and files, and what a process takes that meets them.

Each attack runs for some seconds against a kwatch of its own; its resident memory must stay under 300 MB.
"""

from __future__ import annotations

import gzip
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from kwatch.history.packing import pack_delta, zstd
from kwatch.history.recording.format import HEADER, MAGIC, MARKER
from tests.cluster.scripted_server import LAST_CHUNK, Received, ScriptedServer, answer, chunk, event, head, stream_head

MOST_MEGABYTES = 300
SECONDS = 10.0
MB = 1 << 20
BLOCK = b"x" * MB
LIST = b'{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"%s},"items":['
POD = b'{"metadata":{"name":"p%d","namespace":"demo","resourceVersion":"1"},"spec":{"x":"%s"}}'
BEGUN = b'{"type":"ADDED","object":{"metadata":{"name":"b","namespace":"demo"},"x":"'
BEGUN_LIST = LIST % b"" + b'{"metadata":{"name":"a"},"x":"'
Script = Callable[[], Iterator[bytes]]
_numbers = itertools.count()


def whole_list() -> Iterator[bytes]:
    yield answer(LIST % b"" + POD % (1, b"") + b"]}", Content_Type="application/json")


def pieces(*parts: bytes, of: bytes = BLOCK, encoding: str = "") -> Script:
    """A chunked body that begins with these and goes on with `of` for ever."""

    def send() -> Iterator[bytes]:
        yield stream_head(**({"Content_Encoding": encoding} if encoding else {}))
        for part in parts:
            yield chunk(part)
        more = chunk(of)
        while True:
            yield more

    return send


def bomb() -> bytes:
    return gzip.compress(bytes(64 * MB))


def tiny_chunks() -> Iterator[bytes]:
    yield stream_head() + chunk(BEGUN)
    while True:
        yield b"2\r\nxx\r\n" * 20_000


def huge_object() -> Iterator[bytes]:
    yield stream_head() + chunk(event("ADDED", "a") + BEGUN)
    for _ in range(70):
        yield chunk(BLOCK)
    yield chunk(b'"}}\n' + event("ADDED", "c", 3))
    time.sleep(SECONDS)


def new_pages() -> Iterator[bytes]:
    items = b",".join(POD % (next(_numbers), os.urandom(300).hex().encode()) for _ in range(500))
    yield answer(LIST % (b',"continue":"%d"' % next(_numbers)) + items + b"]}", Content_Type="application/json")


def empty_pages() -> Iterator[bytes]:
    yield answer(LIST % (b',"continue":"%d"' % next(_numbers)) + b"]}", Content_Type="application/json")


def nested_list() -> Iterator[bytes]:
    yield answer(LIST % b"" + b"[]," * (20 * MB) + b"1]}", Content_Type="application/json")


def many_tiny() -> Iterator[bytes]:
    yield answer(LIST % b"" + b"1," * (15 * MB) + b"1]}", Content_Type="application/json")


def endless_headers() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX: "
    while True:
        yield BLOCK


def endless_trailers() -> Iterator[bytes]:
    yield stream_head() + chunk(LIST % b"" + b"]}") + b"0\r\n"
    while True:
        yield b"X: y\r\n" * 10_000


def huge_status() -> Iterator[bytes]:
    yield head(500, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}) + chunk(b'{"message":"')
    while True:
        yield chunk(BLOCK)


def refused() -> Iterator[bytes]:
    yield answer({"kind": "Status", "message": "no", "code": 422}, 422)


def quiet() -> Iterator[bytes]:
    yield stream_head() + LAST_CHUNK


SERVERS: dict[str, tuple[Script, Script]] = {
    "a line of a watch without end": (whole_list, pieces(BEGUN)),
    "the same, compressed": (whole_list, pieces(gzip.compress(BEGUN), of=bomb(), encoding="gzip")),
    "the same, in tiny chunks": (whole_list, tiny_chunks),
    "an object of 70 MB on a watch": (whole_list, huge_object),
    "a list without end": (pieces(BEGUN_LIST), quiet),
    "a list without end, compressed": (
        pieces(gzip.compress(LIST % b"" + b'{"x":"'), of=bomb(), encoding="gzip"),
        quiet,
    ),
    "a list of small objects without end": (pieces(LIST % b"", of=(POD % (1, b"") + b",") * 9000), quiet),
    "pages without end": (new_pages, quiet),
    "empty pages without end": (empty_pages, quiet),
    "a list of nested lists": (nested_list, quiet),
    "a list of numbers": (many_tiny, quiet),
    "headers without end": (endless_headers, quiet),
    "trailers without end": (endless_trailers, quiet),
    "an error without end": (huge_status, quiet),
}


def files() -> dict[str, bytes]:
    import msgspec

    from tests.history.recording.test_damage import BEGIN, GOOD, POD, deltas, framed, record

    encode = msgspec.msgpack.encode
    return {
        "a version that unpacks to a gigabyte": BEGIN
        + deltas(record(), record(pack_delta(bytes(1024 * MB), POD), sequence=2, base=1)),
        "a payload that unpacks to a gigabyte": BEGIN + framed(zstd.compress(bytes(1024 * MB))) + GOOD,
        "marks": MAGIC + MARKER * 500_000,
        "headers": BEGIN + HEADER.pack(MARKER, 4, 0, 0, MB, 1, 5.0, 5.0, 0) * 45_000,
        "many records": BEGIN + deltas(*[record(b"{}")] * 9000) * 150 + GOOD,
        "many cells": BEGIN + deltas(*[record(cells=msgspec.Raw(encode([None] * 60_000)))] * 300) * 20,
        "many objects": BEGIN
        + b"".join(
            deltas(*(record(b'{"metadata":{"name":"%d"}}' % n, key=str(n)) for n in range(start, start + 9000)))
            for start in range(0, 360_000, 9000)
        ),
    }


def respond(lists: Script, watches: Script) -> Callable[[Received], Iterator[bytes]]:
    def to(received: Received) -> Iterator[bytes]:
        if "sendInitialEvents" in received.target:
            return refused()
        return watches() if "watch=true" in received.target else lists()

    return to


CLIENT = """
import sys, threading, time
from kwatch.cluster import ApiServer
from kwatch.cluster.settings import ConnectionSettings, TLSTrust
from kwatch.cluster.settings import UserEntry
from kwatch.informer import GroupVersionResource, Resource, SharedInformerFactory
pods = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True)
cluster = ApiServer(ConnectionSettings("it", "default", sys.argv[1], TLSTrust(), UserEntry()))
factory = SharedInformerFactory(cluster)
informer = factory.for_resource(pods)
factory.start()
time.sleep(float(sys.argv[2]))
status = informer.status
print(status.last_error.message if status.last_error else "no error", f"({len(informer.indexer)} objects)")
"""


def measure(command: list[str], seconds: float) -> tuple[int, str]:
    """The largest resident memory of a process in MB, and the last it said."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        status = Path(f"/proc/{process.pid}/status")
        largest = 0
        until = time.monotonic() + seconds
        while process.poll() is None:
            for line in status.read_text().splitlines():
                if line.startswith("VmHWM"):
                    largest = max(largest, int(line.split()[1]) // 1024)
            if largest > 2 * MOST_MEGABYTES or time.monotonic() > until:
                process.kill()
            time.sleep(0.05)
        said.seek(0)
        words = said.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
    return largest, words[-1] if words else ""


def attacks() -> Iterator[tuple[str, Callable[[], tuple[int, str]]]]:
    def server(lists: Script, watches: Script) -> tuple[int, str]:
        with ScriptedServer(respond(lists, watches)) as hostile:
            return measure([sys.executable, "-c", CLIENT, hostile.url, str(SECONDS)], SECONDS + 20.0)

    def file(content: bytes, command: str, *of: str) -> tuple[int, str]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "tape")
            path.write_bytes(content)
            return measure([sys.executable, "-m", "kwatch", command, *of, "--file", str(path)], 60.0)

    for name, (lists, watches) in SERVERS.items():
        yield f"server: {name}", lambda lists=lists, watches=watches: server(lists, watches)  # type: ignore[misc]
    for name, content in files().items():
        for of in (("history", "pod/a", "-n", "demo"), ("diff", "pods", "-A")):
            yield f"{of[0]}: {name}", lambda content=content, of=of: file(content, *of)  # type: ignore[misc]


def main() -> int:
    """0 if none took more than it may."""
    wanted = sys.argv[1:]
    failed = 0
    for name, attack in attacks():
        if wanted and not any(each in name for each in wanted):
            continue
        largest, words = attack()
        failed += largest >= MOST_MEGABYTES
        print(f"{'FAILED' if largest >= MOST_MEGABYTES else 'ok':7}{largest:5} MB  {name:45} {words[:150]}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
