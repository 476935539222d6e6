"""Fetches pages in a thread while earlier ones are worked on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Self

from kwatch.base.threads import Thread, reason_of
from kwatch.informer.protocol import ObjectList


class PagesAhead:
    """At most one page and `buffer` more are fetched beyond the one in work. Leaving the context ends the thread after
    the page that is in flight.
    """

    def __init__(self, pages: Iterator[ObjectList], buffer: int) -> None:
        self._pages = pages
        self._permits = threading.Semaphore(1 + buffer)
        self._fetched: SimpleQueue[ObjectList | Exception | None] = SimpleQueue()
        self._left = False
        self._thread = Thread("kwatch-pages-ahead", self._fetch, self._crashed)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left = True
        self._permits.release()

    def __iter__(self) -> Iterator[ObjectList]:
        while (page := self._fetched.get()) is not None:
            if isinstance(page, Exception):
                raise page
            self._permits.release()
            yield page

    def _fetch(self) -> None:
        try:
            while True:
                self._permits.acquire()
                if self._left or (page := next(self._pages, None)) is None:
                    break
                self._fetched.put(page)
            self._fetched.put(None)
        except Exception as error:  # noqa: BLE001 - raised again in the thread that reads the pages
            self._fetched.put(error)

    def _crashed(self, error: BaseException) -> None:
        self._fetched.put(RuntimeError(reason_of(error)))
