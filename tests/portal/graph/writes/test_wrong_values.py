"""What is wrong on its face is refused before it is sent, and never repeated."""

from typing import Any

import pytest

from portal.graph.writes import GraphWriter
from tests.portal.graph.writes.actions import (
    ACTIONS,
    APPLICATION,
    AUTOMATION,
    CALLBACK,
    CODE,
    NUMBER_ID,
    PARTNER_ID,
    PIN,
    POOL_ID,
    TOKEN,
    VERIFY_TOKEN,
    WABA_ID,
)
from tests.scripted_graph import ScriptedGraph

SIX = ["", "12345", "1234567", "12345a", "123-830", " 042917", "042917\n", "０４２９１７", "١٢٣٤٥٦", "-42917", "4.2917"]
NAMES = ["", " ", "\t\n", "two\nlines", "nul\x00", "lone \ud800", "line\u2028separator", "bell\x07"]
ADDRESSES = ["portal.example", "ftp://portal.example/", "https://", "https:///x", "https://portal.example/a b", "x\n"]
VERIFY_TOKENS = ["", " ", "two\nlines", "nul\x00", "lone \ud800", "v" * 1025]

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
            "subscribe_webhooks",
            address,
            {"callback_url": address, "verify_token": VERIFY_TOKEN, "fields": ["account_update"]},
        )
        for address in ("", *ADDRESSES, "https://portal.example/" + "x" * 2048)
    ),
    *(
        (
            "subscribe_webhooks",
            verify_token,
            {"callback_url": CALLBACK, "verify_token": verify_token, "fields": ["account_update"]},
        )
        for verify_token in VERIFY_TOKENS
    ),
    *(
        (
            "subscribe_webhooks",
            str(fields),
            {"callback_url": CALLBACK, "verify_token": VERIFY_TOKEN, "fields": fields},
        )
        for fields in ([], "account_update", [""], ["account_update", "Messages"], ["a,b"], ["messages\n"])
    ),
    *(
        ("share_credit_line", currency, {"waba_id": WABA_ID, "waba_currency": currency})
        for currency in ("", "usd", "US", "USDT", "USD\n", "$")
    ),
    *(
        ("share_credit_line", waba_id, {"waba_id": waba_id, "waba_currency": "USD"})
        for waba_id in ("", "me", "1/2", "1\n")
    ),
    *(
        ("add_preverified_number", phone, {"phone_number": phone})
        for phone in ("", "1234", "+15550100077", "015550100077", "1 555 010 0077", "5" * 16, "1555010007７")
    ),
    *(
        (method, wrong, {"preverified_id": POOL_ID, "partner_business_id": PARTNER_ID, name: wrong})
        for method in ("share_preverified_number", "unshare_preverified_number")
        for name in ("preverified_id", "partner_business_id")
        for wrong in ("", "me", "1&x=2")
    ),
    *(("make_message_link", text, {"prefilled_message": text}) for text in ("", " ", "x" * 141)),
    *(("delete_message_link", code, {"code": code}) for code in ("", "a/b", "a-b", "../1", "x" * 65)),
    *(("set_username", name, {"username": name}) for name in ("", "harbor bakery", "bäckerei", "a/b", "x" * 65)),
    *(
        ("update_business_profile", name, {"changes": changes})
        for name, changes in {
            "nothing": {},
            "an unknown field": {"mood": "good"},
            "one website": {"websites": "https://bakery.example"},
            "two texts": {"about": ["Fresh", "bread"]},
        }.items()
    ),
    *(
        ("change_call_settings", name, {"changes": changes})
        for name, changes in {
            "nothing": {},
            "an unknown field": {"mood": "good"},
            "hours in a word": {"call_hours": "ENABLED"},
            "a word in an object": {"status": {"status": "ENABLED"}},
        }.items()
    ),
    *(
        (name, what, {"callback_url": url, "verify_token": token})
        for name in ("override_of_waba", "override_of_number")
        for what, url, token in (
            ("no address", "hooks.example", VERIFY_TOKEN),
            ("a long address", f"https://hooks.example/{'x' * 200}", VERIFY_TOKEN),
            ("no verify token", CALLBACK, " "),
        )
    ),
    ("request_official_account", "no country", {"application": {"business_website_url": "https://bakery.example/"}}),
    ("request_official_account", "an unknown field", {"application": {**APPLICATION, "mood": "good"}}),
    ("change_automation", "a part of it", {"automation": {"prompts": []}}),
    ("set_storage", "a country's name", {"region": "Germany"}),
]


@pytest.mark.parametrize(("method", "wrong", "given"), WRONG, ids=repr)
def test_what_is_wrong_on_its_face_is_refused_unsent_and_unrepeated(
    graph: ScriptedGraph, writer: GraphWriter, method: str, wrong: str, given: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"\.\Z") as caught:
        getattr(writer, method)(NUMBER_ID, token=TOKEN, **given)

    assert len(wrong.strip()) < 5 or wrong not in f"{caught.value!r}"
    for secret in (PIN, VERIFY_TOKEN):
        assert secret not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert graph.connections == 0


@pytest.mark.parametrize("wrong", ["", "1/../2", "me", "1\n", "１２", "1" * 40])
@pytest.mark.parametrize("name", ACTIONS)
def test_an_id_that_is_not_made_of_digits_is_refused(
    graph: ScriptedGraph, writer: GraphWriter, name: str, wrong: str
) -> None:
    given: dict[str, dict[str, Any]] = {
        "register": {"pin": PIN},
        "set_pin": {"pin": PIN},
        "request_code": {"code_method": "SMS", "language": "en"},
        "verify_code": {"code": CODE},
        "request_display_name": {"new_display_name": "Harbor"},
        "update_business_profile": {"changes": {"about": "Fresh bread"}},
        "set_username": {"username": "harbor_bakery"},
        "change_call_settings": {"changes": {"status": "ENABLED"}},
        "set_storage": {"region": "DE"},
        "change_automation": {"automation": AUTOMATION},
        "request_official_account": {"application": APPLICATION},
        "override_of_waba": {"callback_url": CALLBACK, "verify_token": VERIFY_TOKEN},
        "override_of_number": {"callback_url": CALLBACK, "verify_token": VERIFY_TOKEN},
        "set_identity_check": {"is_on": True},
        "make_message_link": {"prefilled_message": "Hello"},
        "change_message_link": {"prefilled_message": "Hello", "code": "A1"},
        "delete_message_link": {"code": "A1"},
        "add_phone_number": {"cc": "1", "phone_number": "5550100001", "verified_name": "Harbor"},
        "subscribe_webhooks": {"callback_url": CALLBACK, "verify_token": VERIFY_TOKEN, "fields": ["account_update"]},
        "share_credit_line": {"waba_id": WABA_ID, "waba_currency": "USD"},
        "add_preverified_number": {"phone_number": "15550100077"},
        "share_preverified_number": {"preverified_id": POOL_ID, "partner_business_id": PARTNER_ID},
        "unshare_preverified_number": {"preverified_id": POOL_ID, "partner_business_id": PARTNER_ID},
    }
    with pytest.raises(ValueError, match="digits"):
        getattr(writer, name)(wrong, token=TOKEN, **given.get(name, {}))

    assert graph.connections == 0
