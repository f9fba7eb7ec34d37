"""Posting to an address that somebody entered: only to the public internet, bounded, and sure of what it says."""

import socket
import threading
import time
from typing import Any

import pytest

from portal import outgoing


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - only compared
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b:1::7f00:1",
        "fec0::1",
    ],
)
def test_a_name_that_leads_to_a_private_address_is_not_called(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One such address among public ones is enough to refuse."""

    def found(host: str, port: int, **_: Any) -> list[Any]:
        return [(0, 0, 0, "", (one, port)) for one in ("93.184.216.34", address)]

    def connect(*_: Any, **__: Any) -> socket.socket:
        raise AssertionError("It was called.")

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(socket, "create_connection", connect)

    with pytest.raises(outgoing.NotPostedError, match="not on the public internet"):
        outgoing.post("https://hooks.example/", b"{}", {})


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []

    def found(host: str, port: int, **_: Any) -> list[Any]:
        return [(0, 0, 0, "", ("93.184.216.34", port))]

    def connect(target: object, **_: Any) -> socket.socket:
        called.append(target)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(socket, "create_connection", connect)

    with pytest.raises(outgoing.NotPostedError, match=r"hooks\.example can’t be reached"):
        outgoing.post("https://hooks.example/a?b=c", b"{}", {})
    assert called == [("93.184.216.34", 443)]


@pytest.mark.parametrize(("scheme", "error"), [("http", outgoing.AnswerLostError), ("https", outgoing.NotPostedError)])
def test_a_server_that_drips_its_answer_or_its_handshake_is_cut_off(
    scheme: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.4)
    # A record of TLS that is announced as long and never ends; of HTTP, a head that never ends.
    begins = {"http": b"", "https": b"\x16\x03\x03\x3f\xff"}[scheme]
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    connection.sendall(begins)
                    while not stop.wait(0.05):
                        connection.sendall(b"H")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        with pytest.raises(error):
            outgoing.post(f"{scheme}://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, private_too=True)
        took = time.monotonic() - began
        stop.set()
        thread.join()

    assert took < 3
