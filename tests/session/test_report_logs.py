"""What containers that ended badly wrote last, for a report."""

from __future__ import annotations

from kwatch.history.journal import Journal
from kwatch.history.last_lines import ContainerEnd
from kwatch.informer.testing import FakeClock
from kwatch.session.container_ends import MOST_ENDS, logs_of
from tests.history.objects import pod


def test_the_last_ends_with_their_lines_or_why_there_are_none() -> None:
    journal = Journal()
    for number in range(MOST_ENDS + 2):
        end = ContainerEnd("u1", "shop/web", "main", None, 100.0 + number, "exit 1", 100.0 + number)
        journal.last_lines.put("ctx", end.with_lines([f"line {number}"]))
    journal.last_lines.put("ctx", ContainerEnd("u1", "shop/web", "side", None, 200.0, "exit 2", 200.0, missing="gone"))
    found = [*logs_of(pod(), journal, "ctx", None, FakeClock())]
    assert [each.lines for each in found] == [("line 3",), ("line 4",), ("(gone)",)]
    assert found[-1].title == "shop/web, container side: exit 2"
    assert not [*logs_of(pod(), journal, "another", None, FakeClock())]
    journal.close()
