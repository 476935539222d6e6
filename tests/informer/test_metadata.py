import pytest

from kwatch.informer import compare_resource_versions


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("100", "200", -1),
        ("99", "100", -1),
        ("100", "99", 1),
        ("7", "7", 0),
        ("9" * 40, "9" * 39 + "8", 1),
        ("1" + "0" * 40, "9" * 40, 1),
    ],
)
def test_K4_compares_by_length_then_digits(one: str, other: str, expected: int) -> None:
    assert compare_resource_versions(one, other) == expected


@pytest.mark.parametrize("bad", ["0", "", "01", "a1", "-1", "1.0", "١"])
def test_K4_refuses_what_is_no_version(bad: str) -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        compare_resource_versions(bad, "5")
    with pytest.raises(ValueError, match="cannot be compared"):
        compare_resource_versions("5", bad)
