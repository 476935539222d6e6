from __future__ import annotations

from kwatch.catalog.column import UNREADABLE, natural_order


def test_numbers_within_texts_count() -> None:
    versions = ["v1.10.2", "v1.9.11", "v1.10.0-rc.1", "v1.9.2", "1.36", ""]
    assert sorted(versions, key=lambda text: natural_order(text) or ()) == [
        "", "1.36", "v1.9.2", "v1.9.11", "v1.10.0-rc.1", "v1.10.2",
    ]  # fmt: skip


def test_anything_can_be_ordered() -> None:
    sorted([natural_order(text) or () for text in ["9" * 5000, "٣", "a1", "1a", "-1", "\0"]])
    assert natural_order(UNREADABLE) is None
    assert natural_order(None) is None
