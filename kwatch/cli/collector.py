"""The garbage collector, kept out of the hot path: a full collection over a large cache is a visible freeze."""

from __future__ import annotations

import gc


def quieten_collector() -> None:
    """What is imported by now lives for ever, so freeze it; collect young objects less often, old ones rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
