"""`kwatch ns --until-synced` against a small API server: the whole process, and when its first request arrives.

The server answers like kube-apiserver (recorded discovery with ETags, eleven namespaces) in a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import ssl
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from tempfile import TemporaryDirectory
from typing import Any

import trustme

from tests.benchmarks.row import Row

ROUNDS = 9
WIRE = Path(__file__).parents[1] / "wire"
TOKEN = "a-token"
PLUGIN = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": TOKEN}}


def measure() -> list[Row]:
    """Medians of some starts, for each way to log in; the answer of discovery is kept on disk or not."""
    rows: list[Row] = []
    with TemporaryDirectory(prefix="kwatch-benchmark-") as folder:
        for title, scheme in (
            ("client certificate, TLS", "https"),
            ("token, HTTP", "http"),
            ("exec plugin, HTTP", "exec"),
        ):
            with Server(Path(folder, scheme)) as server:
                for kept in (False, True):
                    taken = [server.run(kept) for _ in range(ROUNDS)]
                    name = f"kwatch ns --until-synced: {title}{', second start' if kept else ''}"
                    whole, first, requests = zip(*taken, strict=True)
                    rows.append(_row(name, whole, "350", f"{requests[-1]} requests"))
                    rows.append(_row("  first request at the server", first, "", ""))
    return rows


def _row(name: str, values: tuple[float, ...], reach: str, note: str) -> Row:
    return Row(name, statistics.median(values) * 1000, "ms", reach, f"{ROUNDS} starts {note}".strip())


class Server:
    """The server's process, and what its clients need."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        scheme = "https" if folder.name == "https" else "http"
        self._cache = folder / "cache"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.start", scheme, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._lines = self._process.stdout
        port = int(self._lines.readline())
        user: dict[str, Any] = {"token": TOKEN}
        cluster: dict[str, Any] = {"server": f"{scheme}://127.0.0.1:{port}"}
        if folder.name == "https":
            user = {"client-certificate": str(folder / "client.pem"), "client-key": str(folder / "client.key")}
            cluster["certificate-authority"] = str(folder / "ca.pem")
        elif folder.name == "exec":
            user = {"exec": {"apiVersion": PLUGIN["apiVersion"], "command": "echo", "args": [json.dumps(PLUGIN)]}}
            user["exec"]["interactiveMode"] = "Never"
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": user}],
        }
        self.kubeconfig = folder / "kubeconfig"
        self.kubeconfig.write_text(json.dumps(config))

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._lines.close()

    def run(self, kept: bool) -> tuple[float, float, int]:
        """Seconds of the whole process, and until its first request came; how many requests it sent."""
        if not kept:
            shutil.rmtree(self._cache, ignore_errors=True)
        env = {**os.environ, "KUBECONFIG": str(self.kubeconfig), "XDG_CACHE_HOME": str(self._cache)}
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # who installs kwatch has it compiled
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "kwatch", "ns", "--until-synced"],
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
        )
        whole = time.monotonic() - began
        assert done.returncode == 0 and "kube-system" in done.stdout, done
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        requests = json.loads(self._lines.readline())
        if os.environ.get("SHOW_REQUESTS"):
            for at, path in requests:
                print(f"  {(at - began) * 1000:6.1f} {path}", file=sys.stderr)
            print(f"  {whole * 1000:6.1f} the end", file=sys.stderr)
        return whole, requests[0][0] - began, len(requests)


def serve(scheme: str, folder: Path) -> None:
    """Until stdin ends; each line on it is answered with the requests since the last one."""
    bodies = _bodies()
    requests: list[tuple[float, str]] = []

    class Handler(StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            while line := self.rfile.readline():
                requests.append((time.monotonic(), line.split()[1].decode()))
                headers: dict[bytes, bytes] = {}
                while line := self.rfile.readline().strip():
                    name, _, value = line.partition(b": ")
                    headers[name.lower()] = value.lower()
                self._answer(requests[-1][1], headers)

        def _answer(self, target: str, headers: dict[bytes, bytes]) -> None:
            path, _, query = target.partition("?")
            if "watch=true" in query:
                lines = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in _initial_events())
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
                self.wfile.write(b"Transfer-Encoding: chunked\r\n\r\n" + lines)
                return
            body = bodies.get(path) or bodies["table" if b"table" in headers[b"accept"] else "list"]
            tag = b'"%s"' % hashlib.sha256(body).hexdigest().upper().encode()
            if headers.get(b"if-none-match", b"").upper() == tag:
                self.wfile.write(b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % tag)
                return
            kind = b"application/json" + (b";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" * ("api" in path))
            head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nETag: %s\r\nContent-Length: %d\r\n\r\n"
            self.wfile.write(head % (kind, tag, len(body)) + body)

    server = ThreadingTCPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
    server.daemon_threads = True
    server.request_queue_size = 64
    server.server_bind()
    server.server_activate()
    if scheme == "https":
        server.socket = _tls(folder).wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    for _ in sys.stdin:
        print(json.dumps(requests), flush=True)
        requests.clear()


def _tls(folder: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    client = authority.issue_cert("client.example", common_name="client")
    client.private_key_pem.write_to_path(folder / "client.key")
    client.cert_chain_pems[0].write_to_path(folder / "client.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _bodies() -> dict[str, bytes]:
    exchanges = json.loads((WIRE / "discovery-aggregated.json").read_text("utf-8"))["exchanges"]
    found = {each["request"]["path"]: _json(each["body"]) for each in exchanges}
    columns = json.loads((WIRE / "table-columns.json").read_text("utf-8"))["exchanges"][0]["resources"][
        "v1/namespaces"
    ]["columns"]
    table = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": columns, "rows": []}
    return {**found, "/version": _json({"gitVersion": "v1.36.2"}), "table": _json(table), "list": _list()}


def _namespaces() -> list[dict[str, Any]]:
    names = ["default", "kube-node-lease", "kube-public", "kube-system", *(f"team-{number}" for number in range(7))]
    trees = []
    for number, name in enumerate(names):
        metadata = {"name": name, "uid": str(number), "resourceVersion": str(number + 1)}
        metadata["creationTimestamp"] = "2026-11-30T12:00:00Z"
        trees.append({"kind": "Namespace", "apiVersion": "v1", "metadata": metadata, "status": {"phase": "Active"}})
    return trees


def _list() -> bytes:
    metadata = {"resourceVersion": "99"}
    return _json({"kind": "NamespaceList", "apiVersion": "v1", "metadata": metadata, "items": _namespaces()})


def _json(tree: Any) -> bytes:
    return json.dumps(tree).encode()


def _initial_events() -> list[bytes]:
    events = [{"type": "ADDED", "object": each} for each in _namespaces()]
    end = {"resourceVersion": "99", "annotations": {"k8s.io/initial-events-end": "true"}}
    events.append({"type": "BOOKMARK", "object": {"kind": "Namespace", "apiVersion": "v1", "metadata": end}})
    return [_json(each) + b"\n" for each in events]


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
