"""`python -m kwatch`, and the scripts `kwatch` and `kubectl-kwatch`."""

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    from kwatch.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
