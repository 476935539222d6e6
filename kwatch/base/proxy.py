"""Which proxy, by Go's rules: the kubeconfig's, else the environment's, never for loopback addresses.

And SOCKS 5 (RFC 1928, 1929), as far as a client needs it; the proxy resolves the names, as with kubectl. HTTP proxies
are urllib3's business.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def proxy_for(server: str, proxy_url: str, environ: Mapping[str, str]) -> str | None:
    """The proxy's URL, None for a direct connection; raise ValueError if it is unusable."""
    if proxy_url:
        if "://" not in proxy_url:
            raise _unusable("proxy-url of the cluster")
        return _checked(proxy_url, "proxy-url of the cluster", ("http", "https", "socks5"))
    scheme = urlsplit(server).scheme
    if scheme == "http" and environ.get("REQUEST_METHOD"):
        return None  # in a CGI program HTTP_PROXY comes from the client's Proxy header
    for name in (f"{scheme}_proxy".upper(), f"{scheme}_proxy"):
        if environ.get(name):
            if _direct(server, environ.get("NO_PROXY") or environ.get("no_proxy") or ""):
                return None
            return _checked(environ[name], f"environment variable {name}", ("http", "https", "socks5", "socks5h"))
    return None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _direct(server: str, no_proxy: str) -> bool:
    parts = urlsplit(server)
    host, port = parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    address = _address(host)
    if is_loopback(host):
        return True
    rules = (rule.strip().lower() for rule in no_proxy.split(","))
    return any(_covers(rule, host, port, address) for rule in rules if rule)


def _covers(rule: str, host: str, port: int, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    if rule == "*":
        return True
    if "/" in rule:
        try:
            return address is not None and address in ipaddress.ip_network(rule, strict=False)
        except ValueError:
            return False
    rule_host, _, rule_port = rule.rpartition(":") if rule.count(":") == 1 or "]:" in rule else (rule, "", "")
    if rule_port and rule_port != str(port):
        return False
    rule_host = rule_host.strip("[]")
    if address is not None:
        return _address(rule_host) == address
    if rule_host.startswith("*."):
        rule_host = rule_host[1:]
    if rule_host.startswith("."):
        return host.endswith(rule_host)
    return host == rule_host or host.endswith(f".{rule_host}")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _checked(url: str, source: str, schemes: tuple[str, ...]) -> str:
    scheme, separator, rest = url.partition("://")
    full = f"{scheme.lower()}://{rest}" if separator else f"http://{url}"
    try:
        parts = urlsplit(full)
        valid = bool(parts.hostname) and (parts.port or 1) > 0 and not _SPACE.search(full)
    except ValueError:
        valid = False
    if not valid or parts.scheme not in schemes:
        raise _unusable(source)
    return full


def _unusable(source: str) -> ValueError:
    return ValueError(f"The {source} is not the URL of an http, https or socks5 proxy.")


_SPACE = re.compile(r"[\s\x00-\x20\x7f]")
VERSION, CONNECT, RESERVED = 5, 1, 0
NO_AUTHENTICATION, PASSWORD = 0, 2
IPV4, NAME, IPV6 = 1, 3, 4
PASSWORD_VERSION, PASSWORD_ACCEPTED = 1, 0
REFUSALS = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "TTL expired",
    7: "command not supported",
    8: "address type not supported",
}


class SocksProxyError(OSError):
    """The proxy cannot be reached or does not pass the connection on."""


@dataclass(frozen=True, slots=True)
class SocksProxy:
    """Where the proxy is and what it wants to know."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)


def negotiate(sock: socket.socket, proxy: SocksProxy, host: str, port: int) -> None:
    """Ask the proxy at the other end for a connection; raise SocksProxyError, or what the socket raises."""
    methods = bytes([NO_AUTHENTICATION, PASSWORD] if proxy.username else [NO_AUTHENTICATION])
    sock.sendall(bytes([VERSION, len(methods)]) + methods)
    version, method = _receive(sock, 2)
    if version != VERSION:
        raise SocksProxyError("it does not speak SOCKS 5")
    if method == PASSWORD:
        _authenticate(sock, proxy)
    elif method != NO_AUTHENTICATION:
        raise SocksProxyError("it wants another way to log in")
    sock.sendall(bytes([VERSION, CONNECT, RESERVED]) + _encoded(host) + struct.pack("!H", port))
    _, reply, _, kind = _receive(sock, 4)
    if reply:
        raise SocksProxyError(REFUSALS.get(reply, f"refusal {reply}"))
    size = {IPV4: 4, IPV6: 16}.get(kind) or _receive(sock, 1)[0]
    _receive(sock, size + 2)


def _authenticate(sock: socket.socket, proxy: SocksProxy) -> None:
    name, password = proxy.username.encode()[:255], proxy.password.encode()[:255]
    sock.sendall(bytes([PASSWORD_VERSION, len(name)]) + name + bytes([len(password)]) + password)
    if _receive(sock, 2)[1] != PASSWORD_ACCEPTED:
        raise SocksProxyError("it does not accept the user name and password")


def _encoded(host: str) -> bytes:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.encode("idna")
        return bytes([NAME, len(name)]) + name
    return bytes([IPV4 if address.version == 4 else IPV6]) + address.packed


def _receive(sock: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = sock.recv(size - len(received))
        if not part:
            raise SocksProxyError("it hangs up")
        received += part
    return received
