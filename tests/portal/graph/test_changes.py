"""What goes to Graph when something is to change there, what counts as done, and what is never sent."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from portal.graph import BadAnswer, GraphClient, Meter
from portal.graph.changes import Change, register, verify_code
from portal.graph.verdicts import Call
from tests.portal.graph.actions import ACTIONS, CODE, NUMBER_ID, PIN, TOKEN, WABA_ID, Act
from tests.portal.graph.conftest import MakeClient
from tests.scripted_graph import Answer, ScriptedGraph, answer, body, page, raw

NUMBER, WABA = f"/v25.0/{NUMBER_ID}", f"/v25.0/{WABA_ID}"
DONE = answer({"success": True, "id": "200000000000009"})

SENT: dict[str, tuple[str, dict[str, object]]] = {
    "register": (f"{NUMBER}/register", {"messaging_product": "whatsapp", "pin": PIN}),
    "set_pin": (NUMBER, {"pin": PIN}),
    "request_code": (f"{NUMBER}/request_code", {"code_method": "SMS", "language": "en_US"}),
    "verify_code": (f"{NUMBER}/verify_code", {"code": CODE}),
    "request_display_name": (NUMBER, {"new_display_name": "Harbor Bakery"}),
    "add_phone_number": (
        f"{WABA}/phone_numbers",
        {"cc": "1", "phone_number": "5550100001", "verified_name": "Harbor Bakery"},
    ),
}


@pytest.mark.parametrize("name", SENT)
def test_a_change_is_one_post_with_a_json_body(graph: ScriptedGraph, client: GraphClient, name: str) -> None:
    graph.script(DONE)
    meter = Meter()

    ACTIONS[name](client, meter)

    path, sent = SENT[name]
    (request,) = graph.requests
    assert (request.method, request.target) == ("POST", path)
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == sent
    assert meter.calls == 1


def test_a_deregistration_is_one_post_without_a_body(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(DONE)

    client.deregister(NUMBER_ID, token=TOKEN)

    (request,) = graph.requests
    assert (request.method, request.target, request.body) == ("POST", f"{NUMBER}/deregister", b"")
    assert request.headers["content-length"] == "0"
    assert "transfer-encoding" not in request.headers


@pytest.mark.parametrize("act", ACTIONS.values(), ids=ACTIONS.keys())
def test_the_token_travels_in_the_header_and_its_proof_in_the_query(
    graph: ScriptedGraph, make_client: MakeClient, act: Act
) -> None:
    graph.script(DONE)

    act(make_client(app_secret="app-secret"), Meter())

    (request,) = graph.requests
    proof = hmac.new(b"app-secret", TOKEN.encode(), hashlib.sha256).hexdigest()
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.query == {"appsecret_proof": proof}
    assert TOKEN.encode() not in request.body


def sent_by(graph: ScriptedGraph, act: Callable[[], object]) -> Any:
    graph.script(DONE)
    act()
    return json.loads(graph.requests[-1].body)


def test_a_region_is_sent_when_there_is_one(graph: ScriptedGraph, client: GraphClient) -> None:
    sent = sent_by(graph, lambda: client.register(NUMBER_ID, token=TOKEN, pin="000000", data_localization_region="DE"))

    assert sent == {"messaging_product": "whatsapp", "pin": "000000", "data_localization_region": "DE"}


def test_a_code_can_come_by_a_call(graph: ScriptedGraph, client: GraphClient) -> None:
    sent = sent_by(graph, lambda: client.request_code(NUMBER_ID, token=TOKEN, code_method="VOICE", language="de"))

    assert sent == {"code_method": "VOICE", "language": "de"}


def test_a_name_goes_out_in_whatever_script_it_is_written(graph: ScriptedGraph, client: GraphClient) -> None:
    name = "کافه\N{ZERO WIDTH NON-JOINER}ها 👩\N{ZERO WIDTH JOINER}🍳 “Håfen” \\ & Söhne"

    sent = sent_by(graph, lambda: client.request_display_name(NUMBER_ID, token=TOKEN, new_display_name=name))

    assert sent == {"new_display_name": name}


def test_a_number_can_be_moved_or_come_from_the_pool(graph: ScriptedGraph, client: GraphClient) -> None:
    sent = sent_by(
        graph,
        lambda: client.add_phone_number(
            WABA_ID,
            token=TOKEN,
            cc="49",
            phone_number="30123456",
            verified_name="Hafen",
            migrate_phone_number=True,
            preverified_id="500000000000001",
        ),
    )

    assert sent == {
        "cc": "49",
        "phone_number": "30123456",
        "verified_name": "Hafen",
        "migrate_phone_number": True,
        "preverified_id": "500000000000001",
    }


@pytest.mark.parametrize(
    ("said", "found"), [("200000000000009", "200000000000009"), (9007199254740993, "9007199254740993")]
)
def test_an_added_number_has_a_new_id(graph: ScriptedGraph, client: GraphClient, said: object, found: str) -> None:
    graph.script(answer({"id": said}))

    assert ACTIONS["add_phone_number"](client, Meter()) == found


@pytest.mark.parametrize(
    "done",
    [
        answer({"success": True}),
        answer({"success": "true"}),
        answer({"success": True, "id": NUMBER_ID}),
        body(b"true"),
        body(b'"true"'),
        answer({"success": True}, status=201),
    ],
    ids=["true", "text", "with an id", "bare", "bare text", "201"],
)
def test_what_meta_says_when_it_is_done_is_understood(graph: ScriptedGraph, client: GraphClient, done: Answer) -> None:
    for name in ACTIONS.keys() - {"add_phone_number"}:
        graph.script(done)
        ACTIONS[name](client, Meter())


NOT_DONE = {
    "false": answer({"success": False}),
    "null": answer({"success": None}),
    "another word": answer({"success": "yes"}),
    "a number": answer({"success": 1}),
    "an object": answer({"success": {}}),
    "an empty object": answer({}),
    "an empty array": answer([]),
    "a listing": page({"id": "me"}),
    "an id with a fraction": answer({"id": 2.5}),
    "nothing": body(b""),
    "html": body(b"<html>Sign in</html>", content_type="text/html"),
    "cut off": body(b'{"success": tru'),
    "twice": body(b'{"success": false, "success": true, "id": "1", "id": "2"}'),
    "no content": raw(b"HTTP/1.1 204 No Content\r\n\r\n"),
}


@pytest.mark.parametrize("said", NOT_DONE.values(), ids=NOT_DONE.keys())
@pytest.mark.parametrize("name", ["register", "deregister", "add_phone_number"])
def test_any_other_success_is_a_bad_answer_that_leaves_it_open(
    graph: ScriptedGraph, make_client: MakeClient, name: str, said: Answer
) -> None:
    graph.script(said)

    with pytest.raises(BadAnswer) as caught:
        ACTIONS[name](make_client(retries=3), Meter())

    assert caught.value.effect_possible
    assert caught.value.method == "POST"
    assert len(graph.requests) == 1


SIX = ["", "12345", "1234567", "12345a", "123-830", " 042917", "042917\n", "０４２９１７", "١٢٣٤٥٦", "-42917", "4.2917"]
NAMES = ["", " ", "\t\n", "two\nlines", "nul\x00", "lone \ud800", "line\u2028separator", "bell\x07"]

WRONG: list[tuple[str, str, dict[str, Any]]] = [
    *(("register", pin, {"pin": pin}) for pin in SIX),
    *(("set_pin", pin, {"pin": pin}) for pin in SIX),
    *(("verify_code", code, {"code": code}) for code in SIX),
    *(
        ("register", region, {"pin": PIN, "data_localization_region": region})
        for region in ("", "de", "DEU", "D1", "DE\n")
    ),
    *(
        ("request_code", method, {"code_method": method, "language": "en_US"})
        for method in ("", "sms", "IVR", "SMS ", "SMS\n")
    ),
    *(
        ("request_code", language, {"code_method": "SMS", "language": language})
        for language in ("", "e", "english language", "en-US;", "en_US\n", "12")
    ),
    *(("request_display_name", name, {"new_display_name": name}) for name in NAMES),
    *(("add_phone_number", name, {"cc": "1", "phone_number": "5550100001", "verified_name": name}) for name in NAMES),
    *(
        ("add_phone_number", cc, {"cc": cc, "phone_number": "5550100001", "verified_name": "Harbor"})
        for cc in ("", "+1", "0", "01", "12345", "１")
    ),
    *(
        ("add_phone_number", phone, {"cc": "1", "phone_number": phone, "verified_name": "Harbor"})
        for phone in ("", "12", "+15550100001", "555-0100", "5" * 16, "555 0100")
    ),
    *(
        (
            "add_phone_number",
            pool_id,
            {"cc": "1", "phone_number": "5550100001", "verified_name": "Harbor", "preverified_id": pool_id},
        )
        for pool_id in ("", "me", "1/2")
    ),
]


@pytest.mark.parametrize(("method", "wrong", "given"), WRONG, ids=repr)
def test_what_is_wrong_on_its_face_is_refused_unsent_and_unrepeated(
    graph: ScriptedGraph, client: GraphClient, method: str, wrong: str, given: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"\.\Z") as caught:
        getattr(client, method)(NUMBER_ID, token=TOKEN, **given)

    assert len(wrong.strip()) < 5 or wrong not in f"{caught.value!r}"
    assert PIN not in f"{caught.value!r}"
    assert graph.connections == 0


@pytest.mark.parametrize("wrong", ["", "1/../2", "me", "1\n", "１２", "1" * 40])
@pytest.mark.parametrize("name", ACTIONS)
def test_an_id_that_is_not_made_of_digits_is_refused(
    graph: ScriptedGraph, client: GraphClient, name: str, wrong: str
) -> None:
    given: dict[str, dict[str, Any]] = {
        "register": {"pin": PIN},
        "set_pin": {"pin": PIN},
        "request_code": {"code_method": "SMS", "language": "en"},
        "verify_code": {"code": CODE},
        "request_display_name": {"new_display_name": "Harbor"},
        "add_phone_number": {"cc": "1", "phone_number": "5550100001", "verified_name": "Harbor"},
    }
    with pytest.raises(ValueError, match="digits"):
        getattr(client, name)(wrong, token=TOKEN, **given.get(name, {}))

    assert graph.connections == 0


def test_no_representation_shows_a_pin_or_a_code() -> None:
    for change in (register(PIN, "DE"), verify_code(CODE), Change("", (("pin", PIN),), (PIN,))):
        call = Call("/v25.0/1", method="POST", body=change.body, secrets=change.secrets)
        assert PIN not in repr(change) + repr(call)
        assert CODE not in repr(change) + repr(call)
