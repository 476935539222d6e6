"""The shape of the source: no circle among its imports, few files, and no long one."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "kwatch"
LONGEST = 400
MOST_FILES = 470


@cache
def sources() -> dict[str, str]:
    """The text of each module by its dotted name."""
    paths = {path.relative_to(PACKAGE.parent).with_suffix(""): path for path in PACKAGE.rglob("*.py")}
    return {".".join(name.parts).removesuffix(".__init__"): path.read_text() for name, path in paths.items()}


def imported(name: str, text: str) -> set[str]:
    """The modules of kwatch that a module imports: at its top, inside functions, and for type checking alike."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {member if member in sources() else node.module for member in members}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return (found & sources().keys()) - {name}


def test_no_module_is_part_of_an_import_circle() -> None:
    graph = TopologicalSorter({name: imported(name, text) for name, text in sources().items()})
    try:
        graph.prepare()
    except CycleError as error:
        raise AssertionError(f"a circle of imports: {' <- '.join(error.args[1])}") from None


def test_files_are_few_and_none_is_long() -> None:
    long = {name: lines for name, text in sources().items() if (lines := text.count("\n")) > LONGEST}
    assert not long
    assert len(sources()) <= MOST_FILES
