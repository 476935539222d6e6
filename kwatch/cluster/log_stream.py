"""A container's log as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from kwatch.base.limits import LONGEST_LOG_LINE
from kwatch.cluster.paths import Query
from kwatch.cluster.transport.request import Request

if TYPE_CHECKING:
    from kwatch.cluster.transport.streaming import BodyStream

PATIENCE = 5.0


class HttpLogStream:
    """Lines as they come; ends with the container's output, or when closed."""

    def __init__(self, body: BodyStream) -> None:
        self._body = body

    def __iter__(self) -> Iterator[str]:
        """Yield lines without their newline; raise ApiError when the connection breaks, Closed when closed here."""
        tail: list[bytes] = []
        size = 0
        while (pieces := self._body.read(PATIENCE)) is not None:
            for piece in pieces:
                *lines, rest = piece.split(b"\n")
                for line in lines:
                    yield _text(b"".join((*tail, line)))
                    tail.clear()
                    size = 0
                tail.append(rest)
                size += len(rest)
                if size > LONGEST_LOG_LINE:
                    yield _text(b"".join(tail))
                    tail.clear()
                    size = 0
        if size:
            yield _text(b"".join(tail))

    def close(self) -> None:
        """End it from any thread, at once."""
        self._body.close()


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")


def log_request(
    namespace: str,
    pod: str,
    *,
    container: str | None,
    follow: bool,
    previous: bool,
    tail_lines: int | None,
    since_seconds: int | None,
    timestamps: bool,
    timeout: float | None,
) -> Request:
    """What to ask for; a followed log may be silent for ever."""
    flags = {"follow": follow, "previous": previous, "timestamps": timestamps}
    numbers = {"tailLines": tail_lines, "sinceSeconds": since_seconds}
    query: Query = (
        *((("container", container),) if container else ()),
        *((name, "true") for name, wanted in flags.items() if wanted),
        *((name, str(number)) for name, number in numbers.items() if number is not None),
    )
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/log"
    return Request(path, query, "*/*", compressed=False, timeout=timeout, silence=None if follow else timeout)
