"""Servers that fail, vanish or dawdle (faults F18 and F19): typed, tried again where that is safe, and on time."""

import json
import socket
import time

import pytest

from portal.graph import GraphClient, GraphConfig, Meter
from portal.graph.errors import DeadlineExceeded, Transient, Unreachable
from tests.portal.graph.conftest import MakeClient
from tests.scripted_graph import (
    Answer,
    ScriptedGraph,
    answer,
    body,
    drip,
    drip_head,
    hang_up,
    number,
    raw,
    reset,
    silence,
    truncated,
)

TOKEN = "EAAscriptedtoken0123456789"
NUMBER_ID = "200000000000001"


def read(client: GraphClient, meter: Meter | None = None) -> None:
    client.phone_number(NUMBER_ID, token=TOKEN, meter=meter)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("content", [b"<html>Bad Gateway</html>", b"", b'{"data": []}'])
def test_a_gateway_page_is_tried_again_until_graph_answers(
    graph: ScriptedGraph, make_client: MakeClient, pauses: list[float], status: int, content: bytes
) -> None:
    graph.script(body(content, status=status), body(content, status=status), answer(number()))
    meter = Meter()

    read(make_client(retries=2), meter)

    assert meter.calls == 3
    assert pauses == [0.5, 1.0]


def test_tries_are_counted_and_the_last_error_is_raised(
    graph: ScriptedGraph, make_client: MakeClient, pauses: list[float]
) -> None:
    graph.always(body(b"", status=503))
    meter = Meter()

    with pytest.raises(Transient) as caught:
        read(make_client(retries=6), meter)

    assert caught.value.http_status == 503
    assert meter.calls == len(graph.requests) == 7
    assert pauses == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_pauses_are_drawn_at_random(graph: ScriptedGraph) -> None:
    graph.always(body(b"", status=503))
    pauses: list[float] = []
    client = GraphClient(GraphConfig(api_url=graph.url, retries=2), sleep=pauses.append, random=lambda: 0.25)

    with pytest.raises(Transient):
        read(client)

    assert pauses == [0.125, 0.25]


@pytest.mark.parametrize("lost", [hang_up(), reset(), truncated(b'{"id": "2', promised=500)])
def test_a_lost_answer_is_asked_for_again(graph: ScriptedGraph, make_client: MakeClient, lost: Answer) -> None:
    graph.script(lost, answer(number()))

    read(make_client(retries=1))

    assert len(graph.requests) == 2


@pytest.mark.parametrize("lost", [hang_up(), reset(), truncated(b'{"id": "2', promised=500)])
def test_a_lost_answer_may_have_been_acted_upon(graph: ScriptedGraph, client: GraphClient, lost: Answer) -> None:
    graph.script(lost)

    with pytest.raises(Unreachable) as caught:
        read(client)

    assert (caught.value.reason, caught.value.sent, caught.value.http_status) == ("closed", True, None)


def test_a_connection_that_died_while_idle_is_replaced(graph: ScriptedGraph, make_client: MakeClient) -> None:
    complete = json.dumps(number()).encode()
    dying = raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(complete), complete), close=True)
    graph.script(dying, answer(number()))
    client = make_client(retries=1)

    read(client)
    read(client)

    assert graph.connections == 2


def test_a_refused_connection_was_never_sent() -> None:
    with ScriptedGraph() as graph:
        address = graph.url
    client = GraphClient(GraphConfig(api_url=address, retries=0))
    meter = Meter()

    with pytest.raises(Unreachable) as caught:
        read(client, meter)

    assert (caught.value.reason, caught.value.sent) == ("refused", False)
    assert meter.calls == 0


def test_a_name_that_cannot_be_looked_up_was_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_name(*_given: object, **_named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", no_name)
    client = GraphClient(GraphConfig(api_url="https://graph.example", retries=0))

    with pytest.raises(Unreachable) as caught:
        read(client)

    assert (caught.value.reason, caught.value.sent) == ("dns", False)


def test_a_server_without_tls_is_not_spoken_to(graph: ScriptedGraph) -> None:
    graph.always(answer(number()))  # a greeting of random bytes has the shape of a request at times
    client = GraphClient(GraphConfig(api_url=graph.url.replace("http:", "https:"), retries=0, read_timeout=2))

    with pytest.raises(Unreachable) as caught:
        read(client)

    assert caught.value.sent is False
    assert "GET" not in [request.method for request in graph.requests]


def test_a_silent_server_is_left_after_the_read_timeout_and_asked_again(
    graph: ScriptedGraph, make_client: MakeClient
) -> None:
    graph.script(silence(30), answer(number()))

    read(make_client(read_timeout=0.5, retries=1))

    assert len(graph.requests) == 2


def test_a_silent_server_is_an_unreachable_one(graph: ScriptedGraph, make_client: MakeClient) -> None:
    graph.script(silence(30))

    with pytest.raises(Unreachable) as caught:
        read(make_client(read_timeout=0.1))

    assert (caught.value.reason, caught.value.sent) == ("timeout", True)


@pytest.mark.parametrize(
    "slow",
    [
        drip(json.dumps(number()).encode(), pause=0.05),
        drip_head(pause=0.05),
        silence(30),
        Answer(lambda: [b"HTTP/1.1 100 Continue\r\n\r\n"] * 1000, pause=0.02),
    ],
    ids=["body", "head", "silence", "endless prelude"],
)
def test_a_call_ends_with_its_total_time_and_is_not_repeated(
    graph: ScriptedGraph, make_client: MakeClient, slow: Answer
) -> None:
    graph.script(slow)
    started = time.monotonic()
    meter = Meter()

    with pytest.raises(DeadlineExceeded) as caught:
        read(make_client(total_timeout=1, read_timeout=10, retries=2), meter)

    assert 0.9 < time.monotonic() - started < 5
    assert caught.value.sent is True
    assert meter.calls == len(graph.requests) == 1


def test_a_call_ends_with_the_deadline_of_the_work_it_belongs_to(graph: ScriptedGraph, make_client: MakeClient) -> None:
    graph.script(drip(json.dumps(number()).encode(), pause=0.05))
    started = time.monotonic()

    with pytest.raises(DeadlineExceeded):
        read(make_client(total_timeout=20), Meter(deadline=started + 0.3))

    assert time.monotonic() - started < 5


def test_no_call_starts_after_the_deadline(graph: ScriptedGraph, client: GraphClient) -> None:
    meter = Meter(deadline=time.monotonic())

    with pytest.raises(DeadlineExceeded) as caught:
        read(client, meter)

    assert caught.value.sent is False
    assert (meter.calls, graph.requests) == (0, [])


def test_no_pause_reaches_beyond_the_deadline(
    graph: ScriptedGraph, make_client: MakeClient, pauses: list[float]
) -> None:
    graph.always(body(b"", status=503))

    with pytest.raises(Transient):
        read(make_client(retries=6), Meter(deadline=time.monotonic() + 3.9))

    assert pauses == [0.5, 1.0, 2.0]


def test_slow_answers_in_time_are_read(graph: ScriptedGraph, make_client: MakeClient) -> None:
    graph.script(drip(json.dumps({"id": NUMBER_ID}).encode(), pause=0.005))

    read(make_client(total_timeout=5))
