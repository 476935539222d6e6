"""Words for one namespace, several, or all but some."""

from __future__ import annotations

import pytest

from kwatch.base.namespaces import asked_of_server, holds, in_words, is_everywhere, is_one, named, read_namespaces


def test_each_name_counts_once_in_the_order_given() -> None:
    assert read_namespaces("shop, payments,shop") == "shop,payments"
    assert read_namespaces("!kube-system,!kube-public") == "!kube-system,!kube-public"
    assert read_namespaces("Odd_But_Kubectl_Takes_It") == "Odd_But_Kubectl_Takes_It"


@pytest.mark.parametrize("text", ["shop,", ",", "!", "!,!a", "shop,,payments"])
def test_a_lacking_name_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="lacks a name"):
        read_namespaces(text)


def test_what_is_to_be_watched_and_what_is_to_be_hidden_do_not_go_together() -> None:
    with pytest.raises(ValueError, match="either those to watch or those to hide"):
        read_namespaces("shop,!kube-system")


def test_what_each_word_holds_and_is() -> None:
    assert holds(None, "shop") and holds("shop", "shop") and not holds("shop", "shops")
    assert holds("shop,payments", "payments") and not holds("shop,payments", "data")
    assert holds("!kube-system", "shop") and not holds("!kube-system,!a", "a")
    assert [is_one(each) for each in (None, "a", "a,b", "!a")] == [False, True, False, False]
    assert [is_everywhere(each) for each in (None, "a", "a,b", "!a")] == [True, False, False, True]
    assert named("a,b") == ("a", "b") and named("!a") == named(None) == ()


def test_a_server_is_asked_about_one_namespace_or_all_of_them() -> None:
    assert asked_of_server(None, "x=y") == ((None, "x=y"),)
    assert asked_of_server("a,b", "x=y") == (("a", "x=y"), ("b", "x=y"))
    assert asked_of_server("!a,!b", "x=y") == ((None, "x=y,metadata.namespace!=a,metadata.namespace!=b"),)
    assert asked_of_server("!a") == ((None, "metadata.namespace!=a"),)


def test_in_words_there_is_room_for_a_few() -> None:
    assert in_words(None) == "all namespaces"
    assert in_words("shop,payments") == "shop, payments"
    assert in_words("!kube-system") == "all namespaces but kube-system"
    assert in_words("a,b,c,d,e,f") == "a, b, c and 3 more"
