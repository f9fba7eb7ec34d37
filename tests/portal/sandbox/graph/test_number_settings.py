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


def test_a_username_is_asked_for_changed_and_given_up(partner: Caller) -> None:
    number = partner.number(username="")

    assert partner.do(f"{number}/username", {"username": "harbor_bakery"})["status"] in {"approved", "reserved"}
    partner.do(f"{number}/username", {"username": "Harbor.Bakery"})
    assert partner.read(f"{number}/username")["username"] == "Harbor.Bakery"
    answer = partner.session.delete(
        f"{partner.url}/v25.0/{number}/username", headers={"Authorization": f"Bearer {partner.known.system_user_token}"}
    )

    assert answer.json()["success"] in (True, "true")
    assert partner.read(f"{number}/username") == {}


@pytest.mark.parametrize("wrong", ["", "ab", "x" * 36, "two words", "a..b", ".abc", "1234", "HARBOR_bakery", None, 7])
def test_what_is_no_username_or_anothers_is_refused(partner: Caller, wrong: object) -> None:
    partner.number(1, username="harbor_bakery")

    assert partner.refusal(f"{partner.number(username='')}/username", {"username": wrong})["code"] == 100


def test_meta_suggests_usernames_by_the_display_name(partner: Caller) -> None:
    (found,) = partner.read(f"{partner.number(verified_name='Harbor Bakery')}/username_suggestions")["data"]

    assert "harbor_bakery" in found["username_suggestions"]
