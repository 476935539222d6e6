"""A mistake of kwatch itself is a sentence and a report, without anybody's secrets."""

from __future__ import annotations

import os
import re
import resource
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from kwatch.base.quantity import parse_quantity
from kwatch.cli import run
from kwatch.cli.crash import is_foreseen, report_of, tell_of

SECRETS = ("hunter2", "aHVudGVyMg==", "eyJhbGciOiJSUzI1NiIs", "correct-horse")


def caught(deed: Callable[[], object]) -> BaseException:
    try:
        deed()
    except BaseException as error:  # noqa: BLE001
        return error
    raise AssertionError("it did not fail")


def fail_with(text: str) -> None:
    password = text  # noqa: F841 - the value of a variable
    raise KeyError(text)


def nested() -> None:
    try:
        fail_with(SECRETS[0])
    except KeyError as error:
        error.add_note(f"seen was {SECRETS[2]}")
        raise ValueError(f"cannot convert {SECRETS[1]!r} with base 10, not {SECRETS[3]}") from error


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KWATCH_CONFIG", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["kwatch", "pods", "--token", SECRETS[2], "--password=hunter2", "-lapp=hunter2"])
    return tmp_path


def test_a_report_says_where_but_no_values() -> None:
    report = report_of(caught(nested), ("120x36",))
    assert "in fail_with" in report
    assert "KeyError: '…'" in report
    assert "ValueError: cannot convert '…==' with base …, not …" in report, "words that any program has stay"
    assert "flags --token --password -l" in report
    assert "120x36" in report
    for secret in SECRETS:
        assert secret not in report


def test_a_report_can_be_read_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = "a\x1b[2J\x9b31m\u202eb"
    monkeypatch.setenv("TERM", odd)
    monkeypatch.setattr("sys.argv", ["kwatch", f"--{odd}=x"])
    report = report_of(caught(nested), (f"theme {odd}",))
    assert report.count("a␛[2J") == 3
    assert all(line.isprintable() for line in report.splitlines())


def test_a_report_shows_the_code_of_kwatch() -> None:
    def fail() -> None:
        parse_quantity(SECRETS)  # type: ignore[arg-type]

    report = report_of(caught(fail))
    assert re.search(r'base/quantity.py", line \d+, in parse_quantity\n    \w', report), report
    assert "parse_quantity(SECRETS)" not in report, "what somebody else wrote may hold anything"
    assert not any(secret in report for secret in SECRETS)


def test_a_group_of_mistakes() -> None:
    error = BaseExceptionGroup("both", [caught(nested), caught(lambda: fail_with("hunter2"))])
    report = report_of(error)
    assert report.count("in fail_with") == 2
    assert not any(secret in report for secret in SECRETS)


def test_the_report_is_for_its_owner_only(home: Path) -> None:
    sentence = tell_of(caught(lambda: parse_quantity(None)))  # type: ignore[arg-type]
    found = re.fullmatch(r"internal error, \w+ in base/quantity.py:\d+: the report is (\S+)", sentence)
    assert found is not None, sentence
    path = Path(found[1])
    assert path.parent == home
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_remembered_is_kept_beside_it(home: Path) -> None:
    told = tell_of(caught(nested), keep=lambda path: f"kept in {path}")
    (report,) = home.glob("*.txt")
    assert told.endswith(f"; kept in {report.with_suffix('.kwatch')}")


def test_what_cannot_be_kept_does_not_hide_the_report(home: Path) -> None:
    def keep(path: Path) -> str:
        raise RuntimeError("hunter2")

    told = tell_of(caught(nested), keep=keep)
    assert told.endswith("; what was remembered could not be saved: RuntimeError")


def test_only_the_last_reports_stay(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(15):
        monkeypatch.setattr(os, "getpid", lambda number=number: 10_000 + number)
        tell_of(caught(nested))
    assert len(list(home.glob("*.txt"))) == 10
    assert not list(home.glob("*-10000.txt"))


def test_half_a_report_on_a_full_disk_is_none(home: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, limits[1]))
    try:
        told = tell_of(caught(nested))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert told.endswith("no report could be written: File too large")
    assert not list(home.glob("*.txt"))


def test_without_a_place_for_it_the_sentence_stays(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("KWATCH_CONFIG", str(home / "file" / "below"))
    monkeypatch.setattr("tempfile.tempdir", str(home / "file"))
    assert "no report could be written: " in tell_of(caught(nested))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RecursionError("maximum"), "what was read is nested too deeply"),
        (MemoryError(), "there is not enough memory"),
        (OverflowError("large"), "a number is too large"),
        (KeyError("hunter2"), "internal error, KeyError"),
        (ValueError("hunter2"), "internal error, ValueError"),
    ],
)
def test_on_the_command_line(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    sentence: str,
) -> None:
    def broken(arguments: object) -> int:
        int("x") if isinstance(error, ValueError) else None
        raise error

    monkeypatch.setattr("kwatch.cli.info.info", broken)
    monkeypatch.setattr("kwatch.cli.diff._states", broken)
    assert run(["info"]) == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1
    assert told.err.startswith(f"kwatch: {sentence}") and "the report is " in told.err
    assert run(["diff", "pods", "--file", "x"]) == 2, "1 says that something changed"


def test_ctrl_c_before_anything_began(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*words: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kwatch.cli.parser.parse", interrupted)
    assert run(["info"]) == 130


def test_what_is_raised_as_a_sentence_is_one() -> None:
    def sentence() -> None:
        raise ValueError("write it so")

    assert is_foreseen(caught(sentence))
    assert is_foreseen(caught(lambda: open("/nowhere")))  # noqa: SIM115, PTH123
    assert not is_foreseen(caught(lambda: int("x")))
    assert not is_foreseen(caught(lambda: (1,).index(2)))
    assert not is_foreseen(caught(lambda: b"\xff".decode()))
