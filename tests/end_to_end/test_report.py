"""`kwatch report`, as a user runs it; and the page in a browser."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kwatch.history.recording.saving import Described, save
from tests.end_to_end.program import Program
from tests.simulator.simulator_server import SimulatorServer
from tests.view.relations.world import RESOURCES
from tests.view.report.incident import broken_image, shop
from tests.view.suspects.story import NOW, START

BROWSER = os.environ.get("CHROME") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A shop whose rollout broke it."""
    path = tmp_path_factory.mktemp("report") / "shop.kwatch"
    story = broken_image(shop())
    assert story.journal.catch_up(10)
    resources = {str(each): Described(each) for each in RESOURCES.values()}
    save(story.journal, path, resources.get, created=START + NOW)
    story.journal.close()
    yield path


def test_from_a_recording(program: Program, recording: Path, tmp_path: Path) -> None:
    page = tmp_path / "incident.html"
    done = program.run("report", "--file", str(recording), "--write", str(page))
    assert (done.returncode, done.stdout) == (0, "")
    assert re.fullmatch(rf"kwatch: Deployment shop/web: it crashes since .*\. Report: {page}\n", done.stderr)
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "rollout 2 of Deployment web" in page.read_text()
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".part"] == []
    again = program.run("report", "--file", str(recording), "--write", str(page))
    assert again.returncode == 1 and "exists already" in again.stderr and "--force" in again.stderr
    assert program.run("report", "--file", str(recording), "--write", str(page), "--force").returncode == 0


def test_as_markdown_of_one_object_and_of_a_filter(program: Program, recording: Path) -> None:
    told = program.run("report", "--file", str(recording), "-o", "md", "services/web", "-n", "shop")
    assert told.returncode == 0 and told.stdout.startswith("# Service shop/web: it crashes since ")
    told = program.run("report", "--file", str(recording), "-o", "md", "app=web")
    assert told.returncode == 0 and "# Deployment shop/web: it crashes" in told.stdout
    told = program.run("report", "--file", str(recording), "-o", "md", "app=other")
    assert told.returncode == 0 and told.stdout.startswith("# Nothing is wrong among ")
    masked = program.run("report", "--file", str(recording), "-o", "md", "--mask-names")
    assert masked.returncode == 0 and "shop" not in masked.stdout and "deployment-1" in masked.stdout


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--file", "RECORDING", "deployments/none"], 1, "the recording has no deployments.apps 'none'"),
        (["--file", "RECORDING", "gadgets/x"], 1, "the recording has no 'gadgets'"),
        (["--file", "/nowhere/x.kwatch"], 1, "/nowhere/x.kwatch"),
        (["--file", "RECORDING", "age>often"], 2, "age is compared with a duration"),
        (["--file", "RECORDING", "restarts>"], 2, "kwatch: "),
        (["--file", "RECORDING", "--since", "soon"], 2, "'soon' is not a time"),
        (["--file", "RECORDING", "-o", "pdf"], 2, "invalid choice"),
        (["--file", "RECORDING", "--logs"], 2, "a recording holds no logs"),
        (["--logs", "--mask-names"], 2, "logs may contain any name"),
        (["--file", "RECORDING", "--write", "/nowhere/report.html"], 1, "/nowhere/report.html cannot be written"),
    ],
)
def test_bad_input_is_a_sentence(program: Program, recording: Path, words: list[str], code: int, sentence: str) -> None:
    done = program.run("report", *(str(recording) if word == "RECORDING" else word for word in words))
    assert done.returncode == code
    assert sentence in done.stderr and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert done.stdout == ""


def test_from_a_cluster(program: Program, server: SimulatorServer) -> None:
    done = program.run("report", "-o", "md")
    assert done.returncode == 0, done.stderr
    assert "a live cluster" in done.stdout and "everything in shop" in done.stdout
    assert "| pods | shop |" in done.stdout
    of_one = program.run("report", "-o", "md", "pod/cart-1")
    assert of_one.returncode == 0 and "## 1. Pod shop/cart-1" in of_one.stdout
    gone = program.run("report", "pod/nothing")
    assert gone.returncode == 1 and "Pod shop/nothing is not there" in gone.stderr and gone.stdout == ""


def test_on_a_terminal_html_wants_a_file(program: Program, recording: Path) -> None:
    with program.start("report", "--file", str(recording)) as terminal:
        terminal.wait_for("--write report.html")
        assert terminal.wait_for_exit() == 2


@pytest.mark.skipif(BROWSER is None, reason="there is no browser here; CHROME names one")
def test_it_opens_in_a_browser_offline(program: Program, recording: Path, tmp_path: Path) -> None:
    assert BROWSER is not None
    page, paper = tmp_path / "incident.html", tmp_path / "incident.pdf"
    assert program.run("report", "--file", str(recording), "--write", str(page)).returncode == 0
    flags = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    flags += ["--enable-logging=stderr", "--v=0", "--host-resolver-rules=MAP * ~NOTFOUND"]
    shown = subprocess.run(
        [*flags, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=240, check=True
    )
    assert "rollout 2 of Deployment web" in shown.stdout
    assert not [line for line in shown.stderr.splitlines() if "Content Security Policy" in line or "CONSOLE" in line]
    # What the browser made of it is what was written: nothing was mended.
    for tag in ("article", "table", "svg", "li", "h3"):
        assert shown.stdout.count(f"<{tag}") == page.read_text().count(f"<{tag}")
    subprocess.run([*flags, f"--print-to-pdf={paper}", page.as_uri()], capture_output=True, timeout=240, check=True)
    assert paper.read_bytes().startswith(b"%PDF") and paper.stat().st_size > 10_000
