"""What holds for every module, looked for in the source: new code cannot forget it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent / "kwatch"


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Every module by its path below kwatch/, without the simulator, which is a server with objects of its own."""
    names = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.rglob("*.py"))]
    return tuple((name, ast.parse((ROOT / name).read_text())) for name in names if not name.startswith("simulator/"))


def attributes(tree: ast.AST) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


UNMASKED = {
    "disclosed": {
        "informer/kube_object.py",
        "history/object_history.py",  # versions as they are kept in memory
    },
    "stored": {"history/object_history.py", "history/store.py", "history/packing.py"},
    "_stored": {"informer/kube_object.py", "informer/packing.py"},
}
"""What leads past the mask of a Secret: whoever packs and compares bytes, and hands them to nobody."""


def test_only_the_machinery_sees_the_bytes_of_a_secret() -> None:
    found = {name: {module for module, tree in modules() if name in attributes(tree)} for name in UNMASKED}
    assert found == UNMASKED


def test_secrets_are_unmasked_in_one_way_and_only_where_the_user_asked() -> None:
    asking = {
        module
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "tree"
        and any(keyword.arg == "show_secrets" for keyword in node.keywords)
    }
    assert asking == {
        "informer/kube_object.py",  # equality
        "informer/testing.py",  # a server in memory, which hands out what it was given
        "output/printer.py",  # --show-secrets
        "tui/features/object/yaml_tab.py",  # x
    }


def imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and name of everything that is imported from a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, each.name) for each in node.names)


def test_words_reach_the_screen_through_a_gate() -> None:
    """Widgets of the toolkit take a text for markup and draw what is in it: only `Words` is made of one."""
    found = {
        (name, each)
        for name, tree in modules()
        for module, each in imported(tree)
        if module.startswith("textual.widgets") and each != "Input"
    }
    assert found == {("tui/kit/widgets/bar.py", "Static")}


def test_nothing_writes_to_the_terminal_beside_the_toolkit() -> None:
    """The driver writes bytes as they are: nobody in tui/ has a way to it."""
    past = {"_driver", "print", "out", "write_raw", "set_window_title"}
    found = {name for name, tree in modules() if name.startswith("tui/") and attributes(tree) & past}
    assert found == set()


def test_stdout_and_stderr_have_one_writer() -> None:
    found = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == "print")
        or (
            isinstance(node, ast.Attribute)
            and node.attr in ("stdout", "stderr", "__stdout__", "__stderr__")
            and isinstance(node.value, ast.Name)
            and node.value.id == "sys"
        )
    }
    asking = {"cli/watch.py"}  # whether it is a terminal
    assert found - asking == {"cli/terminal.py"}


def test_files_are_made_in_one_place() -> None:
    """Where others may have put a link or a pipe: opened with care, for their owner only."""
    writing = {"write_text", "write_bytes", "mkstemp", "NamedTemporaryFile", "FileHandler"}
    found = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr in writing or _opens_to_write(node))
    }
    reading = {"cli/terminal.py", "tui/terminal/driver.py", "tui/terminal/streams.py", "cluster/files.py"}
    assert found - reading == {"base/files.py", "cluster/tls.py"}, "use kwatch.base.files"


def _opens_to_write(call: ast.Call) -> bool:
    """`os.open` outside of base/files, or `path.open` with a mode that writes."""
    assert isinstance(call.func, ast.Attribute)
    if call.func.attr != "open":
        return False
    if isinstance(call.func.value, ast.Name) and call.func.value.id == "os":
        return True
    modes = [each.value for each in call.args[:1] if isinstance(each, ast.Constant)]
    return any(isinstance(mode, str) and mode[:1] in ("w", "a", "x") and set(mode) <= set("waxbt+") for mode in modes)
