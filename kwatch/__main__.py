"""`python -m kwatch`, and the scripts `kwatch` and `kubectl-kwatch`."""

import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line, and end the process with its exit code."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has not both
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
    from kwatch.cli import run

    code = run(sys.argv[1:])
    from kwatch.base.threads import end_process

    end_process(code)


def _end(number: int, frame: object) -> NoReturn:
    """Until somebody knows better: what was begun is ended, a login command among it, and a shell is told why."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
