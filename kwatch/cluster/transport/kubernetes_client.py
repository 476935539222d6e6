"""The only file that knows the kubernetes package: its Configuration and its REST client, which owns the connection
pool; an abort reaches these connections in every state.

Its signatures change with every major version (37 is the one pinned), so nothing of it is seen outside this file. Of
the package only the two modules are imported that a request takes, and in the thread of the first one: `import
kubernetes` brings oauth, requests, pydantic and websocket, half of what a start used to take.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from time import monotonic
from types import ModuleType
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError
from urllib3.response import HTTPResponse

from kwatch import __version__
from kwatch.base.proxy import SocksProxy, SocksProxyError, negotiate
from kwatch.cluster.credentials import Credential
from kwatch.cluster.settings import TLSTrust
from kwatch.cluster.tls import tls_context
from kwatch.cluster.transport.happy_eyeballs import connect_to_first, resolve_host
from kwatch.cluster.transport.in_flight import current

MOST_INTERIM = 10
"""Interim answers (100 to 199) that a server may send before the final one."""
READ_SIZE = 256 << 10
"""Bytes a read asks the kernel for: 33 events of 7.7 KB. A megabyte would save 8 % of a list's CPU time, and cost every
open watch as much; 32 KB would cost 20 %. A receive buffer of our own changes nothing: the kernel's grows as needed."""

_HEADERS = 8 << 10
"""Bytes of an answer that are read together with its headers. A body is read past this buffer, which each open watch
keeps: as large as a read, those of 24 kinds took 6 MB."""
CONNECT_TIMEOUT = 10.0
"""Seconds for each address of the server."""
MAX_REDIRECTS = 9
"""As many as Go follows. Each is one request more, of which there are ten a minute."""
SOCKS_PORT = 1080
POOL_SIZE = 32
USER_AGENT = f"kwatch/{__version__}"


class _PackageInParts(ModuleType):
    """The kubernetes package while only parts of it are imported. Whoever asks for another name gets all of it."""

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        assert spec is not None and spec.loader is not None
        self.__class__ = ModuleType  # type: ignore[assignment]
        spec.loader.exec_module(self)
        return getattr(self, name)


def _part_of_kubernetes(name: str) -> ModuleType:
    """A module of the package, without the package's own `__init__`, which imports all the others."""
    if "kubernetes" not in sys.modules:
        spec = find_spec("kubernetes")
        if spec is not None:
            package = module_from_spec(spec)
            package.__class__ = _PackageInParts
            sys.modules["kubernetes"] = package
    return import_module(f"kubernetes.{name}")


Configuration: Any = _part_of_kubernetes("client.configuration").Configuration
RESTClientObject: Any = _part_of_kubernetes("client.rest").RESTClientObject


class KubernetesClient:
    """One server, one TLS identity, one pool."""

    def __init__(self, server: str, context: ssl.SSLContext | None, server_name: str, proxy: str | None) -> None:
        self.server = server
        self.proxy = proxy
        configuration = Configuration(host=server, proxy="", no_proxy="", connection_pool_maxsize=POOL_SIZE)
        configuration.verify_ssl = context is None or context.verify_mode != ssl.CERT_NONE
        if not configuration.verify_ssl:
            # It was asked for; a warning for each connection would only land on the screen.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        configuration.tls_server_name = server_name or None
        configuration.socket_options = socket_options()
        # Nothing is retried behind our back: the reflector knows when to ask again. Redirects are followed as Go does.
        configuration.retries = urllib3.Retry(
            MAX_REDIRECTS,
            connect=0,
            read=0,
            redirect=MAX_REDIRECTS,
            status=0,
            other=0,
            respect_retry_after_header=False,
        )
        socks = _socks_proxy(proxy) if proxy and proxy.startswith("socks") else None
        if proxy and socks is None:
            _use_proxy(configuration, proxy)
        self._client = RESTClientObject(configuration)
        use_abortable_connections(self._client.pool_manager, context, socks)

    def get(
        self,
        path: str,
        query: Sequence[tuple[str, str]],
        headers: Sequence[tuple[str, str]],
        timeout: float | None,
    ) -> urllib3.BaseHTTPResponse:
        """Send a GET; returns when the headers are in, the body unread. Raises what urllib3 raises."""
        url = f"{self.server}{path}{'?' if query else ''}{urlencode(query, quote_via=quote, safe='/')}"
        fields = urllib3.HTTPHeaderDict({"User-Agent": USER_AGENT})
        for name, value in headers:
            fields.add(name, value)
        answer = self._client.request("GET", url, fields, _request_timeout=(CONNECT_TIMEOUT, timeout))
        response: urllib3.BaseHTTPResponse = answer.response
        return response

    def close(self) -> None:
        """Close the idle connections, at once: left alone, they would wait for the garbage collector."""
        pools = self._client.pool_manager.pools
        for key in pools.keys():  # noqa: SIM118 - not a dict: it cannot be iterated
            pool = pools.get(key)
            if pool is not None:
                pool.close()
        self._client.close()


def _socks_proxy(proxy: str) -> SocksProxy:
    parts = urlsplit(proxy)
    port = parts.port or SOCKS_PORT
    return SocksProxy(parts.hostname or "", port, unquote(parts.username or ""), unquote(parts.password or ""))


