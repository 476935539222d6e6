"""Lists in pages."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from queue import SimpleQueue
from typing import Self

from kwatch.base.limits import MOST_MEAGRE_PAGES
from kwatch.base.threads import Thread, reason_of
from kwatch.informer.errors import ApiError, Closed, is_expired, is_oversize
from kwatch.informer.protocol import ListOptions, Object, ObjectList

PAGE_SIZE = 500
_SMALL = 20
"""A page with less than this fraction of what was asked for makes no progress."""

ListPage = Callable[[ListOptions], ObjectList]


class Pager:
    """Fetches a list page by page. `page_size` None asks for everything at once.

    `full_list_if_expired`: when the position expires on a later page, ask once for the whole list at the version that
    was asked for in the first place; otherwise that error is raised.
    `again`: asked when a later page fails, with the error and how often that page failed in a row; waits, and says
    whether to ask for that page once more. Without it every error is raised.
    """

    def __init__(
        self,
        list_page: ListPage,
        *,
        page_size: int | None = PAGE_SIZE,
        full_list_if_expired: bool = True,
        again: Callable[[Exception, int], bool] | None = None,
    ) -> None:
        self._list_page = list_page
        self._page_size = page_size
        self._full_list_if_expired = full_list_if_expired
        self._again = again

    def list(self, options: ListOptions) -> tuple[ObjectList, bool]:
        """The whole list, and whether it came in several pages. Its version is the first page's: what changed while the
        others came is then brought by a watch from there.
        """
        first: ObjectList | None = None
        items: list[Object] = []
        paginated = False
        try:
            for page in self.pages(options):
                if first is None:
                    first, paginated = page, bool(page.continue_token)
                    if not paginated:
                        return page, False
                items += page.items
            if first is not None and paginated:
                _check_end(first, page, len(items))
        except Exception as error:
            if not (paginated and self._full_list_if_expired and is_expired(error)):
                raise
            # Pages of different moments must not be mixed: list again, in one piece.
            return self._list_page(replace(options, limit=None, continue_token=None)), True
        return ObjectList(items, first.resource_version if first is not None else ""), paginated

    def pages(self, options: ListOptions) -> Iterator[ObjectList]:
        """One page after the other, each fetched when it is asked for; raise ApiError if they go in a circle."""
        options = replace(options, limit=options.limit if options.limit is not None else self._page_size)
        wanted = options.limit
        asked: set[bytes] = set()
        brought = small = 0
        while True:
            page, limit = self._page(options)
            yield page
            token = page.continue_token
            if not token:
                return
            place = hashlib.sha256(token.encode("utf-8", "replace")).digest()
            if place in asked:
                raise ApiError(0, "Malformed", "The list goes in a circle: it says again to go on where it went on.")
            asked.add(place)
            brought += len(page.items)
            small += len(page.items) * _SMALL < (limit or 1)
            if small > MOST_MEAGRE_PAGES:
                sentence = (
                    f"The list does not get on: {len(asked):,} pages brought {brought:,} objects, and more follow."
                )
                raise ApiError(0, "Malformed", sentence)
            if limit != wanted and limit is not None:
                # The objects that were too large at once are behind us.
                options = replace(options, limit=min(limit * 2, wanted or PAGE_SIZE))
            # The token holds version and match; naming them again is an error.
            options = replace(options, continue_token=token, resource_version="", resource_version_match=None)

    def _page(self, options: ListOptions) -> tuple[ObjectList, int | None]:
        """A page, and the limit it was asked with: a lower one if that many are too large at once. A server that
        answers from its cache ignores the limit.
        """
        failures = 0
        while True:
            try:
                return self._list_page(options), options.limit
            except Exception as error:
                if is_oversize(error) and not options.resource_version and options.limit != 1:
                    options = replace(options, limit=max(1, options.limit // 10) if options.limit else PAGE_SIZE)
                    continue
                failures += 1
                if self._again is None or not options.continue_token or not self._again(error, failures):
                    raise

    def each_item(
        self, options: ListOptions, visit: Callable[[Object], None], stop: threading.Event | None = None
    ) -> None:
        """Visit every object, page by page; raise what `visit` or a page raises, Closed if `stop` is set after a page.

        A position that expires is an error here: what was visited cannot be taken back.
        """
        for page in self.pages(options):
            for item in page.items:
                visit(item)
            if stop is not None and stop.is_set():
                raise Closed("stopped between two pages")

    def each_page(self, options: ListOptions, visit: Callable[[ObjectList], None], *, buffer: int = 0) -> None:
        """Visit every page, while the next one and `buffer` more are fetched; raise what `visit` or a page raises."""
        with PagesAhead(self.pages(options), buffer) as pages:
            for page in pages:
                visit(page)


def _check_end(first: ObjectList, last: ObjectList, count: int) -> None:
    """Raise ApiError if the last page is not the last: what it lacks would be deleted."""
    announced = first.remaining_item_count or 0
    if announced > 0 and count <= len(first.items or ()):
        raise ApiError(0, "Malformed", f"The list ends too soon: {announced:,} more items were announced.")
    if not last.items and not last.resource_version:
        raise ApiError(0, "Malformed", "The last page of the list is empty, and has no version.")


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
