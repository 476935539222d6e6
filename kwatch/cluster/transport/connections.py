"""urllib3 connections that an abort reaches in every state."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError
from urllib3.response import HTTPResponse

from kwatch.cluster.transport.happy_eyeballs import connect_to_first
from kwatch.cluster.transport.in_flight import current
from kwatch.cluster.transport.name_resolution import resolve_host
from kwatch.cluster.transport.socks import SocksProxy, SocksProxyError, negotiate
from kwatch.cluster.transport.streamed_response import StreamedResponse

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
