"""A tiny callback of an app, for the tests of webhook events: it takes what comes, and remembers it."""

import hashlib
import hmac
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

PATIENCE = 10.0


@dataclass(frozen=True)
class Delivered:
    """One POST as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    def is_signed(self, secret: str) -> bool:
        """Whether the signature is the one over these very bytes."""
        expected = hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        return self.headers.get("x-hub-signature-256") == f"sha256={expected}"

    @property
    def updates(self) -> list[Any]:
        """Each update: its field and value, with the id and the time of its entry."""
        content = json.loads(self.body)
        assert content["object"] == "whatsapp_business_account"
        return [
            {"entry_id": entry["id"], "time": entry["time"], **change}
            for entry in content["entry"]
            for change in entry["changes"]
        ]


class Receiver:
    """Where events go. ``statuses`` are the answers to the next POSTs; after them it answers 200."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.verify_token = "letmein"
        self.echoes: Callable[[str], tuple[int, str]] = lambda challenge: (200, challenge)
        self.statuses: deque[int] = deque()
        self.handshakes: list[dict[str, list[str]]] = []
        self._posts: list[Delivered] = []
        self._news = threading.Condition()

    def take(self, post: Delivered) -> int:
        """Note a POST; the status to answer."""
        with self._news:
            status = self.statuses.popleft() if self.statuses else 200
            self._posts.append(post)
            self._news.notify_all()
            return status

    def greet(self, query: str) -> tuple[int, str]:
        """The answer to a handshake."""
        asked = parse_qs(query)
        self.handshakes.append(asked)
        if asked.get("hub.mode") != ["subscribe"] or asked.get("hub.verify_token") != [self.verify_token]:
            return 403, "no"
        return self.echoes(asked["hub.challenge"][0])

    def posts(self, at_least: int = 1) -> list[Delivered]:
        """Every POST so far, once there are as many."""
        with self._news:
            assert self._news.wait_for(lambda: len(self._posts) >= at_least, PATIENCE), f"only {len(self._posts)} came"
            return list(self._posts)

    def updates(self, at_least: int = 1) -> list[Any]:
        """Every update so far, once there are as many."""

        def come() -> list[Any]:
            return [update for post in self._posts for update in post.updates]

        with self._news:
            assert self._news.wait_for(lambda: len(come()) >= at_least, PATIENCE), f"only {come()} came"
            return come()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens on loopback."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/webhooks/meta/")
        vars(server)["receiver"] = receiver
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    @property
    def receiver(self) -> Receiver:
        return cast("Receiver", vars(self.server)["receiver"])

    def do_GET(self) -> None:
        status, text = self.receiver.greet(urlsplit(self.path).query)
        self._answer(status, text)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._answer(self.receiver.take(Delivered(self.path, headers, body)), "")

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        return
