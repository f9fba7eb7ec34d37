"""The business profile of a number at the practice server, as strict as Graph."""

from typing import Any

import pytest

from tests.portal.sandbox.conftest import Caller, Partner

EDGE = "whatsapp_business_profile"
CHANGE: dict[str, Any] = {"messaging_product": "whatsapp", "about": "Fresh bread", "websites": ["https://a.example"]}


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start(wabas=1, numbers=3)


def profile(partner: Caller, number: str, fields: str = "about,description,email,websites,vertical") -> Any:
    (found,) = partner.read(f"{number}/{EDGE}", fields=fields)["data"]
    return found


def test_what_is_named_is_changed_and_the_rest_stays(partner: Caller) -> None:
    number = partner.number()
    partner.do(f"{number}/{EDGE}", {"messaging_product": "whatsapp", "email": "hi@a.example", "vertical": "HOTEL"})

    assert partner.do(f"{number}/{EDGE}", CHANGE)

    shown = profile(partner, number)
    assert (shown["about"], shown["websites"]) == ("Fresh bread", ["https://a.example"])
    assert (shown["email"], shown["vertical"]) == ("hi@a.example", "HOTEL")


def test_an_empty_value_takes_a_field_away(partner: Caller) -> None:
    number = partner.number()
    partner.do(f"{number}/{EDGE}", {**CHANGE, "email": "hi@a.example"})

    partner.do(f"{number}/{EDGE}", {"messaging_product": "whatsapp", "email": "", "websites": []})

    assert not profile(partner, number).keys() & {"email", "websites"}


def test_without_fields_only_the_product_comes_and_an_unknown_field_fails_the_call(partner: Caller) -> None:
    number = partner.number()

    assert partner.read(f"{number}/{EDGE}") == {"data": [{"messaging_product": "whatsapp"}]}
    answer = partner.get(f"{number}/{EDGE}", fields="about,mood")
    assert answer.status_code == 400
    assert "nonexisting field (mood)" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"messaging_product": "messenger"},
        {"about": ""},
        {"about": "x" * 140},
        {"description": "x" * 513},
        {"address": ["x"]},
        {"email": "nobody"},
        {"vertical": "BAKERY"},
        {"websites": ["a.example"]},
        {"websites": ["https://a.example", "https://b.example", "https://c.example"]},
        {"profile_picture_handle": "4::aW1h"},
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_and_nothing_is_changed(partner: Caller, wrong: dict[str, Any]) -> None:
    number = partner.number()
    before = profile(partner, number)

    answer = partner.post(f"{number}/{EDGE}", {**CHANGE, **wrong})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
    assert profile(partner, number) == before


def test_a_waba_has_no_profile(partner: Caller) -> None:
    waba = partner.read(f"{partner.known.business_id}/client_whatsapp_business_accounts")["data"][0]["id"]

    assert partner.get(f"{waba}/{EDGE}").status_code == 400
