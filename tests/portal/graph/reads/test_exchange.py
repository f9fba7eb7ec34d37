"""A signup's code for a token: sent once, without a token, and no secret of it is in any text."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from portal.graph import (
    BadRequest,
    BusinessToken,
    CodeExpired,
    CodeNotForUs,
    CodeUsed,
    GraphClient,
    GraphConfig,
    GraphError,
    Meter,
    Throttled,
    TokenDead,
)
from portal.graph.errors import BadAnswer, DeadlineExceeded, Transient, UnknownError, Unreachable
from portal.graph.writes import GraphWriter
from portal.logs import redact
from tests.portal.graph.conftest import MakeClient
from tests.portal.graph.writes.test_effects import LOST, patience_for
from tests.portal.graph.writes.test_pins_and_codes import told_by
from tests.scripted_graph import Answer, ScriptedGraph, answer, body, graph_error, raw, reset, silence

APP_ID = "400000000000001"
APP_SECRET = "SECRETSENTINEL0123456789"
CODE = "AQDcodesentinel-_0123456789/+=%#,"
TOKEN = "EAAfreshsentinel0123456789"
PATH = "/v25.0/oauth/access_token"
DONE = answer({"access_token": TOKEN, "token_type": "bearer"})

ESCAPED = CODE.replace("/", r"\/")
SECRETS = (APP_SECRET, CODE, quote(CODE, safe=""), quote(CODE, safe=","), ESCAPED, TOKEN)
ECHO = " ".join(SECRETS) + f" https://graph.facebook.com{PATH}?client_id=1&client_secret={APP_SECRET}&code={CODE}"


def exchange(client: GraphClient, meter: Meter | None = None) -> BusinessToken:
    return client.exchange_code(app_id=APP_ID, app_secret=APP_SECRET, code=CODE, meter=meter)


def test_a_code_is_exchanged_by_one_get_without_a_token(graph: ScriptedGraph, make_client: MakeClient) -> None:
    graph.script(DONE)
    meter = Meter()

    business = exchange(make_client(app_secret=APP_SECRET), meter)

    (request,) = graph.requests
    assert (request.method, request.path, request.body) == ("GET", PATH, b"")
    sent = parse_qsl(urlsplit(request.target).query)
    assert sent == [("client_id", APP_ID), ("client_secret", APP_SECRET), ("code", CODE)]
    assert "authorization" not in request.headers
    assert (business.token, business.expires_in) == (TOKEN, None)
    assert meter.calls == 1


def test_the_portals_logs_would_know_the_secrets_of_the_address(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(DONE)

    exchange(client)

    shown = redact(graph.requests[0].target) + redact(urlsplit(graph.requests[0].target).query)
    assert APP_SECRET not in shown
    assert quote(CODE, safe=",") not in shown


@pytest.mark.parametrize(
    ("said", "expires_in"),
    [
        (5183944, timedelta(seconds=5183944)),
        ("5183944", timedelta(seconds=5183944)),
        (0, None),
        (None, None),
        (-1, None),
        (True, None),
        (10**30, None),
        ("9" * 5000, None),
        ("soon", None),
        (1.5, None),
        ({}, None),
    ],
)
def test_how_long_the_token_lives_is_told_at_times(
    graph: ScriptedGraph, client: GraphClient, said: object, expires_in: timedelta | None
) -> None:
    graph.script(answer({"access_token": TOKEN, "expires_in": said}))

    assert exchange(client).expires_in == expires_in


def test_no_representation_shows_the_token() -> None:
    assert TOKEN not in repr(BusinessToken(TOKEN, None))


REFUSED: dict[str, tuple[Answer, type[GraphError], str]] = {
    "expired": (graph_error(100, subcode=36007), CodeExpired, "signup_code_expired"),
    "used": (graph_error(100, subcode=36009), CodeUsed, "signup_code_used"),
    "with a redirect": (graph_error(100, subcode=36008), CodeNotForUs, "signup_code_foreign"),
    "wrong app id": (graph_error(101, message="Error validating application."), CodeNotForUs, "signup_code_foreign"),
    "wrong app id with a subcode": (graph_error(101, subcode=1), CodeNotForUs, "signup_code_foreign"),
    "wrong secret": (graph_error(1, message="Error validating client secret."), CodeNotForUs, "signup_code_foreign"),
    "another subcode": (graph_error(100, subcode=36000), BadRequest, "bad_request"),
    "no code at all": (graph_error(100, message="Invalid verification code format."), BadRequest, "bad_request"),
    "throttled": (graph_error(4, status=403), Throttled, "throttled"),
    "unknown 400": (graph_error(4711), UnknownError, "unknown"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_each_refusal_is_an_error_of_its_own_and_final(
    graph: ScriptedGraph, make_client: MakeClient, pauses: list[float], name: str
) -> None:
    refused, kind, key = REFUSED[name]
    graph.script(refused)
    meter = Meter()

    with pytest.raises(GraphError) as caught:
        exchange(make_client(retries=5), meter)

    error = caught.value
    assert (type(error), error.kind, error.effect_possible) == (kind, key, False)
    assert (error.method, error.path) == ("GET", PATH)
    assert meter.calls == len(graph.requests) == 1
    assert pauses == []


def test_only_the_exchange_knows_these_codes_of_an_app(graph: ScriptedGraph, writer: GraphWriter) -> None:
    graph.script(graph_error(101), graph_error(1, message="Error validating client secret."))

    with pytest.raises(UnknownError):
        writer.deregister("1", token=TOKEN)
    with pytest.raises(Transient):
        writer.deregister("1", token=TOKEN)


@pytest.mark.parametrize("name", LOST)
def test_a_code_whose_answer_is_lost_may_be_used_up_and_is_not_sent_again(
    graph: ScriptedGraph, make_client: MakeClient, pauses: list[float], name: str
) -> None:
    lost, kind = LOST[name]
    graph.script(lost)
    graph.always(DONE)

    with pytest.raises(GraphError) as caught:
        exchange(make_client(retries=5, read_timeout=patience_for(name)))

    assert type(caught.value) is kind
    assert caught.value.effect_possible
    assert len(graph.requests) == 1
    assert pauses == []


def test_a_deadline_that_passes_after_sending_leaves_it_open(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(silence(30))

    with pytest.raises(DeadlineExceeded) as caught:
        exchange(client, Meter(deadline=time.monotonic() + 0.3))

    assert caught.value.effect_possible


def test_what_was_never_sent_used_nothing_up(graph: ScriptedGraph, client: GraphClient) -> None:
    with pytest.raises(DeadlineExceeded) as late:
        exchange(client, Meter(deadline=time.monotonic()))
    with ScriptedGraph() as gone:
        address = gone.url
    with pytest.raises(Unreachable) as refused:
        exchange(GraphClient(GraphConfig(api_url=address, retries=5)))

    assert not late.value.effect_possible
    assert not refused.value.effect_possible
    assert graph.connections == 0


NO_TOKEN: dict[str, object] = {
    "nothing": {},
    "a list": [],
    "no text": {"access_token": 7},
    "null": {"access_token": None},
    "empty": {"access_token": ""},
    "two words": {"access_token": f"{TOKEN} {TOKEN}"},
    "not ASCII": {"access_token": f"{TOKEN}ü"},
    "a line break": {"access_token": f"{TOKEN}\r\nX-Evil: 1"},
    "too long": {"access_token": "E" * 5000},
    "another name": {"token": TOKEN, "customer": "tokenwithoutfamiliarlook"},
    "a list of tokens": {"access_token": [TOKEN]},
    "the old form": f"access_token={TOKEN}&expires=5183944",
}


@pytest.mark.parametrize("said", NO_TOKEN.values(), ids=NO_TOKEN.keys())
def test_an_answer_without_a_usable_token_is_a_bad_one_and_nothing_of_it_is_shown(
    graph: ScriptedGraph, client: GraphClient, said: object
) -> None:
    graph.script(answer(said))

    with pytest.raises(BadAnswer) as caught:
        exchange(client)

    assert caught.value.effect_possible
    assert caught.value.excerpt == ""
    told = told_by(caught.value)
    assert TOKEN not in told
    assert "familiar" not in told


ECHOES: dict[str, Answer] = {
    "everywhere": graph_error(
        100,
        subcode=36009,
        message=ECHO,
        error_user_title=ECHO,
        error_user_msg=ECHO,
        error_data={"details": ECHO},
        fbtrace_id=CODE,
    ),
    "in html": body(ECHO.encode(), content_type="text/html"),
    "in a refusal": body(ECHO.encode(), status=403),
    "in a success": answer({"access_token": "", "echo": ECHO}),
    "in the status line": raw(f"HTTP/9 {ECHO}\r\n\r\n".encode()),
    "in a broken header": raw(f"HTTP/1.1 200 OK\r\n{ECHO}\r\nContent-Length: 2\r\n\r\n{{}}".encode()),
    "in a redirect": body(b"", status=302, headers={"Location": f"https://evil.example/?code={quote(CODE)}"}),
    "nowhere": reset(),
}


@pytest.mark.parametrize("echoed", ECHOES.values(), ids=ECHOES.keys())
def test_no_secret_of_an_exchange_is_in_an_error_or_in_the_log(
    graph: ScriptedGraph, client: GraphClient, caplog: pytest.LogCaptureFixture, echoed: Answer
) -> None:
    graph.script(echoed)
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="urllib3")
    with pytest.raises(GraphError) as caught:
        exchange(client)

    told = told_by(caught.value) + caplog.text
    assert "urllib3" in caplog.text, "the library's own records are part of this test"
    for secret in SECRETS:
        assert secret not in told


def test_no_secret_is_in_what_is_said_of_a_server_that_cannot_be_reached(caplog: pytest.LogCaptureFixture) -> None:
    with ScriptedGraph() as gone:
        address = gone.url
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="urllib3")
    with pytest.raises(Unreachable) as caught:
        exchange(GraphClient(GraphConfig(api_url=address)))

    told = told_by(caught.value) + caplog.text
    assert not [secret for secret in SECRETS if secret in told]
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"app_id": ""},
        {"app_id": "me"},
        {"app_id": "1&x=2"},
        {"app_secret": ""},
        {"app_secret": "two words"},
        {"app_secret": f"{APP_SECRET}\ud800"},
        {"code": ""},
        {"code": f"{CODE} {CODE}"},
        {"code": f"{CODE}\n"},
        {"code": f"{CODE}\ud800"},
        {"code": "A" * 5000},
    ],
    ids=repr,
)
def test_what_can_be_no_code_is_refused_unsent_and_unrepeated(
    graph: ScriptedGraph, client: GraphClient, wrong: dict[str, str]
) -> None:
    given = {"app_id": APP_ID, "app_secret": APP_SECRET, "code": CODE, **wrong}

    with pytest.raises(ValueError, match=r"\.\Z") as caught:
        client.exchange_code(app_id=given["app_id"], app_secret=given["app_secret"], code=given["code"])

    told = told_by(caught.value)
    assert APP_SECRET not in told
    assert CODE not in told
    assert graph.connections == 0


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.debug_token("EAA\ud800", token=TOKEN),
        lambda client: client.debug_token("", token=TOKEN),
        lambda client: client.debug_token("two words", token=TOKEN),
    ],
)
def test_what_can_be_no_token_is_not_inspected(
    graph: ScriptedGraph, client: GraphClient, ask: Callable[[GraphClient], object]
) -> None:
    with pytest.raises(ValueError, match="token"):
        ask(client)

    assert graph.connections == 0


def test_a_dead_token_has_nothing_to_do_with_an_exchange(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(graph_error(190))

    with pytest.raises(TokenDead) as caught:
        exchange(client)

    assert not caught.value.effect_possible
