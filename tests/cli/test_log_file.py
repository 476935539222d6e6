from __future__ import annotations

import logging
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kwatch.cli.arguments import LogArguments
from kwatch.cli.log_file import set_up_logging

HOSTILE = "a\x1b[2J\x9b31m\nforged 2026-01-01 ERROR\r\u202eb\ud800"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    root, own = logging.getLogger(), logging.getLogger("kwatch")
    handlers, level = list(root.handlers), own.level
    yield tmp_path / "kwatch.log"
    for handler in set(root.handlers) - set(handlers):
        handler.close()
    root.handlers[:] = handlers
    own.setLevel(level)


def log_into(path: Path) -> None:
    """Into this file alone: the test runner's own handlers cannot tell of half a surrogate pair."""
    logging.getLogger().handlers.clear()
    set_up_logging(LogArguments(str(path), "info"))


def test_a_record_is_one_line_of_what_can_be_printed(log: Path) -> None:
    log_into(log)
    logging.getLogger("kwatch.test").warning("refused: %s", HOSTILE)
    (line,) = log.read_text().splitlines()
    assert line.isprintable()
    assert "refused: a␛[2J" in line
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_traceback_keeps_its_lines_and_nothing_else(log: Path) -> None:
    log_into(log)
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        logging.getLogger("kwatch.test").exception("crashed")
    lines = log.read_text().splitlines()
    assert lines[1].startswith("Traceback")
    assert all(line.isprintable() for line in lines)


def test_a_link_is_refused_with_a_sentence(log: Path, tmp_path: Path) -> None:
    log.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="is a link to another file"):
        set_up_logging(LogArguments(str(log), "info"))
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there_is_told_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "log"
    with pytest.raises(OSError) as caught:
        set_up_logging(LogArguments(str(file), "info"))
    assert str(caught.value) == f"the log {file} cannot be written: No such file or directory"


LIBRARY = (
    "import logging, sys; from kwatch.cli.arguments import LogArguments; "
    "from kwatch.cli.log_file import set_up_logging; "
)


@pytest.mark.parametrize("to_file", [True, False])
def test_a_librarys_warning_is_logged_and_never_on_stderr(log: Path, to_file: bool) -> None:
    code = f"{LIBRARY}set_up_logging(LogArguments({str(log) if to_file else None!r}, 'info')); "
    code += "logging.getLogger('urllib3.connectionpool').warning('said \\x1b[2J')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == done.stdout == ""
    assert not to_file or "said ␛[2J" in log.read_text()


@pytest.mark.parametrize("broken", ["a full disk", "arguments that do not fit"])
def test_what_cannot_be_logged_is_counted_and_never_on_stderr(log: Path, broken: str) -> None:
    """A file that may grow to 1 KB only is a full disk."""
    code = f"{LIBRARY}import resource; handler = set_up_logging(LogArguments({str(log)!r}, 'info')); "
    if broken == "a full disk":
        code += "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); what = ('x' * 800,); "
    else:
        code += "what = ('%d', 'no number'); "
    code += "[logging.getLogger('kwatch.test').warning(*what) for _ in range(3)]; print(handler.problem)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == ""
    assert f"records are missing in the log {log}: " in done.stdout
