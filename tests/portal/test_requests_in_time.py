"""A request that comes piece by piece is whole at its last byte, not before, and is given a limited time and size."""

import time

import pytest

from portal.requests_in_time import BODY_SECONDS, HEAD_SECONDS, LARGEST_BODY, LARGEST_HEAD, Incoming
from portal.web_worker import lane_of

CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
CHUNKS = CHUNKED + b"3;a=b\r\nabc\r\n10\r\n0\r\n\r\n0\r\n\r\n0\r\n\r\n12\r\n0\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-LENGTH:  5 \r\nX: y\r\n\r\na\r\n\r\n",
        CHUNKS + b"\r\n",
        CHUNKS + b"Trailer: one\r\nTrailer: two\r\n\r\n",
    ],
)
def test_a_request_is_whole_at_its_last_byte(request_: bytes) -> None:
    incoming = Incoming()
    for n, byte in enumerate(request_, 1):
        incoming.add(bytes([byte]))
        assert incoming.is_whole == (n == len(request_)), request_[:n]

    at_once = Incoming()
    at_once.add(request_ + b"GET /the-next HTTP/1.1\r\n")
    assert at_once.is_whole


@pytest.mark.parametrize(
    "wrong", [b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n", b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", b"\r\n"]
)
def test_what_looks_wrong_is_left_to_the_parser(wrong: bytes) -> None:
    incoming = Incoming()
    incoming.add(b"POST / HTTP/1.1\r\n" + wrong)

    assert incoming.is_whole


@pytest.mark.parametrize(
    "huge",
    [
        b"X: " + b"x" * LARGEST_HEAD,
        b"Content-Length: %d\r\n\r\n" % (LARGEST_BODY * 2),
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % (LARGEST_BODY * 2) + b"x" * (LARGEST_BODY + 9),
    ],
)
def test_what_is_too_large_is_not_waited_for(huge: bytes) -> None:
    incoming = Incoming()
    incoming.add(b"POST / HTTP/1.1\r\n" + huge)

    assert incoming.is_too_large
    assert not incoming.is_whole


def test_heads_and_bodies_have_their_time_from_the_first_byte() -> None:
    incoming, now = Incoming(), time.monotonic()
    assert not incoming.is_late(now + 1000), "a browser may connect ahead"

    incoming.add(b"POST / HTTP/1.1\r\n")
    assert not incoming.is_late(now + HEAD_SECONDS - 1)
    assert incoming.is_late(now + HEAD_SECONDS + 1)

    incoming.add(b"Content-Length: 9\r\n\r\n")
    assert not incoming.is_late(now + BODY_SECONDS - 1)
    assert incoming.is_late(now + BODY_SECONDS + 1)


@pytest.mark.parametrize(
    ("method", "path", "lane"),
    [
        ("GET", "/readyz", "health"),
        ("POST", "/webhooks/meta/", "events"),
        ("GET", "/phones/", "pages"),
        ("POST", "/login/", "pages"),
        ("POST", "/account/code/", "pages"),
        ("GET", "/account/sso/login/callback/", "forms"),
        ("POST", "/phones/1/refresh/", "forms"),
    ],
)
def test_what_may_wait_for_meta_has_threads_of_its_own(method: str, path: str, lane: str) -> None:
    assert lane_of(method, path) == lane
