"""The scripts that shells load."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from kwatch.cli.completion import script


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_flag_completes(shell: str) -> None:
    text = script(shell)
    for flag in ("all-namespaces", "field-selector", "kubeconfig", "objects", "until-synced"):
        assert flag in text


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("typed", "expected"), [("dem", "demo"), ("deploy", "deployments"), ("--all-n", "--all-namespaces")]
)
def test_bash_completes_words(typed: str, expected: str) -> None:
    lines = f'{script("bash")}\nCOMP_WORDS=(kwatch {typed}); COMP_CWORD=1; _kwatch; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", lines], capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == ""
    assert expected in done.stdout.split()
