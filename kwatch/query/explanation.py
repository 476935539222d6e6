"""How a filter was answered, in words: `label index 500, scan of "cart"; 0.3 ms`."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.query.matcher import Answer
from kwatch.query.quoting import shortened

_TOLD = 5
"""Terms that are told by name."""


def explanation(answers: Sequence[Answer]) -> str:
    """For the line that says whether an index answered, and how fast; empty where nothing was asked."""
    if not answers:
        return ""
    indexed = [f"{answer.by} {answer.count:,}" for answer in answers if answer.count is not None]
    scanned = [shortened(answer.term) for answer in answers if answer.count is None]
    parts = list(dict.fromkeys(indexed))
    if scanned:
        more = f" and {len(scanned) - _TOLD:,} more" if len(scanned) > _TOLD else ""
        parts.append(f"scan for {' '.join(scanned[:_TOLD])}{more}")
    text = ", ".join(parts)
    return f"{text}; {_duration(sum(answer.seconds for answer in answers))}" if indexed else text


def _duration(seconds: float) -> str:
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1000:.1f} ms"
