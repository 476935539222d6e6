"""While one types, the footer tells what works then, and the key that ends it is always among it."""

from __future__ import annotations

import pytest

from tests.tui.driving import Driver, running
from tests.tui.fakes import FakeSession, pod
from tests.tui.test_any_keys import busy

TABLE = "d overview"
LINES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "filter": (("slash",), ("↵ apply", "Tab complete", "Ctrl-S save", "Esc cancel")),
    "command": (("colon",), ("↵ run", "Tab complete", "Esc cancel")),
    "search in a text": (("y", "slash"), ("↵ apply", "Esc cancel")),
    "command before the table": (("y", "colon"), ("↵ run", "Tab complete", "Esc cancel")),
    "moment": (("T", "t"), ("↵ go there", "Esc cancel")),
    "filter of the delta log": (("D", "slash"), ("↵ apply", "Esc cancel")),
    "filter of problems": (("exclamation_mark", "slash"), ("↵ apply", "Esc cancel")),
    "search in the help": (("question_mark", "slash"), ("↵ apply", "Esc cancel")),
}


def hints_of(user: Driver) -> str:
    return user.lines[-1]


@pytest.mark.parametrize("name", LINES)
async def test_the_footer_tells_what_works_now(name: str) -> None:
    keys, wanted = LINES[name]
    async with running(busy(), size=(80, 24)) as user:
        await user.see("web-1")
        *before, last = keys
        await user.press(*before)
        if "exclamation_mark" in before:
            await user.see("why")  # there is a problem to ask about: they are looked for in a thread
        hints = hints_of(user)
        await user.press(last)
        await user.see("Esc cancel")
        for each in wanted:
            assert each in hints_of(user)
        assert TABLE not in hints_of(user)
        assert "q quit" not in hints_of(user)
        await user.press("escape")
        await user.see_no("Esc cancel")
        assert hints_of(user) == hints


async def test_what_was_typed_before_is_offered() -> None:
    async with running(busy(), size=(80, 24)) as user:
        await user.see("web-1")
        await user.press("slash", *"web", "enter", "slash")
        await user.see("↑ older")


async def test_a_hint_can_be_clicked() -> None:
    async with running(busy(), size=(80, 24)) as user:
        await user.see("web-1")
        await user.press("slash", *"web-1")
        await user.see("Esc cancel")
        await user.pilot.click(offset=(hints_of(user).index("cancel"), 23))
        await user.see(TABLE)
        await user.press("slash", *"web-1")
        await user.see("apply")
        await user.pilot.click(offset=(hints_of(user).index("apply"), 23))
        await user.see(TABLE)
        assert "/web-1" in "\n".join(user.lines)


@pytest.mark.parametrize("size", [(80, 24), (40, 10)], ids=["80x24", "40x10"])
async def test_a_list_tells_its_keys(size: tuple[int, int]) -> None:
    async with running(busy(), size=size) as user:
        await user.see("web-1")
        await user.press("colon", *"theme", "enter")
        await user.see("↵ choose  Esc cancel")


LEAVING: dict[str, tuple[tuple[str, ...], str]] = {
    "a filter": (("slash", *"web", "enter"), "Esc clear filter"),
    "marks": (("space",), "Esc clear marks"),
    "time travel": (("t",), "Esc now"),
    "a filter in time travel": (("t", "slash", *"web", "enter"), "Esc clear filter"),
    "another table": (("colon", *"nodes", "enter"), "Esc back"),
    "the explorer": (("i",), "Esc close"),
    "what is typed into the explorer": (("i", "w"), "Esc clear"),
    "the explorer, beside the table": (("i", "tab"), "Esc close indexes"),
    "an object": (("y",), "Esc back"),
    "the delta log": (("D",), "Esc back"),
    "a filter of the delta log": (("D", "slash", *"web", "enter"), "Esc clear filter"),
    "a filter of the problems": (("exclamation_mark", "slash", *"web", "enter"), "Esc clear filter"),
    "the changes": (("M",), "Esc back"),
    "the informers": (("I",), "Esc back"),
    "the help": (("question_mark",), "Esc back"),
}


@pytest.mark.parametrize("size", [(80, 24), (40, 10)], ids=["80x24", "40x10"])
@pytest.mark.parametrize("name", LEAVING)
async def test_the_key_that_leaves_is_always_told(name: str, size: tuple[int, int]) -> None:
    keys, wanted = LEAVING[name]
    async with running(busy(), size=size) as user:
        await user.see("web-1")
        await user.press(*keys)
        await user.see(rf" {wanted}( |$)")
        assert f" {wanted} " in hints_of(user) + " "
        assert ("q quit" in hints_of(user)) is not (keys[:1] == ("i",) and keys[-1] != "tab")


@pytest.mark.parametrize("key", ["exclamation_mark", "D", "M"])
async def test_escape_takes_back_what_was_typed_and_not_the_filter_before(key: str) -> None:
    async with running(busy(), size=(80, 24)) as user:
        await user.see("web-1")
        await user.press(key, "slash", *"web", "enter")
        await user.see("Esc clear filter")
        await user.press("slash", *"-1", "escape")
        await user.see(r"  /web( |$)")
        await user.press("escape")
        await user.see("Esc back")
        await user.see_no("  /web")


@pytest.mark.parametrize(
    ("begin", "word"),
    [(("slash", *"web", "enter"), "clear filter"), (("space",), "clear marks"), (("t",), "now"), (("i",), "close")],
)
async def test_what_escape_undid_it_offers_no_more(begin: tuple[str, ...], word: str) -> None:
    async with running(busy(), size=(80, 24)) as user:
        await user.see("web-1")
        await user.press(*begin)
        await user.see(f"Esc {word} ")
        await user.press("escape")
        await user.see_no("Esc ")


@pytest.mark.parametrize(
    ("keys", "key", "word", "then"),
    [
        (("t",), "space", "Space play ", "Space pause "),
        (("D",), "space", "Space pause ", "Space go on "),
        (("y",), "m", "m managed fields ", "m hide managed fields "),
        (("l",), "f", "f pause ", "f follow "),
        (("l",), "p", "p previous ", "p present "),
        (("M",), "g", "g by path ", "g by owner "),
        (("M",), "f", "f fold all ", "f unfold all "),
        (("M",), "n", "n noise ", "n no noise "),
    ],
)
async def test_a_key_that_is_its_own_opposite_tells_what_it_does_now(
    keys: tuple[str, ...], key: str, word: str, then: str
) -> None:
    async with running(busy(), size=(170, 24)) as user:
        await user.see("web-1")
        await user.press(*keys)
        await user.see(word)
        await user.press(key)
        await user.see(then)


async def test_side_by_side_tells_whether_there_are_more_lines() -> None:
    session = FakeSession()
    session.feed().put(pod("web-1"), listed=True)
    async with running(session, size=(100, 24)) as user:
        await user.see("web-1")
        await user.press("v", "enter")
        await user.see("Esc back +← older +→ newer +:")
        await user.press("escape")
        session.feed().put(pod("web-1", phase="CrashLoopBackOff", version=2))
        await user.see("status.phase")
        await user.press("home", "enter")
        await user.see("a all lines ")
        await user.press("a")
        await user.see("a only changes ")
