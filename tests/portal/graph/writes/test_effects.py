"""A change is sent once whatever happens (faults F16, F52, F53), and its error tells whether it may have happened."""

import json
import socket
import threading
import time
from collections.abc import Callable

import pytest

from portal.graph import BadRequest, GraphClient, GraphConfig, GraphError, Meter, Throttled, TokenDead
from portal.graph.errors import BadAnswer, DeadlineExceeded, Transient, UnknownError, Unreachable
from portal.graph.writes import GraphWriter
from tests.portal.graph.conftest import MakeClient, MakeWriter
from tests.portal.graph.writes.actions import ACTIONS, NUMBER_ID, PIN, TOKEN, Act
from tests.scripted_graph import (
    Answer,
    Request,
    ScriptedGraph,
    answer,
    body,
    drip,
    drip_head,
    graph_error,
    hang_up,
    huge,
    number,
    raw,
    redirect,
    reset,
    silence,
    truncated,
)

DONE = json.dumps({"success": True, "id": "200000000000009", "allocation_config_id": "1"}).encode()

LOST: dict[str, tuple[Answer, type[GraphError]]] = {
    "closed at once": (hang_up(), Unreachable),
    "broken off": (reset(), Unreachable),
    "half an answer": (truncated(DONE[:9], promised=len(DONE)), Unreachable),
    "silence": (silence(30), Unreachable),
    "silence in the answer": (drip(DONE, pause=30), Unreachable),
    "not http": (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), BadAnswer),
    "without end": (huge(2**40, promised=True), BadAnswer),
    "redirect": (redirect("/v25.0/elsewhere"), BadAnswer),
    "redirect that keeps the method": (redirect("/v25.0/elsewhere", status=307), BadAnswer),
    "not asked for compression": (body(b"not gzip", headers={"Content-Encoding": "gzip"}), BadAnswer),
    **{
        f"gateway's {status}": (body(b"<html>Bad Gateway</html>", status=status), Transient)
        for status in (500, 502, 503, 504)
    },
    "asked back later": (body(b"", status=503, headers={"Retry-After": "0"}), Transient),
    "gateway's 403": (body(b"<html>Forbidden</html>", status=403), BadAnswer),
    "gateway's 408": (body(b"", status=408), BadAnswer),
    "gateway's 429": (body(b"", status=429, headers={"Retry-After": "0"}), Throttled),
    "gateway's json": (answer({"error": "bad gateway"}, status=400), UnknownError),
    "error without a code": (answer({"error": {"message": "no"}}, status=400), UnknownError),
    "transient 500": (graph_error(2, status=500, is_transient=True), Transient),
    "transient 400": (graph_error(1, status=400), Transient),
    "unknown 500": (graph_error(4711, status=500), UnknownError),
    "unknown 200": (graph_error(4711, status=200), UnknownError),
}


def patience_for(name: str) -> float:
    """Seconds: short for a server that stays silent, longer than any noise on this machine for all others."""
    return 0.1 if name.startswith("silence") else 20


@pytest.mark.parametrize("name", LOST)
@pytest.mark.parametrize("act", ACTIONS.values(), ids=ACTIONS.keys())
def test_what_may_have_happened_is_said_to_be_possible_and_never_sent_again(
    graph: ScriptedGraph, make_writer: MakeWriter, pauses: list[float], act: Act, name: str
) -> None:
    lost, kind = LOST[name]
    graph.script(lost)
    graph.always(body(DONE))
    meter = Meter()

    with pytest.raises(GraphError) as caught:
        act(make_writer(retries=5, read_timeout=patience_for(name)), meter)

    assert type(caught.value) is kind
    assert caught.value.effect_possible
    assert len(graph.requests) == meter.calls == 1
    assert pauses == []


