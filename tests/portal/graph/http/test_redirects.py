"""Nothing but the configured server is ever asked (fault F21): no redirects, no unasked proxy, no cookies."""

import socket
from pathlib import Path
from typing import Any

import pytest

from portal.graph import GraphClient, Meter
from portal.graph.errors import BadAnswer
from tests.portal.graph.conftest import MakeClient
from tests.scripted_graph import ScriptedGraph, answer, number, redirect

TOKEN = "EAAscriptedtoken0123456789"
NUMBER_ID = "200000000000001"


def read(client: GraphClient, meter: Meter | None = None) -> None:
    client.phone_number(NUMBER_ID, token=TOKEN, meter=meter)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(graph: ScriptedGraph, make_client: MakeClient, status: int) -> None:
    with ScriptedGraph() as elsewhere:
        graph.script(redirect(f"{elsewhere.url}/v25.0/{NUMBER_ID}?access_token={TOKEN}", status=status))

        with pytest.raises(BadAnswer) as caught:
            read(make_client(retries=2))

        assert elsewhere.requests == []
        assert elsewhere.connections == 0
    assert caught.value.http_status == status
    assert len(graph.requests) == 1


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/meta-data/", "http://graph.facebook.com/", "//127.0.0.1/", "", "\x00"]
)
def test_a_redirect_into_the_network_is_not_followed(
    graph: ScriptedGraph, client: GraphClient, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    graph.script(redirect(location))
    connected: list[object] = []
    connect = socket.socket.connect

    def recorded(self: socket.socket, address: Any) -> None:
        connected.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", recorded)

    with pytest.raises(BadAnswer):
        read(client)

    assert connected == [("127.0.0.1", graph.port)]


def test_the_client_itself_takes_no_proxy_or_netrc_from_the_environment(
    graph: ScriptedGraph, client: GraphClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    graph.script(answer(number()))
    with ScriptedGraph() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        read(client)
        assert proxy.connections == 0

    assert graph.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_cookies_are_not_kept(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(answer(number(), headers={"Set-Cookie": "session=1; Path=/"}), answer(number()))

    read(client)
    read(client)

    assert "cookie" not in graph.requests[1].headers
