"""The pages of the login dialog and the SDK, without a browser."""

import json
from html import unescape
from typing import Any

import pytest
import requests

from tests.portal.sandbox.conftest import Caller, Partner


def query(caller: Caller, **others: object) -> dict[str, Any]:
    known: dict[str, object] = {
        "app_id": caller.known.app_id,
        "config_id": caller.known.login_config_id,
        "response_type": "code",
        "override_default_response_type": "true",
        "extras": json.dumps({"setup": {}}),
        "version": "v25.0",
        "origin": "http://127.0.0.1:8000",
    }
    return {name: value for name, value in (known | others).items() if value is not None}


def opened(caller: Caller, **others: object) -> requests.Response:
    return caller.session.get(f"{caller.url}/dialog/oauth", params=query(caller, **others), timeout=5)


def finish(caller: Caller, body: Any, **headers: str) -> requests.Response:
    return caller.session.post(f"{caller.url}/dialog/finish", json=body, headers=headers, timeout=5)


@pytest.mark.parametrize("locale", ["en_US", "de_DE"])
def test_the_sdk_is_a_script_in_any_language(practice: Caller, locale: str) -> None:
    answer = practice.session.get(f"{practice.url}/{locale}/sdk.js", timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "application/javascript")
    assert practice.session.get(f"{practice.url}/english/sdk.js", timeout=5).status_code == 400


def test_a_portal_is_told_where_everything_is(practice: Caller) -> None:
    found = practice.known.environment(practice.url)
    assert practice.session.get(found["META_SDK_URL"], timeout=5).status_code == 200
    assert found["META_MESSAGE_ORIGIN"] == practice.url
    assert (found["META_LOGIN_CONFIG_ID"], found["META_EXTENDED_CREDIT_ID"]) == (
        practice.known.login_config_id,
        practice.known.extended_credit_id,
    )


def test_the_dialog_says_what_it_is_and_runs_no_script_but_its_own(practice: Caller) -> None:
    answer = opened(practice)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Practice: this stands in for Meta’s dialog" in answer.content.decode()
    assert "default-src 'none'; script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "Cross-Origin-Opener-Policy" not in answer.headers
    for path in ("/dialog/dialog.js", "/dialog/dialog.css"):
        assert practice.session.get(f"{practice.url}{path}", timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("app_id", "1"),
        ("app_id", None),
        ("config_id", "1"),
        ("config_id", None),
        ("response_type", "token"),
        ("response_type", None),
        ("override_default_response_type", "false"),
        ("override_default_response_type", None),
        ("extras", "{"),
        ("extras", "[]"),
        ("extras", "[" * 10_000),
        ("origin", "javascript:alert(1)"),
    ],
)
def test_the_dialog_turns_away_what_meta_would(start: Partner, name: str, value: str | None) -> None:
    answer = opened(start(), **{name: value})
    assert answer.status_code == 400
    assert "The dialog cannot open" in answer.text


def test_the_dialog_shows_what_was_filled_in(start: Partner) -> None:
    partner = start()
    entry = partner.control("GET", "preverified")["preverified"][0]
    setup = {
        "business": {"name": 'Quayside "Q" <Books>'},
        "phone": {"displayName": "Quayside & Sons"},
        "preVerifiedPhone": {"ids": [entry["id"], "2"]},
    }
    page = opened(partner, extras=json.dumps({"setup": setup})).content.decode()
    assert '<dd id="shown_business_name">Quayside &quot;Q&quot; &lt;Books&gt;</dd>' in page
    assert 'value="Quayside &amp; Sons"' in page
    assert f"+{entry['values']['phone_number']}" in page
    assert f'name="preverified_id" value="{entry["id"]}"' in page
    assert "<Books>" not in page


@pytest.mark.parametrize(
    "setup", [[], {"business": 1}, {"phone": {"displayName": {}}}, {"preVerifiedPhone": {"ids": 3}}]
)
def test_nonsense_that_was_filled_in_is_passed_over(practice: Caller, setup: object) -> None:
    assert opened(practice, extras=json.dumps({"setup": setup})).status_code == 200


def test_a_business_and_its_waba_that_were_filled_in_are_chosen(practice: Caller) -> None:
    waba = practice.plain_waba()
    setup = {"business": {"id": waba["owner_business_id"]}, "whatsAppBusinessAccount": {"ids": [waba["id"]]}}
    page = unescape(opened(practice, extras=json.dumps({"setup": setup})).content.decode())
    assert f'<option value="{waba["owner_business_id"]}" selected>' in page
    assert f'<option value="{waba["id"]}" data-business="{waba["owner_business_id"]}" selected>' in page


def test_only_the_dialogs_own_page_finishes_a_signup(start: Partner) -> None:
    partner = start()
    before = partner.control("GET", "book")
    for headers in ({}, {"Origin": "http://portal.example"}, {"Origin": "null"}):
        assert finish(partner, {}, **headers).status_code == 403
    assert partner.control("GET", "book") == before
    told = finish(partner, {"business_name": "Quayside"}, Origin=partner.url).json()
    assert (told["message"]["event"], bool(told["code"]), told["calls_back"]) == ("FINISH", True, True)
    refused = finish(partner, {"outcome": "maybe"}, Origin=partner.url)
    assert (refused.status_code, bool(refused.json()["error"])) == (400, True)


def test_a_fault_can_keep_the_sdk_from_loading(start: Partner) -> None:
    partner = start()
    partner.fault({"status": 503}, path_contains="sdk.js")
    assert partner.session.get(f"{partner.url}/en_US/sdk.js", timeout=5).status_code == 503
