from __future__ import annotations

import pytest

from kwatch.simulator.__main__ import parse_arguments
from kwatch.simulator.scenario.loader import load_scenario


def test_defaults_are_the_demo() -> None:
    arguments = parse_arguments([])
    assert (arguments.host, arguments.port, arguments.objects) == ("127.0.0.1", 0, 0)
    assert load_scenario(arguments.scenario).pods == 120
    assert (arguments.rate, arguments.faults, arguments.token) == (4.0, {}, "")


def test_faults_are_read() -> None:
    assert parse_arguments(["--faults", "reset=0.5,410=1"]).faults == {"reset": 0.5, "410": 1.0}


@pytest.mark.parametrize("wrong", [["--port", "x"], ["--faults", "x=1"], ["--tls-key", "k"], ["--nosuch"]])
def test_mistakes(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments(wrong)
    assert ended.value.code == 2
    assert wrong[0] in capsys.readouterr().err
