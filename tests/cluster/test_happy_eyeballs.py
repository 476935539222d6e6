"""A host with several addresses, of which some swallow packets, refuse or lead nowhere."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from kwatch.cluster import connect
from kwatch.cluster.transport import happy_eyeballs, kubernetes_client
from kwatch.cluster.transport.happy_eyeballs import Address, connect_to_first, in_order
from kwatch.informer.errors import ApiError, Closed
from tests.cluster.conftest import Serve
from tests.cluster.scripted_server import WAIT, answer
from tests.waiting import wait_until

TCP = int(socket.IPPROTO_TCP)


def address(port: int, host: str = "127.0.0.1") -> Address:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return int(family), int(socket.SOCK_STREAM), TCP, "", (host, port)


@pytest.fixture
def swallowing() -> Iterator[int]:
    """A port that answers no packet: its queue of connections is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0), backlog=0)))
        for _ in range(8):
            filler = stack.enter_context(closing(socket.socket()))
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])


@pytest.fixture
def answering() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield int(listener.getsockname()[1])


@pytest.fixture
def refusing() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(happy_eyeballs, "_answered", {})
    monkeypatch.setattr(happy_eyeballs, "STAGGER", 0.01)


def test_the_families_alternate() -> None:
    four, six = [address(port) for port in (1, 2, 3)], [address(port, "::1") for port in (4, 5)]
    assert in_order([*six, *four]) == [six[0], four[0], six[1], four[1], four[2]]
    assert in_order([*four, six[0]]) == [four[0], six[0], four[1], four[2]]
    assert in_order([*six, *four], answered=four[2]) == [four[2], six[0], four[0], six[1], four[1]]


def connected_to(*ports: int) -> int:
    with closing(connect_to_first([address(port) for port in ports], (), WAIT, None)) as sock:
        return int(sock.getpeername()[1])


def test_one_that_swallows_packets_costs_a_moment(swallowing: int, answering: int) -> None:
    assert connected_to(swallowing, answering) == answering
    assert connected_to(swallowing, swallowing, answering) == answering


