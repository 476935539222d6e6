"""The page: whole, closed, from nowhere else, readable by everybody, whatever a cluster says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.base.printable import is_unsafe
from kwatch.view.report import JointReport, Log, Report
from kwatch.view.report.html import html
from kwatch.view.report.masking import LONGEST, finished
from tests.view.report.incident import broken_image, report_of, shop

VOID = frozenset({"meta", "br", "path", "rect", "line"})
TAGS = frozenset(
    """
    html head meta title style body header main footer section article nav h1 h2 h3 h4 p dl div dt
    dd a br span time code q b ol ul li table caption thead tbody tr th td figure figcaption details
    summary pre ins del svg g desc text path rect line
    """.split()  # noqa: SIM905 - a list of a hundred would be a page
)
ATTRIBUTES = frozenset(
    """
    lang charset name content http-equiv class id href title datetime scope tabindex role aria-label
    open aria-labelledby aria-hidden viewbox d x y x1 x2 y1 y2 width height rx transform text-anchor
    """.split()  # noqa: SIM905 - a list of a hundred would be a page
)


class Page(HTMLParser):
    """Raises for what is not closed in order, and for any tag or attribute that the report does not know."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        self.tags.append(tag)
        assert {name for name, _ in attrs} <= ATTRIBUTES
        for name, value in attrs:
            if name == "href":
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text.append(data)


@cache
def incident() -> Report:
    story = broken_image(shop())
    try:
        report = report_of(story)
    finally:
        story.journal.close()
    (told,) = report.stories
    log = Log("shop/web-2-a, container web, before its last restart", ("starting", "panic: no such file"), 3)
    return replace(report, stories=(replace(told, logs=(log,)), replace(told, happenings=())))


def test_it_is_whole_and_from_nowhere_else() -> None:
    text = html(incident())
    page = Page(text)
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert "script" not in page.tags and "img" not in page.tags and "link" not in page.tags
    assert page.links and all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert not re.search(r"url\(|@import|https?:|src=|on\w+=", text.partition("</style>")[0].partition("<style>")[2])
    assert "default-src &#x27;none&#x27;; style-src &#x27;unsafe-inline&#x27;" in text
    assert len(page.ids) == len(set(page.ids))


def test_several_contexts_are_a_part_each() -> None:
    other = replace(incident(), context="us<b>")
    joint = JointReport((incident(), other), (("gone", "nobody is <i>there</i>"),))
    page = Page(html(joint))
    assert len(page.ids) == len(set(page.ids)) and all(link[1:] in page.ids for link in page.links)
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1 and all(after - before <= 1 for before, after in pairwise(levels))
    assert page.tags.count("main") == 1
    text = " ".join("".join(page.text).split())
    assert "Something is wrong in 2 of 2 clusters, and 1 is not told of." in text
    assert "us<b>" in text and "is not told of: nobody is <i>there</i>" in text


def test_what_it_says() -> None:
    text = " ".join("".join(Page(html(incident())).text).split())
    for words in (
        "Incident report",
        "Deployment shop/web: it crashes since",
        "What may have caused it",
        "rollout 2 of Deployment web",
        "-shop/web:1+shop/web:2",
        "by argocd",
        "What happened",
        "Rollouts",
        "Back-off restarting failed container web",
        "panic: no such file",
        "3 lines before these are left out",
        "What this report covers",
        "Without a gap since then",
    ):
        assert words in text, words


def test_it_is_for_everybody() -> None:
    text = html(incident())
    page = Page(text)
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later - sooner <= 1 for sooner, later in pairwise(levels))
    assert page.tags.count("table") == page.tags.count("caption") == page.tags.count("thead")
    drawings = re.findall(r'<svg class="drawing".*?>', text)
    assert drawings and all('role="img"' in each and "aria-labelledby" in each for each in drawings)
    for mark in re.findall(r"<g transform[^>]*>(.{0,8})", text):
        assert mark.startswith("<title>")


def test_the_same_report_is_the_same_page() -> None:
    assert html(incident()) == html(incident())


def colours() -> Iterator[tuple[str, dict[str, str]]]:
    style = files("kwatch.view.report").joinpath("report.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(blocks) == 3
    for name, block in zip(("light", "dark", "print"), blocks, strict=True):
        yield name, dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("name", "found"), colours())
def test_every_text_can_be_read(name: str, found: dict[str, str]) -> None:
    grounds = ("page", "card")
    pairs = [*product(("text", "muted", "bad", "warning", "good", "info", "suspect"), grounds)]
    pairs += [(f"{each}-text", each) for each in ("added", "removed")]
    pairs += [(each, f"{each}-wash") for each in ("bad", "warning", "good")]
    pairs += [("page", "bad"), ("page", "warning"), ("page", "text"), ("page", "suspect")]
    for ink, ground in pairs:
        low, high = sorted(luminance(found[each]) for each in (ink, ground))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (name, ink, ground)


HOSTILE = st.one_of(
    st.sampled_from(
        [
            "</script><script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "</title></style><script>",
            "' onmouseover='x",
            "<!--",
            "]]>",
            "&lt;b&gt;",
            "\u202egnp.exe",
            "\x1b[2J\x00",
            "a" * 5000,
            "</text></svg><h1>",
        ]
    ),
    st.text(max_size=40),
)


def spoiled(thing: Any, texts: Iterator[str]) -> Any:
    """With a hostile text in the place of each."""
    if isinstance(thing, str):
        return next(texts)
    if isinstance(thing, tuple):
        return tuple(spoiled(each, texts) for each in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        changed = {
            each.name: spoiled(getattr(thing, each.name), texts)
            for each in fields(thing)
            if each.name not in ("sign", "zone")
        }
        return replace(thing, **changed)
    return thing


def cycled(texts: list[str]) -> Iterator[str]:
    while True:
        yield from texts


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=8))
def test_nothing_that_a_cluster_says_breaks_out(texts: list[str]) -> None:
    page = Page(html(finished(spoiled(incident(), cycled(texts)))))
    said = "".join(page.text)
    assert not [each for each in said if each != "\n" and is_unsafe(each)]
    assert not [each for each in said.split("\n") if len(each) > 40 * LONGEST]
    assert "img" not in page.tags and page.tags.count("h1") == 1
