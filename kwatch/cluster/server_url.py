"""The server's address as it stands in a kubeconfig or on the command line, read as Go's client reads it."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from kwatch.cluster.config_error import ConfigError

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]+)([^?#]*)(.*)", re.DOTALL)
_HOST_AND_PORT = re.compile(r"()([^/?#]+)(/?)()")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+(?:%25[^\]\s]+)?\]|[^][\s\x00-\x20\x7f<>\"\\^`{|}:%/@]+)(?::([0-9]*))?")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def read_server(server: str) -> tuple[str, str]:
    """A URL without user, query and closing slash, and `USER:PASSWORD` if it had one; raise ConfigError.

    Without a scheme it is http, whatever else is known of the cluster.
    """
    found = _URL.fullmatch(server) or _HOST_AND_PORT.fullmatch(server)
    scheme = (found[1].lower() or "http") if found else ""
    login, _, place = found[2].rpartition("@") if found else ("", "", "")
    authority = _AUTHORITY.fullmatch(place)
    if found is None or scheme not in ("http", "https") or authority is None or int(authority[2] or 0) > 65535:
        raise ConfigError(f"The server {_without_password(server)!r} is not a URL like https://HOST:PORT.")
    host, port, path = authority[1], authority[2], found[3]
    if _CONTROL.search(server):
        raise ConfigError(f"The server {_without_password(server)!r} holds control characters.")
    if path and found[4].startswith("#"):
        path += quote(found[4].partition("?")[0])  # to Go a fragment is one only where there is no path
    if _BROKEN_ESCAPE.search(path):
        raise ConfigError(f"The server {_without_password(server)!r} holds a % that begins no escape.")
    # Go keeps the path unescaped, and escapes what it asks for in its own way.
    path = quote(re.sub("/{2,}", "/", unquote(path)).rstrip("/"), safe="/$&+,:;=@")
    if login:
        user, _, password = login.partition(":")
        login = f"{unquote(user)}:{unquote(password)}"
    return f"{scheme}://{host}{f':{port}' if port else ''}{path}", login


def _without_password(server: str) -> str:
    scheme, separator, rest = server.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else server.rpartition("@")[2]
