"""One line of the benchmark table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`value` in `unit`; `reach` says what we aim at, in words; `note` what it was compared with."""

    name: str
    value: float
    unit: str
    reach: str = ""
    note: str = ""
