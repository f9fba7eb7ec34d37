"""Exchanging a code for a business token, and what /debug_token says of that."""

import pytest

from tests.portal.sandbox.conftest import Caller, Partner
from tests.portal.sandbox.signing_up import exchange, granted_token, inspect, sign_up, token_of

DAY = 86_400


def refusal(partner: Caller, code: object, /, **others: object) -> tuple[int, int, int | None]:
    """Status, code and subcode of an exchange that must fail."""
    answer = exchange(partner, code, **others)
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("error_subcode")


@pytest.mark.parametrize("path", ["oauth/access_token", "v25.0/oauth/access_token", "v23.0/oauth/access_token"])
def test_a_code_is_exchanged_without_a_token_under_any_version(start: Partner, path: str) -> None:
    partner = start()
    known = partner.known
    given = {"client_id": known.app_id, "client_secret": known.app_secret, "code": sign_up(partner)["code"]}
    answer = partner.session.get(f"{partner.url}/{path}", params=given, timeout=5)
    assert (answer.status_code, answer.json().keys()) == (200, {"access_token", "token_type"})
    assert answer.json()["token_type"] == "bearer"


def test_a_code_works_once(start: Partner) -> None:
    partner = start()
    code = sign_up(partner)["code"]
    assert exchange(partner, code).status_code == 200
    assert refusal(partner, code) == (400, 100, 36009)


def test_a_code_lives_thirty_seconds(start: Partner) -> None:
    partner = start()
    code = sign_up(partner)["code"]
    partner.forward(25)
    other = sign_up(partner)["code"]
    partner.forward(5)
    assert refusal(partner, code) == (400, 100, 36007)
    assert exchange(partner, other).status_code == 200


def test_a_wrong_exchange_does_not_use_the_code_up(start: Partner) -> None:
    partner = start()
    code = sign_up(partner)["code"]
    assert refusal(partner, code, client_secret="wrong") == (400, 1, None)
    assert refusal(partner, code, client_secret="é") == (400, 1, None)
    assert refusal(partner, code, client_id="1") == (400, 101, None)
    assert refusal(partner, code, redirect_uri="https://portal.example/") == (400, 100, 36008)
    for missing in ("client_id", "client_secret", "code"):
        assert refusal(partner, code, **{missing: None}) == (400, 100, None)
    assert exchange(partner, code).status_code == 200


def test_the_app_gets_its_own_token_for_its_secret_and_no_other_grant_is_known(start: Partner) -> None:
    partner = start()
    answer = exchange(partner, None, grant_type="client_credentials")
    token = answer.json()["access_token"]
    assert (answer.status_code, answer.json()["token_type"]) == (200, "bearer")
    assert inspect(partner, token)["type"] == "APP"
    code = sign_up(partner)["code"]
    assert refusal(partner, code, grant_type="client_credentials", client_secret="wrong") == (400, 1, None)
    assert refusal(partner, code, grant_type="password") == (400, 100, None)
    assert exchange(partner, code, grant_type="authorization_code").status_code == 200


def test_a_code_of_another_app_is_no_code(start: Partner) -> None:
    partner, other = start(seed=1), start(seed=2)
    assert refusal(partner, sign_up(other)["code"]) == (400, 100, None)
    assert refusal(partner, "AQnonsense") == (400, 100, None)


def test_codes_are_exchanged_by_get_only(start: Partner) -> None:
    partner = start()
    known = partner.known
    given = {"client_id": known.app_id, "client_secret": known.app_secret, "code": sign_up(partner)["code"]}
    assert partner.refusal("oauth/access_token", given)["code"] == 100
    assert exchange(partner, given["code"]).status_code == 200


def test_a_token_says_what_it_is_for(start: Partner) -> None:
    partner = start()
    first = sign_up(partner)
    second = sign_up(partner, business=first["business_id"])
    facts = inspect(partner, token_of(partner, second))
    assert (facts["app_id"], facts["type"], facts["is_valid"]) == (partner.known.app_id, "SYSTEM_USER", True)
    assert facts["expires_at"] == 0
    granted = {each["scope"]: each["target_ids"] for each in facts["granular_scopes"]}
    assert granted.keys() == {"whatsapp_business_management", "whatsapp_business_messaging"}
    assert all(targets == [second["waba_id"], first["waba_id"]] for targets in granted.values())


