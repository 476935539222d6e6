"""Whatever comes from a terminal is keys, pastes and the mouse, or nothing; it never ends the reading."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from kwatch.tui.terminal.keyboard import ESCAPE_DELAY, LONGEST_PASTE, SEQUENCE_DELAY, Keyboard, LightOrDark


def words(messages: list[Message]) -> list[str]:
    """Keys by name, a paste as `paste:TEXT`, the mouse as `down 3,4`."""
    found = []
    for each in messages:
        if isinstance(each, events.Key):
            found.append(each.key)
        elif isinstance(each, events.Paste):
            found.append(f"paste:{each.text}")
        elif isinstance(each, events.MouseEvent):
            found.append(f"{type(each).__name__.removeprefix('Mouse').lower()} {each.x:.0f},{each.y:.0f}")
        else:
            found.append(type(each).__name__)
    return found


def read(*chunks: bytes, bound: str = "") -> list[str]:
    """Chunks read one right after the other, then silence."""
    keyboard = Keyboard(lambda key: key == bound)
    found = [message for chunk in chunks for message in keyboard.feed(chunk, 0.0)]
    found += keyboard.tick(ESCAPE_DELAY)
    found += keyboard.tick(SEQUENCE_DELAY)
    assert not keyboard.waits
    return words(found)


NO_CHARACTER = "replacement_character"


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"\xff", [NO_CHARACTER]),
        (b"caf\xe9j", ["c", "a", "f", NO_CHARACTER, "j"]),
        (b"caf\xe9", ["c", "a", "f", NO_CHARACTER]),
        (b"\xc0\x80j", [NO_CHARACTER, NO_CHARACTER, "j"]),  # an overlong NUL
        (b"\xed\xa0\x80j", [NO_CHARACTER] * 3 + ["j"]),  # a surrogate
        (b"\xf4\x90\x80\x80j", [NO_CHARACTER] * 4 + ["j"]),  # beyond the last code point
        (b"\xc3\x1b[Aj", [NO_CHARACTER, "up", "j"]),  # broken off by a key
        ("ä😀".encode(), ["ä", "grinning_face"]),
    ],
)
def test_text_that_is_no_utf8_is_read_leniently(data: bytes, keys: list[str]) -> None:
    assert read(data) == keys


def test_a_character_may_come_in_two_reads() -> None:
    smile = "😀".encode()
    assert read(smile[:1], smile[1:3], smile[3:] + b"j") == ["grinning_face", "j"]


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"\x1b", ["escape"]),
        (b"\x1b\x1b", ["escape", "escape"]),
        (b"\x1b/\x15re", ["escape", "slash", "ctrl+u", "r", "e"]),
        (b"\r\x1b:q\r", ["enter", "escape", "colon", "q", "enter"]),
        (b"\x1b\x1b[A", ["escape", "up"]),
        (b"\x1b\xc3\xa4", ["escape", "ä"]),
        (b"\x1b[A\x1bOP\x1b[15~\x1b[[A\x1b[1;5D", ["up", "f1", "f5", "f1", "ctrl+left"]),
        (b"\x1b[27u\x1b[13u\x1b[97;1;97u\x1b[I", ["escape", "enter", "a", "AppFocus"]),
        (b"\x1b[<0;4;5M\x1b[<0;4;5m", ["down 3,4", "up 3,4"]),
        (b"\x1b[0;;12354:12356:12358:12360:12362u", list("あいうえお")),  # an input method
    ],
)
def test_keys_and_the_mouse(data: bytes, keys: list[str]) -> None:
    assert read(data) == keys
    assert read(*[bytes([byte]) for byte in data]) == keys, "byte by byte"


def test_an_alt_key_that_is_bound_is_one() -> None:
    assert read(b"\x1bx") == ["escape", "x"]
    assert read(b"\x1bx", bound="alt+x") == ["alt+x"]


def test_alt_with_an_arrow_while_typing() -> None:
    def read(data: bytes, *, typing: bool) -> list[str]:
        return words(Keyboard(is_typing=lambda: typing).feed(data, 0.0))

    assert [read(b"\x1b" + each, typing=True) for each in (b"b", b"f", b"\x7f")] == [
        ["ctrl+left"],
        ["ctrl+right"],
        ["ctrl+w"],
    ]
    assert read(b"\x1bj", typing=True) == ["escape", "j"]
    assert read(b"\x1bb", typing=False) == ["escape", "b"]
    assert read(b"x\x1bb", typing=True) == ["x", "escape", "b"], "typed ahead"


@pytest.mark.parametrize(
    "data",
    [
        b"\x1b[?62;22c",  # what it is
        b"\x1b[>41;354;0c",
        b"\x1b[?2026;2$y",
        b"\x1b[?2048;0$y",
        b"\x1b[48;0;0;0;0t",  # a size of nothing
        b"\x1b[48;99999;99999;9;9t",
        b"\x1b[8;50;132t",
        b"\x1b[5;10R",  # where the cursor is
        b"\x1b[?1u",  # which keyboard protocol
        b"\x1b[97;1:3u",  # a key let go
        b"\x1b[99999999u",
        b"\x1b[1;1;99999999999999999999u",
        b"\x1b]11;rgb:1111/2222/3333\x07",
        b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
        b"\x1bP>|XTerm(370)\x1b\\",
        b"\x1bP1+r544e=787465726d\x1b\\",
        b"\x1b_Gi=31;OK\x1b\\",
        b"\x1b[<200;4;5M",
        b"\x1b[<0;-4;-5M",
        b"\x1b[" + b"1;" * 40 + b"m",
        b"\x1b[" + b"9" * 5000 + b"m",
        b"\x1b[" + b"9" * 50 + b"u",
    ],
    ids=lambda data: repr(data[:20]),
)
def test_answers_that_nobody_asked_for_are_no_keys(data: bytes) -> None:
    answer = "TerminalSupportsSynchronizedOutput"  # the only one that was asked for
    assert [key for key in read(data + b"j") if key != answer] == ["j"]
    assert [key for key in read(*[bytes([byte]) for byte in data]) if key != answer] == []


@pytest.mark.parametrize("data", [b"\x1b[<35;1", b"\x1b[1;", b"\x1b[M", b"\x1b[M \x80", b"\x1b]11;rgb:11", b"\x1bP>|X"])
def test_half_a_sequence_is_dropped_and_what_is_typed_later_is_heard(data: bytes) -> None:
    keyboard = Keyboard()
    assert words(keyboard.feed(data, 0.0)) == []
    assert words(keyboard.tick(ESCAPE_DELAY)) == [], "the rest may be on its way"
    assert words(keyboard.tick(SEQUENCE_DELAY)) == []
    assert words(keyboard.feed(b"j", 2.0)) == ["j"]


def test_the_rest_of_a_report_that_comes_late_is_no_key() -> None:
    keyboard = Keyboard()
    keyboard.feed(b"\x1b[<0;4", 0.0)
    assert words(keyboard.tick(0.5)) == []
    assert words(keyboard.feed(b";5Mj", 0.6)) == ["down 3,4", "j"]


def test_a_sequence_that_is_broken_off_by_another() -> None:
    assert read(b"\x1b[<35;1\x1b[Bj") == ["down", "j"]
    assert read(b"\x1b[12\xffj") == [NO_CHARACTER, "j"]
    assert read(b"\x1b[<35\nj") == ["ctrl+j", "j"]


def test_old_mouse_reports() -> None:
    assert read(b"\x1b[M #$j") == ["down 2,3", "j"]
    assert read(b"\x1b[M##$") == ["up 2,3"]
    assert read(b"\x1b[M`#$") == ["scrollup 2,3"]
    assert read(b"\x1b[M \xff\xf0j") == ["down 222,207", "j"], "bytes that are no UTF-8"
    assert read(b"\x1b[M \xc3\xa9j") == ["down 162,136", "j"], "bytes that would be one character"
    assert read(b"\x1b[M", b" ", b"\xc3", b"\xa9") == ["down 162,136"]
    assert read(b"\x1b[M\x00\x00\x00j") == ["j"], "nowhere"
    assert read(b"\x1b[32;3;4M\x1b[35;3;4M") == ["down 2,3", "up 2,3"], "urxvt's"


def test_pastes() -> None:
    assert read(b"a\x1b[200~b\xe9\x1b[A\x07c\nd\x1b[201~e") == ["a", "paste:b\ufffd[Ac\nd", "e"]
    assert read(b"\x1b[200~" + "ä".encode()[:1], "ä".encode()[1:] + b"\x1b[20", b"1~j") == ["paste:ä", "j"]
    assert read(b"\x1b[200~\x1b[201~") == ["paste:"]


def test_a_paste_without_an_end_ends() -> None:
    keyboard = Keyboard()
    assert words(keyboard.feed(b"\x1b[200~half", 0.0)) == []
    assert words(keyboard.tick(0.5)) == []
    assert words(keyboard.tick(SEQUENCE_DELAY)) == ["paste:half"]
    assert words(keyboard.feed(b"j", 3.0)) == ["j"]


def test_a_huge_paste_is_cut() -> None:
    keyboard = Keyboard()
    keyboard.feed(b"\x1b[200~", 0.0)
    for _ in range(40):
        assert keyboard.feed(b"x" * 65536, 0.0) == []
    (paste, key) = keyboard.feed(b"\x1b[201~j", 0.0)
    assert isinstance(paste, events.Paste) and isinstance(key, events.Key)
    assert LONGEST_PASTE <= len(paste.text) <= LONGEST_PASTE + 6


@settings(max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from([b"\x1b", b"\x1b[", b"\x1b[M", b"\x1b[<", b"\x1b]", b"\x1bP", b"\x1bO", b"\x1b[200~"]),
            st.from_regex(rb"\x1b\[[<?>=]?[0-9;:]{0,12}[ -/]?[@-~]", fullmatch=True),
        ),
        max_size=12,
    )
)
def test_no_bytes_end_it(chunks: list[bytes]) -> None:
    keyboard = Keyboard()
    for chunk in chunks:
        for message in keyboard.feed(chunk, 0.0):
            assert not isinstance(message, events.Resize)
    keyboard.tick(SEQUENCE_DELAY)
    keyboard.tick(2 * SEQUENCE_DELAY)
    assert words(keyboard.feed(b"j", 9.0))[-1:] == ["j"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x1b[?997;1n", [False]),
        (b"\x1b[?997;2n", [True]),
        (b"\x1b[?997;2n\x1b[?997;1n", [True, False]),
        (b"\x1b[?997;3n", []),
        (b"\x1b[?997n", []),
    ],
)
def test_a_terminal_says_whether_it_is_light_and_that_is_no_key(data: bytes, said: list[bool]) -> None:
    keyboard = Keyboard()
    found = [*keyboard.feed(data, 0.0), *keyboard.tick(SEQUENCE_DELAY)]
    assert [each.is_light for each in found if isinstance(each, LightOrDark)] == said
    assert not any(isinstance(each, events.Key) for each in found)
