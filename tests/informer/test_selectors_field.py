import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.informer.selectors import Operator, Requirement, SelectorSyntaxError, escape, field_is, parse_field_selector


@pytest.mark.parametrize(
    ("text", "requirements"),
    [
        ("", []),
        (",", []),
        (r"x=a||y\=b", [("x", "=", "a||y=b")]),
        (r"complex=\=value\\\,\\", [("complex", "=", "=value\\,\\")]),
        ("x=a,y!=b,z==c", [("x", "=", "a"), ("y", "!=", "b"), ("z", "=", "c")]),
        (r"x=\,,y=b", [("x", "=", ","), ("y", "=", "b")]),
        ("x=", [("x", "=", "")]),
    ],
)
def test_K3_parses(text: str, requirements: list[tuple[str, str, str]]) -> None:
    expected = tuple(Requirement(key, Operator(operator), (value,)) for key, operator, value in requirements)
    assert parse_field_selector(text).requirements == expected


@pytest.mark.parametrize("text", ["x", "x in (a)", "x==a==b", "x=a,b", r"x=a\b", "x=a\\", "x=a||y=b"])
def test_K3_refuses(text: str) -> None:
    with pytest.raises(SelectorSyntaxError, match="field selector"):
        parse_field_selector(text)


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        ("", {"x": "y"}, True),
        ("x=y", {"x": "y"}, True),
        ("x=y", {"x": "z"}, False),
        ("x!=y", {"x": "z"}, True),
        ("x!=y", {}, True),
        ("x=", {}, True),
        ("x=y,z=w", {"x": "y", "z": "w"}, True),
        ("x!=y,z!=w", {"x": "z", "z": "w"}, False),
    ],
)
def test_K3_matches(text: str, fields: dict[str, str], expected: bool) -> None:
    assert parse_field_selector(text).matches(fields) is expected


def test_escape_is_undone_by_parsing() -> None:
    awkward = r"a\b,c=d\\"
    assert parse_field_selector(f"x={escape(awkward)}").requirements[0].values == (awkward,)


@given(st.text())
def test_a_value_is_one_value_whatever_is_in_it(value: str) -> None:
    (requirement,) = parse_field_selector(field_is("metadata.name", value)).requirements
    assert (requirement.key, requirement.values) == ("metadata.name", (value,))
