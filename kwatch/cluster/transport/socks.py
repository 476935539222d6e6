"""SOCKS 5 (RFC 1928, 1929), as far as a client needs it. The proxy resolves the names, as with kubectl."""

from __future__ import annotations

import ipaddress
import socket
import struct
from dataclasses import dataclass, field

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
    sock.sendall(bytes([VERSION, CONNECT, RESERVED]) + _address(host) + struct.pack("!H", port))
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


def _address(host: str) -> bytes:
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
