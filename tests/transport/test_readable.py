"""Whether a connection may have another request, on every machine."""

import select
import socket
from collections.abc import Iterator

import anyio
import pytest
from fake_vendors import LOGIN, alpha, login
from loopback import Loopback
from networks import over_network

from smsgate import Gateway
from smsgate.transport.readable import readable

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture(params=[True, False], ids=["poll", "no-poll"])
def poll(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `select.poll`, and without: on Windows, and where gevent has patched it away."""
    if not request.param:
        monkeypatch.delattr(select, "poll")


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.usefixtures("poll")
def test_what_came_and_the_end(pair: Pair) -> None:
    """Nothing, then a byte, then the end of the stream."""
    ours, theirs = pair
    is_readable = readable(ours)
    assert not is_readable()
    theirs.send(b"x")
    assert is_readable()
    ours.recv(1)
    assert not is_readable()
    theirs.close()
    assert is_readable()


@pytest.mark.usefixtures("poll")
def test_a_socket_that_is_closed(pair: Pair) -> None:
    """Before it is asked for the first time, and after."""
    ours, _ = pair
    is_readable = readable(ours)
    assert not is_readable()
    ours.close()
    assert is_readable()
    assert readable(ours)()


def test_a_number_that_select_cannot_take(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `select.poll`, the connection of such a socket has no second request."""
    monkeypatch.delattr(select, "poll")
    fcntl = pytest.importorskip("fcntl")
    try:
        number = fcntl.fcntl(pair[0].fileno(), fcntl.F_DUPFD, 1024)
    except OSError:
        pytest.skip("this process may not open so many files")
    with socket.socket(fileno=number) as high:
        assert readable(high)()


@pytest.mark.anyio
@pytest.mark.usefixtures("network", "poll")
async def test_a_connection_is_used_again() -> None:
    """Whatever the machine has to look at sockets with, one connection is enough for one send after another."""
    with Loopback.running() as vendor:
        async with Gateway([alpha(url=vendor.url)], templates=[LOGIN], **over_network({})) as gateway:
            for _ in range(3):
                assert (await gateway.send(login())).accepted
                await anyio.sleep(0.01)
    assert (len(vendor.requests), len(vendor.ports)) == (3, 1)


@pytest.mark.anyio
@pytest.mark.usefixtures("network", "poll")
async def test_a_connection_that_was_opened_ahead_is_used() -> None:
    """So too for one that `warm` has opened."""
    with Loopback.running() as vendor:
        async with Gateway([alpha(url=vendor.url)], templates=[LOGIN], **over_network({})) as gateway:
            await gateway.warm()
            assert (await gateway.send(login())).accepted
