from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kwatch.view.report.markdown import markdown
from kwatch.view.report.masking import finished
from tests.view.report.test_html import cycled, incident, spoiled


def test_what_it_says() -> None:
    text = markdown(incident())
    for words in (
        "# Deployment shop/web: it crashes since",
        "### What may have caused it",
        "1. **rollout 2 of Deployment web**",
        "- shop/web:1\n   + shop/web:2",
        "```diff",
        "^ failing since",
        "### Rollouts",
        "panic: no such file",
    ):
        assert words in text, words
    assert re.search(r"^Deployment/web +[·≈=•+~!-]{60}$", text, re.MULTILINE)


HOSTILE = st.one_of(
    st.sampled_from(
        [
            "](javascript:alert(1))",
            "![x](http://evil.example/x.png)",
            "<img src=x>",
            "``` \n# Broken out",
            "````",
            "| a | b |",
            "# heading",
            "- item",
            "1. item",
            "http://evil.example",
            "www.evil.example",
            "*bold* _it_ ~~gone~~",
            "@everyone",
            "&copy;",
            "$x$",
        ]
    ),
    st.text(max_size=30),
)
ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")


@settings(max_examples=80, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=6))
def test_nothing_that_a_cluster_says_is_markup(texts: list[str]) -> None:
    text = markdown(finished(spoiled(incident(), cycled(texts))))
    fence, titles = "", 0
    for line in text.split("\n"):
        ticks = re.match(r" *(`{3,})", line)
        if ticks and (not fence or line.strip() == fence):
            fence = "" if fence else ticks[1]
            continue
        if fence:
            continue
        titles += line.startswith("# ")
        bare = ESCAPED.sub("", line)
        assert not re.search(r"[<>`\[\]&@$]|(?<!\*)\*(?!\*)|https?://|www\.\w", bare), line
        if line.startswith("|"):
            cells = bare.count("|")
            assert cells in (4, 5, 6), line
    assert not fence and titles == 1


def outline(text: str) -> list[tuple[str, str]]:
    """What a CommonMark parser makes of it: every token with its tag, but for how lines of text are cut."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    inside = [child for token in tokens for child in (token, *(token.children or ()))]
    return [(each.type, each.tag) for each in inside if each.type not in ("text", "softbreak", "text_special")]


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=6))
def test_a_parser_finds_the_same_in_it_whatever_a_cluster_says(texts: list[str]) -> None:
    """Headings, tables, fences and lists are kwatch's: as with words that are only words."""
    plain = finished(spoiled(incident(), cycled([f"x{texts.index(text)}x" for text in texts])))
    hostile = finished(spoiled(incident(), cycled([f"x{text}x" for text in texts])))
    found = outline(markdown(hostile))
    assert not {kind for kind, _ in found} & {"html_inline", "html_block", "link_open", "image", "s_open", "em_open"}
    assert found == outline(markdown(plain))
