"""A small HTTP server on a real socket that answers exactly what a test tells it to, faults included.

It knows nothing of Graph beyond building a few of its bodies: a test says what comes back, request by request, and
reads afterwards what was asked. Every connection has a thread of its own; all of them end with the server.

    with ScriptedGraph() as graph:
        graph.script(page(number("1")), graph_error(190))
        client = GraphClient(GraphConfig(api_url=graph.url))
"""

import contextlib
import gzip
import json
import socket
import ssl
import struct
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived. `target` is the path with its query, untouched; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def fields(self) -> list[str]:
        return self.query["fields"].split(",") if "fields" in self.query else []


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back, as pieces of bytes. With `pause`, so many seconds go by before each piece."""

    pieces: Callable[[], Iterable[bytes]]
    pause: float = 0
    close: bool = False
    """Close the connection afterwards."""
    reset: bool = False
    """Close it with a TCP reset."""


Step = Answer | Callable[[Request], Answer]


def raw(data: bytes, *, close: bool = True) -> Answer:
    """These bytes and nothing else, status line included."""
    return Answer(lambda: [data], close=close)


def body(
    content: bytes,
    *,
    status: int = 200,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """A complete answer with this body."""
    sent = {"Content-Type": content_type, "Content-Length": str(len(content)), **(headers or {})}
    return Answer(lambda: [_head(status, sent) + content])


def answer(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A JSON answer."""
    return body(json.dumps(value).encode(), status=status, headers=headers)


def page(*items: object, after: str | None = None, **paging: object) -> Answer:
    """A page of a listing; with `after` there is a next one."""
    return answer(page_value(*items, after=after, **paging))


def page_value(*items: object, after: str | None = None, **paging: object) -> dict[str, object]:
    """The JSON value of a page."""
    if after is not None:
        following = f"https://graph.facebook.com/next?after={after}"
        paging = {"cursors": {"before": "b", "after": after}, "next": following, **paging}
    return {"data": list(items), "paging": paging} if paging else {"data": list(items)}


def number(phone_number_id: object = "200000000000001", **values: object) -> dict[str, object]:
    """A phone number as Graph lists it."""
    return {
        "id": phone_number_id,
        "display_phone_number": "+1 555-010-0001",
        "verified_name": "Harbor Bakery",
        "code_verification_status": "VERIFIED",
        "quality_rating": "GREEN",
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"},
        "status": "CONNECTED",
        **values,
    }


