"""What a server offers is kept on disk, asked for with its ETag, and never used unasked."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kwatch.cluster import ApiServer, connect
from kwatch.cluster import discovery_cache as caching
from kwatch.cluster.discovery_cache import DiscoveryCache, Document
from kwatch.informer.errors import ApiError
from tests.cluster.conftest import Serve
from tests.cluster.scripted_server import Received, ScriptedServer, answer, head
from tests.cluster.test_discovery import AGGREGATED, LEGACY, by_name, group, group_list, serving, version


def tag_of(body: Any) -> str:
    return f'"{hashlib.sha512(msgspec.json.encode(body)).hexdigest().upper()}"'


def tagged(bodies: dict[str, Any]) -> Callable[[Received], Iterable[bytes]]:
    """As kube-apiserver: an ETag, and 304 for who has that one."""

    def respond(received: Received) -> Iterable[bytes]:
        if received.target not in bodies:
            return [answer(b"404 page not found\n", 404)]
        body = bodies[received.target]
        tag = tag_of(body)
        if received.header("If-None-Match") == tag:
            return [head(304, {"ETag": tag})]
        return [answer(body, ETag=tag)]

    return respond


def cluster_of(server: ScriptedServer, folder: Path | None) -> ApiServer:
    return connect(server=server.url, cache_folder=folder)


def tags_sent(server: ScriptedServer, since: int = 0) -> dict[str, str | None]:
    return {each.target: each.header("If-None-Match") for each in server.requests[since:]}


def test_the_next_start_asks_only_whether_anything_changed(serve: Serve, tmp_path: Path) -> None:
    server = serve(tagged(AGGREGATED))
    first = cluster_of(server, tmp_path / "kwatch" / "discovery").discover()
    assert tags_sent(server) == {"/api": None, "/apis": None}
    second = cluster_of(server, tmp_path / "kwatch" / "discovery").discover()
    assert tags_sent(server, 2) == {path: tag_of(AGGREGATED[path]) for path in ("/api", "/apis")}
    assert second == first


def test_a_connection_that_brought_304_serves_the_next_request(serve: Serve, tmp_path: Path) -> None:
    server = serve(tagged(AGGREGATED))
    cluster_of(server, tmp_path).discover()
    cluster = cluster_of(server, tmp_path)
    for _ in range(3):
        cluster.discover()
    assert server.accepted <= 4


def test_a_custom_resource_that_came_in_between_is_seen(serve: Serve, tmp_path: Path) -> None:
    bodies = {"/api": AGGREGATED["/api"], "/apis": group_list(group("a.io", version("v1", "as")))}
    server = serve(tagged(bodies))
    assert "bs.v1.b.io" not in by_name(cluster_of(server, tmp_path).discover())
    bodies["/apis"] = group_list(group("a.io", version("v1", "as")), group("b.io", version("v1", "bs")))
    for _ in range(2):
        assert "bs.v1.b.io" in by_name(cluster_of(server, tmp_path).discover())
    assert tags_sent(server, 4) == {path: tag_of(bodies[path]) for path in ("/api", "/apis")}


def test_who_asks_again_in_the_same_process_needs_no_disk(serve: Serve) -> None:
    bodies = dict(AGGREGATED)
    server = serve(tagged(bodies))
    cluster = cluster_of(server, None)
    first = cluster.discover()
    assert cluster.discover() == first
    assert tags_sent(server, 2) == {path: tag_of(bodies[path]) for path in ("/api", "/apis")}
    bodies["/apis"] = group_list(group("b.io", version("v1", "bs")))
    assert "bs.v1.b.io" in by_name(cluster.discover())


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5])


def altered(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"deployments", b"deploymentz").replace(b'"pods"', b'"podz"'))


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def nonsense(file: Path) -> None:
    file.write_bytes(os.urandom(4096))


def deeply_nested(file: Path) -> None:
    file.write_bytes(b"[" * 100_000 + b"\n")


def huge(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(1 << 30)


def linked(file: Path) -> None:
    elsewhere = file.with_name("elsewhere")
    file.rename(elsewhere)
    file.symlink_to(elsewhere)


def named_twice(file: Path) -> None:
    os.link(file, file.with_name("again"))


def open_to_all(file: Path) -> None:
    file.chmod(0o666)


def a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def with_another_tag(file: Path) -> None:
    """A header line that would be two, or of another form."""
    first, _, body = file.read_bytes().partition(b"\n")
    told = msgspec.json.decode(first)
    told["etag"] = '"x"\r\nAuthorization: Bearer stolen'
    file.write_bytes(msgspec.json.encode(told) + b"\n" + body)


def of_the_other(file: Path) -> None:
    """A whole answer, to another question."""
    other = next(each for each in file.parent.iterdir() if each != file)
    file.write_bytes(other.read_bytes())


DAMAGES = (
    *(truncated, altered, emptied, nonsense, deeply_nested, huge, linked, named_twice, open_to_all),
    *(a_pipe, a_folder, with_another_tag, of_the_other),
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_not_as_it_was_written_counts_for_nothing(
    damage: Callable[[Path], None], serve: Serve, tmp_path: Path
) -> None:
    server = serve(tagged(AGGREGATED))
    first = cluster_of(server, tmp_path).discover()
    damage(next(iter(tmp_path.iterdir())))
    found = cluster_of(server, tmp_path).discover()
    assert found == first
    assert sorted(map(str, tags_sent(server, 2).values())).count("None") == 1
    assert not any(each.header("Authorization") for each in server.requests)


def test_another_server_is_asked_afresh(serve: Serve, tmp_path: Path) -> None:
    one, other = serve(tagged(AGGREGATED)), serve(tagged(AGGREGATED))
    cluster_of(one, tmp_path).discover()
    cluster_of(other, tmp_path).discover()
    assert tags_sent(other) == {"/api": None, "/apis": None}
    assert len([*tmp_path.iterdir()]) == 4


def test_only_its_owner_reads_it_and_nothing_else_stays(serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    cluster_of(serve(tagged(AGGREGATED)), folder).discover()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = [*folder.iterdir()]
    assert [stat.S_IMODE(each.stat().st_mode) for each in files] == [0o600, 0o600]
    assert not [each for each in files if each.name.startswith(".")]


@pytest.mark.parametrize("refuse", ["a file", "read-only", "no home"])
def test_without_a_place_to_keep_it_discovery_is_as_ever(refuse: str, serve: Serve, tmp_path: Path) -> None:
    folder: Path | None = tmp_path / "folder"
    assert folder is not None
    if refuse == "a file":
        folder.write_text("in the way")
    elif refuse == "read-only":
        folder = Path("/proc/kwatch")
    else:
        folder = None
    server = serve(tagged(AGGREGATED))
    for _ in range(2):
        assert "deployments.v1.apps" in by_name(cluster_of(server, folder).discover())
    assert set(tags_sent(server).values()) == {None}


def test_an_answer_without_a_tag_or_in_the_older_form_is_not_kept(serve: Serve, tmp_path: Path) -> None:
    cluster_of(serve(serving(AGGREGATED)), tmp_path).discover()
    cluster_of(serve(tagged(LEGACY)), tmp_path).discover()
    assert not [*tmp_path.iterdir()]


def test_304_to_who_did_not_ask_for_it_is_no_answer(serve: Serve) -> None:
    server = serve(lambda received: [head(304, {"ETag": '"x"'})])
    with pytest.raises(ApiError) as caught:
        cluster_of(server, None).discover()
    assert caught.value.status == 304


def test_the_folder_does_not_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "MOST_FILES", 4)
    for number in range(9):
        cache = DiscoveryCache(tmp_path, f"https://{number}")
        cache.keep("/apis", "", Document('"tag"', b"{}"))
        os.utime(next(each for each in tmp_path.iterdir() if each.stat().st_mtime > 1000), (number, number))
    assert len([*tmp_path.iterdir()]) == 4
    assert DiscoveryCache(tmp_path, "https://8").find("/apis", "") == Document('"tag"', b"{}")
    assert DiscoveryCache(tmp_path, "https://0").find("/apis", "") is None


def test_nor_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "MOST_BYTES", 5000)
    for number in range(9):
        DiscoveryCache(tmp_path, f"https://{number}").keep("/apis", "", Document('"tag"', b"x" * 1000))
    assert sum(each.stat().st_size for each in tmp_path.iterdir()) <= 5000
