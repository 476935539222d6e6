import pytest

from kwatch.informer.selectors import Operator, Requirement, SelectorSyntaxError, parse_label_selector


@pytest.mark.parametrize(
    ("text", "requirements"),
    [
        ("", []),
        ("x=a,y=b", [("x", "=", ["a"]), ("y", "=", ["b"])]),
        ("x==a", [("x", "=", ["a"])]),
        ("x!=a,y=b", [("x", "!=", ["a"]), ("y", "=", ["b"])]),
        ("x=", [("x", "=", [""])]),
        ("x=,z= ", [("x", "=", [""]), ("z", "=", [""])]),
        ("x= ,z= ", [("x", "=", [""]), ("z", "=", [""])]),
        ("!x", [("x", "!", [])]),
        ("x", [("x", "exists", [])]),
        ("x>1,z<5", [("x", ">", ["1"]), ("z", "<", ["5"])]),
        ("x in (a,,)", [("x", "in", ["", "a"])]),
        ("x in (,a)", [("x", "in", ["", "a"])]),
        ("x notin ( )", [("x", "notin", [""])]),
        ("x in ()", [("x", "in", [""])]),
        ("x notin (\n,a)", [("x", "notin", ["", "a"])]),
        ("a in (x,y,notin, z,in)", [("a", "in", ["in", "notin", "x", "y", "z"])]),
        ("notin", [("notin", "exists", [])]),
        ("in in (in)", [("in", "in", ["in"])]),
        ("x,y in (a)", [("x", "exists", []), ("y", "in", ["a"])]),
        ("example.com/app=web", [("example.com/app", "=", ["web"])]),
    ],
)
def test_K1_parses(text: str, requirements: list[tuple[str, str, list[str]]]) -> None:
    expected = tuple(Requirement(key, Operator(operator), tuple(values)) for key, operator, values in requirements)
    assert parse_label_selector(text).requirements == expected


@pytest.mark.parametrize(
    "text",
    [
        "x=a||y=b",
        "x==a==b",
        "!x=a",
        "x<a",
        "x>1.5",
        "x,,y",
        ",x,y",
        "x,",
        "a in (xyz),",
        "a in (xyz abc)",
        "a notin(",
        "a in (x",
        "(",
        "=a",
        "!",
        "a in x",
        "x!a",
        "-x=a",
        "x=a-",
        "UPPER.com/x=a",
        "x=" + "a" * 64,
    ],
)
def test_K1_refuses(text: str) -> None:
    with pytest.raises(SelectorSyntaxError, match="label selector"):
        parse_label_selector(text)


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("", {}, True),
        ("", {"x": "y"}, True),
        ("x=y", {"x": "y"}, True),
        ("x=y", {"x": "z"}, False),
        ("x=y", {}, False),
        ("x=", {"x": ""}, True),
        ("x=", {}, False),
        ("x!=y", {}, True),
        ("x!=y", {"x": "y"}, False),
        ("x!=y", {"x": "z"}, True),
        ("x notin (y)", {}, True),
        ("x notin (y)", {"x": "y"}, False),
        ("x in (y)", {}, False),
        ("x in (a,y)", {"x": "y"}, True),
        ("!x", {}, True),
        ("!x", {"x": ""}, False),
        ("x", {"x": ""}, True),
        ("x", {"z": "x"}, False),
        ("x>1", {"x": "2"}, True),
        ("x>1", {"x": "1"}, False),
        ("x>1", {"x": "two"}, False),
        ("x<7", {"x": "6"}, True),
        ("x<7", {}, False),
        ("x>1,z<5", {"x": "2", "z": "9"}, False),
    ],
)
def test_K2_matches(text: str, labels: dict[str, str], expected: bool) -> None:
    assert parse_label_selector(text).matches(labels) is expected


def test_prints_what_parses_to_the_same() -> None:
    selector = parse_label_selector("a in (x,y), !b, c, d!=e,f>3, g=")
    assert parse_label_selector(str(selector)) == selector
