"""Requests to a simulator as bare as HTTP allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 20.0


@contextmanager
def asked(
    url: str, path: str, *, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None
) -> Iterator[HTTPResponse]:
    """An answer while it lasts. No header is sent that is not given."""
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=TIMEOUT)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        payload = b"" if body is None else json.dumps(body).encode()
        for name, value in {"Content-Length": str(len(payload)), **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders(payload)
        yield connection.getresponse()
    finally:
        connection.close()


def get(url: str, path: str, **headers: str) -> tuple[int, Any]:
    """Status and decoded body of a GET."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with asked(url, path, headers=named) as response:
        return response.status, json.loads(response.read())


def send(url: str, method: str, path: str, body: Any, content_type: str = "application/json") -> tuple[int, Any]:
    """Status and decoded answer of a write."""
    with asked(url, path, method=method, body=body, headers={"Content-Type": content_type}) as response:
        return response.status, json.loads(response.read())


def events(response: HTTPResponse) -> Iterator[Any]:
    """Events of a watch until it ends."""
    for line in response:
        yield json.loads(line)
