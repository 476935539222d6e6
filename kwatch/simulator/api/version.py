"""GET /version, and the probes."""

from __future__ import annotations

import platform

import msgspec

PATCH = 2


def version_body(minor: int) -> bytes:
    """What a server of version 1.`minor` says of itself."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    version = {
        "major": "1",
        "minor": str(minor),
        "emulationMajor": "1",
        "emulationMinor": str(minor),
        "minCompatibilityMajor": "1",
        "minCompatibilityMinor": str(minor - 1),
        "gitVersion": f"v1.{minor}.{PATCH}",
        "gitCommit": "0" * 40,
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "go1.26.1",
        "compiler": "gc",
        "platform": f"linux/{machine}",
    }
    return msgspec.json.encode(version) + b"\n"


def probe_text(path: str, verbose: bool) -> str | None:
    """The answer of /healthz, /livez and /readyz; None for other paths."""
    name, _, check = path.strip("/").partition("/")
    if name not in ("healthz", "livez", "readyz"):
        return None
    if check or not verbose:
        return "ok"
    return f"[+]ping ok\n[+]log ok\n[+]etcd ok\n{name} check passed\n"
