"""Which login commands may be run."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.cluster.settings import PluginPolicy
from kwatch.informer.errors import ApiError


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`login`, the only program on the PATH."""
    path = tmp_path / "bin" / "login"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent))
    return path


def test_without_a_policy_every_command_is_run_as_it_stands() -> None:
    assert PluginPolicy().program("anything") == "anything"


def test_none_at_all() -> None:
    with pytest.raises(ApiError, match="The login command 'login' is not run: the kuberc says DenyAll"):
        PluginPolicy(()).program("login")


def test_a_command_is_allowed_by_its_name_or_its_path_however_it_is_written(plugin: Path) -> None:
    for allowed in ("login", str(plugin)):
        for command in ("login", str(plugin)):
            assert PluginPolicy(("other", allowed)).program(command) == str(plugin)


def test_another_command_is_refused(plugin: Path, tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="the list of the kuberc does not name it"):
        PluginPolicy(("other",)).program("login")
    elsewhere = tmp_path / "login"
    elsewhere.write_text("#!/bin/sh\n")
    elsewhere.chmod(0o755)
    # The same name somewhere else is another program.
    with pytest.raises(ApiError, match="does not name it"):
        PluginPolicy(("login",)).program(str(elsewhere))
    with pytest.raises(ApiError, match="does not name it"):
        PluginPolicy((str(elsewhere),)).program("login")
    with pytest.raises(ApiError, match="is not on the PATH"):
        PluginPolicy(("login",)).program("nowhere")


def test_a_path_into_the_working_folder_is_not_followed(plugin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(plugin.parent)
    monkeypatch.setenv("PATH", ".")
    with pytest.raises(ApiError, match="is not on the PATH"):
        PluginPolicy((str(plugin),)).program("login")
