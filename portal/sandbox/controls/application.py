"""What the practice server does with a request: the controls, the login dialog and Graph, put together.

Requests to Graph and to the dialog are logged, wait for the latency, and are bent by the faults in force. Controls are
answered at once. All of it runs on one thread, so that no request sees the world half changed by another.
"""

import asyncio

from portal.sandbox.controls.endpoints import Endpoints
from portal.sandbox.controls.faults import Answer, Faults
from portal.sandbox.controls.requested_changes import settle
from portal.sandbox.graph import callbacks, tokens
from portal.sandbox.graph.routes import Graph
from portal.sandbox.graph.webhook_delivery import WebhookDelivery
from portal.sandbox.http.exchange import Exchange
from portal.sandbox.http.messages import Reply, Request
from portal.sandbox.http.request_log import RequestLog
from portal.sandbox.signup import dialog, manager


class Application:
    """The handler of one server's requests. ``latency`` is in seconds, waited before each Graph reply, concurrently.

    ``lose_replies`` carries out every POST and closes the connection without a reply.
    """

    def __init__(self, graph: Graph, *, latency: float = 0.0, lose_replies: bool = False) -> None:
        self._graph = graph
        self._world = graph.world
        self._latency = latency
        self._lose_replies = lose_replies
        self._faults = Faults()
        self._log = RequestLog(self._token_name)
        self._released = asyncio.Event()
        self.delivery = WebhookDelivery(graph.world, settle)
        self._endpoints = Endpoints(graph.world, self._faults, self._log, self.delivery, self._release)

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request."""
        if exchange.request.path.startswith("/_practice"):
            await exchange.reply(self._endpoints.answer(exchange.request))
            return
        entry = self._log.open(exchange.request)
        status = None
        try:
            status = await self._answer(exchange)
        finally:
            self._log.close(entry, status)

    async def _answer(self, exchange: Exchange) -> int | None:
        """Answer a request to Graph or the dialog; the HTTP status, None when the client got no answer."""
        callback = callbacks.wished(self._world, exchange.request)
        if callback is not None:
            exchange.request.handshake_failure = await callbacks.shake_hands(self._world, callback)
        answer = self._answer_of(exchange.request)
        if callback is not None:
            self.delivery.start()
        if self._latency and await exchange.client_leaves_within(self._latency):
            return None
        return await self._deliver(exchange, answer)

    def _answer_of(self, request: Request) -> Answer:
        rule = self._faults.take(request) if self._faults.rules else None
        if rule is not None:
            return rule.answer_to(request, self._carry_out)
        lost = self._lose_replies and request.method == "POST"
        return Answer(self._carry_out(request), "close" if lost else "whole")

    async def _deliver(self, exchange: Exchange, answer: Answer) -> int | None:
        reply = answer.reply
        if answer.way in {"hold", "hold_before"}:
            if await exchange.client_leaves_before(self._released):
                return None
            if answer.way == "hold_before":
                reply = self._carry_out(exchange.request)
        if answer.way == "close":
            await exchange.drop()
            return None
        if answer.way == "drip":
            return reply.status if await exchange.reply_slowly(reply, answer.seconds_per_byte) else None
        if answer.way == "truncate":
            await exchange.reply_cut_short(reply, answer.bytes_sent)
        else:
            await exchange.reply(reply)
        return reply.status

    def _carry_out(self, request: Request) -> Reply:
        """Do what a request asks for; its reply."""
        settle(self._world)
        page = dialog.answer(self._world, request) or manager.answer(self._world, request)
        return page or self._graph.answer(request)

    def _token_name(self, request: Request) -> str | None:
        token = tokens.find(self._world, tokens.presented(request)[0])
        return None if token is None else token.name

    def _release(self) -> None:
        """Let every held reply go."""
        self._released.set()
        self._released = asyncio.Event()
