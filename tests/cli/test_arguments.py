from __future__ import annotations

import pytest

from kwatch.cli.arguments import UsageError, WatchArguments
from kwatch.cli.parser import parse
from kwatch.config.settings import HistorySettings


def test_the_command_line_is_asked_before_the_settings() -> None:
    found = parse(["pods", "--history-budget", "1Gi"])
    assert isinstance(found, WatchArguments)
    settings = HistorySettings(budget="64Mi", age="2h")
    assert settings.overridden(found.history_budget, found.history_age) == HistorySettings("1Gi", "2h")
    assert settings.overridden(None, None) == settings


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--history-budget", "much"], "is no size"),
        (["--history-budget", "1k"], "too little"),
        (["--history-age", "1y"], "is not a time"),
    ],
)
def test_what_is_malformed_is_told(words: list[str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse(words)
