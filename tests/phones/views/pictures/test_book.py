"""A book over time: what was counted day by day, deadlines ahead, and how signups went, each within one's own book."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.choices import AttemptState
from clients.models import Client, User, Waba
from phones.choices import StepKind, StepState
from phones.models import ClientCount, DailyCount, Onboarding, PhoneNumber
from phones.numbers import standing
from phones.pictures import signups
from phones.tasks import count
from tests.conftest import SignIn
from tests.factories import make_attempt, make_number, make_signup_link
from tests.phones.reading import shown_to


def row_of(page: str, label: str) -> str:
    found = re.search(rf"<span>{label}</span></span></th>(.*?)</tr>", page)
    assert found, label
    return " ".join(re.sub(r"<title>.*?</title>|<[^>]+>", " ", found[1]).split())


@pytest.fixture
def counted(alices_waba: Waba, foreign_number: PhoneNumber) -> Client:
    """Alice's client had three registered numbers a week ago, and has two today, one of low quality."""
    for quality in ("GREEN", "RED"):
        make_number(alices_waba, quality_rating=quality)
    standing.recompute(PhoneNumber.objects.values_list("pk", flat=True))
    client, day = alices_waba.client, timezone.localdate() - timedelta(days=7)
    counted = {"field": "stage", "value": "registered"}
    DailyCount.objects.create(day=day, numbers=9, **counted)
    ClientCount.objects.create(client=client, since=day, numbers=3, **counted)
    count()
    count()
    return client


def test_a_manager_sees_their_own_numbers_over_time_and_since_when_they_are_known(
    counted: Client, account_manager: User, sign_in: SignIn
) -> None:
    day = timezone.localdate() - timedelta(days=7)

    page = shown_to(account_manager, "/book/", sign_in)

    assert row_of(page, "Registered") == "2 −1"
    assert row_of(page, "Low").startswith("1 ")
    assert f"<title>{day:%-d %b}: 3</title>" in page
    assert f"Known from {day:%-d %b %Y} on" in page
    assert "/phones/?stage=registered" in page
    assert "style=" not in page


def test_a_lead_sees_everybodys_book_a_colleagues_and_one_client(
    counted: Client, team_lead: User, account_manager: User, sign_in: SignIn
) -> None:
    whole, hers, client = (
        row_of(shown_to(team_lead, f"/book/{query}", sign_in), "Registered")
        for query in ("", f"?book={account_manager.username}", f"?client={counted.pk}")
    )

    assert whole == "3 −6"
    assert hers == client == "2 −1"


def test_a_foreign_client_is_as_unknown_as_one_that_does_not_exist(
    counted: Client, foreign_number: PhoneNumber, account_manager: User, sign_in: SignIn
) -> None:
    for key in (foreign_number.waba.client_id, 999_999, "x", "%00"):
        page = shown_to(account_manager, f"/book/?client={key}", sign_in)
        assert "You have no such client. Here is the whole book." in page
        assert row_of(page, "Registered") == "2 −1"


def test_the_calendar_leads_to_the_numbers_of_the_day(
    alices_waba: Waba, foreign_number: PhoneNumber, account_manager: User, sign_in: SignIn
) -> None:
    due = timezone.localtime() + timedelta(days=3)
    number = make_number(alices_waba, registration_deadline=due, stage="ready")
    later = make_number(alices_waba, registration_deadline=due + timedelta(days=1), stage="ready")
    PhoneNumber.objects.filter(pk=foreign_number.pk).update(registration_deadline=due)

    page = shown_to(account_manager, "/book/", sign_in)
    day = re.search(rf'<a href="([^"]*)"[^>]*by {due:%-d %b %Y}">1</a>', page)
    assert day
    listed = shown_to(account_manager, day[1], sign_in)

    assert number.phone_number_id in listed
    assert later.phone_number_id not in listed
    assert "is no day" in shown_to(account_manager, "/phones/?register_by=soon", sign_in)


def test_signups_are_followed_to_where_they_stop_and_each_step_is_timed(
    alices_client: Client, alices_waba: Waba, account_manager: User, sign_in: SignIn
) -> None:
    now = timezone.now()
    made = now - timedelta(days=6)
    done = make_attempt(
        make_signup_link(alices_client, created_at=made),
        state=AttemptState.FINISHED,
        opened_at=made + timedelta(days=2),
        started_at=made + timedelta(days=2),
        ended_at=made + timedelta(days=3),
    )
    onboarding = Onboarding.objects.create(client=alices_client, attempt=done, waba=alices_waba, created_at=now)
    for kind, ends in ((StepKind.ACCESS, 3), (StepKind.ACCOUNT, 4), (StepKind.NUMBERS, 4), (StepKind.REGISTRATION, 6)):
        onboarding.steps.create(kind=kind, state=StepState.DONE, finished_at=made + timedelta(days=ends))
    make_attempt(make_signup_link(alices_client), state=AttemptState.CANCELLED, opened_at=None)
    make_attempt(make_signup_link(), state=AttemptState.ERROR)

    page = " ".join(re.sub(r"<[^>]+>", " ", shown_to(account_manager, "/book/", sign_in)).split())

    assert "Meta’s dialog opened 2 2 1 Signup finished 1 1 0" in page
    assert "Not finished: Left Meta’s dialog 1." in page
    assert "Client opens the link 2.0 days" in page
    assert "Number registered 2.0 days 2.0 days 1" in page


def test_of_many_tries_the_newest_are_read_and_the_page_says_how_many(
    alices_client: Client, account_manager: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make_attempt(make_signup_link(alices_client))
    assert "newest" not in shown_to(account_manager, "/book/", sign_in)

    monkeypatch.setattr(signups, "ATTEMPTS_READ", 2)
    page = shown_to(account_manager, "/book/", sign_in)

    assert "Links of the last 90 days, of the newest 2 tries." in page
    assert '<th scope="row">Link made</th>' in page


def test_registrations_in_time_and_missed_stand_by_the_week_of_the_signup(
    alices_waba: Waba, account_manager: User, sign_in: SignIn
) -> None:
    make_number(alices_waba)
    make_number(alices_waba, platform_type="NOT_APPLICABLE", status="PENDING", stage="window_closed")
    count()

    page = shown_to(account_manager, "/book/", sign_in)

    assert row_of(page, "Registered in time") == "1"
    assert row_of(page, "Missed") == "1"
    assert row_of(page, "Still to register") == "0"


def test_before_the_first_count_the_page_says_so(account_manager: User, sign_in: SignIn) -> None:
    assert "Not counted yet" in shown_to(account_manager, "/book/", sign_in)


def test_the_page_costs_few_queries(
    counted: Client, account_manager: User, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_attempt(make_signup_link(counted))
    browser = sign_in(account_manager)

    with django_assert_max_num_queries(12):
        browser.get("/book/")
