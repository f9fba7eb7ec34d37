"""Display names: asking for one, its review, and how it goes live."""

import pytest

from tests.portal.sandbox.conftest import REGISTERED, Caller, Partner

NAME = ("verified_name", "name_status", "new_display_name", "new_name_status")
DAY = 86_400


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start(wabas=1, numbers=4)


@pytest.fixture
def number(partner: Caller) -> str:
    return partner.number(**REGISTERED)


def test_a_name_is_reviewed_for_a_while_and_goes_live_with_the_next_registration(partner: Caller, number: str) -> None:
    pin = partner.behind(number)["pin"]
    old_certificate = partner.values(number, "certificate")
    assert partner.do(number, {"new_display_name": " Harbor Coffee "})["success"] in (True, "true")
    assert partner.values(number, *NAME) == ("Harbor Bakery", "APPROVED", "Harbor Coffee", "PENDING_REVIEW")
    partner.register(number, pin)
    assert partner.values(number, *NAME)[3] == "PENDING_REVIEW"
    partner.forward(61)
    assert partner.values(number, *NAME) == ("Harbor Bakery", "APPROVED", "Harbor Coffee", "APPROVED")
    new_certificate = partner.values(number, "new_certificate")
    partner.register(number, pin)
    assert partner.values(number, *NAME) == ("Harbor Coffee", "APPROVED", None, None)
    assert old_certificate != partner.values(number, "certificate") == new_certificate
    assert partner.values(number, "new_certificate") == (None,)


@pytest.mark.parametrize("way", ["data", "params"])
def test_a_name_may_be_asked_for_by_a_form_or_in_the_address(partner: Caller, number: str, way: str) -> None:
    headers = {"Authorization": f"Bearer {partner.known.system_user_token}"}
    sent = {way: {"new_display_name": "Möwe & Söhne"}}
    answer = partner.session.request("POST", f"{partner.url}/v25.0/{number}", headers=headers, timeout=5, **sent)  # type: ignore[arg-type]  # one keyword or another
    assert answer.status_code == 200
    assert partner.values(number, "new_display_name") == ("Möwe & Söhne",)


@pytest.mark.parametrize(
    ("name", "decision"),
    [
        ("Harbor Coffee", "APPROVED"),
        ("The Greatest Contest", "APPROVED"),
        ("さくら商店", "APPROVED"),
        ("Test number", "DECLINED"),
        ("Harbor testing", "DECLINED"),
        ("My WhatsApp Shop", "DECLINED"),
        ("12345 !!", "DECLINED"),
    ],
)
def test_the_decision_depends_on_the_name_alone(partner: Caller, number: str, name: str, decision: str) -> None:
    partner.do(number, {"new_display_name": name})
    partner.forward(61)
    assert partner.values(number, "new_name_status") == (decision,)


def test_a_declined_name_changes_nothing_at_the_next_registration(partner: Caller, number: str) -> None:
    partner.do(number, {"new_display_name": "Test"})
    partner.forward(61)
    partner.register(number, partner.behind(number)["pin"])
    assert partner.values(number, *NAME) == ("Harbor Bakery", "APPROVED", "Test", "DECLINED")


def test_an_approved_name_lapses_when_it_is_not_put_to_use_in_14_days(partner: Caller, number: str) -> None:
    partner.do(number, {"new_display_name": "Harbor Coffee"})
    partner.forward(14 * DAY)
    assert partner.values(number, "new_name_status") == ("APPROVED",)
    partner.forward(61)
    assert partner.values(number, "new_name_status") == ("EXPIRED",)
    partner.register(number, partner.behind(number)["pin"])
    assert partner.values(number, "verified_name") == ("Harbor Bakery",)


def test_another_request_takes_the_place_of_the_first(partner: Caller, number: str) -> None:
    partner.do(number, {"new_display_name": "Harbor Coffee"})
    partner.forward(50)
    partner.do(number, {"new_display_name": "Harbor Tea"})
    partner.forward(50)
    assert partner.values(number, "new_display_name", "new_name_status") == ("Harbor Tea", "PENDING_REVIEW")


def test_an_approved_new_name_lets_a_number_be_registered_whose_name_was_declined(partner: Caller) -> None:
    number = partner.number(name_status="DECLINED")
    assert partner.not_registered(number)["error_subcode"] == 2388001
    partner.do(number, {"new_display_name": "Harbor Coffee"})
    partner.forward(61)
    partner.register(number)
    assert partner.values(number, *NAME) == ("Harbor Coffee", "APPROVED", None, None)


def test_the_eleventh_request_in_30_days_is_refused(partner: Caller, number: str) -> None:
    for count in range(10):
        partner.do(number, {"new_display_name": f"Harbor {count}"})
    error = partner.refusal(number, {"new_display_name": "Harbor 10"})
    assert (error["code"], "30 days" in error["message"]) == (100, True)
    partner.forward(30 * DAY)
    partner.do(number, {"new_display_name": "Harbor 10"})


@pytest.mark.parametrize(
    "name", ["", "H", "  H  ", "H" * 76, 12, [], "Harbor\u0000Bakery", "Harbor\nBakery", "Har\ud800bor"]
)
def test_a_name_has_2_to_75_characters(partner: Caller, number: str, name: object) -> None:
    assert partner.refusal(number, {"new_display_name": name})["code"] == 100
    assert partner.values(number, "new_display_name") == (None,)


def test_an_official_business_account_asks_support(partner: Caller) -> None:
    number = partner.number(**REGISTERED, is_official_business_account=True)
    assert "support" in partner.refusal(number, {"new_display_name": "Harbor Coffee"})["message"]


def test_a_call_that_changes_nothing_is_refused(partner: Caller, number: str) -> None:
    for body in (None, {}, {"colour": "red"}, {"pin": None}):
        assert partner.refusal(number, body)["code"] == 100


def test_pin_and_name_are_changed_together_or_not_at_all(partner: Caller, number: str) -> None:
    pin = partner.behind(number)["pin"]
    partner.refusal(number, {"pin": "042917", "new_display_name": "H"})
    partner.refusal(number, {"pin": "4291", "new_display_name": "Harbor Coffee"})
    assert (partner.behind(number)["pin"], *partner.values(number, "new_display_name")) == (pin, None)
    partner.do(number, {"pin": "042917", "new_display_name": "Harbor Coffee"})
    assert partner.behind(number)["pin"] == "042917"


def test_how_long_a_review_takes_is_an_option(start: Partner) -> None:
    partner = start(wabas=1, numbers=1, review_seconds=0)
    number = partner.number(**REGISTERED)
    partner.do(number, {"new_display_name": "Harbor Coffee"})
    assert partner.values(number, "new_name_status") == ("APPROVED",)
