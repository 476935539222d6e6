"""What is played: scenario files (shopworks.yaml is that of `kwatch demo`), and stories and logs that all can use; and
incidents/, in each of which something breaks in the demo's world for a known cause among the noise of noise.yaml.

`spec` says what a file may contain, `loader` reads one, `checks` finds what could not be played, and `plan` says how
much of it is built.
"""

from pathlib import Path

INCIDENTS = Path(__file__).with_name("incidents")


def incident_names() -> list[str]:
    """What `--scenario` knows by name; found without reading a file."""
    return sorted(each.stem for each in INCIDENTS.glob("*.yaml"))
