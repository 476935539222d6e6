from __future__ import annotations

from kwatch.history.version import DEPARTED, INFERRED, OUT_OF_ORDER, RELISTED, Facts, VersionColumns
from kwatch.informer.delta import DeltaType


def test_facts_come_back_as_they_went_in() -> None:
    columns = VersionColumns()
    columns.append(7, 1234.567891, 42, DeltaType.ADDED)
    columns.append(9, 1235.0, -3, DeltaType.DELETED, INFERRED | DEPARTED)
    columns.append(12, 1236.0, 41, DeltaType.REPLACED, RELISTED | OUT_OF_ORDER)
    assert columns.at(0) == Facts(7, 1234.567891, 42, DeltaType.ADDED, False, False, False, False)
    assert columns.at(1) == Facts(9, 1235.0, -3, DeltaType.DELETED, True, False, False, True)
    assert columns.at(2) == Facts(12, 1236.0, 41, DeltaType.REPLACED, False, True, True, False)
    assert [columns.deleted(place) for place in range(3)] == [False, True, False]
    assert [columns.relisted(place) for place in range(3)] == [False, False, True]


def test_positions_by_sequence_and_what_is_forgotten() -> None:
    columns = VersionColumns()
    assert columns.until(5) == 0
    for sequence in (10, 20, 30):
        columns.append(sequence, 1.0, sequence, DeltaType.UPDATED)
    assert [columns.until(sequence) for sequence in (9, 10, 19, 20, 30, 99)] == [0, 1, 1, 2, 3, 3]
    columns.forget(2)
    assert (len(columns), columns.sequence(0), columns.until(29)) == (1, 30, 0)