def test_a_waba_granted_again_comes_first(start: Partner) -> None:
    partner = start()
    first = sign_up(partner)
    second = sign_up(partner, business=first["business_id"])
    facts = inspect(partner, granted_token(partner, waba=first["waba_id"]))
    assert facts["granular_scopes"][0]["target_ids"] == [first["waba_id"], second["waba_id"]]


def test_a_token_may_name_no_accounts(start: Partner) -> None:
    partner = start()
    ending = sign_up(partner, targets="absent")
    token = token_of(partner, ending)
    assert not any("target_ids" in each for each in inspect(partner, token)["granular_scopes"])
    assert partner.read(f"{ending['waba_id']}/phone_numbers", token=token)["data"]


def test_a_token_for_another_app_says_so_and_reads_nothing(start: Partner) -> None:
    partner = start()
    ending = sign_up(partner, token_app="foreign")
    token = token_of(partner, ending)
    facts = inspect(partner, token)
    assert facts["is_valid"]
    assert facts["app_id"] != partner.known.app_id
    for path in (ending["waba_id"], f"{ending['waba_id']}/phone_numbers", ending["phone_number_id"]):
        assert partner.error(path, token=token)["code"] == 190


def test_a_token_can_last_60_days(start: Partner) -> None:
    partner = start()
    ending = sign_up(partner, expires="60_days")
    answer = exchange(partner, ending["code"]).json()
    assert 60 * DAY - 5 < answer["expires_in"] <= 60 * DAY
    token = answer["access_token"]
    expires = inspect(partner, token)["expires_at"]
    partner.forward(60 * DAY)
    error = partner.error(ending["waba_id"], token=token)
    assert (error["code"], error["error_subcode"]) == (190, 463)
    facts = inspect(partner, token)
    assert (facts["is_valid"], facts["expires_at"], facts["error"]["subcode"]) == (False, expires, 463)


def test_a_granted_token_is_taken_back_alone(start: Partner) -> None:
    partner = start()
    ending = sign_up(partner)
    one, other = token_of(partner, ending), granted_token(partner, waba=ending["waba_id"])
    partner.control("POST", "tokens/signup:1", {"state": "revoked"})
    assert partner.error(ending["waba_id"], token=one)["error_subcode"] == 458
    assert partner.read(ending["waba_id"], token=other)


def test_a_granted_token_opens_no_other_business(start: Partner) -> None:
    partner = start()
    token, other = granted_token(partner), partner.wabas()[0]
    for path in (other["id"], other["phone_number_ids"][0], other["owner_business_id"]):
        assert partner.error(path, token=token)["error_subcode"] == 33


def test_a_token_without_management_reads_nothing(start: Partner) -> None:
    partner = start()
    ending = sign_up(partner)
    token = token_of(partner, ending)
    partner.control("POST", "tokens/signup:1", {"state": "no_management"})
    assert partner.error(ending["waba_id"], token=token)["code"] == 200
    assert inspect(partner, token)["scopes"] == ["whatsapp_business_messaging"]


def test_the_log_shows_neither_codes_nor_secrets_nor_tokens(start: Partner) -> None:
    partner = start()
    ending = sign_up(partner)
    token = token_of(partner, ending)
    inspect(partner, token)
    partner.read(ending["waba_id"], token=token)
    partner.read(ending["waba_id"], token="", access_token=token)
    override = {"override_callback_uri": "https://crm.example/wa", "verify_token": "hush-hush"}
    partner.do(f"{ending['waba_id']}/subscribed_apps", override, token=token)
    log = partner.control("GET", "log")
    for secret in (ending["code"], token, partner.known.app_secret, "hush-hush"):
        assert secret not in str(log)
        assert secret not in str(partner.control("GET", "changes"))
    exchanged = next(each for each in log["requests"] if each["path"].endswith("oauth/access_token"))
    assert exchanged["withheld"] == ["client_secret", "code"]
    assert log["requests"][-1]["token"] == "signup:1"
