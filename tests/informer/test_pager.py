import threading
from collections.abc import Callable
from typing import Any

import pytest

from kwatch.informer import ApiError, Closed, ListOptions, ObjectList, Pager
from kwatch.informer.errors import too_large
from tests.informer.fakes import eventually, pod, pods, refusal


class Pages:
    """A server with so many objects; the continue token is the position."""

    def __init__(self, count: int, expires_at: int | None = None) -> None:
        self._items = pods(count)
        self._expires_at = expires_at
        self.calls: list[ListOptions] = []

    def __call__(self, options: ListOptions) -> ObjectList:
        self.calls.append(options)
        start = int(options.continue_token or 0)
        if self._expires_at is not None and start and start >= self._expires_at:
            raise refusal(410, "Expired")
        end = start + options.limit if options.limit else len(self._items)
        left = len(self._items) - end
        return ObjectList(self._items[start:end], "7", str(end) if left > 0 else None, max(left, 0))


@pytest.mark.parametrize("count", [0, 9, 10])
def test_P1_one_page_is_returned_as_it_came(count: int) -> None:
    pages = Pages(count)
    listed, paginated = Pager(pages, page_size=10).list(ListOptions(resource_version="0"))
    assert (len(listed.items), listed.resource_version, paginated) == (count, "7", False)
    assert pages.calls == [ListOptions(resource_version="0", limit=10)]


def test_P1_pages_are_joined_and_continue_without_version_and_match() -> None:
    pages = Pages(25)
    options = ListOptions(resource_version="5", resource_version_match="Exact")
    listed, paginated = Pager(pages, page_size=10).list(options)
    assert (len(listed.items), listed.continue_token, paginated) == (25, None, True)
    assert [(each.resource_version, each.resource_version_match, each.continue_token) for each in pages.calls] == [
        ("5", "Exact", None),
        ("", None, "10"),
        ("", None, "20"),
    ]


def versioned(*versions: str) -> Callable[[ListOptions], ObjectList]:
    """A page for each of these versions."""

    def answer(options: ListOptions) -> ObjectList:
        page = int(options.continue_token or 0)
        return ObjectList(pods(1), versions[page], str(page + 1) if page + 1 < len(versions) else None)

    return answer


@pytest.mark.parametrize("versions", [("100", "105", "110"), ("100", "", ""), ("100", "90"), ("", "105")])
def test_the_version_of_a_list_is_that_of_its_first_page(versions: tuple[str, ...]) -> None:
    listed, _ = Pager(versioned(*versions), page_size=1).list(ListOptions())
    assert (listed.resource_version, len(listed.items)) == (versions[0], len(versions))


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "a"]])
def test_pages_in_a_circle_are_an_error(tokens: list[str]) -> None:
    calls: list[str | None] = []

    def answer(options: ListOptions) -> ObjectList:
        calls.append(options.continue_token)
        return ObjectList(pods(1), "7", tokens[(len(calls) - 1) % len(tokens)])

    with pytest.raises(ApiError, match="in a circle"):
        Pager(answer, page_size=1).list(ListOptions())
    assert len(calls) == len(tokens)


class Failing:
    """Pages of which one fails so often."""

    def __init__(self, failures: int) -> None:
        self._pages = Pages(25)
        self.failures = failures
        self.asked: list[str | None] = []

    def __call__(self, options: ListOptions) -> ObjectList:
        self.asked.append(options.continue_token)
        if options.continue_token == "10" and self.failures:
            self.failures -= 1
            raise refusal(503, "ServiceUnavailable")
        return self._pages(options)


def test_a_page_that_fails_is_asked_for_again() -> None:
    pages = Failing(3)
    listed, _ = Pager(pages, page_size=10, again=lambda error, failures: True).list(ListOptions())
    assert len(listed.items) == 25
    assert pages.asked == [None, "10", "10", "10", "10", "20"]


def test_until_it_is_enough() -> None:
    pages = Failing(100)
    with pytest.raises(ApiError):
        Pager(pages, page_size=10, again=lambda error, failures: failures < 4).list(ListOptions())
    assert pages.asked == [None, *["10"] * 4]


def test_P3_an_expired_page_is_an_error_without_fallback() -> None:
    with pytest.raises(ApiError, match="no") as raised:
        Pager(Pages(21, expires_at=10), page_size=10, full_list_if_expired=False).list(ListOptions())
    assert raised.value.status == 410


def test_P3_an_expired_page_leads_to_one_full_list_at_the_original_version() -> None:
    pages = Pages(21, expires_at=10)
    listed, paginated = Pager(pages, page_size=10).list(ListOptions(resource_version="4"))
    assert (len(listed.items), paginated) == (21, True)
    assert pages.calls[-1] == ListOptions(resource_version="4")
    assert len(pages.calls) == 3


def test_expiry_on_the_first_page_propagates() -> None:
    calls = []

    def expired(options: ListOptions) -> ObjectList:
        calls.append(options)
        raise refusal(410, "Expired")

    with pytest.raises(ApiError):
        Pager(expired).list(ListOptions())
    assert len(calls) == 1


class Visitor:
    def __init__(self, at: int, what: Callable[[], None]) -> None:
        self.visited = 0
        self._at = at
        self._what = what

    def __call__(self, item: Any) -> None:
        self.visited += 1
        if self.visited == self._at:
            self._what()


