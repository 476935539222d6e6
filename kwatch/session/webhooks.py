"""JSON posted to an address: through the proxies that the environment names, as the cluster is reached; to where a
server sends it on; again where one fails. For a bounded time, and ended at once when kwatch ends.
"""

from __future__ import annotations

import base64
import os
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from kwatch.base.limits import check_url
from kwatch.base.printable import printable
from kwatch.base.proxy import DEFAULT_PORTS, SocksProxy, negotiate, proxy_for
from kwatch.base.threads import spawn
from kwatch.session.hook_actions import LONGEST, ActionFailed

ATTEMPTS = 3
"""Of a webhook whose server fails."""
SILENCE = 10.0
"""Seconds without a byte after which a webhook is given up."""
MOST_REDIRECTS = 3
_KEEPS_THE_BODY = (307, 308)
_PAUSES = (1.0, 4.0)
_LOOK_EVERY = 0.1
_LONGEST_WORDS = 200


def post(url: str, body: bytes, stop: threading.Event, longest: float = LONGEST) -> None:
    """POST JSON; a server that fails is asked three times. All of it within `longest` seconds. Raise ActionFailed."""
    ends = time.monotonic() + longest
    for attempt in range(ATTEMPTS):
        try:
            _post_and_follow(url, body, stop, ends)
            return
        except ActionFailed as error:
            if error.is_final or attempt + 1 == ATTEMPTS or time.monotonic() + _PAUSES[attempt] >= ends:
                raise
            if stop.wait(_PAUSES[attempt]):
                raise


def _post_and_follow(url: str, body: bytes, stop: threading.Event, ends: float) -> None:
    for _ in range(MOST_REDIRECTS + 1):
        answer = _post_once(url, body, stop, ends)
        if 200 <= answer.status < 300:
            return
        if not 300 <= answer.status < 400 or not answer.location:
            is_final = answer.status < 500 and answer.status != 429
            raise ActionFailed(f"status {answer.status}", is_final=is_final)
        url = _sent_on(url, answer)
    raise ActionFailed(f"it was sent on more than {MOST_REDIRECTS} times")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    location: str


def _sent_on(url: str, answer: _Answer) -> str:
    """Where to post to instead; what would not be posted, or could be read on the way, is not."""
    where = urljoin(url, answer.location)
    try:
        check_url(where)
    except ValueError:
        raise ActionFailed(f"status {answer.status}, which sends it on to what is no address") from None
    host = printable(urlsplit(where).hostname or "")
    if answer.status not in _KEEPS_THE_BODY:
        raise ActionFailed(f"status {answer.status}, which sends it on to {host} without what is posted; name that one")
    if url.startswith("https:") and not where.startswith("https:"):
        raise ActionFailed(f"status {answer.status}, which sends it on to {host} without TLS")
    return where


def _post_once(url: str, body: bytes, stop: threading.Event, ends: float) -> _Answer:
    """In a thread of its own, which is left behind where it cannot be ended: while a name is looked up, a connection is
    made, and where a server sends a byte now and then, which is never silent for long.
    """
    parts = urlsplit(url)
    try:
        proxy = proxy_for(url, "", os.environ)
        connection, path = _connection(parts, urlsplit(proxy) if proxy else None)
    except ValueError as error:
        raise ActionFailed(str(error)) from None
    headers = {"Content-Type": "application/json", "User-Agent": "kwatch", "Connection": "close"}
    if parts.username is not None:
        headers["Authorization"] = _basic(parts)
    if proxy is not None and path.startswith("http") and "@" in proxy:
        headers["Proxy-Authorization"] = _basic(urlsplit(proxy))
    came: list[_Answer | Exception] = []
    over = threading.Event()

    def ask() -> None:
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            came.append(_Answer(response.status, response.getheader("Location") or ""))
        except Exception as error:  # noqa: BLE001 - handed on whole
            came.append(error)
        finally:
            connection.close()
            over.set()

    spawn("kwatch-hook-post", ask)
    while not over.wait(max(0.0, min(_LOOK_EVERY, ends - time.monotonic()))):
        if stop.is_set() or time.monotonic() >= ends:
            if (line := connection.sock) is not None:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            raise ActionFailed("ended" if stop.is_set() else "no answer in time")
    answer = came[0]
    if isinstance(answer, _Answer):
        return answer
    if isinstance(answer, ssl.SSLCertVerificationError):
        why = f"its certificate cannot be trusted: {answer.verify_message} (SSL_CERT_FILE names further authorities)"
        raise ActionFailed(why)
    if not isinstance(answer, OSError | HTTPException):
        raise answer
    why = getattr(answer, "strerror", None) or str(answer) or type(answer).__name__
    through = f"through the proxy {urlsplit(proxy).hostname}: " if proxy else ""
    raise ActionFailed(f"no answer: {through}{why}"[:_LONGEST_WORDS], is_final=False)


def _connection(parts: SplitResult, proxy: SplitResult | None) -> tuple[HTTPConnection, str]:
    """Not yet open; and what to ask for on it. Raise ValueError for a proxy that it cannot go through."""
    host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    trust = ssl.create_default_context() if parts.scheme == "https" else None
    if proxy is None:
        return _direct(host, port, trust), path
    at, through = proxy.hostname or "", proxy.port or DEFAULT_PORTS.get(proxy.scheme, 1080)
    if proxy.scheme.startswith("socks"):
        name, password = unquote(proxy.username or ""), unquote(proxy.password or "")
        return _BySocks(host, port, SocksProxy(at, through, name, password), trust), path
    if trust is None:
        place = parts.netloc.rpartition("@")[2]
        to_proxy = ssl.create_default_context() if proxy.scheme == "https" else None
        return _direct(at, through, to_proxy), f"{parts.scheme}://{place}{path}"
    if proxy.scheme == "https":
        raise ValueError(
            f"the proxy {at} wants TLS itself, which webhooks do not go through; NO_PROXY can except {host}"
        )
    connection = _direct(at, through, trust)
    connection.set_tunnel(host, port, {"Proxy-Authorization": _basic(proxy)} if proxy.username else None)
    return connection, path


def _direct(host: str, port: int, trust: ssl.SSLContext | None) -> HTTPConnection:
    if trust is None:
        return HTTPConnection(host, port, timeout=SILENCE)
    return HTTPSConnection(host, port, timeout=SILENCE, context=trust)


class _BySocks(HTTPConnection):
    def __init__(self, host: str, port: int, proxy: SocksProxy, trust: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=SILENCE)
        self._proxy = proxy
        self._trust = trust
        self.default_port = DEFAULT_PORTS["http" if trust is None else "https"]

    def connect(self) -> None:
        line = self.sock = socket.create_connection((self._proxy.host, self._proxy.port), SILENCE)
        negotiate(line, self._proxy, self.host, self.port)
        if self._trust is not None:
            self.sock = self._trust.wrap_socket(line, server_hostname=self.host)


def _basic(parts: SplitResult) -> str:
    words = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return f"Basic {base64.b64encode(words.encode()).decode()}"
