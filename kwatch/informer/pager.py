"""Lists in pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

from kwatch.informer.errors import Closed
from kwatch.informer.pages_ahead import PagesAhead
from kwatch.informer.protocol import ListOptions, Object, ObjectList
from kwatch.informer.refusals import is_expired

PAGE_SIZE = 500

ListPage = Callable[[ListOptions], ObjectList]


class Pager:
    """Fetches a list page by page. `page_size` None asks for everything at once.

    `full_list_if_expired`: when the position expires on a later page, ask once for the whole list at the version that
    was asked for in the first place; otherwise that error is raised.
    """

    def __init__(
        self, list_page: ListPage, *, page_size: int | None = PAGE_SIZE, full_list_if_expired: bool = True
    ) -> None:
        self._list_page = list_page
        self._page_size = page_size
        self._full_list_if_expired = full_list_if_expired

    def list(self, options: ListOptions) -> tuple[ObjectList, bool]:
        """The whole list, and whether it came in several pages."""
        items: list[Object] = []
        paginated = False
        try:
            for page in self.pages(options):
                if not items and not page.continue_token:
                    return page, paginated
                items += page.items
                paginated = paginated or bool(page.continue_token)
        except Exception as error:
            if not (paginated and self._full_list_if_expired and is_expired(error)):
                raise
            # Pages of different moments must not be mixed: begin anew, in one piece.
            return self._list_page(replace(options, limit=None, continue_token=None)), True
        return ObjectList(items, page.resource_version), paginated

    def pages(self, options: ListOptions) -> Iterator[ObjectList]:
        """One page after the other, each fetched when it is asked for."""
        options = replace(options, limit=options.limit if options.limit is not None else self._page_size)
        while True:
            page = self._list_page(options)
            yield page
            if not page.continue_token:
                return
            # The token holds version and match; naming them again is an error.
            options = replace(
                options, continue_token=page.continue_token, resource_version="", resource_version_match=None
            )

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