def test_P4_a_visitor_that_raises_ends_it_there() -> None:
    def fail() -> None:
        raise LookupError("enough")

    visit = Visitor(3, fail)
    with pytest.raises(LookupError, match="enough"):
        Pager(Pages(51), page_size=10).each_item(ListOptions(), visit)
    assert visit.visited == 3


def test_P4_a_stop_ends_it_after_the_page() -> None:
    stop = threading.Event()
    visit = Visitor(3, stop.set)
    with pytest.raises(Closed):
        Pager(Pages(51), page_size=10).each_item(ListOptions(), visit, stop)
    assert visit.visited == 10


def test_P4_a_position_that_expires_is_an_error_after_what_was_visited() -> None:
    visit = Visitor(0, lambda: None)
    with pytest.raises(ApiError):
        Pager(Pages(51, expires_at=10), page_size=10).each_item(ListOptions(), visit)
    assert visit.visited == 10


@pytest.mark.parametrize(("buffer", "fetched"), [(0, 2), (1, 3), (10, 5)])
def test_P5_pages_are_fetched_ahead(buffer: int, fetched: int) -> None:
    pages = Pages(50)

    def stop_at_the_first(page: ObjectList) -> None:
        eventually(lambda: len(pages.calls) >= fetched)
        raise LookupError("enough")

    with pytest.raises(LookupError):
        Pager(pages, page_size=10).each_page(ListOptions(), stop_at_the_first, buffer=buffer)
    assert len(pages.calls) == fetched


def test_P5_every_page_is_visited_once_and_errors_come_through() -> None:
    sizes: list[int] = []
    Pager(Pages(25), page_size=10).each_page(ListOptions(), lambda page: sizes.append(len(page.items)), buffer=2)
    assert sizes == [10, 10, 5]
    with pytest.raises(ApiError):
        Pager(Pages(25, expires_at=10), page_size=10).each_page(ListOptions(), lambda page: None)


def test_X12_pages_of_different_moments_are_never_mixed() -> None:
    """The server offers to go on inconsistently; the whole list is asked for instead."""
    calls: list[ListOptions] = []

    def pages(options: ListOptions) -> ObjectList:
        calls.append(options)
        if options.continue_token:
            raise refusal(410, "Expired", continue_token="inconsistent")
        return ObjectList(pods(10 if options.limit else 21), "7", "next" if options.limit else None)

    listed, _ = Pager(pages, page_size=10).list(ListOptions())
    assert len(listed.items) == 21
    assert [each.continue_token for each in calls] == [None, "next", None]


class Heavy(Pages):
    """A server of which one object is so large that no page may hold more than `most` with it."""

    def __init__(self, count: int, heavy: int, most: int) -> None:
        super().__init__(count)
        self._heavy, self._most = heavy, most

    def __call__(self, options: ListOptions) -> ObjectList:
        start = int(options.continue_token or 0)
        page = super().__call__(options)
        if start <= self._heavy < start + len(page.items) and len(page.items) > self._most:
            raise too_large("It", 64 << 20)
        return page


@pytest.mark.parametrize("most", [1, 3, 49])
def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(most: int) -> None:
    pages = Heavy(2000, 700, most)
    listed, _ = Pager(pages).list(ListOptions())
    assert [each["metadata"]["name"] for each in listed.items] == [each["metadata"]["name"] for each in pods(2000)]
    assert len(pages.calls) < 30
    assert pages.calls[-1].limit == 500, "the others are not asked for one by one"


def test_an_object_that_is_too_large_alone_is_an_error() -> None:
    pages = Heavy(2000, 700, 0)
    with pytest.raises(ApiError, match="larger than 64 MB"):
        Pager(pages).list(ListOptions())
    assert len(pages.calls) < 20


def test_what_comes_from_the_servers_cache_is_not_made_smaller_by_asking_for_less() -> None:
    pages = Heavy(100, 7, 0)
    with pytest.raises(ApiError, match="larger than 64 MB"):
        Pager(pages).list(ListOptions(resource_version="0"))
    assert len(pages.calls) == 1


@pytest.mark.parametrize("items", [0, 1])
def test_pages_that_bring_nothing_end(items: int) -> None:
    asked = 0

    def answer(options: ListOptions) -> ObjectList:
        nonlocal asked
        asked += 1
        return ObjectList(pods(items), "7", f"token {asked}")

    with pytest.raises(ApiError, match=rf"does not get on: 101 pages brought {items * 101} objects"):
        Pager(answer).list(ListOptions())
    assert asked == 101


@pytest.mark.parametrize(
    ("remaining", "last"),
    [(None, ObjectList([], "")), (None, ObjectList([], "", "")), (2, ObjectList([], "9")), (1, ObjectList([], ""))],
)
def test_a_last_page_that_is_none_ends_no_list(remaining: int | None, last: ObjectList) -> None:
    """What was on it would be taken for deleted."""
    pages = [ObjectList([pod("a", 1)], "9", "C1", remaining), last]
    with pytest.raises(ApiError, match=r"too soon|no version"):
        Pager(lambda options: pages.pop(0)).list(ListOptions())


@pytest.mark.parametrize(("remaining", "last"), [(None, ObjectList([], "9")), (2, ObjectList([pod("b", 1)], ""))])
def test_the_last_page_may_be_empty_or_without_a_version(remaining: int | None, last: ObjectList) -> None:
    pages = [ObjectList([pod("a", 1)], "9", "C1", remaining), last]
    listed, paginated = Pager(lambda options: pages.pop(0)).list(ListOptions())
    assert (listed.resource_version, paginated) == ("9", True)