REFUSED: dict[str, Answer] = {
    **{
        f"{code} with HTTP {status}": graph_error(code, status=status, is_transient=True)
        for code in (3, 4, 10, 100, 190, 200, 368, 803, 2500, 80007, 80008, 130429, 131009, 131031)
        for status in (200, 500)
    },
    "hidden": graph_error(100, subcode=33),
    "unknown 400": graph_error(4711, status=400, is_transient=True),
    "unknown 429": graph_error(4711, status=429),
    "unknown 499": graph_error(4711, status=499),
    "nonexisting field": graph_error(100, message="(#100) Tried accessing nonexisting field (pin) on node type (X)"),
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("name", ["register", "add_phone_number"])
def test_what_graph_refused_did_not_happen_and_is_not_sent_again(
    graph: ScriptedGraph, make_writer: MakeWriter, pauses: list[float], name: str, refused: Answer
) -> None:
    graph.script(refused)
    graph.always(body(DONE))

    with pytest.raises(GraphError) as caught:
        ACTIONS[name](make_writer(retries=5), Meter())

    assert not caught.value.effect_possible
    assert len(graph.requests) == 1
    assert pauses == []


@pytest.mark.parametrize("status", [200, 400, 429, 500, 503])
@pytest.mark.parametrize("code", [1, 2, 131000, 131016, 131057, 133004])
def test_a_transient_code_leaves_it_open_whatever_the_http_status(
    graph: ScriptedGraph, writer: GraphWriter, code: int, status: int
) -> None:
    graph.script(graph_error(code, status=status))

    with pytest.raises(Transient) as caught:
        writer.register(NUMBER_ID, token=TOKEN, pin=PIN)

    assert caught.value.effect_possible


@pytest.mark.parametrize("act", ACTIONS.values(), ids=ACTIONS.keys())
def test_a_refused_connection_changes_nothing(act: Act) -> None:
    with ScriptedGraph() as graph:
        address = graph.url
    meter = Meter()

    with pytest.raises(Unreachable) as caught:
        act(GraphWriter(GraphClient(GraphConfig(api_url=address, retries=5)).transport), meter)

    assert (caught.value.reason, caught.value.sent, caught.value.effect_possible) == ("refused", False, False)
    assert meter.calls == 0


def test_a_name_that_cannot_be_looked_up_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def no_name(host: object, *_given: object, **_named: object) -> None:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", no_name)
    writer = GraphWriter(GraphClient(GraphConfig(api_url="https://graph.example", retries=5)).transport)

    with pytest.raises(Unreachable) as caught:
        writer.deregister(NUMBER_ID, token=TOKEN)

    assert (caught.value.reason, caught.value.effect_possible) == ("dns", False)
    assert asked == ["graph.example"]


def test_a_server_that_speaks_no_tls_gets_nothing(graph: ScriptedGraph) -> None:
    graph.always(answer({"success": True}))  # a greeting of random bytes has the shape of a request at times
    writer = GraphWriter(
        GraphClient(GraphConfig(api_url=graph.url.replace("http:", "https:"), retries=5, read_timeout=2)).transport
    )

    with pytest.raises(Unreachable) as caught:
        writer.set_pin(NUMBER_ID, token=TOKEN, pin=PIN)

    assert not caught.value.effect_possible
    assert "POST" not in [request.method for request in graph.requests]
    assert graph.connections == 1


def test_a_handshake_that_outlasts_the_deadline_changes_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"https://127.0.0.1:{deaf.getsockname()[1]}"
        writer = GraphWriter(GraphClient(GraphConfig(api_url=address, retries=5, total_timeout=0.2)).transport)

        with pytest.raises(DeadlineExceeded) as caught:
            writer.deregister(NUMBER_ID, token=TOKEN)

    assert not caught.value.effect_possible


def test_no_change_starts_after_the_deadline(graph: ScriptedGraph, writer: GraphWriter) -> None:
    with pytest.raises(DeadlineExceeded) as caught:
        writer.register(NUMBER_ID, token=TOKEN, pin=PIN, meter=Meter(deadline=time.monotonic()))

    assert not caught.value.effect_possible
    assert graph.connections == 0


@pytest.mark.parametrize(
    "slow", [drip(DONE, pause=0.05), drip_head(pause=0.05), silence(30)], ids=["body", "head", "none"]
)
def test_a_deadline_that_passes_after_sending_leaves_it_open(
    graph: ScriptedGraph, make_writer: MakeWriter, slow: Answer
) -> None:
    graph.script(slow)
    started = time.monotonic()

    with pytest.raises(DeadlineExceeded) as caught:
        make_writer(retries=5).register(NUMBER_ID, token=TOKEN, pin=PIN, meter=Meter(deadline=started + 0.5))

    assert time.monotonic() - started < 5
    assert caught.value.effect_possible
    assert len(graph.requests) == 1


@pytest.mark.parametrize("token", ["", "EAA with a blank", "EAA\r\nX-Evil: 1"])
def test_a_token_that_fits_in_no_header_changes_nothing(graph: ScriptedGraph, writer: GraphWriter, token: str) -> None:
    with pytest.raises(TokenDead) as caught:
        writer.deregister(NUMBER_ID, token=token)

    assert not caught.value.effect_possible
    assert graph.connections == 0


def test_a_change_that_meets_a_connection_dying_under_it_is_left_open(
    graph: ScriptedGraph, make_client: MakeClient
) -> None:
    graph.script(answer(number()), hang_up())
    graph.always(body(DONE))
    client = make_client(retries=5)
    writer = GraphWriter(client.transport)
    client.phone_number(NUMBER_ID, token=TOKEN)

    with pytest.raises(Unreachable) as caught:
        writer.register(NUMBER_ID, token=TOKEN, pin=PIN)

    assert caught.value.effect_possible
    assert [request.method for request in graph.requests] == ["GET", "POST"]
    assert graph.connections == 1


def test_a_reply_that_is_lost_after_meta_did_it_is_settled_by_one_read(
    graph: ScriptedGraph, make_client: MakeClient
) -> None:
    done = threading.Event()

    def do_it_and_vanish(_request: Request) -> Answer:
        done.set()
        return reset()

    graph.script(do_it_and_vanish, lambda _request: answer(number(status="CONNECTED" if done.is_set() else "PENDING")))
    client = make_client(retries=5)
    writer = GraphWriter(client.transport)

    with pytest.raises(Unreachable) as caught:
        writer.register(NUMBER_ID, token=TOKEN, pin=PIN)

    assert caught.value.effect_possible
    assert client.phone_number(NUMBER_ID, token=TOKEN).values["status"] == "CONNECTED"
    assert [request.method for request in graph.requests] == ["POST", "GET"]


@pytest.mark.parametrize(
    "read",
    [
        lambda client: client.phone_number(NUMBER_ID, token=TOKEN),
        lambda client: client.phone_numbers(NUMBER_ID, token=TOKEN),
        lambda client: client.debug_token("EAAother", token=TOKEN),
    ],
    ids=["number", "listing", "token"],
)
def test_a_read_has_no_effect_however_it_fails(
    graph: ScriptedGraph, make_client: MakeClient, read: Callable[[GraphClient], object]
) -> None:
    for name, (lost, _kind) in LOST.items():
        graph.script(lost)
        with pytest.raises(GraphError) as caught:
            read(make_client(read_timeout=patience_for(name)))
        assert not caught.value.effect_possible


def test_a_change_takes_part_in_what_its_work_has_used(graph: ScriptedGraph, writer: GraphWriter) -> None:
    graph.script(graph_error(100, headers={"X-App-Usage": '{"call_count": 96}'}))
    meter = Meter()

    with pytest.raises(BadRequest):
        writer.deregister(NUMBER_ID, token=TOKEN, meter=meter)

    assert meter.usage.app_percent == 96
