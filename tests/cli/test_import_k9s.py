"""`kwatch import k9s`: of any version of k9s, whatever is wrong with some of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.cli import run
from kwatch.config.k9s import k9s_folders
from kwatch.config.settings import load_settings

SKIN = """\
k9s:
  body: {fgColor: "#dddddd", bgColor: "#101010", logoColor: "#ff0000"}
"""
NEW = {
    "aliases.yaml": "aliases:\n  pp: v1/pods kube-system\n  dp: deployments\n  bad word: pods\n",
    "hotkeys.yaml": """\
hotKeys:
  shift-0: {shortCut: Shift-0, description: pods, command: pods}
  f6: {shortCut: F6, command: dp /unhealthy}
  odd: {shortCut: Hyper-9, command: pods}
  none: {shortCut: Ctrl-U}
""",
    "views.yaml": """\
views:
  v1/pods: {columns: [NAMESPACE, NAME, AGE, MEM, PF, "ZONE:.metadata.labels.zone|WR"], sortColumn: "AGE:desc"}
  v1/pods@default: {columns: [NAME]}
  v1/pods@[a-z]: {columns: [NAME]}
  example.com/v1/widgets: {columns: [NAME, SIZE]}
  bozo: {columns: [DUH]}
  v1/nodes: [NAME]
  v1/secrets: {columns: [NAME, "EV\\e[31mIL"]}
""",
    "skins/night.yaml": SKIN,
    "skins/none.yaml": "theme: x\n",
}
OLD = {
    "alias.yml": "alias:\n  pp: v1/pods\n",
    "hotkey.yml": "hotKey:\n  one: {shortCut: Shift-1, command: pods}\n",
    "views.yml": "k9s:\n  views:\n    v1/pods: {columns: [NAME, AGE]}\n",
    "skin.yml": SKIN,
    "config.yml": "k9s: {refreshRate: 2}\n",
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of kwatch's own settings, which is not there yet."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KWATCH_CONFIG", str(tmp_path / "own"))
    for variable in ("K9S_CONFIG_DIR", "K9SCONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "own" / "config.yaml"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_what_is_set_up_for_k9s_counts_here(settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / ".config" / "k9s", NEW)
    assert run(["import", "k9s"]) == 0
    said = capsys.readouterr().out
    loaded, problems = load_settings(settings)
    assert not problems
    assert loaded.aliases == {"pp": "v1/pods kube-system"}, "k9s writes the other one by itself"
    assert loaded.hotkeys == {"right_parenthesis": "pods", "f6": "dp /unhealthy"}
    assert loaded.columns == {
        "pods": ("NAME", "AGE", "MEMORY", "ZONE:.metadata.labels.zone"),
        "pods@default": ("NAME",),
        "widgets.example.com": ("NAME", "SIZE"),
        "secrets": ("NAME", "EV\x1b[31mIL"),
    }
    assert loaded.orders == {"pods": "-AGE"}
    assert (settings.parent / "themes" / "night.yaml").read_text() == SKIN
    for sentence in (
        "the alias 'bad word' stands for nothing",
        "the hot key 'odd' has no key that is known: 'Hyper-9'",
        "the hot key 'none' has no command",
        "v1/pods@[a-z]: '[a-z]' is not a pattern that is known here",
        "'bozo' names no resource",
        "none.yaml: this is not a skin",
        "v1/nodes says nothing of columns or order",
    ):
        assert said.count(sentence) == 1, sentence


def test_one_from_2019(settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / ".k9s", OLD)
    assert run(["import", "k9s"]) == 0
    loaded, _ = load_settings(settings)
    assert (loaded.aliases, loaded.hotkeys) == ({"pp": "v1/pods"}, {"exclamation_mark": "pods"})
    assert loaded.columns == {"pods": ("NAME", "AGE")}
    assert (settings.parent / "themes" / "k9s-skin.yaml").exists()
    assert "left out" not in capsys.readouterr().out


def test_nothing_of_ones_own_is_lost(settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(tmp_path / "elsewhere", NEW)
    own = "aliases: {pp: pods -A}\ntheme: nord\n"
    write(settings.parent, {"config.yaml": own, "themes/night.yaml": "mine"})
    assert run(["import", "k9s", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "config.yaml has aliases of its own for pp: those count" in said
    assert "the skin night stays as it is" in said
    assert settings.read_text() == own
    assert (settings.parent / "themes" / "night.yaml").read_text() == "mine"
    loaded, _ = load_settings(settings)
    assert loaded.aliases == {"pp": "pods -A"} and loaded.theme == "nord"
    assert run(["import", "k9s", str(folder)]) == 0
    assert "in the place of what was imported before" in capsys.readouterr().out


def test_a_dry_run_only_says_what_it_would_do(
    settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "elsewhere", NEW)
    assert run(["import", "k9s", str(folder), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "would go into" in said and "pp: v1/pods kube-system" in said
    assert not settings.parent.exists()


def test_broken_files_are_a_sentence_and_the_rest_is_imported(
    settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(
        tmp_path / "elsewhere", {**NEW, "aliases.yaml": "aliases: {a: [", "hotkeys.yaml": "hotKeys:\n  # none\n"}
    )
    assert run(["import", "k9s", str(folder)]) == 0
    said = capsys.readouterr().out
    assert said.count("aliases.yaml:") == 1 and "hotkeys.yaml" not in said
    loaded, _ = load_settings(settings)
    assert not loaded.aliases and loaded.columns


def test_where_there_is_nothing(settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "k9s"]) == 1
    assert "there is no configuration of k9s; looked in" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert run(["import", "k9s", str(tmp_path / "empty")]) == 0
    assert "there is nothing to import" in capsys.readouterr().out
    assert run(["import", "lens"]) == 2


def test_info_says_what_counts_and_what_cannot(
    settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / ".config" / "k9s", NEW)
    run(["info", "--kubeconfig", str(tmp_path / "none")])
    said = capsys.readouterr().out
    assert f"k9s         {folder} (aliases: 1, hot keys: 2, columns: 4, orders: 1, skins: 2)\n" in said
    assert "the hot key 'odd' has no key that is known" in said and "the hot key 'none' has no command" in said
    write(settings.parent, {"config.yaml": "k9s: false\n"})
    run(["info", "--kubeconfig", str(tmp_path / "none")])
    assert "k9s  " not in capsys.readouterr().out
    write(settings.parent, {"config.yaml": "", "k9s.yaml": "aliases: {}\n"})
    run(["info", "--kubeconfig", str(tmp_path / "none")])
    assert f"{settings.parent / 'k9s.yaml'}, imported; skins from {folder}" in capsys.readouterr().out


def test_the_places_of_k9s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("K9S_CONFIG_DIR", "/a")
    assert [*k9s_folders()] == [Path("/a")]
    monkeypatch.delenv("K9S_CONFIG_DIR")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/b")
    assert next(k9s_folders()) == Path("/b/k9s")
    assert [*k9s_folders()][-1] == tmp_path / ".k9s"
