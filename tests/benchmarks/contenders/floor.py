"""Read the same bytes, line by line, and do nothing with them."""

from __future__ import annotations

import json
import sys
import time

import urllib3

from tests.benchmarks.contenders import resident

PATH = "/api/v1/pods?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"


def main(url: str, changes: int) -> None:
    """Time to the bookmark, then the rate of the changes."""
    before = resident()
    began = time.perf_counter()
    response = urllib3.PoolManager().request("GET", url + PATH, preload_content=False)
    lines, synced, sync_seconds = 0, False, 0.0
    rest = b""
    while not synced or lines < changes:
        *complete, rest = (rest + response.read1(1 << 18)).split(b"\n")
        lines += len(complete)
        if not synced and any(line.startswith(b'{"type":"BOOKMARK"') for line in complete):
            synced, sync_seconds, lines = True, time.perf_counter() - began, 0
            began = time.perf_counter()
    rate = lines / (time.perf_counter() - began) if changes else 0.0
    print(json.dumps({"sync": sync_seconds, "growth": resident() - before, "rate": rate}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
