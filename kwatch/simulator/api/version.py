"""GET /version, and the probes."""

from __future__ import annotations

import platform

import msgspec

GIT_VERSION = "v1.36.2"

_MAJOR, _MINOR = GIT_VERSION.removeprefix("v").split(".")[:2]


def version_body() -> bytes:
    """What a server of this version says of itself."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    version = {
        "major": _MAJOR,
        "minor": _MINOR,
        "emulationMajor": _MAJOR,
        "emulationMinor": _MINOR,
        "minCompatibilityMajor": _MAJOR,
        "minCompatibilityMinor": str(int(_MINOR) - 1),
        "gitVersion": GIT_VERSION,
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
