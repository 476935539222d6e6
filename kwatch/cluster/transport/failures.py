"""From what a connection raises to an ApiError with a sentence that says what to do."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from urllib3.exceptions import DecodeError, LocationValueError

from kwatch.base.proxy import SocksProxyError
from kwatch.informer.errors import ApiError

UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
LOST = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError, http.client.HTTPException)


def connection_failure(error: BaseException, server: str, proxy: str | None = None) -> ApiError:
    """Why no answer came, or why it broke off (status 0)."""
    chain = list(_chain(error))
    through = any("ProxyError" in type(each).__name__ for each in chain)
    target = _without_credentials(proxy) if through and proxy else server
    reason, sentence = _explain(chain, "The proxy" if through and proxy else "The server", target)
    return ApiError(0, reason, sentence)


def cut_off(failure: ApiError, server: str) -> ApiError:
    """Why the body of an answer did not come whole."""
    if failure.reason == "ConnectionLost":
        return ApiError(0, "CutOff", f"The answer of {server} broke off in the middle.")
    return failure


def redirect_failure(error: BaseException, server: str, location: str, proxy: str | None = None) -> ApiError:
    """Why no answer came from where the server sent us. The server is there, so this is no outage."""
    failure = connection_failure(error, server, proxy)
    if failure.reason == "Redirects":
        return failure
    try:
        parts = urlsplit(urljoin(server, location))
    except ValueError:
        return ApiError(0, "Redirects", f"The server {server} redirects to what is no web address.")
    there = connection_failure(error, f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", proxy)
    return ApiError(0, "Redirects", f"The server {server} redirects. {there.message}")


def _explain(chain: list[BaseException], who: str, target: str) -> tuple[str, str]:
    for each in chain:
        if isinstance(each, ssl.SSLEOFError):
            sentence = f"{who} {target} broke TLS off; is it well, and does it want a client certificate?"
            return "ConnectionLost", sentence
        if isinstance(each, ssl.SSLError):
            return "TLS", _explain_tls(each, who, target)
        if isinstance(each, socket.gaierror | UnicodeError):  # the latter of what can be no host's name: `a..b`
            host = urlsplit(target).hostname
            if isinstance(each, OSError) and each.errno == socket.EAI_AGAIN:
                return "NameResolution", f"The name servers do not answer for {host}; check the network, VPN or DNS."
            return "NameResolution", f"The host {host} cannot be found; check the server's address, or your VPN or DNS."
        if isinstance(each, ConnectionRefusedError):
            return "ConnectionRefused", f"{who} {target} refuses connections; is it running, and is the address right?"
    for each in chain:
        if isinstance(each, TimeoutError) or "Timeout" in type(each).__name__:
            return "Timeout", f"{who} {target} does not answer; check the network, VPN or firewall."
        if isinstance(each, OSError) and each.errno in UNREACHABLE:
            return "Unreachable", f"{who} {target} cannot be reached: {each.strerror}; check the network or VPN."
        if isinstance(each, SocksProxyError):
            return "Proxy", f"{who} {target} does not pass the connection on: {each}."
        if isinstance(each, OSError) and "Tunnel connection failed" in str(each):
            return "Proxy", f"{who} {target} refuses to pass the connection on: {str(each).partition(': ')[2]}."
    if any(_is_no_http(each) for each in chain):
        return "Malformed", f"{who} {target} does not answer in HTTP that can be read; is its address right?"
    if any(isinstance(each, DecodeError) for each in chain):
        sentence = f"The answer of {target} cannot be decompressed; a proxy may spoil it, try --disable-compression."
        return "Malformed", sentence
    if any(isinstance(each, LOST) for each in chain):
        return "ConnectionLost", f"The connection to {target} broke off."
    if any("redirects" in str(each) for each in chain):
        return "Redirects", f"{who} {target} redirects in a circle; is its address right?"
    if any(isinstance(each, LocationValueError) for each in chain):
        return "Redirects", f"{who} {target} redirects to what is no web address."
    # Only the system's own errors are quoted: others may hold what was to be sent.
    reason = next(
        (each.strerror for each in chain if isinstance(each, OSError) and each.strerror), type(chain[-1]).__name__
    )
    return "ConnectionFailed", f"The connection to {target} failed: {reason}."


def _is_no_http(error: BaseException) -> bool:
    """Whether what came is no status line or no headers, or more of them than http.client takes; not an early end."""
    early = isinstance(error, ConnectionError | http.client.IncompleteRead)
    return isinstance(error, http.client.HTTPException) and not early


def _explain_tls(error: ssl.SSLError, who: str, target: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        problem = error.verify_message
        if "expired" in problem or "not yet valid" in problem:
            return f"The certificate of {target} is out of date ({problem}); renew it, or check this machine's clock."
        if "mismatch" in problem or "not valid for" in problem:
            return f"The certificate of {target} is for another name ({problem}); set tls-server-name or use that name."
        return (
            f"The certificate of {target} is not trusted ({problem}); name its authority with --certificate-authority "
            f"or in the kubeconfig, or, at your own risk, pass --insecure-skip-tls-verify."
        )
    reason = error.reason or str(error)
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason or "RECORD_LAYER_FAILURE" in reason:
        return f"{who} {target} does not speak TLS; is its address an http:// one?"
    if "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason):
        return f"{who} {target} does not accept the client certificate ({reason.lower()}); log in again."
    return f"The TLS connection to {target} failed: {reason.lower().replace('_', ' ')}."


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it came from: causes, contexts, urllib3's `reason`, exceptions among the arguments."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        waiting.extend(one for one in inner if isinstance(one, BaseException))


def _without_credentials(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
