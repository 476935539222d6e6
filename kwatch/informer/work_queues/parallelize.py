"""Work on many pieces with a few threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from kwatch.base.threads import Thread
from kwatch.informer.waiting import join_all


def parallelize_until(
    stop: threading.Event | None, workers: int, pieces: int, work: Callable[[int], None], *, chunk: int = 1
) -> None:
    """Call `work` once for each number below `pieces`, in `workers` threads that take `chunk` numbers at a time.

    Returns when all is done, or `stop` is set; raises the first error after all threads have ended, and no new chunk
    is begun after one.
    """
    chunks = iter(range(0, pieces, chunk))
    lock = threading.Lock()
    errors: list[BaseException] = []

    def take() -> Iterator[int]:
        while not errors and not (stop is not None and stop.is_set()):
            with lock:
                start = next(chunks, None)
            if start is None:
                return
            yield from range(start, min(start + chunk, pieces))

    def run() -> None:
        try:
            for piece in take():
                work(piece)
        except BaseException as error:  # noqa: BLE001 - handed to the caller, whole
            errors.append(error)

    threads = [
        Thread(f"kwatch-parallel-{number}", run, errors.append) for number in range(min(workers, -(-pieces // chunk)))
    ]
    for thread in threads:
        thread.start()
    join_all(threads, None)
    if errors:
        raise errors[0]
