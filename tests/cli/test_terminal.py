from __future__ import annotations

import io

import pytest

from kwatch.cli.terminal import complain, write

HOSTILE = "a\x1b[2J\tb\n\x9b31mc\u202ed"


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_only_what_can_be_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Tty()
    monkeypatch.setattr("sys.stdout", terminal)
    write(HOSTILE)
    assert terminal.getvalue() == "a␛[2J\tb\n�31mc�d"


def test_a_pipe_gets_the_bytes_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    write(HOSTILE)
    assert capsys.readouterr().out == HOSTILE


def test_a_complaint_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain(HOSTILE)
    assert capsys.readouterr().err == "kwatch: a␛[2J␉b␊�31mc�d\n"


def test_what_the_encoding_has_no_sign_for_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    write("é世\ud800")
    assert raw.getvalue() == b"\xe9\\u4e16\\ud800"
