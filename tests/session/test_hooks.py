"""Hooks act once, when an object begins to match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resources import PODS
from kwatch.query.parser import parse
from kwatch.session.hooks import Hook, Onset, Onsets, command_of, in_few_words


def test_an_onset_is_told_once() -> None:
    onsets = Onsets(existing=False)
    assert onsets.look({"a": "1"}) == []  # at the start
    assert onsets.look({"a": "1"}) == []
    assert onsets.look({"a": "1", "b": "2"}) == ["b"]
    assert onsets.look({"a": "1", "b": "2"}) == []
    assert onsets.look({"b": "2"}) == []
    assert onsets.look({"a": "1", "b": "2"}) == ["a"]
    assert onsets.look({"a": "9", "b": "2"}) == ["a"]  # another object of that name
    assert Onsets(existing=True).look({"a": "1"}) == ["a"]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from("12"))))
def test_what_is_told_is_what_began(looks: list[dict[str, str]]) -> None:
    onsets, before = Onsets(existing=True), dict[str, str]()
    for now in looks:
        assert set(onsets.look(now)) == {key for key, uid in now.items() if before.get(key) != uid}
        before = now


def test_a_command_is_words_unless_it_is_for_the_shell() -> None:
    assert command_of("page 'on call' $HOME", is_for_shell=False) == ("page", "on call", "$HOME")
    assert command_of("page | tee x", is_for_shell=True) == ("/bin/sh", "-c", "page | tee x")
    assert command_of("", is_for_shell=False) == command_of("", is_for_shell=True) == ()
    with pytest.raises(ValueError, match="cannot be split into words: no closing quotation"):
        command_of("'x", is_for_shell=False)


def test_many_onsets_at_once_are_one_sentence() -> None:
    def began(name: str) -> Onset:
        obj = KubeObject.of({"kind": "Pod", "metadata": {"name": name, "namespace": "shop"}})
        return Onset(Hook(parse("unhealthy")), "demo", PODS, obj, 0.0)

    assert in_few_words([began("a"), began("b")]) == ["pods shop/a: unhealthy", "pods shop/b: unhealthy"]
    many = in_few_words([began(f"web-{number}") for number in range(10_000)])
    assert many == ["10,000 pods began to match unhealthy: shop/web-0, shop/web-1, shop/web-2 ..."]
