"""What has come of a request so far, and whether it is whole. Pure; gunicorn's parser judges what is in it.

Only as much of HTTP is understood as tells where the body ends (RFC 9112, 6 and 7.1). What looks wrong counts as whole:
the parser refuses it.
"""

import re
import time
from dataclasses import dataclass, field

LARGEST_HEAD = 64 * 1024
# Meta's deliveries have up to 3 MB, and the receiver takes 4 MiB.
LARGEST_BODY = 5 * 1024 * 1024
HEAD_SECONDS = 10.0
BODY_SECONDS = 30.0

_LINE = re.compile(rb"([A-Za-z]+) (\S+)")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*(?=\r\n|\Z)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked[ \t]*(?=\r\n|\Z)", re.IGNORECASE)
_WAITS_TO_BE_ASKED = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n|\Z)", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Incoming:
    """The bytes of one request, and when the first of them was here. `since` is a `time.monotonic()` value."""

    since: float = field(default_factory=time.monotonic)
    received: bytearray = field(default_factory=bytearray)
    method: str = ""
    path: str = ""
    is_whole: bool = False
    is_too_large: bool = False
    waits_to_be_asked: bool = False
    """Whether the client sends its body only once it is asked to (Expect: 100-continue)."""
    _head: int = -1
    _ends: int | None = None
    """Where the body ends; None for one in chunks."""
    _chunk: int = 0

    def add(self, data: bytes) -> None:
        """Take what has come, and look anew."""
        if not self.received:
            self.since = time.monotonic()
        searched = max(len(self.received) - 3, 0)
        self.received += data
        if self._head < 0:
            self._head = self.received.find(b"\r\n\r\n", searched)
            if self._head < 0:
                self.is_too_large = len(self.received) > LARGEST_HEAD
                return
            self._read_head(bytes(self.received[: self._head]))
        self._look()

    def is_late(self, now: float) -> bool:
        """Whether a request that has begun to come takes too long to."""
        return bool(self.received) and now > self.since + (HEAD_SECONDS if self._head < 0 else BODY_SECONDS)

    def _read_head(self, head: bytes) -> None:
        if found := _LINE.match(head):
            self.method, self.path = found[1].decode(), found[2].decode("latin-1").partition("?")[0]
        self._chunk = self._head + 4
        if not _CHUNKED.search(head):
            length = _LENGTH.search(head)
            self._ends = self._chunk + (int(length[1]) if length else 0)
        self.waits_to_be_asked = bool(_WAITS_TO_BE_ASKED.search(head))

    def _look(self) -> None:
        if self._ends is None:
            self.is_whole = self._last_chunk_is_here()
            size = len(self.received)
        else:
            self.is_whole = len(self.received) >= self._ends
            size = self._ends
        self.is_too_large = not self.is_whole and size - self._head > LARGEST_BODY

    def _last_chunk_is_here(self) -> bool:
        while (line := self.received.find(b"\r\n", self._chunk)) >= 0:
            try:
                size = int(bytes(self.received[self._chunk : line]).partition(b";")[0], 16)
            except ValueError:
                return True
            if size <= 0:
                is_bare = self.received[line + 2 : line + 4] == b"\r\n"
                return size < 0 or is_bare or self.received.find(b"\r\n\r\n", line) >= 0
            if len(self.received) < line + 2 + size + 2:
                return False
            self._chunk = line + 2 + size + 2
        return False
