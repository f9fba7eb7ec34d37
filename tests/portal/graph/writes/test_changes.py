"""What goes to Graph when something is to change there, what counts as done, and what is never sent."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from portal.graph import Meter
from portal.graph.calls import Call
from portal.graph.errors import BadAnswer
from portal.graph.http.transport import Transport
from portal.graph.writes import GraphWriter
from tests.portal.graph.conftest import MakeWriter
from tests.portal.graph.writes.actions import (
    ACTIONS,
    APP_ID,
    APPLICATION,
    AUTOMATION,
    BUSINESS_ID,
    CALLBACK,
    CODE,
    CREDIT_ID,
    LINK_CODE,
    MAKING,
    NUMBER_ID,
    PARTNER_ID,
    PIN,
    POOL_ID,
    SHARE_ID,
    TAKING,
    TOKEN,
    VERIFY_TOKEN,
    WABA_ID,
    Act,
)
from tests.scripted_graph import Answer, ScriptedGraph, answer, body, page, raw

NUMBER, WABA = f"/v25.0/{NUMBER_ID}", f"/v25.0/{WABA_ID}"
NEW_ID = "200000000000009"
DONE = answer({"success": True, "id": NEW_ID, "allocation_config_id": NEW_ID})

BUSINESS = f"/v25.0/{BUSINESS_ID}"
OVERRIDE: dict[str, object] = {"override_callback_uri": CALLBACK, "verify_token": VERIFY_TOKEN}
SHARE: dict[str, object] = {"preverified_id": POOL_ID, "partner_business_id": PARTNER_ID}

SENT: dict[str, tuple[str, dict[str, object]]] = {
    "register": (f"{NUMBER}/register", {"messaging_product": "whatsapp", "pin": PIN}),
    "set_pin": (NUMBER, {"pin": PIN}),
    "request_code": (f"{NUMBER}/request_code", {"code_method": "SMS", "language": "en_US"}),
    "verify_code": (f"{NUMBER}/verify_code", {"code": CODE}),
    "request_display_name": (NUMBER, {"new_display_name": "Harbor Bakery"}),
    "update_business_profile": (
        f"{NUMBER}/whatsapp_business_profile",
        {"messaging_product": "whatsapp", "about": "Fresh bread", "websites": ["https://bakery.example/"]},
    ),
    "set_username": (f"{NUMBER}/username", {"username": "harbor_bakery"}),
    "change_call_settings": (
        f"{NUMBER}/settings",
        {"calling": {"status": "ENABLED", "call_hours": {"status": "DISABLED"}}},
    ),
    "set_storage": (
        f"{NUMBER}/settings",
        {"storage_configuration": {"status": "IN_COUNTRY_STORAGE_ENABLED", "data_localization_region": "DE"}},
    ),
    "set_identity_check": (f"{NUMBER}/settings", {"user_identity_change": {"enable_identity_key_check": True}}),
    "change_automation": (f"{NUMBER}/conversational_automation", AUTOMATION),
    "request_official_account": (f"{NUMBER}/official_business_account", APPLICATION),
    "make_message_link": (
        f"{NUMBER}/message_qrdls",
        {"prefilled_message": "Cyber Monday", "generate_qr_image": "SVG"},
    ),
    "change_message_link": (
        f"{NUMBER}/message_qrdls",
        {"prefilled_message": "Cyber Monday", "code": LINK_CODE},
    ),
    "add_phone_number": (
        f"{WABA}/phone_numbers",
        {"cc": "1", "phone_number": "5550100001", "verified_name": "Harbor Bakery"},
    ),
    "override_of_waba": (f"{WABA}/subscribed_apps", OVERRIDE),
    "override_of_number": (NUMBER, {"webhook_configuration": OVERRIDE}),
    "subscribe_webhooks": (
        f"/v25.0/{APP_ID}/subscriptions",
        {
            "object": "whatsapp_business_account",
            "callback_url": CALLBACK,
            "verify_token": VERIFY_TOKEN,
            "fields": "account_update,phone_number_name_update",
        },
    ),
    "share_credit_line": (
        f"/v25.0/{CREDIT_ID}/whatsapp_credit_sharing_and_attach",
        {"waba_id": WABA_ID, "waba_currency": "USD"},
    ),
    "add_preverified_number": (f"{BUSINESS}/add_phone_numbers", {"phone_number": "15550100077"}),
    "share_preverified_number": (f"{BUSINESS}/share_preverified_numbers", SHARE),
}


@pytest.mark.parametrize("name", SENT)
def test_a_change_is_one_post_with_a_json_body(graph: ScriptedGraph, writer: GraphWriter, name: str) -> None:
    graph.script(DONE)
    meter = Meter()

    ACTIONS[name](writer, meter)

    path, sent = SENT[name]
    (request,) = graph.requests
    assert (request.method, request.target) == ("POST", path)
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == sent
    assert meter.calls == 1


def test_a_deregistration_is_one_post_without_a_body(graph: ScriptedGraph, writer: GraphWriter) -> None:
    graph.script(DONE)

    writer.deregister(NUMBER_ID, token=TOKEN)

    (request,) = graph.requests
    assert (request.method, request.target, request.body) == ("POST", f"{NUMBER}/deregister", b"")
    assert request.headers["content-length"] == "0"
    assert "transfer-encoding" not in request.headers


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("delete_preverified_number", f"/v25.0/{POOL_ID}"),
        ("delete_username", f"{NUMBER}/username"),
        ("delete_message_link", f"{NUMBER}/message_qrdls/{LINK_CODE}"),
        ("unsubscribe_app", f"{WABA}/subscribed_apps"),
        ("revoke_credit_line", f"/v25.0/{SHARE_ID}"),
        (
            "unshare_preverified_number",
            f"{BUSINESS}/share_preverified_numbers?preverified_id={POOL_ID}&partner_business_id={PARTNER_ID}",
        ),
    ],
)
def test_what_is_taken_away_is_one_delete_without_a_body(
    graph: ScriptedGraph, writer: GraphWriter, name: str, target: str
) -> None:
    graph.script(DONE)
    meter = Meter()

    ACTIONS[name](writer, meter)

    (request,) = graph.requests
    assert (request.method, request.target, request.body) == ("DELETE", target, b"")
    assert meter.calls == 1


def test_a_subscription_without_a_callback_of_its_own_is_one_post_without_a_body(
    graph: ScriptedGraph, writer: GraphWriter
) -> None:
    graph.script(DONE)

    writer.subscribe_app(WABA_ID, token=TOKEN)

    (request,) = graph.requests
    assert (request.method, request.target, request.body) == ("POST", f"{WABA}/subscribed_apps", b"")


@pytest.mark.parametrize("act", ACTIONS.values(), ids=ACTIONS.keys())
def test_the_token_travels_in_the_header_and_its_proof_in_the_query(
    graph: ScriptedGraph, make_writer: MakeWriter, act: Act
) -> None:
    graph.script(DONE)

    act(make_writer(app_secret="app-secret"), Meter())

    (request,) = graph.requests
    proof = hmac.new(b"app-secret", TOKEN.encode(), hashlib.sha256).hexdigest()
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.query["appsecret_proof"] == proof
    assert TOKEN not in request.target
    assert TOKEN.encode() not in request.body


def sent_by(graph: ScriptedGraph, act: Callable[[], object]) -> Any:
    graph.script(DONE)
    act()
    return json.loads(graph.requests[-1].body)


def test_a_region_is_sent_when_there_is_one(graph: ScriptedGraph, writer: GraphWriter) -> None:
    sent = sent_by(graph, lambda: writer.register(NUMBER_ID, token=TOKEN, pin="000000", data_localization_region="DE"))

    assert sent == {"messaging_product": "whatsapp", "pin": "000000", "data_localization_region": "DE"}


def test_a_number_that_moves_is_sent_without_a_name(graph: ScriptedGraph, writer: GraphWriter) -> None:
    graph.script(DONE)

    writer.add_phone_number(WABA_ID, token=TOKEN, cc="1", phone_number="5550100001", migrate_phone_number=True)

    sent = json.loads(graph.requests[-1].body)
    assert sent == {"cc": "1", "phone_number": "5550100001", "migrate_phone_number": True}


def test_a_code_can_come_by_a_call(graph: ScriptedGraph, writer: GraphWriter) -> None:
    sent = sent_by(graph, lambda: writer.request_code(NUMBER_ID, token=TOKEN, code_method="VOICE", language="de"))

    assert sent == {"code_method": "VOICE", "language": "de"}


def test_a_name_goes_out_in_whatever_script_it_is_written(graph: ScriptedGraph, writer: GraphWriter) -> None:
    name = "کافه\N{ZERO WIDTH NON-JOINER}ها 👩\N{ZERO WIDTH JOINER}🍳 “Håfen” \\ & Söhne"

    sent = sent_by(graph, lambda: writer.request_display_name(NUMBER_ID, token=TOKEN, new_display_name=name))

    assert sent == {"new_display_name": name}


@pytest.mark.parametrize("name", sorted(MAKING))
@pytest.mark.parametrize(("said", "found"), [(NEW_ID, NEW_ID), (9007199254740993, "9007199254740993")])
def test_what_is_made_has_a_new_id(
    graph: ScriptedGraph, writer: GraphWriter, name: str, said: object, found: str
) -> None:
    graph.script(answer({"allocation_config_id": said} if name == "share_credit_line" else {"id": said}))

    assert ACTIONS[name](writer, Meter()) == found


@pytest.mark.parametrize("shared_with", [WABA_ID, int(WABA_ID), None])
def test_a_credit_line_is_shared_with_the_waba_that_was_asked_for(
    graph: ScriptedGraph, writer: GraphWriter, shared_with: object
) -> None:
    graph.script(answer({"allocation_config_id": NEW_ID, "waba_id": shared_with}))

    assert ACTIONS["share_credit_line"](writer, Meter()) == NEW_ID


def test_a_credit_line_that_went_elsewhere_is_a_bad_answer(graph: ScriptedGraph, writer: GraphWriter) -> None:
    graph.script(answer({"allocation_config_id": NEW_ID, "waba_id": "100000000000002"}))

    with pytest.raises(BadAnswer) as caught:
        ACTIONS["share_credit_line"](writer, Meter())

    assert caught.value.effect_possible


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
def test_what_meta_says_when_it_is_done_is_understood(graph: ScriptedGraph, writer: GraphWriter, done: Answer) -> None:
    for name in ACTIONS.keys() - MAKING:
        graph.script(done)
        ACTIONS[name](writer, Meter())


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
@pytest.mark.parametrize("name", ["register", "deregister", "subscribe_app", *sorted(MAKING | TAKING)])
def test_any_other_success_is_a_bad_answer_that_leaves_it_open(
    graph: ScriptedGraph, make_writer: MakeWriter, name: str, said: Answer
) -> None:
    graph.script(said)

    with pytest.raises(BadAnswer) as caught:
        ACTIONS[name](make_writer(retries=3), Meter())

    assert caught.value.effect_possible
    assert caught.value.method == ("DELETE" if name in TAKING else "POST")
    assert len(graph.requests) == 1


class Overhearing:
    """A transport that sends nothing and keeps how each call would be shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def path_to(self, node_id: str, edge: str = "") -> str:
        return f"/v25.0/{node_id}/{edge}"

    def send_once(self, call: Call, **_given: object) -> None:
        self.shown.append(repr(call))


def test_no_representation_shows_a_secret() -> None:
    transport = Overhearing()
    writer = GraphWriter(cast("Transport", transport))
    for act in ACTIONS.values():
        act(writer, Meter())

    assert len(transport.shown) == len(ACTIONS)
    for secret in (PIN, CODE, VERIFY_TOKEN, TOKEN):
        assert secret not in "".join(transport.shown)