def test_one_that_refuses_costs_nothing(refusing: int, answering: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(happy_eyeballs, "STAGGER", 1000.0)
    assert connected_to(refusing, answering) == answering
    unroutable = address(1, "::ffff:1")
    with closing(connect_to_first([unroutable, address(answering)], (), WAIT, None)) as sock:
        assert sock.getpeername()[1] == answering


def test_who_answered_is_asked_first(swallowing: int, answering: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connected_to(swallowing, answering) == answering
    monkeypatch.setattr(happy_eyeballs, "STAGGER", 1000.0)
    assert connected_to(swallowing, answering) == answering, "or it would wait for the first address"


def test_when_the_one_that_answered_is_gone_the_others_have_their_turn(swallowing: int, answering: int) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        port = int(gone.getsockname()[1])
        assert connected_to(port, swallowing, answering) == port
    assert connected_to(port, swallowing, answering) == answering
    assert connected_to(port, swallowing, answering) == answering


def test_when_none_answers_the_most_telling_reason_is_given(swallowing: int, refusing: int) -> None:
    with pytest.raises(TimeoutError):
        connect_to_first([address(swallowing), address(swallowing)], (), 0.02, None)
    for ports in ((refusing, swallowing), (refusing, refusing)):
        with pytest.raises(ConnectionRefusedError):
            connect_to_first([address(port) for port in ports], (), 0.02, None)
    with pytest.raises(ConnectionRefusedError):
        connect_to_first([address(1, "ff02::1"), address(refusing)], (), 0.02, None)


def test_nothing_is_left_open(swallowing: int, answering: int, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[socket.socket] = []

    class Counted(socket.socket):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            if self.family == socket.AF_INET:
                opened.append(self)

    monkeypatch.setattr(socket, "socket", Counted)
    assert connected_to(swallowing, swallowing, answering) == answering
    assert len(opened) == 3
    assert [each.fileno() for each in opened] == [-1, -1, -1]


def test_a_whole_request(serve: Serve, swallowing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(lambda _: [answer({"gitVersion": "v1"})])
    addresses = [address(swallowing), address(server.port)]
    monkeypatch.setattr(kubernetes_client, "resolve_host", lambda *_: addresses)
    cluster = connect(server="http://two.example:6443")
    assert cluster.version() == "v1"
    assert server.requests[0].header("host") == "two.example:6443"
    cluster.close()


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_proxy_with_two_addresses(scheme: str, swallowing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        received: list[bytes] = []

        def hang_up() -> None:
            connection, _ = proxy.accept()
            received.append(connection.recv(7))
            connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        addresses = [address(swallowing), address(proxy.getsockname()[1])]
        monkeypatch.setattr(kubernetes_client, "resolve_host", lambda *_: addresses)
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://proxy.example:3128")
        with pytest.raises(ApiError):
            connect(server="https://two.example", insecure_skip_tls_verify=True).version()
    assert received == [b"CONNECT" if scheme == "http" else b"\x05\x01\x00"]


def test_an_abort_ends_every_attempt(swallowing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes_client, "resolve_host", lambda *_: [address(swallowing)] * 3)
    monkeypatch.setattr(kubernetes_client, "CONNECT_TIMEOUT", WAIT)
    waits, errors = threading.Event(), list[Exception]()
    real = happy_eyeballs._Waker.wait

    def telling(*args: object) -> object:
        if len(args[1]) == 3:  # type: ignore[arg-type]
            waits.set()
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(happy_eyeballs._Waker, "wait", telling)
    cluster = connect(server="http://three.example")

    def ask() -> None:
        try:
            cluster.version()
        except Closed as error:
            errors.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    assert waits.wait(WAIT)
    cluster.close()
    thread.join(WAIT)
    assert len(errors) == 1


class Resolver:
    """Stands for the machine's; numbers are addresses, all else is answered as told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, reply: list[Address] | None) -> None:
        self.asked = 0
        self.reply = reply
        self.answers = threading.Event()
        self._real: Callable[..., object] = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str, *args: object, **kwargs: object) -> object:
        if kwargs.get("flags"):
            return self._real(host, *args, **kwargs)
        self.asked += 1
        if self.reply is None:
            assert self.answers.wait(WAIT)
        return self.reply or []


def test_a_name_without_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver(monkeypatch, [])
    with pytest.raises(ApiError, match=r"The host nowhere\.example cannot be found") as caught:
        connect(server="http://nowhere.example").version()
    assert caught.value.reason == "NameResolution"


def test_name_servers_that_do_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(monkeypatch, None)
    monkeypatch.setattr(happy_eyeballs, "PATIENCE", 0.01)
    for _ in range(3):
        with pytest.raises(ApiError, match=r"name servers do not answer for slow\.example"):
            connect(server="http://slow.example").version()
    assert resolver.asked <= 1, "a look-up that nobody can end is waited for by all who ask the same"
    resolver.answers.set()


def test_what_was_looked_up_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        Resolver(monkeypatch, [address(port)])
        monkeypatch.setattr(happy_eyeballs, "_answered", {})
        for number in range(happy_eyeballs.REMEMBERED + 5):
            happy_eyeballs.resolve_host(f"host{number}.example", port, None)
            others = [address(1 + number), address(port)]
            happy_eyeballs.connect_to_first(others, (), WAIT, None).close()
    wait_until(lambda: not happy_eyeballs._lookups)  # forgotten by the thread that looked it up, once it has told
    assert len(happy_eyeballs._answered) == happy_eyeballs.REMEMBERED


def test_the_one_that_answered_is_first_in_whatever_order_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(happy_eyeballs, "_answered", {})
    orders: list[list[Address]] = []

    def ordering(addresses: list[Address], answered: Address | None) -> list[Address]:
        orders.append(in_order(addresses, answered))
        return orders[-1]

    monkeypatch.setattr(happy_eyeballs, "in_order", ordering)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        lives, dead = address(listener.getsockname()[1]), address(1)
        for addresses in ([dead, lives], [lives, dead], [dead, lives]):
            happy_eyeballs.connect_to_first(addresses, (), WAIT, None).close()
    assert [order[0] for order in orders[1:]] == [lives, lives]


def test_the_zone_of_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def resolver(host: str, *args: object, **kwargs: object) -> object:
        asked.append(host)
        raise socket.gaierror(errno.ENOENT, "no")

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    with pytest.raises(ApiError):
        connect(server="http://[fe80::1%25eth0]:1").version()
    assert set(asked) == {"fe80::1%eth0"}
