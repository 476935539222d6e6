"""Events about an object are read to their end, page by page, within a bound that is said."""

from __future__ import annotations

import pytest

from kwatch.history import reconstruction
from kwatch.history.reconstruction import events_about
from kwatch.informer.errors import ApiError
from kwatch.informer.protocol import ListOptions, ObjectList
from tests.history.objects import pod


class Pages:
    """So many Events; the token of a page expires after a while."""

    def __init__(self, count: int, expires_at: int = 1 << 30) -> None:
        self.count = count
        self.expires_at = expires_at

    def list(self, options: ListOptions) -> ObjectList:
        first, size = int(options.continue_token or 0), options.limit or self.count
        if first >= self.expires_at:
            raise ApiError(410, "Expired", "too old")
        last = min(self.count, first + size)
        items = [pod(f"event-{number}") for number in range(first, last)]
        rest = self.count - last
        return ObjectList(items, "1", str(last) if rest else None, rest or None)


@pytest.mark.parametrize(
    ("pages", "found", "are_more"),
    [
        (Pages(0), 0, False),
        (Pages(7), 7, False),
        (Pages(1_700), 1_700, False),
        (Pages(9_000), 2_000, True),
        (Pages(900, 500), 500, True),
    ],
)
def test_all_are_read_within_a_bound(pages: Pages, found: int, are_more: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconstruction, "MOST_EVENTS", 2_000)
    events, more = events_about(pages)
    assert (len(events), more) == (found, are_more)


def test_what_may_not_be_listed_is_raised() -> None:
    with pytest.raises(ApiError):
        events_about(Pages(3, expires_at=0))
