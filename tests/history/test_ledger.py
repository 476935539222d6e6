from __future__ import annotations

from kwatch.history.ledger import DEPARTED, INFERRED, OUT_OF_ORDER, RELISTED, Facts, Ledger
from kwatch.informer.delta import DeltaType


def test_facts_come_back_as_they_went_in() -> None:
    ledger = Ledger()
    ledger.append(7, 1234.567891, 42, DeltaType.ADDED)
    ledger.append(9, 1235.0, -3, DeltaType.DELETED, INFERRED | DEPARTED)
    ledger.append(12, 1236.0, 41, DeltaType.REPLACED, RELISTED | OUT_OF_ORDER)
    assert ledger.at(0) == Facts(7, 1234.567891, 42, DeltaType.ADDED, False, False, False, False)
    assert ledger.at(1) == Facts(9, 1235.0, -3, DeltaType.DELETED, True, False, False, True)
    assert ledger.at(2) == Facts(12, 1236.0, 41, DeltaType.REPLACED, False, True, True, False)
    assert [ledger.deleted(place) for place in range(3)] == [False, True, False]
    assert [ledger.relisted(place) for place in range(3)] == [False, False, True]


def test_positions_by_sequence_and_what_is_forgotten() -> None:
    ledger = Ledger()
    assert ledger.until(5) == 0
    for sequence in (10, 20, 30):
        ledger.append(sequence, 1.0, sequence, DeltaType.UPDATED)
    assert [ledger.until(sequence) for sequence in (9, 10, 19, 20, 30, 99)] == [0, 1, 1, 2, 3, 3]
    ledger.forget(2)
    assert (len(ledger), ledger.sequence(0), ledger.until(29)) == (1, 30, 0)
