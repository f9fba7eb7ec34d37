"""The settings and the username of a number at the practice server."""

import pytest

from tests.portal.sandbox.conftest import Caller, Partner


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start(wabas=1, numbers=3)


def test_a_number_has_metas_defaults_until_something_is_set(partner: Caller) -> None:
    number = partner.number(settings={"storage_configuration": {"status": "IN_COUNTRY_STORAGE_ENABLED"}})

    settings = partner.read(f"{number}/settings")

    assert settings["calling"]["status"] == "DISABLED"
    assert settings["storage_configuration"] == {"status": "IN_COUNTRY_STORAGE_ENABLED"}


def test_a_username_comes_with_its_state_and_none_is_an_empty_object(partner: Caller) -> None:
    assert partner.read(f"{partner.number(username='harbor_bakery')}/username")["username"] == "harbor_bakery"
    assert partner.read(f"{partner.number(1, username='')}/username") == {}


@pytest.mark.parametrize("edge", ["settings", "username"])
def test_a_waba_has_neither(partner: Caller, edge: str) -> None:
    waba = partner.read(f"{partner.known.business_id}/client_whatsapp_business_accounts")["data"][0]["id"]

    assert partner.get(f"{waba}/{edge}").status_code == 400
