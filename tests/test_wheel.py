"""What a user installs."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

from kwatch import __version__

CHECKOUT = Path(__file__).parent.parent


def test_the_wheel_ships_the_themes_and_both_scripts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("kwatch_tui-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (entry_points,) = [name for name in names if name.endswith("entry_points.txt")]
        scripts = archive.read(entry_points).decode()
        (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        described = archive.read(metadata).decode()
        archive.extractall(tmp_path / "installed")
        assert archive.testzip() is None
    themes = {path.name for path in (CHECKOUT / "themes").glob("*.yaml")}
    assert {f"kwatch/themes/{name}" for name in themes} <= names
    assert len(themes) >= 8
    assert "kwatch/py.typed" in names
    assert [name for name in names if name.endswith(".data/data/share/man/man1/kwatch.1")]
    scenario = {f"kwatch/simulator/scenario/{name}.yaml" for name in ("shopworks", "stories", "logs")}
    assert {*scenario, "kwatch/simulator/engine/objects.yaml"} <= names
    assert not any(name.startswith(("tests/", "screenshots/")) for name in names)
    assert "kubectl_complete-kwatch = kwatch.cli.live_names:complete_for_kubectl" in scripts
    assert "kwatch = kwatch.__main__:main" in scripts and "kubectl-kwatch = kwatch.__main__:main" in scripts

    # On the page of the package nothing is beside the description.
    assert "Description-Content-Type: text/markdown" in described and "\n# kwatch\n" in described
    links = re.findall(r"\]\(([^)]+)\)|(?:src|srcset)=\"([^\"]+)\"", described)
    places = [markdown or html for markdown, html in links]
    assert len(places) > 20 and not [place for place in places if not place.startswith(("https://", "#"))]
    assert f"https://github.com/kwatch-tui/kwatch/raw/v{__version__}/screenshots/" in described

    code = "from kwatch.config.locations import shipped_themes; print(shipped_themes())"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "installed", check=True, capture_output=True, text=True, timeout=60
    )
    assert Path(found.stdout.strip()) == tmp_path / "installed" / "kwatch" / "themes"


def test_a_checkout_finds_its_own_themes() -> None:
    from kwatch.config.locations import shipped_themes

    assert (shipped_themes() / "kwatch-dark.yaml").is_file()
