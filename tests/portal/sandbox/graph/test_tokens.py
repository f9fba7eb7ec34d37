"""Who may call, and what each token sees."""

import hashlib
import hmac

import pytest

from tests.portal.sandbox.conftest import Caller, Partner


def proof(caller: Caller, token: str) -> str:
    return hmac.new(caller.known.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def app_token(caller: Caller) -> str:
    return f"{caller.known.app_id}|{caller.known.app_secret}"


def test_a_call_without_a_token_is_refused(practice: Caller) -> None:
    error = practice.error(practice.known.business_id, token="")
    assert (error["code"], error["type"]) == (104, "OAuthException")
    assert practice.error("123/phone_numbers", token="", headers={"Authorization": "Basic abc"})["code"] == 104


def test_a_token_is_taken_from_the_header_or_the_parameter(practice: Caller) -> None:
    token = practice.known.system_user_token
    assert practice.read(practice.known.business_id, token="", access_token=token)["id"] == practice.known.business_id


def test_a_token_in_the_parameter_counts_before_one_in_the_header(practice: Caller) -> None:
    assert practice.read(f"{practice.known.app_id}/subscriptions", access_token=app_token(practice))["data"] == []
    assert practice.error(practice.known.business_id, access_token="EAAnonsense")["code"] == 190


def test_an_unknown_token_is_refused(practice: Caller) -> None:
    error = practice.error(practice.known.business_id, token="EAAnonsense")
    assert (error["status"], error["code"]) == (401, 190)
    assert "error_subcode" not in error


@pytest.mark.parametrize(("state", "subcode"), [("expired", 463), ("revoked", 458), ("password_changed", 460)])
def test_a_dead_token_is_refused_with_the_reason_until_it_is_valid_again(
    start: Partner, state: str, subcode: int
) -> None:
    partner = start()
    partner.control("POST", "tokens/system_user", {"state": state})
    error = partner.error(partner.known.business_id)
    assert (error["status"], error["code"], error["error_subcode"]) == (401, 190, subcode)
    partner.control("POST", "tokens/system_user", {"state": "valid"})
    assert partner.read(partner.known.business_id)


def test_one_dead_business_token_leaves_the_others_alone(start: Partner) -> None:
    partner = start()
    first, second, _ = partner.wabas()
    partner.control("POST", f"tokens/waba:{first['id']}", {"state": "expired"})
    assert partner.error(first["id"], token=first["business_token"])["error_subcode"] == 463
    assert partner.read(second["id"], token=second["business_token"])
    assert partner.read(first["id"])


def test_a_business_token_sees_its_own_waba_only(practice: Caller) -> None:
    mine, other = practice.plain_waba(), practice.big_waba()
    token = mine["business_token"]
    assert practice.read(f"{mine['id']}/phone_numbers", token=token)["data"]
    assert practice.read(mine["phone_number_ids"][0], token=token)
    for path in (other["id"], f"{other['id']}/phone_numbers", other["phone_number_ids"][0]):
        error = practice.error(path, token=token)
        assert (error["code"], error["error_subcode"]) == (100, 33)


def test_a_business_token_may_not_use_the_business_edges(practice: Caller) -> None:
    token = practice.plain_waba()["business_token"]
    for edge in ("client_whatsapp_business_accounts", "owned_whatsapp_business_accounts"):
        error = practice.error(f"{practice.known.business_id}/{edge}", token=token)
        assert (error["status"], error["code"]) == (403, 200)


def test_an_unshared_waba_opens_to_its_own_token_only(practice: Caller) -> None:
    waba = practice.wabas(relation="unshared")[0]
    error = practice.error(f"{waba['id']}/phone_numbers")
    assert (error["code"], error["error_subcode"], error["type"]) == (100, 33, "GraphMethodException")
    assert practice.read(f"{waba['id']}/phone_numbers", token=waba["business_token"])["data"]
    assert practice.error(waba["phone_number_ids"][0])["error_subcode"] == 33


def test_a_proof_is_checked_when_it_is_sent(practice: Caller) -> None:
    token = practice.known.system_user_token
    assert practice.read(practice.known.business_id, appsecret_proof=proof(practice, token))
    error = practice.error(practice.known.business_id, appsecret_proof="0" * 64)
    assert (error["code"], error["message"]) == (100, "Invalid appsecret_proof provided in the API argument")
    assert practice.error(practice.known.business_id, appsecret_proof="é")["code"] == 100


def test_a_proof_can_be_made_obligatory(start: Partner) -> None:
    partner = start(require_proof=True)
    token = partner.known.system_user_token
    assert "appsecret_proof" in partner.error(partner.known.business_id)["message"]
    assert partner.read(partner.known.business_id, appsecret_proof=proof(partner, token))
    waba = partner.wabas()[0]
    assert partner.error(waba["id"], token=waba["business_token"], appsecret_proof=proof(partner, token))["code"] == 100


def test_debug_token_tells_what_a_business_token_grants(practice: Caller) -> None:
    waba = practice.plain_waba()
    facts = practice.read("debug_token", token=app_token(practice), input_token=waba["business_token"])["data"]
    assert (facts["app_id"], facts["is_valid"]) == (practice.known.app_id, True)
    assert all(grant["target_ids"] == [waba["id"]] for grant in facts["granular_scopes"])


def test_debug_token_narrows_nothing_for_a_system_user(practice: Caller) -> None:
    facts = practice.read("debug_token", input_token=practice.known.system_user_token)["data"]
    assert (facts["type"], facts["expires_at"]) == ("SYSTEM_USER", 0)
    assert not any("target_ids" in grant for grant in facts["granular_scopes"])


def test_some_business_tokens_expire_and_some_never_do(practice: Caller) -> None:
    expiries = [
        practice.read("debug_token", input_token=waba["business_token"])["data"]["expires_at"]
        for waba in practice.wabas()[:12]
    ]
    assert 0 in expiries
    assert max(expiries) > 0


def test_debug_token_answers_200_for_a_token_that_is_no_good(start: Partner) -> None:
    partner = start()
    facts = partner.read("debug_token", token=app_token(partner), input_token="EAAnonsense")["data"]
    assert (facts["is_valid"], facts["error"]["code"]) == (False, 190)
    partner.control("POST", "tokens/system_user", {"state": "expired"})
    known = partner.known.system_user_token
    facts = partner.read("debug_token", token=app_token(partner), input_token=known)["data"]
    assert (facts["is_valid"], facts["error"]["subcode"]) == (False, 463)


def test_debug_token_wants_an_input_and_an_entitled_caller(practice: Caller) -> None:
    assert practice.error("debug_token")["code"] == 100
    token = practice.plain_waba()["business_token"]
    assert practice.error("debug_token", token=token, input_token=token)["code"] == 100


def test_an_app_token_reads_no_assets(practice: Caller) -> None:
    assert practice.error(practice.plain_waba()["id"], token=app_token(practice))["error_subcode"] == 33
