import threading

import pytest

from kwatch.informer import parallelize_until


@pytest.mark.parametrize(("pieces", "chunk"), [(1000, 1), (1000, 10), (1000, 100), (999, 13)])
def test_Q12_every_piece_once(pieces: int, chunk: int) -> None:
    seen: list[int] = []
    parallelize_until(None, 10, pieces, seen.append, chunk=chunk)
    assert sorted(seen) == [*range(pieces)]


def test_a_stop_ends_it_after_the_chunks_in_work() -> None:
    stop = threading.Event()
    seen: list[int] = []

    def work(piece: int) -> None:
        seen.append(piece)
        stop.set()

    parallelize_until(stop, 1, 100, work, chunk=5)
    assert seen == [0, 1, 2, 3, 4]


def test_an_error_comes_out() -> None:
    def work(piece: int) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        parallelize_until(None, 3, 10, work)
