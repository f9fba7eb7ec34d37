"""One HTTP/1.1 request from the practice server to an app's callback, over asyncio. What is sent, others decide."""

import asyncio
import ssl
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from socket import socket
from typing import cast
from urllib.parse import urlsplit

USER_AGENT = "facebookexternalua"
"""What Meta's webhook requests call themselves."""

PATIENCE_SECONDS = 10.0
_LONGEST_ANSWER = 1_000_000


class _Received:
    """What came over a connection, in the shape in which the standard library parses it."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> BytesIO:
        return BytesIO(self._raw)


def is_address(url: str) -> bool:
    """Whether this is an address that can be called at all."""
    try:
        parts = urlsplit(url)
        (parts.hostname or "").encode("idna")
        reachable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return reachable and url.isascii() and url.isprintable() and " " not in url


async def ask(method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> tuple[int, bytes]:
    """Status and body of the answer. No redirect is followed. Raises OSError when none comes in time."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    secure = parts.scheme == "https"
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {parts.netloc.rpartition('@')[2]}",
        "Accept: */*",
        "Connection: close",
    ]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "\r\n"]).encode("latin-1")
    async with asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection(
            parts.hostname, parts.port or (443 if secure else 80), ssl=ssl.create_default_context() if secure else None
        )
        try:
            writer.write(head + body)
            await writer.drain()
            received = await _read(reader)
        finally:
            writer.close()
    return _parse(received, method)


async def _read(reader: asyncio.StreamReader) -> bytes:
    received = b""
    while len(received) < _LONGEST_ANSWER and (more := await reader.read(65_536)):
        received += more
    return received


def _parse(received: bytes, method: str) -> tuple[int, bytes]:
    answer = HTTPResponse(cast("socket", _Received(received)), method=method)
    try:
        answer.begin()
        return answer.status, answer.read()
    except HTTPException as error:
        raise OSError(f"the answer is no HTTP ({type(error).__name__})") from error
