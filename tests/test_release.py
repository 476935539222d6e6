"""What a release is made of: version, metadata, the plugin for krew, the container's recipe, scheduled jobs."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import kwatch
from kwatch.cli.parser import COMMANDS

CHECKOUT = Path(__file__).parent.parent
GITHUB = CHECKOUT / ".github"
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]

_TEXT = {"type": "string", "minLength": 1}
KREW: dict[str, Any] = {
    "type": "object",
    "required": ["apiVersion", "kind", "metadata", "spec"],
    "additionalProperties": False,
    "properties": {
        "apiVersion": {"const": "krew.googlecontainertools.github.com/v1alpha2"},
        "kind": {"const": "Plugin"},
        "metadata": {"type": "object", "required": ["name"], "properties": {"name": {"pattern": r"^[\w-]+$"}}},
        "spec": {
            "type": "object",
            "required": ["version", "shortDescription", "platforms"],
            "additionalProperties": False,
            "properties": {
                "version": {"type": "string", "pattern": r"^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$"},
                "shortDescription": {"type": "string", "pattern": r"^[^\r\n]{1,50}$"},
                "description": _TEXT,
                "caveats": _TEXT,
                "homepage": _TEXT,
                "platforms": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["uri", "sha256", "bin", "selector"],
                        "additionalProperties": False,
                        "properties": {
                            "uri": {"type": "string", "pattern": r"^https://.+\.(tar\.gz|zip)$"},
                            "sha256": {"type": "string", "pattern": "^[a-f0-9]{64}$"},
                            "bin": _TEXT,
                            "selector": {"type": "object", "minProperties": 1},
                            "files": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "object",
                                    "required": ["from", "to"],
                                    "additionalProperties": False,
                                    "properties": {"from": _TEXT, "to": _TEXT},
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What krew's own validation asks of a manifest of v1alpha2, its types and the rules of its index for new plugins."""


def test_the_version_stands_in_one_place() -> None:
    assert "version" not in PROJECT and PROJECT["dynamic"] == ["version", "readme"]
    said = [path for path in CHECKOUT.glob("kwatch/**/*.py") if f'"{kwatch.__version__}"' in path.read_text()]
    assert said == [CHECKOUT / "kwatch" / "__init__.py"]
    assert kwatch.__version__ in (GITHUB / "CHANGELOG.md").read_text()


def test_the_metadata_say_what_an_inventory_asks() -> None:
    assert (PROJECT["license"], PROJECT["license-files"]) == ("Apache-2.0", ["LICENSE"])
    assert not [each for each in PROJECT["classifiers"] if each.startswith("License")]
    assert {"Documentation", "Source", "Issues", "Changelog"} <= PROJECT["urls"].keys()
    assert all(url.startswith("https://github.com/") for url in PROJECT["urls"].values())


@pytest.fixture(scope="module")
def krew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("krew")
    subprocess.run([sys.executable, str(GITHUB / "krew" / "build.py"), str(folder)], check=True, timeout=120)
    return folder


def test_the_manifest_for_krew_is_right_and_names_what_is_in_the_archive(krew: Path) -> None:
    manifest = yaml.safe_load((krew / "kwatch.yaml").read_text())
    jsonschema.Draft7Validator(KREW).validate(manifest)
    (platform,) = manifest["spec"]["platforms"]
    archive = krew / Path(platform["uri"]).name
    assert platform["sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()
    assert manifest["spec"]["version"] == f"v{kwatch.__version__}"
    keys = {each["key"] for each in platform["selector"]["matchExpressions"]}
    assert keys <= {"os", "arch"}
    with tarfile.open(archive) as tar:
        members = {each.name: each for each in tar.getmembers()}
    assert {each["from"] for each in platform["files"]} == members.keys() and platform["bin"] in members
    assert members[platform["bin"]].mode == 0o755
    for wrong in (
        {"kind": "Plug"},
        {"spec": manifest["spec"] | {"version": "0.1"}},
        {"spec": manifest["spec"] | {"platforms": []}},
    ):
        assert list(jsonschema.Draft7Validator(KREW).iter_errors(manifest | wrong))


@pytest.mark.parametrize(
    ("there", "runs"),
    [
        (("kwatch", "uvx", "pipx"), "kwatch pods -A"),
        (("uvx", "pipx"), f"uvx --from kwatch-tui=={kwatch.__version__} kwatch pods -A"),
        (("pipx",), f"pipx run --spec kwatch-tui=={kwatch.__version__} kwatch pods -A"),
    ],
)
def test_the_plugin_runs_what_is_there(krew: Path, tmp_path: Path, there: tuple[str, ...], runs: str) -> None:
    done = plugin(krew, tmp_path, there)
    assert (done.returncode, done.stdout) == (0, f"{runs}\n")


def test_the_plugin_says_what_is_missing(krew: Path, tmp_path: Path) -> None:
    done = plugin(krew, tmp_path, ())
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("kubectl kwatch: neither kwatch nor uv nor pipx is here")


def plugin(krew: Path, folder: Path, there: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    with tarfile.open(krew / "kubectl-kwatch.tar.gz") as tar:
        tar.extract("kubectl-kwatch", folder, filter="data")
    programs = folder / "bin"
    programs.mkdir()
    for name in there:
        (programs / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (programs / name).chmod(0o755)
    shell = shutil.which("sh")
    assert shell is not None
    command = [shell, str(folder / "kubectl-kwatch"), "pods", "-A"]
    return subprocess.run(command, env={"PATH": str(programs)}, capture_output=True, text=True, check=False, timeout=60)


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", "", (GITHUB / "Containerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def test_the_container_runs_as_nobody_and_holds_what_is_in_the_checkout() -> None:
    steps = instructions()
    assert [name for name, _ in steps].count("FROM") == 2
    (user,) = [rest for name, rest in steps if name == "USER"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert steps[-1] == ("ENTRYPOINT", '["kwatch"]')
    copied = {
        each for name, rest in steps if name == "COPY" and "--from" not in rest for each in shlex.split(rest)[:-1]
    }
    assert all((CHECKOUT / each).exists() for each in copied)
    allowed = {line[1:] for line in (GITHUB / "Containerfile.dockerignore").read_text().splitlines() if line[0] == "!"}
    assert copied == allowed


def test_what_the_container_copies_is_enough_to_build_a_wheel(tmp_path: Path) -> None:
    for line in (GITHUB / "Containerfile.dockerignore").read_text().splitlines():
        source = CHECKOUT / line[1:]
        if line.startswith("!") and source.is_dir():
            shutil.copytree(source, tmp_path / line[1:], ignore=shutil.ignore_patterns("__pycache__"))
        elif line.startswith("!"):
            (tmp_path / line[1:]).parent.mkdir(exist_ok=True)
            shutil.copy(source, tmp_path / line[1:])
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path / "dist")]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    assert [*(tmp_path / "dist").glob("kwatch_tui-*.whl")]


def test_scheduled_jobs_name_what_exists() -> None:
    for path in (GITHUB / "workflows").glob("*.yml"):
        text = path.read_text()
        jobs = yaml.safe_load(text)["jobs"]
        assert all(job.get("timeout-minutes") for job in jobs.values())
        assert all(
            (CHECKOUT / name).exists() for name in re.findall(r"(?<![\w/])tests/[\w/]+\.py|\.ci/\w+|\.github/\w+", text)
        )
    assert os.access(CHECKOUT / ".ci" / "run", os.X_OK)
    assert {"man", "config", "completion"} <= COMMANDS.keys()
