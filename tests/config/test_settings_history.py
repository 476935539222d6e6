from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.config.settings import BackgroundSettings, HistorySettings, Settings, load_settings


def test_they_are_read_from_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("history: {budget: 1Gi, age: 2h}\n")
    settings, problems = load_settings(path)
    assert problems == ()
    assert (settings.history.budget_bytes, settings.history.max_age) == (1 << 30, 7200.0)
    assert (HistorySettings().budget_bytes, HistorySettings().max_age) == (256 << 20, None)


@pytest.mark.parametrize(
    ("history", "sentence"),
    [
        ("{budget: lots}", "'lots' is no size; write 500M or 2Gi"),
        ("{budget: 12k}", "12k is too little for a history"),
        ("{age: soon}", "'soon' is not a time"),
        ("{age: 0s}", "0s keeps nothing"),
    ],
)
def test_what_is_malformed_is_told_with_its_line(tmp_path: Path, history: str, sentence: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"theme: nord\nhistory: {history}\n")
    settings, (problem,) = load_settings(path)
    assert settings.history == HistorySettings()
    assert problem.line == 2
    assert sentence in str(problem)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("theme: nord", BackgroundSettings()),
        ("background: on", BackgroundSettings()),
        ("background: off", None),
        ("background: [events, nodes]", BackgroundSettings(("events", "nodes"))),
        ("background: {objects: 50, memory: 64Mi}", BackgroundSettings((), 50, "64Mi")),
    ],
)
def test_what_is_watched_in_the_background(tmp_path: Path, text: str, wanted: BackgroundSettings | None) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"{text}\n")
    settings, problems = load_settings(path)
    assert problems == ()
    assert settings.background_bounds == wanted


@pytest.mark.parametrize(
    ("background", "sentence"),
    [
        ("{objects: 0}", "0 objects are none; write 1 or more, or background: off"),
        ("{memory: 10k}", "10k is too little to watch anything"),
        ("{memory: lots}", "'lots' is no size"),
        ("soon", "background"),
    ],
)
def test_malformed_bounds_are_told_with_their_line(tmp_path: Path, background: str, sentence: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"theme: nord\nbackground: {background}\n")
    settings, (problem,) = load_settings(path)
    assert settings == Settings()
    assert problem.line == 2
    assert sentence in str(problem)
