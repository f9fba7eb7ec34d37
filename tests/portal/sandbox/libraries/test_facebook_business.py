"""Meta's own SDK, facebook-business, against the practice server: its calls as it makes them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from facebook_business.adobjects.business import Business
from facebook_business.adobjects.whatsappbusinessaccount import WhatsAppBusinessAccount
from facebook_business.adobjects.whatsappbusinesspreverifiedphonenumber import WhatsAppBusinessPreVerifiedPhoneNumber
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from tests.portal.sandbox.conftest import Caller, Partner
from tests.portal.sandbox.signing_up import sign_up, token_of

Connect = Callable[..., FacebookAdsApi]
ADDRESS = "https://crm.example/wa"


@pytest.fixture
def connect() -> Iterator[Connect]:
    """A function that gives the SDK with a token of the partner's and its proof. Only the session's GRAPH differs."""
    sessions: list[FacebookSession] = []

    def connected(partner: Caller, token: str = "") -> FacebookAdsApi:
        known = partner.known
        session = FacebookSession(known.app_id, known.app_secret, token or known.system_user_token)
        session.requests.trust_env = False
        session.GRAPH = partner.url
        sessions.append(session)
        return FacebookAdsApi(session)

    yield connected
    for session in sessions:
        session.requests.close()


def all_fields(kind: Any) -> list[str]:
    """Every field that the SDK knows of a kind of node."""
    return [value for name, value in vars(kind.Field).items() if not name.startswith("_")]


def test_the_sdk_reads_accounts_and_their_numbers(practice: Caller, connect: Connect) -> None:
    business = Business(practice.known.business_id, api=connect(practice))
    shared = list(business.get_client_whats_app_business_accounts(params={"fields": "name,phone_numbers{id}"}))
    owned = list(business.get_owned_whats_app_business_accounts())
    assert len(shared) + len(owned) == len(practice.wabas(relation="client") + practice.wabas(relation="owned"))
    waba = practice.plain_waba()
    account = WhatsAppBusinessAccount(waba["id"], api=connect(practice))
    account.api_get(fields=[name for name in all_fields(WhatsAppBusinessAccount) if name != "analytics"])  # not built
    assert (account["name"], account["owner_business"]["id"]) == (waba["values"]["name"], waba["owner_business_id"])
    numbers = account.get_phone_numbers(params={"limit": 1, "fields": "status"})
    assert {number["id"] for number in numbers} == set(waba["phone_number_ids"])


def test_the_sdk_subscribes_to_an_account_and_takes_it_back(start: Partner, connect: Connect) -> None:
    partner = start()
    ending = sign_up(partner)
    account = WhatsAppBusinessAccount(ending["waba_id"], api=connect(partner, token_of(partner, ending)))
    assert list(account.get_subscribed_apps()) == []
    account.create_subscribed_app(params={"override_callback_uri": ADDRESS, "verify_token": "hush"})
    (entry,) = account.get_subscribed_apps(params={"fields": "override_callback_uri"})
    assert entry.export_all_data() == {"override_callback_uri": ADDRESS}
    with pytest.raises(FacebookRequestError, match="nonexisting field"):
        account.get_subscribed_apps(params={"fields": "nonsense"})
    account.delete_subscribed_apps()
    assert list(account.get_subscribed_apps()) == []


def test_the_sdk_changes_an_accounts_settings(start: Partner, connect: Connect) -> None:
    partner = start()
    account = WhatsAppBusinessAccount(partner.plain_waba()["id"], api=connect(partner))
    account.api_update(params={"is_enabled_for_insights": False, "template_auto_archival_enabled": True})
    names = ("is_enabled_for_insights", "template_auto_archival_enabled")
    assert partner.values(account["id"], *names) == (False, True)


def test_the_sdk_brings_a_number_from_nothing_to_registered_and_back(start: Partner, connect: Connect) -> None:
    partner = start()
    api, ending = connect(partner), sign_up(partner)
    account = WhatsAppBusinessAccount(ending["waba_id"], api=api)
    added = account.create_phone_number(
        params={"cc": "1", "phone_number": "2025550142", "verified_name": "Harbor Bakery"}
    )

    def act(action: str, **params: object) -> Any:
        return api.call("POST", (added["id"], action) if action else (added["id"],), params=params).json()

    act("request_code", code_method="VOICE", language="en_US")
    act("verify_code", code=partner.behind(added["id"])["code"])
    partner.control("PATCH", f"numbers/{added['id']}", {"set": {"name_status": "APPROVED"}})
    act("register", messaging_product="whatsapp", pin="135790")
    act("", webhook_configuration={"override_callback_uri": ADDRESS, "verify_token": "hush"})
    status, shown = partner.values(added["id"], "status", "webhook_configuration")
    assert (status, shown["phone_number"]) == ("CONNECTED", ADDRESS)
    act("deregister")
    assert partner.values(added["id"], "platform_type") == ("NOT_APPLICABLE",)


def test_the_sdk_keeps_a_pool_of_pre_verified_numbers(start: Partner, connect: Connect) -> None:
    partner = start()
    api = connect(partner)
    business = Business(partner.known.business_id, api=api)
    added = business.create_add_phone_number(params={"phone_number": "12025550143"})
    entry = WhatsAppBusinessPreVerifiedPhoneNumber(added["id"], api=api)
    entry.create_request_code(params={"code_method": "IVR", "language": "en_US"})
    entry.create_verify_code(params={"code": partner.control("GET", f"preverified/{entry['id']}")["code"]})
    entry.api_get(fields=all_fields(WhatsAppBusinessPreVerifiedPhoneNumber))
    assert (entry["code_verification_status"], entry["owner_business"]["id"]) == ("VERIFIED", business["id"])
    sharing = {"preverified_id": entry["id"], "partner_business_id": partner.wabas()[0]["owner_business_id"]}
    business.create_share_pre_verified_number(params=sharing)
    assert [each["id"] for each in entry.get_partners()] == [sharing["partner_business_id"]]
    listed = business.get_pre_verified_numbers(params={"fields": "phone_number,partners{id}"})
    mine = next(each for each in listed if each["id"] == entry["id"])
    assert mine["partners"]["data"] == [{"id": sharing["partner_business_id"]}]
    business.api_get(params={"fields": "preverified_numbers.phone_number(12025550143){id}"})
    assert business["preverified_numbers"]["data"] == [{"id": entry["id"]}]
    business.delete_share_pre_verified_numbers(params=sharing)
    entry.api_delete()
    assert entry["id"] not in [each["id"] for each in business.get_pre_verified_numbers()]


def test_the_sdk_inspects_tokens_and_sends_a_batch(start: Partner, connect: Connect) -> None:
    partner = start()
    api, known = connect(partner), partner.known
    inspected = api.call("GET", ("debug_token",), params={"input_token": known.system_user_token}).json()
    assert inspected["data"]["is_valid"] is True
    given = {
        "grant_type": "client_credentials",
        "client_id": known.app_id,
        "client_secret": known.app_secret,
    }
    token = api.call("GET", ("oauth", "access_token"), params=given).json()["access_token"]
    assert partner.read(f"{known.app_id}/subscriptions", token=token) == {"data": []}
    succeeded: list[Any] = []
    failed: list[Any] = []
    batch = api.new_batch()
    wabas = partner.wabas(trouble="")
    for waba_id in (*(waba["id"] for waba in wabas), "123"):
        account = WhatsAppBusinessAccount(waba_id, api=api)
        account.api_get(fields=["name"], batch=batch, success=succeeded.append, failure=failed.append)
    assert batch.execute() is None
    assert [each.json()["id"] for each in succeeded] == [waba["id"] for waba in wabas]
    assert [each.error().api_error_subcode() for each in failed] == [33]
