"""The list of WABAs: whose, how Meta sees them, and by what they are found."""

import re

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import User, Waba
from phones.models import PhoneNumber, Subscription
from tests.conftest import SignIn
from tests.factories import make_client, make_waba
from tests.phones.listing.rows import text_of


def found(browser: Browser, query: str = "") -> list[str]:
    """The WABA ids of the rows, in order."""
    response = browser.get(f"/wabas/?{query}")
    assert response.status_code == 200
    return re.findall(r'data-waba-id="(\d+)"', text_of(response))


def test_each_person_sees_the_wabas_of_their_clients(
    account_manager: User, team_lead: User, sign_in: SignIn, alices_number: PhoneNumber, foreign_waba: Waba
) -> None:
    alices = alices_number.waba
    text = text_of(sign_in(account_manager).get("/wabas/"))

    for words in ("Alpha Bakery WABA", alices.waba_id, f"/phones/?waba={alices.waba_id}", str(alices.client.owner)):
        assert words in text
    assert foreign_waba.waba_id not in text
    assert found(sign_in(team_lead)) == [alices.waba_id, foreign_waba.waba_id]


@pytest.mark.django_db
def test_wabas_are_found_by_what_meta_says_of_them_their_events_and_their_names(
    team_lead: User, sign_in: SignIn
) -> None:
    deferred = make_waba(make_client("Beta"), name="Beta", account_review_status="DEFERRED", status="ACTIVE")
    pending = make_waba(make_client("Gamma"), name="Gamma", account_review_status="PENDING", status=None)
    Subscription.objects.create(waba=deferred, is_ours=False, check_due_at=timezone.now())
    browser = sign_in(team_lead)

    assert found(browser, "account_review_status=DEFERRED") == [deferred.waba_id]
    assert found(browser, "account_review_status=PENDING,DEFERRED") == [deferred.waba_id, pending.waba_id]
    assert found(browser, "status=-") == [pending.waba_id]
    assert found(browser, "events=off") == [deferred.waba_id]
    assert found(browser, "events=unknown") == [pending.waba_id]
    assert found(browser, "q=gam") == found(browser, f"q={pending.waba_id}") == [pending.waba_id]
    assert found(browser, "sort=-name") == [pending.waba_id, deferred.waba_id]
    assert found(browser, "status=nonsense") == found(browser, "client=x") == []


def test_the_list_of_wabas_takes_few_statements(
    account_manager: User, sign_in: SignIn, alices_waba: Waba, django_assert_max_num_queries: type
) -> None:
    for _ in range(5):
        make_waba(alices_waba.client)
    browser = sign_in(account_manager)

    with django_assert_max_num_queries(9):
        assert len(found(browser, "account_review_status=-&account_review_status=APPROVED&q=a")) >= 1
