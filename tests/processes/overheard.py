"""What an installation says while it runs, kept to be searched: pages, mails, posts, Redis, what it stores."""

from __future__ import annotations

import base64
import contextlib
import io
import re
import socket
import threading
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis
import requests
from django.core import signing

PATIENCE_SECONDS = 40


@dataclass
class Answered:
    """An answer of the desk: what was asked for, and its headers and body in one text."""

    method: str
    path: str
    status: int
    text: str


class Visitor:
    """A browser at a running portal. Keeps every answer, those that only lead on too."""

    def __init__(self, address: str, kept: list[Answered]) -> None:
        self.address, self.session = address, requests.Session()
        self.session.trust_env = False
        self.session.hooks["response"].append(lambda answer, **_: kept.append(_as_text(answer)))

    def get(self, path: str, status: int = 200) -> str:
        """The text of the page, which has to have this status."""
        answer = self.session.get(f"{self.address}{path}", timeout=PATIENCE_SECONDS)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.text

    def post(self, path: str, *statuses: int, **form: Any) -> str:
        """The text of the page that a form leads to, which may say that something in it is wrong."""
        form["csrfmiddlewaretoken"] = self.session.cookies["csrf"]
        answer = self.session.post(f"{self.address}{path}", form, timeout=PATIENCE_SECONDS)
        assert answer.status_code in (statuses or (200, 422)), (path, answer.status_code)
        return answer.text

    def post_json(self, path: str, **body: Any) -> Any:
        """What a page's own script gets for this."""
        headers = {"X-CSRFToken": str(self.session.cookies["csrf"])}
        answer = self.session.post(f"{self.address}{path}", json=body, headers=headers, timeout=PATIENCE_SECONDS)
        return answer.json()


def _as_text(answer: requests.Response) -> Answered:
    # A cookie is for the browser that gets it.
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items() if name != "Set-Cookie")
    path = answer.request.path_url
    body = _unpacked(answer.content) if answer.content.startswith(b"PK") else answer.text
    return Answered(str(answer.request.method), path, answer.status_code, f"{headers}\n\n{body}")


def _unpacked(workbook: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        return "\n".join(parts.read(name).decode(errors="replace") for name in parts.namelist())


def as_read(mail: EmailMessage) -> str:
    """A mail with its headers and every text in it."""
    headers = "\n".join(f"{name}: {value}" for name, value in mail.items())
    texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([headers, *texts])


@contextlib.contextmanager
def listening(address: str) -> Iterator[list[str]]:
    """Every command that Redis gets, with its values."""
    heard: list[str] = []
    parts = urlsplit(address)
    with socket.create_connection((str(parts.hostname), int(parts.port or 6379))) as connection:
        connection.sendall(f"AUTH {parts.password}\r\nMONITOR\r\n".encode())

        def listen() -> None:
            with contextlib.suppress(OSError):
                while said := connection.recv(1 << 20):
                    heard.append(said.decode("latin-1"))

        listener = threading.Thread(target=listen, name="redis monitor")
        listener.start()
        try:
            yield heard
        finally:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            listener.join()


def everything_in_redis(address: str) -> str:
    """All keys with their values, whatever they are."""
    with redis.Redis.from_url(address) as client:
        return "\n".join(f"{key!r} {client.dump(key)!r}" for key in client.scan_iter())


def decoded_bodies(commands: str) -> str:
    """The bodies of Celery's messages in what went to Redis, which are Base64, as they are read."""
    bodies = re.findall(r'body\\*": \\*"([A-Za-z0-9+/=]+)', commands)
    return "\n".join(base64.b64decode(body).decode(errors="replace") for body in bodies)


def sessions_in(dumped: dict[str, str]) -> str:
    """What the sessions in a dump hold: JSON, compressed where that is shorter, and encoded."""
    rows = [row.split("\t")[1].split(":")[0] for row in dumped["django_session"].splitlines()]
    return "\n".join(signing.JSONSerializer().dumps(_session(row)).decode() for row in rows)


def _session(data: str) -> Any:
    decoded = signing.b64_decode(data.removeprefix(".").encode())
    return signing.JSONSerializer().loads(zlib.decompress(decoded) if data.startswith(".") else decoded)


def dump(address: str) -> dict[str, str]:
    """Every table of the database, as `COPY` writes it."""
    tables = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        names = [row[0] for row in cursor.execute(tables).fetchall()]
        found = {}
        for name in names:
            with cursor.copy(f"COPY {name} TO STDOUT".encode()) as rows:
                found[name] = b"".join(bytes(row) for row in rows).decode()
    return found


def files_in(folder: Path) -> str:
    found = [path for path in folder.rglob("*") if path.is_file()]
    return "\n".join(f"{path}\n{path.read_bytes().decode('latin-1')}" for path in found)


@dataclass
class Receiver:
    """A team's receiver of posts: their headers and bodies, and the status that it answers with."""

    port: int = 0
    status: int = 200
    posts: list[str] = field(default_factory=list)


@contextlib.contextmanager
def running_receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            receiver.posts.append(f"{self.headers}\n{body}")
            said = f"no: {self.path}".encode()
            self.send_response(receiver.status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    receiver.port = server.server_port
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