def _use_proxy(configuration: Any, proxy: str) -> None:
    parts = urlsplit(proxy)
    configuration.proxy = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        configuration.proxy_headers = urllib3.make_headers(proxy_basic_auth=pair)
    if parts.scheme == "https":
        configuration.proxy_ssl_context = tls_context(TLSTrust(), None, Credential())


_REDIRECTS = (301, 302, 303, 307, 308)


class Quiet(Exception):
    """No byte came for as long as the reader wanted to wait; nothing is lost, read again."""


class _SocketReader(io.RawIOBase):
    """Reads a socket. Unlike the one of the standard library it goes on after a read that timed out."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self._sock = sock
        # Keeps the descriptor open when the connection hands its socket over to the response.
        self._claim = sock.makefile("rb", buffering=0)
        self._patient = False
        self._began = monotonic()

    def wait_at_most(self, seconds: float) -> None:
        """From now on a read that brings nothing for so long raises Quiet."""
        self._sock.settimeout(seconds)
        self._patient = True

    def readable(self) -> bool:
        """It is a reader."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has come; raise Quiet, or what the socket raises. Headers must be in within the timeout in all."""
        longest = None if self._patient else self._sock.gettimeout()
        if longest is not None and monotonic() - self._began > longest:
            raise TimeoutError("the headers do not end")
        try:
            return self._sock.recv_into(buffer)
        except TimeoutError:
            if self._patient:
                raise Quiet from None
            raise

    def close(self) -> None:
        """Let go of the socket."""
        if not self.closed:
            self._claim.close()
            super().close()


class _WholeLines(io.BufferedReader):
    """Does not take the end of the connection for the end of the headers, as http.client would."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if not line:
            raise http.client.RemoteDisconnected("the connection ended before the headers did")
        return line


class StreamedResponse(http.client.HTTPResponse):
    """What http.client makes of a response, over a reader of ours; the call it belongs to gets to know it."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.source = _SocketReader(sock)
        self.fp = _WholeLines(self.source, _HEADERS)  # a body is read past it
        if current.call is not None:
            current.call.response = self

    def begin(self) -> None:
        """Read the headers; where they send us elsewhere, the call gets to know it."""
        super().begin()
        location = self.headers.get("Location", "")
        if current.call is not None and self.status in _REDIRECTS and location:
            current.call.redirect(location)

    def _read_status(self) -> tuple[str, int, str]:
        """Of the final answer: http.client takes every interim one for it but `100 Continue`."""
        for _ in range(MOST_INTERIM):
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if not http.client.CONTINUE <= found[1] < http.client.OK or found[1] == http.client.SWITCHING_PROTOCOLS:
                return found
            http.client.parse_headers(self.fp)
        raise http.client.BadStatusLine("nothing but interim answers")


KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
"""A connection that answers no probe is given up after 25 s."""


class _Abortable(HTTPConnection):
    response_class = StreamedResponse

    def __init__(self, *args: Any, _socks_options: Mapping[str, SocksProxy] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._socks = _socks_options["proxy"] if _socks_options else None
        self._requests = 0

    def _new_conn(self) -> socket.socket:
        if self._socks is None:
            return self._open(self._dns_host, self.port or 0)
        try:
            sock = self._open(self._socks.host, self._socks.port)
        except HTTPError as error:
            raise SocksProxyError("it cannot be reached") from error
        try:
            negotiate(sock, self._socks, self._dns_host, self.port or 0)
        except BaseException:
            sock.close()
            raise
        return sock

    def _open(self, host: str, port: int) -> socket.socket:
        call = current.call
        try:
            addresses = resolve_host(host, port, call)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        try:
            return connect_to_first(addresses, self.socket_options or (), self.timeout, call)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"no answer within {self.timeout} s") from error
        except OSError as error:
            raise NewConnectionError(self, f"cannot connect: {error}") from error

    def connect(self) -> None:
        """Connect, perhaps not for the first time."""
        self._requests = 0
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request, abortable also on a connection that was opened for another."""
        call = current.call
        if call is not None and self.sock is not None:
            call.reused = self._requests > 0
            call.over(self.sock)
        super().request(*args, **kwargs)
        self._requests += 1

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """The response once its headers are in. What is redirected is let go of unread: its body may have no end."""
        response = super().getresponse()
        response.drain_conn = response.close  # type: ignore[method-assign]
        return response


class _AbortableTLS(_Abortable, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Abortable


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _AbortableTLS


def socket_options() -> list[tuple[int, int, int]]:
    """No delay for small requests, and keepalive probes that notice a dead connection soon."""
    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    return options + [
        (socket.IPPROTO_TCP, getattr(socket, name), value) for name, value in KEEPALIVE.items() if hasattr(socket, name)
    ]


def use_abortable_connections(
    manager: urllib3.PoolManager, context: ssl.SSLContext | None, socks: SocksProxy | None
) -> None:
    """Make a pool manager open connections of these classes, with this TLS, perhaps through a SOCKS proxy."""
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
    if context is not None:
        manager.connection_pool_kw["ssl_context"] = context
    if socks is not None:
        # urllib3's own name for what makes connections through different proxies different.
        manager.connection_pool_kw["_socks_options"] = {"proxy": socks}
