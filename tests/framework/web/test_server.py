"""The port, the address and the token of the page's server."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from nerture.errors import ConfigError
from nerture.web.access_token import MIN_CHARACTERS, check_token, make_token
from nerture.web.server import listen, make_address, serve


def test_replies_are_sent_without_delay():
    async def accept_one(listening):
        """Return True if a connection that asyncio accepts on the port delays small packets."""
        no_delay = asyncio.get_running_loop().create_future()

        async def accept(reader, writer):
            connection = writer.get_extra_info("socket")
            no_delay.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(accept, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            try:
                return not await no_delay
            finally:
                writer.close()

    with ThreadPoolExecutor(1) as thread:  # the tests of the page have a loop of their own in this one
        assert not thread.submit(asyncio.run, accept_one(listen("127.0.0.1", 0))).result()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize("token", ["", "short"])
def test_a_token_that_could_be_guessed_is_refused_before_a_port_is_bound(monkeypatch, host, token):
    monkeypatch.setattr("nerture.web.server.listen", lambda *place: pytest.fail("a port was bound"))
    with pytest.raises(ConfigError, match=f"at least {MIN_CHARACTERS} characters"):
        serve(None, host=host, token=token)


def test_a_random_token_is_valid_and_differs_each_time():
    tokens = {make_token() for _ in range(20)}
    assert len(tokens) == 20
    for token in tokens:
        check_token(token)
        assert make_address("127.0.0.1", 80, token) == f"http://127.0.0.1:80/?token={token}"
    assert make_address("127.0.0.1", 80, None) == "http://127.0.0.1:80/"
