"""What the README shows must be so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kwatch.config.document import parse_document
from kwatch.config.settings import Settings

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(((?!https?:)[^)#]+)\)", README))))
def test_what_it_points_to_exists(target: str) -> None:
    assert (CHECKOUT / target).exists()


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_its_python_names_what_exists(code: str) -> None:
    imports = "\n".join(line for line in code.splitlines() if line.startswith(("import ", "from ")))
    compile(code, "README.md", "exec")
    exec(imports, {})


def test_its_test_command_is_found_by_ci() -> None:
    found = re.search(r"<!-- test command -->\n```sh\n(.+?)\n```", README)
    assert found is not None and "pytest" in found[1]


@pytest.mark.parametrize("text", re.findall(r"(?<!<!-- scenario -->\n)```yaml\n(.*?)```", README, re.DOTALL))
def test_its_settings_are_settings(text: str) -> None:
    assert parse_document(text, Settings, Path("README.md")) != Settings()
