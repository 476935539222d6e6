from __future__ import annotations

import pytest

from kwatch.base.quantity import parse_number, parse_quantity, parse_size, quantity_order, quantity_text
from kwatch.catalog.column import UNREADABLE


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("500m", 0.5), ("2", 2), ("1.5Gi", 1.5 * 2**30), ("10k", 1e4), ("1e3", 1e3), ("2E", 2e18), ("-1", -1)],
)
def test_quantities_are_numbers(text: str, number: float) -> None:
    assert parse_quantity(text) == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "many", "1 Gi", "Gi", "1GiB", "0x10"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no quantity"):
        parse_quantity(text)
    assert quantity_order(text) is None


def test_sizes_order_across_units() -> None:
    sizes = sorted(["1Gi", "900Mi", "2000M", "5"], key=lambda size: quantity_order(size) or 0)
    assert sizes == ["5", "900Mi", "1Gi", "2000M"]
    assert quantity_order(UNREADABLE) is None


@pytest.mark.parametrize(
    ("resource", "amount", "text"),
    [
        ("cpu", 0.9, "900m"),
        ("cpu", 2.0, "2"),
        ("cpu", 0.0, "0"),
        ("cpu", 1.25, "1250m"),
        ("memory", 0.0, "0"),
        ("memory", 512.0, "512"),
        ("memory", 300 * 2.0**20, "300Mi"),
        ("memory", 1.5 * 2**30, "1.5Gi"),
        ("ephemeral-storage", 95491281146.0, "88.93Gi"),
        ("hugepages-2Mi", 2.0**21, "2Mi"),
        ("pods", 110.0, "110"),
        ("example.com/gpu", 1.0, "1"),
    ],
)
def test_amounts_are_told_in_the_unit_of_the_resource(resource: str, amount: float, text: str) -> None:
    assert quantity_text(resource, amount) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("500m", 0.5), ("2Gi", 2**31), ("3", 3), ("1e3", 1000), ("x", None), ("1k", 1000), ("", None), ("nan", None)],
)
def test_quantities_of_filters(text: str, expected: float | None) -> None:
    assert quantity_order(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("3", 3), ("-0.5", -0.5), ("1e3", 1000), ("1e999", None), ("inf", None), ("5m", None)]
)
def test_numbers(text: str, expected: float | None) -> None:
    assert parse_number(text) == expected


@pytest.mark.parametrize(
    ("text", "size"), [("512Mi", 512 << 20), ("2g", 2 * 10**9), ("1GiB", 1 << 30), ("500MB", 500_000_000), ("7", 7)]
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size
