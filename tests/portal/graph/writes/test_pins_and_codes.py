"""A PIN, a code and a verify token are in no text that leaves this package, whatever Meta says back (fault F44)."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.graph import GraphClient, GraphConfig, GraphError, Meter
from portal.graph.writes import GraphWriter
from tests.portal.graph.conftest import MakeWriter
from tests.portal.graph.writes.actions import (
    ACTIONS,
    APP_ID,
    CALLBACK,
    CODE,
    NUMBER_ID,
    PIN,
    TAKING,
    TOKEN,
    VERIFY_TOKEN,
)
from tests.scripted_graph import Answer, ScriptedGraph, answer, body, graph_error, raw, reset

HYPHENATED = f"{CODE[:3]}-{CODE[3:]}"
SPELLED = quote(VERIFY_TOKEN, safe="")
ESCAPED = VERIFY_TOKEN.replace("/", "\\/")
ECHO = f"pin={PIN}, code {CODE} ({HYPHENATED}) x{PIN}{CODE}x {VERIFY_TOKEN} {SPELLED} {ESCAPED}"

Secretive = Callable[[GraphWriter], object]
SECRETIVE: dict[str, Secretive] = {
    "register": lambda writer: writer.register(NUMBER_ID, token=TOKEN, pin=PIN),
    "set_pin": lambda writer: writer.set_pin(NUMBER_ID, token=TOKEN, pin=PIN),
    "verify_code": lambda writer: writer.verify_code(NUMBER_ID, token=TOKEN, code=CODE),
    "subscribe_webhooks": lambda writer: writer.subscribe_webhooks(
        APP_ID, token=TOKEN, callback_url=CALLBACK, verify_token=VERIFY_TOKEN, fields=["account_update"]
    ),
    "override_of_number": lambda writer: writer.override_of_number(
        NUMBER_ID, token=TOKEN, callback_url=CALLBACK, verify_token=VERIFY_TOKEN
    ),
}
SENTINELS: dict[str, tuple[str, ...]] = {
    "register": (PIN,),
    "set_pin": (PIN,),
    "verify_code": (CODE, HYPHENATED),
    "subscribe_webhooks": (VERIFY_TOKEN, SPELLED, ESCAPED),
    "override_of_number": (VERIFY_TOKEN, SPELLED, ESCAPED),
}
ECHOES: dict[str, Answer] = {
    "everywhere": graph_error(
        133005,
        message=ECHO,
        error_user_title=ECHO,
        error_user_msg=ECHO,
        error_data={"details": ECHO},
        fbtrace_id=ECHO,
    ),
    "in the data": graph_error(136025, message=ECHO, error_data=ECHO),
    "in data as text": graph_error(100, message=ECHO, error_data=json.dumps({"details": ECHO})),
    "in an error that is a text": answer({"error": ECHO}, status=400),
    "in html": body(ECHO.encode(), content_type="text/html"),
    "in a success": answer({"success": False, "pin": PIN, "code": CODE}),
    "in a refusal": body(ECHO.encode(), status=403),
    "in the status line": raw(f"HTTP/9 {ECHO}\r\n\r\n".encode()),
    "in a header": body(b"", status=302, headers={"Location": f"https://evil.example/?pin={PIN}&code={CODE}"}),
    "nowhere": reset(),
}


def told_by(error: BaseException) -> str:
    return f"{error} {error!r} {vars(error)} {error.args} {error.__cause__!r} {error.__context__!r}"


@pytest.mark.parametrize("echoed", ECHOES.values(), ids=ECHOES.keys())
@pytest.mark.parametrize("name", SECRETIVE)
def test_no_pin_no_code_and_no_verify_token_is_in_an_error_or_in_the_log(
    graph: ScriptedGraph, make_writer: MakeWriter, caplog: pytest.LogCaptureFixture, name: str, echoed: Answer
) -> None:
    graph.script(echoed)
    with caplog.at_level(logging.DEBUG, logger="urllib3"), pytest.raises(GraphError) as caught:
        SECRETIVE[name](make_writer(app_secret="app-secret"))

    told = told_by(caught.value) + caplog.text
    assert "urllib3" in caplog.text, "the library's own records are part of this test"
    for sentinel in SENTINELS[name]:
        assert sentinel not in told


def test_the_rest_of_the_message_is_kept(graph: ScriptedGraph, writer: GraphWriter) -> None:
    graph.script(graph_error(133005, message=f"(#133005) PIN {PIN} is not the number's"))

    with pytest.raises(GraphError) as caught:
        writer.register(NUMBER_ID, token=TOKEN, pin=PIN)

    assert caught.value.message == "(#133005) PIN [redacted] is not the number's"


TEXTS = st.text(max_size=20).map(lambda text: text + ECHO) | st.just(ECHO) | st.text(max_size=40)
VALUES: st.SearchStrategy[Any] = st.one_of(
    TEXTS,
    st.none(),
    st.booleans(),
    st.integers(-5, 10**12),
    st.sampled_from([1, 2, 33, 100, 190, 200, 80008, 131045, 133000, 133004, 133005, 133016, 136024, 136025, 200000]),
    st.sampled_from([33, 2388001, 2388091, 2207051, 1349175, 3095008, "136025", 1.5, [], {}, [[]], 10**30]),
    st.dictionaries(st.sampled_from(["details", "messaging_product", "id"]), TEXTS | st.integers() | st.none()),
)
ENVELOPES = st.dictionaries(
    st.sampled_from(
        [
            "message",
            "type",
            "code",
            "error_subcode",
            "error_data",
            "is_transient",
            "error_user_title",
            "error_user_msg",
            "fbtrace_id",
        ]
    ),
    VALUES,
    max_size=9,
)
BODIES = st.one_of(
    ENVELOPES.map(lambda envelope: {"error": envelope}),
    VALUES.map(lambda value: {"error": value}),
    VALUES.map(lambda value: {"success": value}),
    VALUES.map(lambda value: {"id": value}),
    VALUES,
).map(lambda value: json.dumps(value).encode())


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedGraph]:
    with ScriptedGraph() as running:
        yield running


@pytest.fixture(scope="module")
def lasting_writer(server: ScriptedGraph) -> Iterator[GraphWriter]:
    client = GraphClient(GraphConfig(api_url=server.url, retries=3))
    yield GraphWriter(client.transport)
    client.close()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=BODIES | st.binary(max_size=60).map(lambda junk: junk + ECHO.encode()),
    status=st.sampled_from([200, 201, 302, 400, 403, 429, 500, 503]),
    name=st.sampled_from(sorted(ACTIONS)),
)
def test_any_answer_is_done_or_a_typed_error_without_secrets_after_one_request(
    server: ScriptedGraph, lasting_writer: GraphWriter, content: bytes, status: int, name: str
) -> None:
    server.forget()
    server.always(body(content, status=status))
    meter = Meter()
    error = outcome(lambda: ACTIONS[name](lasting_writer, meter))

    assert len(server.requests) == meter.calls == 1
    method = "DELETE" if name in TAKING else "POST"
    assert server.requests[0].method == method
    if error is None:
        assert 200 <= status < 300
        return
    told = told_by(error)
    for sentinel in SENTINELS.get(name, ()):
        assert sentinel not in told
    assert (error.method, error.http_status) == (method, status)
    assert error.effect_possible or error.code is not None, "only Graph's own word is a refusal"


def outcome(act: Callable[[], object]) -> GraphError | None:
    try:
        act()
    except GraphError as error:
        return error
    return None
