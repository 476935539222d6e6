"""What krew installs of a release: an archive and the manifest that names it.

    python .github/krew/build.py FOLDER

writes kubectl-kwatch.tar.gz, which goes to the release, and kwatch.yaml, which goes to the index of krew. The same
source makes the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
HOME = "https://github.com/kwatch-tui/kwatch"
ARCHIVE = "kubectl-kwatch.tar.gz"
MANIFEST = """\
apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: kwatch
spec:
  version: v{version}
  homepage: {home}
  shortDescription: Watch resources live, with their history
  description: |
    Live tables of any resource, the history of every object, and filters that
    indexes answer: what changed, when, and who did it. It only ever reads.
    Press ? in it for its keys; kubectl kwatch demo needs no cluster.
  caveats: |
    kwatch is a Python package: this plugin runs the kwatch that is on the PATH,
    or one that uv (uvx) or pipx bring.
  platforms:
  - selector:
      matchExpressions:
      - key: os
        operator: In
        values: [linux, darwin]
    uri: {home}/releases/download/v{version}/{archive}
    sha256: {digest}
    bin: kubectl-kwatch
    files:
    - from: kubectl-kwatch
      to: .
    - from: LICENSE
      to: .
"""


def version() -> str:
    """Of kwatch, without importing it."""
    found = re.search(r'^__version__ = "([^"]+)"', (CHECKOUT / "kwatch" / "__init__.py").read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit("kwatch/__init__.py says no version")
    return found[1]


def archive() -> bytes:
    """The script and the licence."""
    script = (HERE / "kubectl-kwatch").read_text().replace("VERSION", version())
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        for name, content, mode in (
            ("kubectl-kwatch", script.encode(), 0o755),
            ("LICENSE", (CHECKOUT / "LICENSE").read_bytes(), 0o644),
        ):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def main(folder: Path) -> None:
    """Write both."""
    folder.mkdir(parents=True, exist_ok=True)
    content = archive()
    digest = hashlib.sha256(content).hexdigest()
    (folder / ARCHIVE).write_bytes(content)
    manifest = MANIFEST.format(version=version(), home=HOME, archive=ARCHIVE, digest=digest)
    (folder / "kwatch.yaml").write_text(manifest)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "dist"))
