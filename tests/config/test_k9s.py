"""What is set up for k9s counts where it is found, below one's own settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.config.k9s import key_of, namespaces_of, read_k9s, resource_of, skins_in
from kwatch.config.settings import IMPORTED, Settings, files_of_k9s, for_place, load_settings

ALIASES = """\
aliases:
  pp: v1/pods kube-system
  bad: pods /unhealthy
  dp: deployments
"""
HOTKEYS = "hotKeys: {one: {shortCut: Shift-1, command: pp}}\n"
VIEWS = """\
views:
  v1/pods: {columns: [AGE, NAMESPACE|WR, MEM/RL|S, '%MEM/R|', NODE|W, NAME|WR, QOS, "A:.metadata.annotations.a|R"]}
  v1/pods@kube-.*: {columns: [IP], sortColumn: "MEM:desc"}
  v1/pods@(shop|payments)$: {columns: [NAME, AGE], sortColumn: AGE:asc}
  apps/v1/deployments: {columns: [], sortColumn: "READY"}
"""


@pytest.fixture
def k9s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its folder, with all that can be set up."""
    folder = tmp_path / "k9s"
    monkeypatch.setenv("K9S_CONFIG_DIR", str(folder))
    (folder / "skins").mkdir(parents=True)
    for name, text in (("aliases", ALIASES), ("hotkeys", HOTKEYS), ("views", VIEWS)):
        (folder / f"{name}.yaml").write_text(text)
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """One's own config.yaml, which is not there yet."""
    (tmp_path / "own").mkdir()
    return tmp_path / "own" / "config.yaml"


def test_all_of_it_counts(k9s: Path, own: Path) -> None:
    settings, problems = load_settings(own)
    assert not problems
    assert settings.aliases == {"pp": "v1/pods kube-system", "bad": "pods /unhealthy"}
    assert settings.hotkeys == {"exclamation_mark": "pp"}
    pods = ("AGE", "MEM R/L", "NAME", "QOS:.status.qosClass", "A:.metadata.annotations.a")
    assert settings.columns == {
        "pods": pods,
        "pods@kube-*": ("NAME", "IP"),
        "pods@shop": ("NAME", "AGE"),
        "pods@payments": ("NAME", "AGE"),
    }
    assert settings.orders == {
        "pods@kube-*": "-MEMORY",
        "pods@shop": "AGE",
        "pods@payments": "AGE",
        "deployments.apps": "READY",
    }
    assert set(files_of_k9s(own, settings)) > {k9s / "aliases.yaml", k9s / "hotkeys.yaml", k9s / "views.yaml"}


def test_ones_own_settings_go_first(k9s: Path, own: Path) -> None:
    own.write_text("aliases: {pp: nodes}\norders: {deployments.apps: -AGE}\n")
    settings, _ = load_settings(own)
    assert settings.aliases == {"bad": "pods /unhealthy", "pp": "nodes"}
    assert settings.orders["deployments.apps"] == "-AGE"
    own.write_text("k9s: false\n")
    settings, _ = load_settings(own)
    assert (settings.aliases, settings.columns) == ({}, {})
    assert files_of_k9s(own, settings) == (own.with_name(IMPORTED),)


def test_what_was_imported_counts_in_its_place(k9s: Path, own: Path) -> None:
    own.with_name(IMPORTED).write_text("aliases: {pp: jobs}\n")
    settings, problems = load_settings(own)
    assert (settings.aliases, settings.columns, problems) == ({"pp": "jobs"}, {}, ())


def test_each_broken_file_is_a_sentence_and_the_rest_counts(k9s: Path, own: Path) -> None:
    (k9s / "aliases.yaml").write_text("aliases: {a: [")
    (k9s / "hotkeys.yaml").write_text("hotKeys: {a: {}, b: {}, c: {shortCut: F6, command: pods}}")
    own.write_text("aliases: {mine: pods}\n")
    settings, problems = load_settings(own)
    assert settings.aliases == {"mine": "pods"} and settings.hotkeys == {"f6": "pods"} and settings.columns
    assert all(each.spares for each in problems)
    broken, odd = map(str, problems)
    assert broken.startswith(f"{k9s / 'aliases.yaml'}:2: ")
    assert odd == (f"{k9s / 'hotkeys.yaml'}: the hot key 'a' has no command; `kwatch info` says what else (1)")


def test_a_folder_that_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("K9S_CONFIG_DIR", str(tmp_path / "file"))
    assert load_settings(own) == (Settings(), ())
    assert read_k9s(tmp_path / "nowhere").problems == []


def test_skins_are_found_and_not_read(k9s: Path) -> None:
    for name in ("skins/night.yaml", "skins/old.yml", "skin.yml", "dusk_skin.yml", "skins/read.me"):
        (k9s / name).write_text("broken: [")
    assert sorted(skins_in(k9s)) == ["dusk_skin", "k9s-skin", "night", "old"]


def test_what_is_for_a_namespace_goes_before_what_is_for_all() -> None:
    set_up = {"pods": 1, "pods@kube-*": 2, "deployments.apps": 3, "deployments@shop": 4}
    found = [for_place(set_up, "pods", each) for each in (None, "shop", "kube-system", "kube-a,kube-b", "!kube-a")]
    assert found == [1, 1, 2, 1, 1]
    assert for_place(set_up, "deployments.apps", "shop") == 3, "its whole name goes first"
    assert for_place({"deployments@shop": 4}, "deployments.apps", "shop") == 4
    assert for_place(set_up, "nodes", None) is None


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("shop", ("shop",)),
        ("kube*", ("kube*",)),
        ("^kube-.+$", ("kube-*",)),
        ("(a|b)", ("a", "b")),
        ("[a-z]", ()),
        ("", ()),
    ],
)
def test_namespaces_as_k9s_has_them(expression: str, names: tuple[str, ...]) -> None:
    assert namespaces_of(expression) == names


@pytest.mark.parametrize(
    ("typed", "key"), [("Ctrl-U", "ctrl+u"), ("Shift-M", "M"), ("Shift-0", "right_parenthesis"), ("F5", "f5"), ("", "")]
)
def test_keys_as_a_key_map_writes_them(typed: str, key: str) -> None:
    assert key_of(typed) == key


def test_resources_as_they_are_typed_here() -> None:
    assert resource_of("apps/v1/deployments") == "deployments.apps"
    assert (resource_of("v1/pods"), resource_of("pods")) == ("pods", "")
