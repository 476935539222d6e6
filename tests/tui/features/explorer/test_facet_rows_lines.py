from __future__ import annotations

from kwatch.query.editing import chosen_values
from kwatch.tui.features.explorer.facet_rows import FacetLine, LineKind, Opened, facet_lines
from kwatch.view.exploration import Explored, Facet, FacetValue


def facet(name: str, *values: str, distinct: int | None = None) -> Explored:
    found = tuple(FacetValue(value, 10 - place, 5, f"{name}:{value}") for place, value in enumerate(values))
    count = len(values) if distinct is None else distinct
    return Explored(name, Facet(name, found, count), count)


NODES = facet("node", *(f"node-{number}" for number in range(9)), distinct=40)
STATUS = facet("status", "Running", "Pending")


def texts(lines: tuple[FacetLine, ...]) -> list[str]:
    return [line.text for line in lines]


def test_only_open_facets_show_values() -> None:
    lines = facet_lines((STATUS, NODES), Opened(frozenset({"status"})), frozenset())
    assert texts(lines) == ["status", "Running", "Pending", "node"]
    assert [line.open for line in lines if line.kind is LineKind.FACET] == [True, False]


def test_long_facets_are_cut_until_widened() -> None:
    opened = Opened().toggle("node")
    assert texts(facet_lines((NODES,), opened, frozenset()))[-2:] == ["node-5", "34 more"]
    assert texts(facet_lines((NODES,), opened.widen("node"), frozenset()))[-2:] == ["node-8", "31 more"]
    assert texts(facet_lines((NODES,), opened.widen("node").toggle("node"), frozenset())) == ["node"]


def test_bars_are_parts_of_the_largest_value_and_chosen_ones_are_known() -> None:
    chosen = chosen_values("status:Pending")
    lines = facet_lines((STATUS,), Opened(frozenset({"status"})), chosen)
    assert [(line.share, line.chosen) for line in lines[1:]] == [(0.5, False), (5 / 10, True)]


def test_typing_narrows_to_values_and_facets_that_contain_all_words() -> None:
    assert texts(facet_lines((STATUS, NODES), Opened(), frozenset(), "RUN")) == ["status", "Running"]
    assert texts(facet_lines((STATUS, NODES), Opened(), frozenset(), "node 7")) == ["node", "node-7"]
    assert texts(facet_lines((STATUS, Explored("image")), Opened(), frozenset(), "ima")) == ["image"]
    assert facet_lines((STATUS, NODES), Opened(), frozenset(), "zebra") == ()


def test_keys_stay_while_counts_change() -> None:
    before = facet_lines((STATUS,), Opened(frozenset({"status"})), frozenset())
    after = facet_lines((facet("status", "Pending", "Running"),), Opened(frozenset({"status"})), frozenset())
    assert {line.key for line in before} == {line.key for line in after}
    assert len({line.key for line in before}) == len(before)
