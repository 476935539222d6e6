"""`kwatch serve`: the same screen in a browser, for who has the address with the token in it."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kwatch.cli.arguments import LogArguments, UsageError
from kwatch.cli.flags import add_log, log_of, read_by
from kwatch.cli.terminal import complain, write
from kwatch.cli.watch_parser import Parser

EXAMPLES = """\
examples:
  kwatch serve                                         the pods of your context, on this machine only
  kwatch serve -- deploy -A --context prod             what follows -- is what kwatch would be told
  kwatch serve -- demo
  kwatch serve --listen 0.0.0.0:8443 --tls-certificate cert.pem --tls-key key.pem

Whoever has the address sees what you may see in the cluster, and can write reports and recordings on this machine as
you. Each page is a process of its own, which ends with the page.
"""
_WITHOUT_SCREEN = frozenset(
    {"logs", "record", "history", "diff", "wait", "report", "info", "completion", "serve", "get", "describe"}
    | {"config", "import", "man"}
)


@dataclass(frozen=True, slots=True)
class ServeArguments:
    """`kwatch serve [-- WORDS]`: `words` are for the kwatch of each session."""

    log: LogArguments
    words: tuple[str, ...] = ()
    address: str = "127.0.0.1"
    port: int = 0
    most_sessions: int = 4
    certificate: str | None = None
    key: str | None = None
    public_url: str = ""


class ServeParser(Parser):
    """What follows `--` is not its own, flags included."""

    def parse_intermixed_args(self, args: Any = None, namespace: Any = None) -> Any:
        own, theirs = [*args], []
        if "--" in own:
            place = own.index("--")
            own, theirs = own[:place], own[place + 1 :]
        found = super().parse_intermixed_args(own, namespace)
        found.words = [*found.words, *theirs]
        return found


def serve_parser() -> Parser:
    description = "kwatch in a browser: prints an address with a random token in it. Needs kwatch-tui[serve]."
    parser = ServeParser(
        prog="kwatch serve",
        usage="kwatch serve [flags] [-- WORDS...]",
        description=description,
        epilog=EXAMPLES,
        allow_abbrev=False,
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("words", nargs="*", metavar="WORDS", help="what kwatch would be told: pods -A, demo")
    parser.add_argument(
        "--listen",
        type=read_by(_where),
        default=("127.0.0.1", 0),
        metavar="[ADDRESS:]PORT",
        help="where to listen (default: 127.0.0.1 and any free port)",
    )
    parser.add_argument(
        "--max-sessions", type=read_by(_how_many), default=4, metavar="N", help="pages open at once (default: 4)"
    )
    parser.add_argument("--tls-certificate", metavar="FILE", help="serve with TLS, with this certificate (PEM)")
    parser.add_argument("--tls-key", metavar="FILE", help="its key (default: in the same file)")
    parser.add_argument(
        "--public-url",
        type=read_by(_url),
        default=None,
        metavar="URL",
        help="where browsers find it, if it is behind a proxy: https://kwatch.example.com",
    )
    add_log(parser)
    return parser


def read_serve(found: argparse.Namespace) -> ServeArguments:
    if found.tls_key and not found.tls_certificate:
        raise UsageError("--tls-key needs --tls-certificate")
    words = tuple(found.words)
    if words[:1] and words[0] in _WITHOUT_SCREEN:
        raise UsageError(f"kwatch {words[0]} has no screen to serve")
    address, port = found.listen
    return ServeArguments(
        log_of(found),
        words,
        address,
        port,
        found.max_sessions,
        found.tls_certificate,
        found.tls_key,
        found.public_url or "",
    )


def serve(arguments: ServeArguments) -> int:
    """Until Ctrl-C."""
    from kwatch.web.server import Serving, WebServer

    serving = Serving(
        command=[sys.executable, "-m", "kwatch", *arguments.words],
        environment=os.environ,
        title=f"kwatch {arguments.words[0]}" if arguments.words and arguments.words[0] == "demo" else "kwatch",
        address=arguments.address,
        port=arguments.port,
        most_sessions=arguments.most_sessions,
        tls=_context(arguments),
        public_url=arguments.public_url,
    )
    server = WebServer(serving)
    if not serving.is_loopback and serving.tls is None:
        complain(
            "warning: this is not encrypted and not on this machine alone: who is on the way can read the address, the "
            "screen and the keys; use --tls-certificate, or a proxy with TLS"
        )

    def say() -> None:
        write(f"kwatch is at {server.url} until Ctrl-C\n")

    async def run() -> None:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(each, server.stop)
        await server.run(say)

    try:
        asyncio.run(run())
    except OSError as error:
        where = f"{arguments.address}:{arguments.port}"
        raise ValueError(f"nothing can be served at {where}: {error.strerror or error}") from error
    return 0


def _context(arguments: ServeArguments) -> ssl.SSLContext | None:
    from kwatch.web.server import context_of

    if arguments.certificate is None:
        return None
    try:
        return context_of(Path(arguments.certificate), Path(arguments.key) if arguments.key else None)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"{arguments.certificate} cannot be used: {error.strerror or error}") from error


def _where(text: str) -> tuple[str, int]:
    address, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and len(port) < 6 and int(port) < 65536):
        raise ValueError(f"{text!r} names no port; write 8080, or 0.0.0.0:8080")
    return address.strip("[]") or "127.0.0.1", int(port)


def _how_many(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 4 and int(text)):
        raise ValueError(f"{text!r} is no number of sessions; write 1 to 999")
    return int(text)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is no address of a page; write https://kwatch.example.com")
    return text.rstrip("/")
