"""Memory that is free but still the process's: after many small pieces were freed, most of it may go back."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any


def malloc_trim() -> None:
    """Give free memory back to the system, where the C library can: some milliseconds, for a quiet moment."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    import ctypes  # a few milliseconds, which the first rows need not wait for

    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # another C library than glibc
        return None
