"""A server on loopback that says what it is told to, and counts what it is asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Answer = Callable[[BaseHTTPRequestHandler], None]


class Scripted:
    """Answers every GET with `answer`; `requests` counts them."""

    def __init__(self, answer: Answer) -> None:
        self.requests = 0
        counted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                counted.requests += 1
                answer(self)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def send_json(handler: BaseHTTPRequestHandler, status: int, content: Any) -> None:
    """A whole answer."""
    body = json.dumps(content).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def unavailable(handler: BaseHTTPRequestHandler) -> None:
    """503, as from a server that restarts."""
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "ServiceUnavailable", "code": 503}
    send_json(handler, 503, {**status, "message": "the server is currently unable to handle the request"})


def watches_refused(handler: BaseHTTPRequestHandler) -> None:
    """Lists are answered, watches get 503."""
    if "watch=" in handler.path:
        unavailable(handler)
    else:
        send_json(handler, 200, _pods(1, odd=False))


def no_headers(handler: BaseHTTPRequestHandler) -> None:
    """Lists are answered; a watch gets nothing, not even headers, until the client leaves."""
    if "sendInitialEvents=true" in handler.path:
        send_json(handler, 422, _NO_STREAMING)
    elif "watch=" in handler.path:
        handler.rfile.read(1)
    else:
        send_json(handler, 200, _pods(1, odd=False))


def one_odd_pod(handler: BaseHTTPRequestHandler) -> None:
    """A list of 100 pods, one of which lacks what typed models insist on; watches stay silent."""
    if "sendInitialEvents=true" in handler.path:
        send_json(handler, 422, _NO_STREAMING)
    elif "watch=" in handler.path:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.rfile.read(1)
    else:
        send_json(handler, 200, _pods(100, odd=True))


_NO_STREAMING = {
    "kind": "Status",
    "apiVersion": "v1",
    "status": "Failure",
    "reason": "Invalid",
    "message": "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
    "code": 422,
}


def _pods(count: int, odd: bool) -> dict[str, Any]:
    items = [
        {
            "metadata": {"name": f"pod-{number}", "namespace": "shop", "uid": f"uid-{number}", "resourceVersion": "1"},
            "spec": {"containers": None if odd and number == 0 else [{"name": "web"}]},
        }
        for number in range(count)
    ]
    return {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "10"}, "items": items}
