"""The port of the page's server."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from nerture.web.server import listen


def test_what_is_written_to_a_page_is_sent_at_once():
    async def served(listening):
        """Return whether a connection that asyncio takes from the port holds back small packets."""
        told = asyncio.get_running_loop().create_future()

        async def take(reader, writer):
            taken = writer.get_extra_info("socket")
            told.set_result(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(take, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            try:
                return not await told
            finally:
                writer.close()

    with ThreadPoolExecutor(1) as thread:  # the tests of the page have a loop of their own in this one
        assert not thread.submit(asyncio.run, served(listen("127.0.0.1", 0))).result()
