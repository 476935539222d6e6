"""The comparison with other programs: what it writes, draws and says, whatever those programs do."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.benchmarks.compare import command, document, page, plots
from tests.benchmarks.compare.contestants import Contestant
from tests.benchmarks.compare.document import Document
from tests.benchmarks.compare.measuring import Measured, Plan, Run
from tests.benchmarks.compare.terminal import COLUMNS, LINES, LineSight, ScreenSight, WordSight

PLAN = Plan(rates=(50.0,), seconds=0.2, repeats=1, keys=3, patience=30.0, flood=0)
README = f"# kwatch\n\n{page.BEGIN}\nbefore the first run\n{page.END}\n\nthe rest\n"


class NoCluster:
    """What a program that asks no server may watch."""

    kubeconfig, context, namespace, objects, can_change = "none", "none", "none", 3, False

    def change(self, rate: float) -> None:
        raise AssertionError("it cannot")

    def made(self) -> int:
        return 0


def run_of(contestant: Contestant, patience: float = 30.0) -> Measured:
    plan = Plan(PLAN.rates, PLAN.seconds, 2, PLAN.keys, patience, 0)
    with Run(contestant, NoCluster(), plan) as run:
        for _ in range(2):
            run.once(asides=False)
        return run.measured


def script(folder: Path, text: str, **more: Any) -> Contestant:
    path = folder / "program.py"
    path.write_text(text)
    return Contestant("it", str(path), WordSight, version="kwatch-tui", shows_rows=False, **more)


def document_of(figures: Mapping[tuple[str, int, str], float], **said: str) -> Document:
    names = dict.fromkeys(name for name, _, _ in figures)
    contestants = {name: {"command": name, "version": "1.0", "missing": ""} for name in names}
    results = []
    for contestant, size in dict.fromkeys((name, size) for name, size, _ in figures):
        measured = Measured(said=said.get(contestant, ""))
        for (name, at, figure), value in figures.items():
            if (name, at) == (contestant, size):
                measured.values[figure] = [value]
        results.append(document.result(contestant, size, size, measured))
    tree = document.head(PLAN, [])
    return Document(tree | {"contestants": contestants, "results": results})


def test_a_small_run_from_programs_to_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    monkeypatch.setattr(command, "CHECKOUT", tmp_path)
    (tmp_path / "screenshots").mkdir()
    (tmp_path / "README.md").write_text(README)
    file = tmp_path / "figures.json"
    words = "--sizes 200 --seconds 0.3 --repeats 1 --keys 4 --rates 50 --flood 300 --publish"
    only = "kwatch,kwatch.informer,kubectl,k9s"
    assert command.main([*words.split(), "--only", only, "--json", str(file)]) == 0

    measured = Document.load(file)
    assert [measured.said(name, 200) for name in measured.contestants] == ["", "", ""]
    expected = {"first rows", "all rows", "resident", "resident in the end", "peak", "CPU quiet", "CPU at 50/s", "quit"}
    for name in ("kwatch", "kubectl"):
        assert {each.name for each in measured.figures() if each.contestant == name} >= expected
    assert measured.median("kwatch", 200, "key p50 quiet")
    assert measured.median("kwatch", 200, "one namespace: first rows")
    assert measured.median("kwatch.informer", 200, "changes a second, at most")
    assert measured.tree["kwatch"].keys() == {"version", "commit", "changed"}
    assert measured.tree["machine"].keys() == {"system", "cores", "memory", "load"}
    assert measured.tree["contestants"]["k9s"]["missing"] == "k9s is not on PATH"

    printed = capsys.readouterr().out
    assert "k9s was not measured: k9s is not on PATH." in printed
    readme = (tmp_path / "README.md").read_text()
    assert readme.startswith("# kwatch\n") and readme.endswith("the rest\n") and "before the first run" not in readme
    assert "| first rows of a small namespace | 0.60 s |" in readme
    assert str(tmp_path) not in readme and sys.executable not in readme
    for picture in ("time.svg", "memory.svg"):
        assert ElementTree.parse(tmp_path / "screenshots" / picture).getroot().tag.endswith("svg")
    assert command.main(["--from", str(file), "--against", str(file)]) == 0
    assert "WORSE" not in capsys.readouterr().out


def test_one_that_crashes_is_said_with_its_last_words(tmp_path: Path) -> None:
    measured = run_of(script(tmp_path, "import sys\nprint('begins')\nsys.exit('no \\x1b[31msuch\\x1b[0m server')"))
    assert measured.said == "ended with exit code 1: no such server"
    assert not measured.values


def test_one_that_hangs_costs_its_patience_once(tmp_path: Path) -> None:
    measured = run_of(script(tmp_path, "import time\nprint('begins', flush=True)\ntime.sleep(600)"), patience=0.5)
    assert measured.said == "not within 0.5 s"


def test_one_that_does_not_end_keeps_its_figures(tmp_path: Path) -> None:
    deaf = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    measured = run_of(script(tmp_path, f"{deaf}print('synced', flush=True)\ntime.sleep(600)"), patience=20.0)
    assert measured.said.startswith("it did not end within")
    assert measured.values["all rows"]


def test_one_that_cannot_be_started_at_all_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "broken").write_text("#!/no/such/interpreter\n")
    (tmp_path / "broken").chmod(0o755)
    measured = run_of(Contestant("broken", "", LineSight, "broken"))
    assert measured.said.startswith("ended with exit code 127")


def test_a_screen_has_rows_a_number_and_a_cursor() -> None:
    sight = ScreenSight(busy="syncing")
    rows = b"".join(b"\x1b[%d;1Hpod-%d  1/1  Running  0" % (line, line) for line in range(3, 10))
    sight.feed(b"\x1b[2J\x1b[1;1Hsyncing 7 of about 1,007" + rows)
    assert sight.has_rows(1007) and not sight.has_all(1007)
    sight.feed(b"\x1b[1;1H\x1b[2K1,007 pods")
    assert sight.has_all(1007) and not sight.has_all(2000)
    assert not sight.cursor()
    sight.feed(b"\x1b[4;1H\x1b[7m" + b" " * COLUMNS)
    assert sight.cursor() == {3}
    assert LINES > 9


def test_what_got_worse_by_more_than_noise_is_marked() -> None:
    names = [
        ("kwatch", 1000, each)
        for each in ("all rows", "quit", "key p50 quiet", "CPU quiet", "changes a second, at most")
    ]
    old = document_of(dict(zip(names, (1.0, 0.3, 4.0, 0.1, 1000.0), strict=True)))
    new = document_of(dict(zip(names, (1.5, 0.31, 2.5, 0.2, 500.0), strict=True)) | {("k9s", 1000, "quit"): 1.0})
    lines = document.difference(new, old)
    assert [line.split()[-1] for line in lines] == ["WORSE", "1.03", "better", "2.00", "WORSE"]


def test_a_spread_as_wide_as_the_change_is_noise() -> None:
    old = document_of({("kwatch", 1000, "all rows"): 1.0})
    new = document_of({("kwatch", 1000, "all rows"): 1.5})
    new.tree["results"][0]["figures"]["all rows"]["values"] = [1.0, 1.5, 1.9]
    assert "WORSE" not in document.difference(new, old)[0]


def test_plots_name_every_line_once_and_apart_in_both_themes() -> None:
    names = ("kwatch", "kubectl", "k9s", "sofka")
    values = {
        (name, size, "all rows"): size / 1000 + number / 50
        for number, name in enumerate(names)
        for size in (1000, 10_000)
    }
    drawn = plots.time_plot(document_of(values | {("kwatch", 1000, "first rows"): 0.6}))
    texts = [each for each in ElementTree.fromstring(drawn).iter() if each.get("class", "").startswith("name")]
    assert sorted(each.text or "" for each in texts) == sorted([*names, "kwatch: first rows"])
    heights = sorted(float(each.get("y", "0")) for each in texts)
    assert all(below - above > 16 for above, below in itertools.pairwise(heights))
    assert "prefers-color-scheme: dark" in drawn


@pytest.mark.parametrize("values", [{}, {("kwatch", 200, "resident"): 80.0}], ids=["nothing", "one point"])
def test_plots_of_little_are_pictures_too(values: dict[tuple[str, int, str], float]) -> None:
    drawn = plots.memory_plot(document_of(values))
    assert "nan" not in drawn and ElementTree.fromstring(drawn).get("role") == "img"


def test_the_page_says_what_was_reached_missed_and_not_to_be_had() -> None:
    figures = {("kwatch", 10_000, "first rows"): 0.9, ("kwatch", 10_000, "quit"): 0.2, ("k9s", 10_000, "quit"): 1.0}
    real = document_of({("bare reader", 9_876, "all rows"): 4.0, ("kwatch.informer", 9_876, "all rows"): 4.4})
    text = page.markdown(document_of(figures, k9s="not within 120 s"), real)
    assert "a real server in a cache, by what reading them takes | 1.25 times | 1.10 times | reached |" in text
    assert "| first rows of 10,000 | 0.70 s | 0.90 s | missed |" in text
    assert "| quit from 10,000 | 0.30 s | 0.20 s | reached |" in text
    assert "- k9s at 10,000: not within 120 s." in text


def test_the_page_is_the_same_when_it_is_written_again(tmp_path: Path) -> None:
    (tmp_path / "screenshots").mkdir()
    (tmp_path / "README.md").write_text(README)
    figures = document_of({("kwatch", 10_000, "first rows"): 0.9})
    page.publish(figures, tmp_path)
    once = (tmp_path / "README.md").read_text()
    page.publish(figures, tmp_path)
    assert (tmp_path / "README.md").read_text() == once


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "emacs"], "none of emacs is known"),
        (["--from", "other.json"], "it is no JSON of this benchmark"),
        (["--from", "absent.json"], "absent.json"),
        (["--sizes", "900000000"], "MB more than there are"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    words: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.json").write_text(json.dumps({"schema": 99}))
    assert command.main(words) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("compare: ") and sentence in said


def test_a_readme_without_marks_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# kwatch\n")
    with pytest.raises(page.PageError):
        page.publish(document_of({}), tmp_path)
    assert (tmp_path / "README.md").read_text() == "# kwatch\n"
