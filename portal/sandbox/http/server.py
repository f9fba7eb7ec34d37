"""A listening HTTP/1.1 server on one thread: uvicorn's protocol under this package's own handler. No Graph semantics.

Uvicorn reads requests, keeps connections and answers the requests of one connection in their order. Only its protocol
is used, not its program: the server is opened and closed by the loop that it runs on, without signals or waiting.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from portal.sandbox.http.exchange import Exchange, Message, Receive, Send, read_request

Handler: TypeAlias = Callable[[Exchange], Awaitable[None]]

_BACKLOG = 512
_KEEP_ALIVE_SECONDS = 86_400  # a client's idle connection is never closed under it
_CLOSING_SECONDS = 1.0


class Server:
    """Hands each request to ``handler``, which answers it through the exchange."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._state = ServerState()
        self._config = Config(
            self._serve,
            interface="asgi3",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        )
        self._listening: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; the port, which is a free one when 0 was asked for. Raises OSError when it is taken."""
        self._config.load()
        self._listening = await asyncio.get_running_loop().create_server(self._connection, host, port, backlog=_BACKLOG)
        return int(self._listening.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, end every connection at once, and see to it that every handler has ended."""
        if self._listening is not None:
            self._listening.close()
        for connection in list(self._state.connections):
            connection.transport.abort()
        if self._state.tasks:
            _, pending = await asyncio.wait(list(self._state.tasks), timeout=_CLOSING_SECONDS)
            for task in pending:
                task.cancel()
        await asyncio.sleep(0)

    def _connection(self) -> HttpToolsProtocol:
        return HttpToolsProtocol(self._config, self._state, {})

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        """The ASGI application."""

        def close() -> None:
            for connection in self._state.connections:
                if isinstance(connection, HttpToolsProtocol) and connection.client is scope["client"]:
                    connection.transport.close()

        try:
            request, refusal = await read_request(scope, receive)
        except ConnectionError:
            return
        exchange = Exchange(request, receive, send, close)
        if refusal is not None:
            await exchange.reply(refusal)
        else:
            await self._handler(exchange)
