"""HTTP as it is on the wire: keep-alive, pipelining, many connections, and nonsense."""

import asyncio
import http.client
import json
import socket
import time
from urllib.parse import urlsplit

import pytest

from tests.portal.sandbox.conftest import Caller, Partner


def talk(caller: Caller, data: bytes) -> bytes:
    """Everything that the server says to these bytes until it closes the connection."""
    address = urlsplit(caller.url)
    with socket.create_connection((str(address.hostname), int(str(address.port))), timeout=5) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        said = b""
        while part := client.recv(65_536):
            said += part
        return said


def request_text(caller: Caller, path: str, *headers: str) -> bytes:
    token = f"Authorization: Bearer {caller.known.system_user_token}"
    return "\r\n".join([f"GET /v25.0/{path} HTTP/1.1", "Host: 127.0.0.1", token, *headers, "", ""]).encode()


def test_a_connection_serves_many_requests(practice: Caller) -> None:
    connection = http.client.HTTPConnection(urlsplit(practice.url).netloc, timeout=5)
    headers = {"Authorization": f"Bearer {practice.known.system_user_token}"}
    sockets = set()
    for _ in range(5):
        connection.request("GET", f"/v25.0/{practice.known.business_id}", headers=headers)
        assert json.loads(connection.getresponse().read())["id"] == practice.known.business_id
        sockets.add(connection.sock)
    assert len(sockets) == 1
    connection.close()


def test_requests_sent_ahead_are_answered_in_order(start: Partner) -> None:
    partner = start(latency=5)
    ids = [waba["id"] for waba in partner.wabas()]
    ahead = b"".join(request_text(partner, waba_id) for waba_id in ids[:-1])
    said = talk_until(partner, ahead + request_text(partner, ids[-1], "Connection: close"))
    assert [said.index(f'"id":"{waba_id}"'.encode()) for waba_id in ids] == sorted(
        said.index(f'"id":"{waba_id}"'.encode()) for waba_id in ids
    )


def talk_until(caller: Caller, data: bytes) -> bytes:
    """Everything that the server says to these bytes, when the last request asks to close the connection."""
    address = urlsplit(caller.url)
    with socket.create_connection((str(address.hostname), int(str(address.port))), timeout=5) as client:
        for letter in range(0, len(data), 100):
            client.sendall(data[letter : letter + 100])
        said = b""
        while part := client.recv(65_536):
            said += part
        return said


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/2.0\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b"431"),
    ],
)
def test_nonsense_is_refused_and_the_connection_closed(practice: Caller, data: bytes, status: bytes) -> None:
    assert talk(practice, data).startswith(b"HTTP/1.1 " + status)


def test_a_body_may_be_json_or_a_form_and_carry_the_token(practice: Caller) -> None:
    url = f"{practice.url}/v25.0/{practice.known.business_id}/nowhere"
    body = {"access_token": practice.known.system_user_token}
    assert practice.session.post(url, json=body, timeout=5).json()["error"]["code"] == 100
    assert practice.session.post(url, data=body, timeout=5).json()["error"]["code"] == 100
    assert practice.session.post(url, data=b"[[[", timeout=5).json()["error"]["code"] == 104


def test_the_latency_of_many_connections_runs_at_the_same_time(start: Partner) -> None:
    partner = start(latency=200)
    address = urlsplit(partner.url)

    async def one(text: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(text)
        said = await reader.read()
        writer.close()
        return said

    async def many() -> list[bytes]:
        text = request_text(partner, partner.known.business_id, "Connection: close")
        return await asyncio.gather(*(one(text) for _ in range(100)))

    begun = time.monotonic()
    replies = asyncio.run(many())
    assert all(reply.startswith(b"HTTP/1.1 200") for reply in replies)
    assert 0.2 <= time.monotonic() - begun < 4
    assert partner.control("GET", "log")["most_in_flight"] > 50


def test_a_client_that_leaves_early_leaves_nothing_in_flight(start: Partner) -> None:
    partner = start(latency=60_000)
    address = urlsplit(partner.url)
    client = socket.create_connection((str(address.hostname), int(str(address.port))), timeout=5)
    client.sendall(request_text(partner, partner.known.business_id))
    while partner.control("GET", "log")["in_flight"] != 1:
        pass
    client.close()
    while partner.control("GET", "log")["in_flight"] != 0:
        pass
    assert partner.control("GET", "log")["requests"][0]["status"] is None