def graph_error(
    code: object,
    *,
    subcode: object = None,
    message: str = "no",
    status: int = 400,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Answer:
    """An error in Graph's envelope."""
    error: dict[str, object] = {
        "message": message,
        "code": code,
        "type": "OAuthException",
        "fbtrace_id": "AbCdEf",
        **more,
    }
    if subcode is not None:
        error["error_subcode"] = subcode
    return answer({"error": error}, status=status, headers=headers)


def redirect(location: str, *, status: int = 302) -> Answer:
    """A redirect to another address."""
    return body(b"", status=status, headers={"Location": location})


def hang_up() -> Answer:
    """The connection closes with no answer at all."""
    return Answer(list, close=True)


def reset() -> Answer:
    """The connection breaks with no answer at all."""
    return Answer(list, reset=True)


def truncated(content: bytes, *, promised: int) -> Answer:
    """Fewer bytes than the header promised, then the end of the connection."""
    head = _head(200, {"Content-Type": "application/json", "Content-Length": str(promised)})
    return Answer(lambda: [head + content], close=True)


def silence(seconds: float) -> Answer:
    """Nothing for so long, or until the client has gone."""
    return Answer(lambda: [b""], pause=seconds, close=True)


def drip(content: bytes, *, pause: float) -> Answer:
    """A complete head at once, then a byte of the body every `pause` seconds."""
    head = _head(200, {"Content-Type": "application/json", "Content-Length": str(len(content))})
    return Answer(lambda: [head, *_bytes_of(content)], pause=pause)


def drip_head(*, pause: float) -> Answer:
    """A status line and header lines that never end, a byte every `pause` seconds."""
    return Answer(lambda: _bytes_of(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 50), pause=pause)


def huge(size: int, *, promised: bool = False) -> Answer:
    """A body of this many bytes, made while it is sent."""
    length = {"Content-Length": str(size)} if promised else {"Transfer-Encoding": "chunked"}
    head = _head(200, {"Content-Type": "application/json", **length})
    piece = b" " * 65_536

    def pieces() -> Iterator[bytes]:
        yield head
        for _ in range(size // len(piece)):
            yield piece if promised else b"%x\r\n%b\r\n" % (len(piece), piece)
        if not promised:
            yield b"0\r\n\r\n"

    return Answer(pieces, close=True)


def gzipped(content: bytes, *, status: int = 200) -> Answer:
    """A compressed body."""
    return body(gzip.compress(content), status=status, headers={"Content-Encoding": "gzip"})


def gzip_bomb(size: int) -> Answer:
    """A body that decompresses to `size` bytes, a thousandth of that on the wire; only its checksum is missing."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b"0" * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    header = b"\x1f\x8b\x08" + bytes(7)
    return body(header + block * (size // 2**20), headers={"Content-Encoding": "gzip"})


class ScriptedGraph:
    """The server. Answers come from the script in order; a request beyond it gets HTTP 599 and counts as unexpected."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.unexpected: list[Request] = []
        self.connections = 0
        self._steps: deque[Step] = deque()
        self._always: Step | None = None
        self._by_path: dict[str, deque[Step]] = {}
        self._tls = tls
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def script(self, *steps: Step) -> None:
        """The next answers, one per request. A function gets the request and returns its answer."""
        with self._lock:
            self._steps.extend(steps)

    def script_path(self, path: str, *steps: Step) -> None:
        """The next answers for one path (with its version); they go before `script` and `always`."""
        with self._lock:
            self._by_path.setdefault(path, deque()).extend(steps)

    def always(self, step: Step) -> None:
        """The answer for every request that the script has none for."""
        with self._lock:
            self._always = step

    def forget(self) -> None:
        """Drops the script and what was asked so far."""
        with self._lock:
            self._steps.clear()
            self._by_path.clear()
            self._always = None
            self.requests.clear()
            self.unexpected.clear()

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Closes everything; the port refuses connections afterwards."""
        self._stopping.set()
        with self._lock:
            sockets = [self._listener, *self._open]
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def _start(self, work: Callable[..., None], *given: Any) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            self._start(self._serve, connection)

    def _serve(self, plain: socket.socket) -> None:
        connection = plain
        with contextlib.suppress(OSError):
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                connection = self._tls.wrap_socket(plain, server_side=True)
            with connection.makefile("rb") as stream:
                while (request := _read_request(stream)) and self._reply(connection, request):
                    pass
        with self._lock:
            self._open.discard(plain)
        connection.close()

    def _reply(self, connection: socket.socket, request: Request) -> bool:
        step = self._next_step(request)
        reply = step if isinstance(step, Answer) else step(request)
        for piece in reply.pieces():
            if reply.pause and self._stopping.wait(reply.pause):
                return False
            connection.sendall(piece)
        if reply.reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return not (reply.close or reply.reset)

    def _next_step(self, request: Request) -> Step:
        with self._lock:
            self.requests.append(request)
            own = self._by_path.get(request.path)
            if own:
                return own.popleft()
            if self._steps:
                return self._steps.popleft()
            if self._always is not None:
                return self._always
            self.unexpected.append(request)
        return body(b"the script has no answer left", status=599, content_type="text/plain")


def _read_request(stream: Any) -> Request | None:
    first = stream.readline(65_536).decode("latin-1").split()
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    while line := stream.readline(65_536).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(first[0], first[1], headers, stream.read(int(headers.get("content-length", 0))))


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _bytes_of(content: bytes) -> Iterator[bytes]:
    return (content[index : index + 1] for index in range(len(content)))
