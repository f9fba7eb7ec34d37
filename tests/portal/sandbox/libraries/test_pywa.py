"""pywa, the Python library for the WhatsApp Cloud API, against the practice server: its calls as it makes them.

Works with pywa 3.9 as with 4.x. CONTRIBUTING.md says how to run it with the version that is not installed.
"""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from pywa.client import WhatsApp
from pywa.errors import WhatsAppError
from pywa.types.others import Pagination

from tests.portal.sandbox.conftest import Caller, Partner
from tests.portal.sandbox.receiver import receiving
from tests.portal.sandbox.signing_up import sign_up

Connect = Callable[..., Any]
since_pywa_4 = pytest.mark.skipif(not hasattr(WhatsApp, "create_phone_number"), reason="pywa 3.9 has no such call")
ADDRESS = "https://crm.example/wa"


@pytest.fixture
def connect() -> Iterator[Connect]:
    """A function that gives pywa's client with a token of the partner's. The session's base URL is all that differs."""
    sessions: list[httpx.Client] = []

    def connected(partner: Caller, token: str = "") -> Any:
        session = httpx.Client(trust_env=False)
        sessions.append(session)
        known = partner.known
        client = WhatsApp(token=token or known.system_user_token, session=session)
        session.base_url = httpx.URL(partner.url).join(session.base_url.path)
        return client

    yield connected
    for session in sessions:
        session.close()


def test_pywa_reads_accounts_and_their_numbers(practice: Caller, connect: Connect) -> None:
    wa, waba = connect(practice), practice.plain_waba()
    assert wa.get_business_account(waba_id=waba["id"]).name == waba["values"]["name"]
    numbers = list(wa.get_business_phone_numbers(waba_id=waba["id"]))
    assert {number.id for number in numbers} == set(waba["phone_number_ids"])
    assert wa.get_business_phone_number(phone_id=numbers[0].id) == numbers[0]


@since_pywa_4
def test_pywa_lists_the_accounts_of_the_portfolio_page_by_page_and_sets_one(start: Partner, connect: Connect) -> None:
    partner = start()
    wa, portfolio = connect(partner), partner.known.business_id
    two = Pagination(limit=2)
    shared = wa.get_shared_business_accounts(business_portfolio_id=portfolio, pagination=two)
    assert [each.id for each in shared.all()] == [waba["id"] for waba in partner.wabas(relation="client")]
    owned = wa.get_owned_business_accounts(business_portfolio_id=portfolio)
    assert [each.id for each in owned.all()] == [waba["id"] for waba in partner.wabas(relation="owned")]
    waba_id = partner.plain_waba()["id"]
    wa.update_business_account_settings(disable_marketing_messages_on_cloud_api=True, waba_id=waba_id)
    assert wa.get_business_account(waba_id=waba_id).disable_marketing_messages_on_cloud_api is True


def test_pywa_exchanges_a_code_and_sees_the_subscribed_apps_as_a_field_of_the_account(
    start: Partner, connect: Connect
) -> None:
    partner = start()
    ending = sign_up(partner)
    known = partner.known
    granted = connect(partner).api.get_business_access_token(known.app_id, known.app_secret, ending["code"])
    wa = connect(partner, granted["access_token"])
    assert not wa.get_business_account(waba_id=ending["waba_id"]).subscribed_apps
    wa.override_waba_callback_url(ADDRESS, "hush", waba_id=ending["waba_id"])
    assert wa.get_business_account(waba_id=ending["waba_id"]).subscribed_apps[0].id == known.app_id
    assert wa.api.get_waba_subscribed_apps(ending["waba_id"])["data"][0]["override_callback_uri"] == ADDRESS
    wa.delete_waba_callback_url(waba_id=ending["waba_id"])
    assert "override_callback_uri" not in wa.api.get_waba_subscribed_apps(ending["waba_id"])["data"][0]


def test_pywa_sets_the_callback_with_the_apps_token_beside_its_own(start: Partner, connect: Connect) -> None:
    partner = start()
    wa = connect(partner)
    token = wa.get_app_access_token(partner.known.app_id, partner.known.app_secret)
    with receiving() as receiver:
        fields = ["account_update", "phone_number_quality_update"]
        wa.set_app_callback_url(partner.known.app_id, token, receiver.url, receiver.verify_token, fields)
        (shown,) = partner.read(f"{partner.known.app_id}/subscriptions", token=token)["data"]
        assert (shown["callback_url"], [each["name"] for each in shown["fields"]]) == (receiver.url, fields)
    with pytest.raises(WhatsAppError):
        wa.get_app_access_token(partner.known.app_id, "wrong")


def test_pywa_gives_a_number_an_address_of_its_own_and_takes_it_away(start: Partner, connect: Connect) -> None:
    partner = start()
    wa, number_id = connect(partner), partner.number()
    wa.override_phone_callback_url(ADDRESS, "hush", phone_id=number_id)
    shown = wa.get_business_phone_number(phone_id=number_id).webhook_configuration
    assert shown["phone_number"] == ADDRESS
    wa.delete_phone_callback_url(phone_id=number_id)
    assert wa.get_business_phone_number(phone_id=number_id).webhook_configuration is None


@since_pywa_4
def test_pywa_adds_a_number_and_proves_it(start: Partner, connect: Connect) -> None:
    partner = start()
    wa, ending = connect(partner), sign_up(partner)
    added = wa.create_phone_number(
        country_calling_code=1, phone_number="2025550142", verified_name="Harbor Bakery", waba_id=ending["waba_id"]
    )
    wa.request_verification_code(code_method="SMS", language_code="en", phone_id=added.id)
    wa.verify_phone_number(partner.behind(added.id)["code"], phone_id=added.id)
    number = wa.get_business_phone_number(phone_id=added.id)
    assert (number.display_phone_number, number.code_verification_status) == ("+1 202-555-0142", "VERIFIED")


def test_pywa_registers_a_number_renames_and_deregisters_it(start: Partner, connect: Connect) -> None:
    partner = start()
    wa, number_id = connect(partner), partner.number()
    assert wa.register_phone_number("135790", phone_id=number_id)
    assert wa.get_business_phone_number(phone_id=number_id).status == "CONNECTED"
    with pytest.raises(WhatsAppError, match="PIN"):
        wa.register_phone_number("000000", phone_id=number_id)
    wa.update_display_name("Harbor Bakery and Café", phone_id=number_id)
    assert wa.get_business_phone_number(phone_id=number_id).new_name_status == "PENDING_REVIEW"
    assert wa.deregister_phone_number(phone_id=number_id)
    assert wa.get_business_phone_number(phone_id=number_id).platform_type == "NOT_APPLICABLE"
