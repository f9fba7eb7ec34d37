"""HTTP/1.1 over asyncio, on one thread: connections, keep-alive, latency, and the broken deliveries of faults.

No Graph semantics here. Requests are answered in the order of arrival on their connection; other connections go on.
"""

import asyncio
import re
from typing import cast
from urllib.parse import unquote

from portal.sandbox.controls import faults
from portal.sandbox.controls.endpoints import Practice
from portal.sandbox.controls.faults import Delivery, Fault, Faults
from portal.sandbox.graph import callbacks, webhook_delivery
from portal.sandbox.graph.routes import Graph
from portal.sandbox.http.messages import Reply, Request, Values
from portal.sandbox.http.request_log import RequestLog
from portal.sandbox.world.world import Callback

_LONGEST_HEAD = 65_536
_LONGEST_BODY = 10_000_000
_BACKLOG = 512
_LENGTH = re.compile(r"[0-9]{1,12}")


class Server:
    """A listening practice server. ``latency`` is in seconds, waited before each Graph reply, concurrently.

    ``lose_replies`` carries out every POST and closes the connection without a reply.
    """

    def __init__(
        self,
        graph: Graph,
        faults_in_force: Faults,
        log: RequestLog,
        *,
        latency: float = 0.0,
        lose_replies: bool = False,
    ) -> None:
        self.graph = graph
        self.faults = faults_in_force
        self.log = log
        self.latency = latency
        self.lose_replies = lose_replies
        self.connections: set[Connection] = set()
        self.released = asyncio.Event()
        self.delivery = webhook_delivery.Delivery(graph.world)
        self.practice = Practice(graph, faults_in_force, log, self.delivery, self.release)
        self._listening: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; the port, which is a free one when 0 was asked for. Raises OSError when it is taken."""
        loop = asyncio.get_running_loop()
        self.graph.world.heard = self.delivery.hear
        self.delivery.start()
        self._listening = await loop.create_server(lambda: Connection(self), host, port, backlog=_BACKLOG)
        return int(self._listening.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and sending, and end every connection at once."""
        if self._listening is not None:
            self._listening.close()
        for connection in list(self.connections):
            connection.abort()
        self.graph.world.heard = None
        await self.delivery.stop()
        await asyncio.sleep(0)

    def release(self) -> None:
        """Let every held reply go."""
        self.released.set()
        self.released = asyncio.Event()

    def answer(self, request: Request) -> tuple[Reply, Delivery, Fault | None]:
        """The reply to a Graph request and how to deliver it."""
        rule = self.faults.take(request) if self.faults.rules else None
        if rule is None:
            lost = self.lose_replies and request.method == "POST"
            return self.graph.answer(request), "close" if lost else "whole", None
        reply, delivery = faults.reply_to(rule, request, lambda: self.graph.answer(request))
        return reply, delivery, rule


class Connection(asyncio.Protocol):
    """One client connection."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.buffer = b""
        self.transport: asyncio.Transport | None = None
        self.peer = ""
        self.busy = False
        self.entry: Values | None = None
        self.later: asyncio.TimerHandle | asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.peer = str((transport.get_extra_info("peername") or ("",))[0])
        self.server.connections.add(self)

    def connection_lost(self, _exc: Exception | None) -> None:
        self.transport = None
        self.server.connections.discard(self)
        if self.later is not None:
            self.later.cancel()
        if self.entry is not None:
            self.server.log.close(self.entry, None)

    def abort(self) -> None:
        """End the connection now, whatever is under way."""
        if self.transport is not None:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.busy and self.transport is not None and len(self.buffer) > _LONGEST_HEAD:
            self.transport.pause_reading()
        self._take_requests()

    def _take_requests(self) -> None:
        while not self.busy and self.transport is not None and self.buffer:
            request = self._read()
            if request is None:
                return
            self._answer(request)

    def _read(self) -> Request | None:
        """The next request, when all of it has arrived. Nonsense is refused, and the connection closed."""
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            if len(self.buffer) > _LONGEST_HEAD:
                self._refuse(431)
            return None
        lines = head.decode("latin-1").split("\r\n")
        words = lines[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = headers.get("content-length", "0")
        if len(words) != 3 or not words[2].startswith("HTTP/1.") or not _LENGTH.fullmatch(length):
            self._refuse(400)
        elif "transfer-encoding" in headers:
            self._refuse(411)
        elif int(length) > _LONGEST_BODY:
            self._refuse(413)
        elif len(rest) >= int(length):
            self.buffer = rest[int(length) :]
            if words[2] == "HTTP/1.0":
                headers.setdefault("connection", "close")
            path, _, query = words[1].partition("?")
            return Request(words[0], unquote(path), query, headers, rest[: int(length)], self.peer)
        elif headers.get("expect", "").lower() == "100-continue" and not rest and self.transport is not None:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return None

    def _refuse(self, status: int) -> None:
        self.buffer = b""
        if self.transport is not None:
            self.transport.write(b"".join(Reply(status, {}).encode(close=True)))
            self.transport.close()

    def _answer(self, request: Request) -> None:
        if request.path.startswith("/_practice"):
            self._send(request, self.server.practice.answer(request))
            return
        self.busy = True
        self.entry = self.server.log.open(request)
        callback = callbacks.wished(self.server.graph.world, request)
        if callback is None:
            self._reply(request)
        else:
            self.later = asyncio.get_running_loop().create_task(self._reply_after_handshake(request, callback))

    async def _reply_after_handshake(self, request: Request, callback: Callback) -> None:
        request.handshake_failure = await callbacks.shake_hands(callback)
        self._reply(request)
        self.server.delivery.start()

    def _reply(self, request: Request) -> None:
        reply, way, rule = self.server.answer(request)
        loop = asyncio.get_running_loop()
        if way != "whole":
            self.later = loop.create_task(self._deliver(request, reply, way, rule))
        elif self.server.latency:
            self.later = loop.call_later(self.server.latency, self._finish, request, reply)
        else:
            self._finish(request, reply)

    def _finish(self, request: Request, reply: Reply) -> None:
        """Send a reply whole, and go on with what the client sent meanwhile."""
        self._send(request, reply)
        self._done(reply.status)

    def _done(self, status: int | None) -> None:
        if self.entry is not None:
            self.server.log.close(self.entry, status)
        self.entry = self.later = None
        self.busy = False
        if self.transport is not None and self.buffer:
            self.transport.resume_reading()
            asyncio.get_running_loop().call_soon(self._take_requests)

    def _send(self, request: Request, reply: Reply) -> None:
        if self.transport is None:
            return
        close = request.headers.get("connection", "").lower() == "close"
        self.transport.write(b"".join(reply.encode(with_body=request.method != "HEAD", close=close)))
        if close:
            self.transport.close()

    async def _deliver(self, request: Request, reply: Reply, delivery: Delivery, rule: Fault | None) -> None:
        """Send a reply as a fault wants it: held back, drop by drop, cut short, or not at all."""
        if self.server.latency:
            await asyncio.sleep(self.server.latency)
        if delivery in {"hold", "hold_before"}:
            await self.server.released.wait()
            self._finish(request, self.server.graph.answer(request) if delivery == "hold_before" else reply)
            return
        head, body = reply.encode(close=True)
        if delivery == "drip" and rule is not None:
            self._write(head)
            for place in range(len(body)):
                await asyncio.sleep(rule.seconds_per_byte)
                self._write(body[place : place + 1])
        elif delivery == "truncate" and rule is not None:
            self._write(head + body[: rule.bytes_sent])
        self._done(None if delivery == "close" else reply.status)
        if self.transport is not None:
            self.transport.close()

    def _write(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)
