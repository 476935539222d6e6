from __future__ import annotations

import pytest

from kwatch.query import QuerySyntaxError, parse
from kwatch.query.editing import choose, chosen_values, exclude, is_chosen


def test_a_value_is_chosen_and_let_go_of_again() -> None:
    assert choose("", "status:Running") == "status:Running"
    assert choose("cart", "status:Running") == "cart status:Running"
    assert choose("cart status:Running age<10m", "status:Running") == "cart age<10m"


def test_values_of_one_index_are_alternatives() -> None:
    both = choose("status:Running cart", "status:Pending")
    assert both == "status:Running,Pending cart"
    assert choose(both, "status:Running") == "status:Pending cart"


def test_values_of_one_label_are_alternatives() -> None:
    both = choose("app=cart", "app=web")
    assert both == "app in (cart,web)"
    assert choose(both, "app=cart") == "app=web"
    assert choose("app=cart", "tier=data") == "app=cart tier=data"


@pytest.mark.parametrize("term", ['status:"a b"', 'app="x,y"', 'app=""', 'image:"a b,c"'])
def test_odd_values_survive(term: str) -> None:
    once = choose("ns:shop", term)
    assert is_chosen(chosen_values(once), term)
    assert choose(once, term) == "ns:shop"
    parse(choose(once, term.partition(":")[0] + ":z" if ":" in term else "app=z"))


def test_what_is_chosen_is_known_however_it_is_written() -> None:
    chosen = chosen_values("status:Running,Pending app in (a,b) !node:n1 cart")
    assert is_chosen(chosen, "status:Pending")
    assert is_chosen(chosen, "app=b")
    assert not is_chosen(chosen, "node:n1")
    assert not is_chosen(chosen, "app=c")


def test_what_is_excluded_comes_back() -> None:
    assert exclude("cart", "node:n1") == "cart !node:n1"
    assert exclude("cart !node:n1", "node:n1") == "cart"


def test_a_broken_filter_is_told() -> None:
    with pytest.raises(QuerySyntaxError):
        choose('"open', "app=cart")
