"""Calls go through the configured proxy, still encrypted from end to end, and its password is told to nobody else."""

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from django.conf import settings as project
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from portal.graph import GraphClient, GraphConfig
from portal.graph.errors import Unreachable
from portal.graph.http.proxies import proxy_to
from tests.portal.graph.http.test_tls import authority, tls_graph
from tests.scripted_graph import ScriptedGraph, answer, number, raw

__all__ = ["authority", "tls_graph"]

NUMBER_ID = "200000000000001"
TOKEN = "EAAscriptedtoken0123456789"
StartGraph = Callable[[str], tuple[ScriptedGraph, Path]]


class Tunnels:
    """A proxy that does what CONNECT asks for. `heads` are the requests to it."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            head = client.recv(65_536).decode()
            self.heads.append(head)
            host, _, port = head.split()[1].partition(":")
            server = socket.create_connection((host, int(port)))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while piece := source.recv(65_536):
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


@pytest.fixture
def tunnels() -> Iterator[Tunnels]:
    with Tunnels() as proxy:
        yield proxy


def client_of(graph: ScriptedGraph, certificate: Path, **config: Any) -> GraphClient:
    address = f"https://localhost:{graph.port}"
    return GraphClient(GraphConfig(api_url=address, ca_bundle=str(certificate), retries=0, **config))


def test_a_call_goes_through_the_proxy_which_learns_the_host_and_its_own_password_only(
    tls_graph: StartGraph,
    tunnels: Tunnels,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    graph, certificate = tls_graph("localhost")
    graph.script(answer(number()), answer(number()))
    client = client_of(graph, certificate, proxy=f"http://desk:hunter2@{tunnels.address}")

    for _ in range(2):
        assert client.phone_number(NUMBER_ID, token=TOKEN).values["status"] == "CONNECTED"

    assert len(tunnels.heads) == 1, "one tunnel, kept open"
    assert tunnels.heads[0].startswith(f"CONNECT localhost:{graph.port} HTTP/1.")
    assert "proxy-authorization: Basic ZGVzazpodW50ZXIy" in tunnels.heads[0].replace("Proxy-A", "proxy-a")
    assert TOKEN not in tunnels.heads[0]
    assert "proxy-authorization" not in graph.requests[0].headers
    assert "hunter2" not in caplog.text
    assert "ZGVzazpodW50ZXIy" not in caplog.text


def test_a_proxy_that_refuses_is_named_and_its_password_is_not(tls_graph: StartGraph) -> None:
    graph, certificate = tls_graph("localhost")
    with ScriptedGraph() as proxy:
        proxy.always(raw(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"))
        client = client_of(graph, certificate, proxy=f"http://desk:hunter2@127.0.0.1:{proxy.port}")
        with pytest.raises(Unreachable) as caught:
            client.phone_number(NUMBER_ID, token=TOKEN)

    assert (caught.value.reason, caught.value.sent) == ("proxy", False)
    assert "proxy" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert graph.requests == []


@pytest.mark.parametrize(
    ("no_proxy", "goes_through"),
    [
        ("", True),
        ("*", False),
        ("graph.facebook.com", False),
        ("internal.example, .facebook.com", False),
        ("facebook.com", False),
        ("notfacebook.com,book.com", True),
        ("graph.facebook.com:443", False),
        ("graph.facebook.com:8443", True),
        ("10.0.0.0/8", True),
    ],
)
def test_no_proxy_names_hosts_that_are_called_without_it(no_proxy: str, goes_through: bool) -> None:
    found = proxy_to("https://graph.facebook.com", "proxy.example.com:3128", no_proxy)

    assert found == ("http://proxy.example.com:3128" if goes_through else "")


@pytest.mark.parametrize(
    ("proxy", "ids"),
    [
        ("socks5://desk:hunter2@proxy:1080", ["numberdesk.E013"]),
        ("http://desk:hunter2€@proxy:3128", ["numberdesk.E013"]),
        ("http://desk:hunter2@proxy.example.com:3128", []),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(
    proxy: str, ids: list[str], settings: Settings
) -> None:
    settings.HTTPS_PROXY = proxy

    found = run_checks()

    assert [message.id for message in found if message.id == "numberdesk.E013"] == ids
    assert "hunter2" not in str(found)


def test_check_says_at_start_that_the_proxy_of_the_environment_cannot_be_used(
    tmp_path: Path, settings: Settings
) -> None:
    proxy = "socks5://desk:hunter2@proxy:1080"
    done = subprocess.run(
        [sys.executable, "-c", "import portal.settings; print(portal.settings.HTTPS_PROXY)"],
        cwd=project.BASE_DIR,
        env={"PATH": os.environ["PATH"], "STATE_DIR": str(tmp_path), "https_proxy": proxy},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (done.stdout.strip(), done.returncode) == (proxy, 0), done.stderr
    settings.HTTPS_PROXY = proxy

    with pytest.raises(SystemCheckError, match=r"numberdesk\.E013") as said:
        call_command("check")

    assert "hunter2" not in str(said.value)
