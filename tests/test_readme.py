"""What the README shows must be so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kwatch.config.document import parse_document
from kwatch.config.settings import Settings

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text()


LINK = re.compile(r"\]\(((?!https?:)[^)#]+)\)")
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / ".github").glob("*.md")), *sorted(CHECKOUT.glob("kwatch/**/*.md"))]
CODE = [code for page in PAGES for code in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_what_it_points_to_exists(page: Path) -> None:
    targets = LINK.findall(page.read_text())
    assert not [target for target in targets if not (page.parent / target).exists()]


def test_the_files_that_contributors_are_sent_to_exist() -> None:
    named = re.findall(r"(?<![/\w])(?:tests|kwatch)/[\w/]+\.py", (CHECKOUT / ".github/CONTRIBUTING.md").read_text())
    missing = [name for name in named if not (CHECKOUT / name).exists() and "/x/" not in name]
    assert named and not missing


@pytest.mark.parametrize("code", CODE)
def test_its_python_names_what_exists(code: str) -> None:
    imports = "\n".join(line for line in code.splitlines() if line.startswith(("import ", "from ")))
    compile(code, "README.md", "exec")
    exec(imports, {})


def test_its_test_command_is_found_by_ci() -> None:
    found = re.search(r"<!-- test command -->\n```sh\n(.+?)\n```", README)
    assert found is not None and "pytest" in found[1]


@pytest.mark.parametrize("text", re.findall(r"```yaml\n(.*?)```", README, re.DOTALL))
def test_its_settings_are_settings(text: str) -> None:
    assert parse_document(text, Settings, Path("README.md")) != Settings()
