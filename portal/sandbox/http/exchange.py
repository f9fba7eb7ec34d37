"""One request over ASGI, and the ways to answer it: whole, byte by byte, cut short, or not at all.

What the answer says, and which way it goes, is decided elsewhere. A request that is too large or of unknown length is
refused here, before its body is read.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from portal.sandbox.http.messages import Reply, Request

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_LONGEST_HEAD = 65_536
_LONGEST_BODY = 10_000_000


class Exchange:
    """A request that has arrived, and its client. ``close`` closes the connection once what was sent is on its way."""

    def __init__(self, request: Request, receive: Receive, send: Send, close: Callable[[], None]) -> None:
        self.request = request
        self._receive = receive
        self._send = send
        self._close = close

    async def reply(self, reply: Reply) -> None:
        """Send a reply whole. The connection stays open unless the client wants it closed."""
        body = reply.encoded()
        await self._start(reply, body)
        await self._send({"type": "http.response.body", "body": body})

    async def reply_cut_short(self, reply: Reply, length: int) -> None:
        """Promise the whole body, send so many bytes of it, and close the connection."""
        body = reply.encoded()
        await self._start(reply, body, closes=True)
        await self._send({"type": "http.response.body", "body": body[:length], "more_body": True})
        await self.drop()

    async def reply_slowly(self, reply: Reply, seconds_per_byte: float) -> bool:
        """Send a reply byte by byte, then close the connection; whether the client stayed to the end."""
        body = reply.encoded()
        await self._start(reply, body, closes=True)
        for place in range(len(body)):
            if await self.client_leaves_within(seconds_per_byte):
                return False
            await self._send({"type": "http.response.body", "body": body[place : place + 1], "more_body": True})
        await self._send({"type": "http.response.body"})
        return True

    async def drop(self) -> None:
        """Close the connection without another byte."""
        self._close()
        await self.client_has_left()

    async def client_leaves_within(self, seconds: float) -> bool:
        """Wait so long, or until the client closes the connection; whether it has."""
        try:
            async with asyncio.timeout(seconds):
                await self.client_has_left()
        except TimeoutError:
            return False
        return True

    async def client_leaves_before(self, event: asyncio.Event) -> bool:
        """Wait for the event, or until the client closes the connection; whether the client came first."""
        leaving = asyncio.ensure_future(self.client_has_left())
        waiting = asyncio.ensure_future(event.wait())
        await asyncio.wait({leaving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        left = leaving.done()
        leaving.cancel()
        waiting.cancel()
        return left

    async def client_has_left(self) -> None:
        """Wait until the connection is closed, by whichever side."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _start(self, reply: Reply, body: bytes, *, closes: bool = False) -> None:
        fields = reply.header_fields(len(body))
        if closes:
            fields.append((b"connection", b"close"))
        await self._send({"type": "http.response.start", "status": reply.status, "headers": fields})


async def read_request(scope: Message, receive: Receive) -> tuple[Request, Reply | None]:
    """The request with its body, and the refusal of one whose body must not be read. Raises ConnectionError."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    request = Request(scope["method"], scope["path"], query, headers, peer=scope["client"][0])
    refusal = _refusal(scope["headers"], headers)
    if refusal is None and "content-length" in headers:
        request.body = await _read_body(receive)
    return request, refusal


def _refusal(fields: list[tuple[bytes, bytes]], headers: dict[str, str]) -> Reply | None:
    if sum(len(name) + len(value) for name, value in fields) > _LONGEST_HEAD:
        status = 431
    elif "transfer-encoding" in headers:
        status = 411
    elif int(headers.get("content-length", "0")) > _LONGEST_BODY:
        status = 413
    else:
        return None
    return Reply(status, {}, [("Connection", "close")])


async def _read_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("the client left before its request had arrived")
        parts.append(message["body"])
        if not message["more_body"]:
            return b"".join(parts)
