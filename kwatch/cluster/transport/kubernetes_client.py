"""The only file that knows the kubernetes package: its ApiClient builds requests and owns the connection pool.

Its signatures change with every major version (37 is the one pinned), so nothing of it is seen outside this file.
Importing this file takes 0.2 s: it is imported in the thread of the first request.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import urllib3
from kubernetes.client.api_client import ApiClient
from kubernetes.client.configuration import Configuration

from kwatch import __version__
from kwatch.cluster.credentials.credential import Credential
from kwatch.cluster.settings import TLSTrust
from kwatch.cluster.tls import tls_context
from kwatch.cluster.transport.connections import socket_options, use_abortable_connections
from kwatch.cluster.transport.socks import SocksProxy

CONNECT_TIMEOUT = 10.0
"""Seconds for each address of the server."""
MAX_REDIRECTS = 9
"""As many as Go follows. Each is one request more, of which there are ten a minute."""
SOCKS_PORT = 1080
POOL_SIZE = 32


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
        self._client = ApiClient(configuration)
        self._client.user_agent = f"kwatch/{__version__}"
        use_abortable_connections(self._client.rest_client.pool_manager, context, socks)

    def get(
        self,
        path: str,
        query: Sequence[tuple[str, str]],
        headers: Sequence[tuple[str, str]],
        timeout: float | None,
    ) -> urllib3.BaseHTTPResponse:
        """Send a GET; returns when the headers are in, the body unread. Raises what urllib3 raises."""
        method, url, plain, body, _ = self._client.param_serialize("GET", path, query_params=list(query))
        fields = urllib3.HTTPHeaderDict(plain)
        for name, value in headers:
            fields.add(name, value)
        answer = self._client.call_api(
            method, url, header_params=fields, body=body, _request_timeout=(CONNECT_TIMEOUT, timeout)
        )
        response: urllib3.BaseHTTPResponse = answer.response
        return response

    def close(self) -> None:
        """Close the idle connections, at once: left alone, they would wait for the garbage collector."""
        pools = self._client.rest_client.pool_manager.pools
        for key in pools.keys():  # noqa: SIM118 - not a dict: it cannot be iterated
            pool = pools.get(key)
            if pool is not None:
                pool.close()
        self._client.close()  # type: ignore[no-untyped-call]


def _socks_proxy(proxy: str) -> SocksProxy:
    parts = urlsplit(proxy)
    port = parts.port or SOCKS_PORT
    return SocksProxy(parts.hostname or "", port, unquote(parts.username or ""), unquote(parts.password or ""))


def _use_proxy(configuration: Configuration, proxy: str) -> None:
    parts = urlsplit(proxy)
    configuration.proxy = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        configuration.proxy_headers = urllib3.make_headers(proxy_basic_auth=pair)
    if parts.scheme == "https":
        configuration.proxy_ssl_context = tls_context(TLSTrust(), None, Credential())
