"""Indices over what there was."""

from __future__ import annotations

import pytest

from kwatch.informer.index import LABEL_INDEX, NODE_INDEX, label_index, node_index
from kwatch.view.as_of_source import AsOfIndex
from kwatch.view.source import DictSource
from tests.tui.fakes import pod


def index() -> AsOfIndex:
    pods = [pod("web-1"), pod("web-2"), pod("cart-1")]
    return AsOfIndex(DictSource({each.key: each for each in pods}), {LABEL_INDEX: label_index})


def test_it_is_made_when_it_is_asked() -> None:
    found = index()
    assert (found.is_made, found.index_names) == (False, (LABEL_INDEX,))
    assert found.index_counts(LABEL_INDEX) == {"app=web": 2, "app=cart": 1}
    assert found.is_made
    assert found.index_key_set(LABEL_INDEX, ("app=cart", "app=none")) == {"shop/cart-1"}
    assert found.index_keys(LABEL_INDEX, "app=web") == ["shop/web-1", "shop/web-2"]


def test_others_are_added_and_dropped() -> None:
    found = index()
    found.add_indexers({NODE_INDEX: node_index})
    assert found.index_counts(NODE_INDEX) == {"node-1": 3}
    with pytest.raises(ValueError, match="node already"):
        found.add_indexers({NODE_INDEX: node_index})
    found.remove_indexers([NODE_INDEX])
    with pytest.raises(KeyError):
        found.index_counts(NODE_INDEX)
