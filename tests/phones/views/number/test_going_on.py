"""After an action a person goes on: along the queue they came from, or with the code field again."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import User, Waba
from phones.models import Action, PhoneNumber
from phones.views import trail
from tests.conftest import SignIn
from tests.factories import make_number
from tests.phones.acting import UNVERIFIED, address, at_meta, confirm_page, do, token_in
from tests.phones.reading import text_of
from tests.practice import Practice


@pytest.fixture
def pressing(alices_waba: Waba) -> list[PhoneNumber]:
    """Three numbers of the deadline queue, the soonest first, and one that is in no queue."""
    now = timezone.now()
    make_number(alices_waba)
    made = [
        make_number(
            alices_waba,
            status="PENDING",
            platform_type="NOT_APPLICABLE",
            stage="ready",
            registration_deadline=now + datetime.timedelta(hours=hours),
            last_onboarded_time=now - datetime.timedelta(days=11),
        )
        for hours in (30, 2, 50)
    ]
    return [made[1], made[0], made[2]]


def link_in(page: str, text: str) -> str:
    found = re.search(rf'href="([^"]*)"[^>]*>{re.escape(text)}<', page)
    assert found, text
    return unescape(found[1])


def test_one_goes_along_a_queue_from_number_to_number(
    account_manager: User, sign_in: SignIn, pressing: list[PhoneNumber]
) -> None:
    browser = sign_in(account_manager)
    page = text_of(browser.get("/phones/?queue=deadline"))
    opened = []
    link = link_in(page, str(pressing[0]))
    for place in (2, 3):
        page = text_of(browser.get(link))
        opened.append(link.split("/")[2])
        assert link_in(page, "Back to Deadline") == "/phones/?queue=deadline"
        link = link_in(page, f"Next in Deadline ({place} of 3)")
    page = text_of(browser.get(link))
    opened.append(link.split("/")[2])

    assert opened == [number.phone_number_id for number in pressing]
    assert "Nothing more behind it in Deadline." in page
    assert "Next in" not in page
    assert "Back to" not in text_of(browser.get(f"/phones/{opened[0]}/"))


@pytest.mark.parametrize("counted", [10_000, 1])
def test_one_goes_along_the_stale_ones_the_oldest_first_whether_these_are_few_or_many(
    team_lead: User, alices_waba: Waba, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, counted: int
) -> None:
    monkeypatch.setattr(trail, "COUNTED_TO", counted)
    now = timezone.now()
    make_number(alices_waba)
    made = [make_number(alices_waba, synced_at=now - datetime.timedelta(days=days)) for days in (3, 9, 6)]
    browser = sign_in(team_lead)

    link = link_in(text_of(browser.get("/phones/?queue=stale")), str(made[1]))
    opened = [link.split("/")[2]]
    while more := re.search(r'href="([^"]*)"[^>]*>Next in Stale', text_of(browser.get(link))):
        link = unescape(more[1])
        opened.append(link.split("/")[2])

    assert opened == [made[place].phone_number_id for place in (1, 2, 0)]


def test_a_number_that_left_the_queue_keeps_its_place_in_it(
    account_manager: User, sign_in: SignIn, pressing: list[PhoneNumber]
) -> None:
    browser = sign_in(account_manager)
    link = link_in(text_of(browser.get("/phones/?queue=deadline")), str(pressing[1]))
    PhoneNumber.objects.filter(pk=pressing[1].pk).update(registration_deadline=None, stage="registered")

    page = text_of(browser.get(link))

    assert pressing[2].phone_number_id in link_in(page, "Next in Deadline (2 of 2)")


def test_the_queue_goes_with_an_action_and_its_form_is_not_in_the_way(
    prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(UNVERIFIED)
    page = text_of(browser.get("/phones/?status=PENDING"))
    link = link_in(page, str(number))
    form = text_of(browser.get(link_in(text_of(browser.get(link)), "Request code…")))
    trail = re.search(r'name="from" value="([^"]*)"', form)
    assert trail is not None
    assert re.search(rf'<form[^>]* data-back="/phones/{number.phone_number_id}/\?from=', form)

    answer = browser.post(
        address(number, "request-code"),
        {
            "confirmation": token_in(form),
            "from": unescape(trail[1]),
            "code_method": "SMS",
            "language": "en_US",
        },
        follow=True,
    )

    assert answer.redirect_chain == [(link, 302)]
    assert "Request code: done." in text_of(answer)
    assert "Back to the list" in text_of(answer)


NO_WAYS_BACK = [
    "https://evil.example/phones/",
    "//evil.example/phones/",
    "javascript:alert(1)",
    "/login/?next=//evil.example",
    "/phones/../admin/",
    "http://[",
    "/phones/\\evil.example",
    "x" * 5_000,
    "",
]


def test_only_an_address_of_the_list_is_a_way_back(
    account_manager: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser = sign_in(account_manager)

    for given in NO_WAYS_BACK:
        page = text_of(browser.get(f"/phones/{alices_number.phone_number_id}/", {"from": given}))
        answer = browser.get(f"/phones/{alices_number.phone_number_id}/refresh/", {"from": given})

        assert "Back to" not in page, given
        assert "evil.example" not in page, given
        assert answer["Location"] == f"/phones/{alices_number.phone_number_id}/", given


def test_a_queue_of_somebody_elses_numbers_leads_nowhere(
    account_manager: User, sign_in: SignIn, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    trail = f"/phones/?client={foreign_number.waba.client_id}"

    page = text_of(sign_in(account_manager).get(f"/phones/{alices_number.phone_number_id}/", {"from": trail}))

    assert foreign_number.phone_number_id not in page
    assert "Next in" not in page


def test_a_get_of_an_actions_address_leads_to_its_form_and_does_nothing(
    account_manager: User, sign_in: SignIn, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    browser = sign_in(account_manager)

    for kind in ("register", "deregister", "request-code", "verify-code", "pin", "display-name"):
        assert browser.get(address(alices_number, kind))["Location"] == confirm_page(alices_number, kind)
        assert browser.get(address(foreign_number, kind)).status_code == 404
    for last in ("refresh", "code-links", "pin/reveal"):
        answer = browser.get(f"/phones/{alices_number.phone_number_id}/{last}/")
        assert answer["Location"] == f"/phones/{alices_number.phone_number_id}/"
        assert browser.get(f"/phones/{foreign_number.phone_number_id}/{last}/").status_code == 404
    assert not Action.objects.exists()


def test_who_signs_in_again_after_sending_a_form_comes_to_its_page_and_to_no_empty_one(
    account_manager: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    client, waba = f"/clients/{alices_number.waba.client_id}/", f"/wabas/{alices_number.waba.waba_id}/"
    number = f"/phones/{alices_number.phone_number_id}/"
    pages = {
        f"{client}assign/": client,
        f"{client}signup-links/": client,
        f"{waba}events/check/": waba,
        f"{number}notes/": number,
        "/clients/assign/": "/clients/",
        "/bulk/plan/": "/bulk/",
        "/signup/links/signup/1/revoke/": "/signup/",
        "/notes/1/edit/": "/",
    }
    browser = sign_in(account_manager)

    for form, page in pages.items():
        assert Browser().post(form)["Location"] == f"/login/?next={form}"
        assert browser.get(form)["Location"] == page, form
    for page in set(pages.values()):
        assert browser.get(page).status_code == 200, page


def test_a_wrong_code_brings_the_code_field_again_focused_with_its_ten_minutes(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(UNVERIFIED)
    do(browser, number, "request-code", code_method="SMS", language="en_US")
    code = at_meta(practice, number)["code"]

    page = do(browser, number, "verify-code", code="000000" if code != "000000" else "111111")

    assert "Confirm code failed" in page
    assert re.search(r'<input[^>]*name="code"[^>]*autofocus', page)
    assert "is good for ten minutes, until" in page
    again = browser.post(address(number, "verify-code"), {"confirmation": token_in(page), "code": code}, follow=True)
    assert "Confirm code: done." in text_of(again)
