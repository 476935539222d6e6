"""What containers that ended badly wrote last: bounded, and on the timelines of the pod and its owners."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kwatch.history.journal import Journal
from kwatch.history.last_lines import LONGEST, ContainerEnd, LastLines
from kwatch.view.timeline import TimelineRenderer
from tests.history.objects import Feeder
from tests.history.test_timeline import obj


def end(uid: str = "uid-web-1", finished: float = 100.0, **more: object) -> ContainerEnd:
    return ContainerEnd(uid, "shop/web-1", "app", finished - 9, finished, "exit 1", finished, **more)  # type: ignore[arg-type]


@given(st.lists(st.text(max_size=40), max_size=20))
def test_lines_come_back_as_they_were(lines: list[str]) -> None:
    kept = end().with_lines(lines)
    assert kept.count == len(lines) == len(kept.lines)
    for line, back in zip(lines, kept.lines, strict=True):
        assert back == line.replace("\n", " ").encode("utf-8", "replace").decode()


def test_a_long_line_is_cut_and_says_how_much_is_missing() -> None:
    [line] = end().with_lines(["x" * (LONGEST + 1234)]).lines
    assert line == "x" * LONGEST + " … 1,234 more characters"


def test_the_oldest_make_room_and_memory_stays_below_the_budget() -> None:
    kept = LastLines(budget=10_000)
    for number in range(100):
        kept.put("ctx", end(f"u{number}", float(number)).with_lines([f"line {number}"]))
        assert kept.bytes <= 10_000
    assert 10 < len(kept) < 20
    assert kept.of("ctx", "u0") == []
    assert [each.lines for each in kept.of("ctx", "u99")] == [("line 99",)]
    assert kept.bytes == sum(each.size for n in range(100) for each in kept.of("ctx", f"u{n}"))


def test_another_word_on_an_end_replaces_it() -> None:
    kept = LastLines()
    kept.put("ctx", end(missing="asked for …"))
    before = kept.changes
    kept.put("ctx", end().with_lines(["a", "b"]))
    assert [each.count for each in kept.of("ctx", "uid-web-1")] == [2]
    assert kept.changes > before and kept.with_lines == 1
    assert kept.of("other", "uid-web-1") == []


def test_an_end_stands_on_the_timeline_of_the_pod_and_of_its_owners() -> None:
    journal = Journal()
    Feeder(journal.sink("ctx", "deployments.apps"), 90.0).add(obj("web", 1))
    Feeder(journal.sink("ctx", "pods"), 95.0).add(obj("web-1", 2, "web"))
    journal.last_lines.put("ctx", end().with_lines(["one", "two"]))
    journal.last_lines.put("ctx", end("uid-other"))
    render = TimelineRenderer(journal).render
    for resource, key, relation in (("pods", "shop/web-1", "self"), ("deployments.apps", "shop/web", "child")):
        [entry] = [each for each in journal.timeline("ctx", resource, key) if each.end is not None]
        assert entry.at == 100.0 and entry.relation_type == relation and entry.approximate
        assert render(entry).words == "container app ended: exit 1 · last 2 lines"
    journal.close()


def test_an_end_takes_the_place_of_what_the_pod_proves_of_it() -> None:
    journal = Journal()
    ended = {"startedAt": "2026-11-23T12:00:00Z", "finishedAt": "2026-11-23T12:01:00Z", "exitCode": 1}
    status = {"containerStatuses": [{"name": "app", "state": {"terminated": ended}}]}
    Feeder(journal.sink("ctx", "pods"), 1_900_000_000.0).replace(obj("web-1", 2, status=status))
    render = TimelineRenderer(journal).render

    def words() -> list[str]:
        return [render(each).words for each in journal.timeline("ctx", "pods", "shop/web-1") if each.relation]

    assert "container app ended, exit code 1" in words()
    journal.last_lines.put("ctx", end(finished=1_795_435_260.0, missing="it is gone"))
    assert words()[:2] == ["container app started", "container app ended: exit 1 · it is gone"]
    assert "container app ended, exit code 1" not in words()
    journal.close()
