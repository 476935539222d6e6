"""The manual page."""

from __future__ import annotations

import argparse
import shutil
import subprocess

import pytest

from kwatch.cli.manual import manual
from kwatch.cli.parser import COMMANDS, kwatch_parser


def plain() -> str:
    return manual().replace(r"\-", "-").replace(r"\(aq", "'").replace(r"\(ti", "~")


def test_every_command_and_every_flag_is_in_it() -> None:
    text = plain()
    parsers = {"": kwatch_parser(), **{name: command.parser() for name, command in COMMANDS.items()}}
    for name, parser in parsers.items():
        assert not name or f".SS kwatch {name}\n" in text
        flags = [each for each in parser._actions if each.help != argparse.SUPPRESS]
        assert not [flag for each in flags for flag in each.option_strings if f"\\fB{flag}\\fR" not in text]
    assert "kwatch pods -A -o json | jq .changed" in text
    assert "~/.config/kwatch/config.yaml" in text


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff here")
def test_groff_has_nothing_to_complain_of() -> None:
    command = ["groff", "-man", "-Tutf8", "-ww", "-z"]
    done = subprocess.run(command, input=manual(), capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_no_line_is_taken_for_a_request() -> None:
    """What the parsers say may begin with anything."""
    known = (".TH", ".SH", ".SS", ".TP", ".PP", ".br", ".sp", ".nf", ".fi", ".nh", ".ad")
    assert not [line for line in manual().splitlines() if line[:1] in (".", "'") and not line.startswith(known)]
