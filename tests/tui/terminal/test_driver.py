"""What is written to a terminal that reads slowly."""

from __future__ import annotations

import os
import threading

from kwatch.tui.terminal.driver import Writer


def test_a_slow_terminal_gets_what_was_written_last_instead_of_all_before_it() -> None:
    reads, writes = os.pipe()
    writer = Writer(writes, lambda: None, lambda: None, lambda error: None)
    writer.write("x" * 2_000_000)
    assert not writer.end(timeout=0.1), "nobody reads"
    got = bytearray()

    def read() -> None:
        while data := os.read(reads, 65536):
            got.extend(data)

    reader = threading.Thread(target=read)
    reader.start()
    assert writer.end_with("modes", timeout=10)
    os.close(writes)
    reader.join()
    os.close(reads)
    assert got.endswith(b"xmodes")
    assert len(got) < 1_000_000
