"""The page of operations and `/metrics`: the same figures, for who runs the desk and for who has the token."""

import datetime
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.choices import CredentialState
from clients.models import Client, Credential, SyncFailure, User
from phones.choices import ActionKind, ActionState, EventState
from phones.models import Action, Event, Heartbeat, PhoneNumber
from phones.pictures.daily import count_numbers
from tests.conftest import SignIn
from tests.phones.reading import in_one_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy_desk(alices_number: PhoneNumber, foreign_client: Client) -> None:
    """Work was scheduled a moment ago; a token is dead, a reading failed, an event and an action wait."""
    now = timezone.now()
    Heartbeat.objects.create(name="tick", at=now)
    Credential.objects.update(state=CredentialState.DEAD)
    SyncFailure.objects.create(waba=alices_number.waba, kind="token_dead", at=now)
    Event.objects.create(digest="a", received_at=now - datetime.timedelta(minutes=9), state=EventState.WAITING)
    Action.objects.create(
        number=alices_number, kind=ActionKind.REGISTER, state=ActionState.UNKNOWN, created_at=now, sent_at=now
    )
    count_numbers()


def test_who_runs_the_desk_sees_what_is_wrong_what_to_do_and_the_figures(
    busy_desk: None, team_lead: User, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    browser = sign_in(team_lead)
    with django_assert_max_num_queries(12):
        page = in_one_line(browser.get("/operations/").content.decode())

    assert "1 token is refused by Meta" in page
    assert "Events of Meta wait: 1, the first for 9 min" in page
    assert "The answer to 1 action was lost" in page
    assert "Start one; nothing is lost meanwhile." in page
    assert "numberdesk_open_work" in page
    assert "All is well" not in page


def test_a_desk_where_all_is_well_says_so(team_lead: User, sign_in: SignIn) -> None:
    Heartbeat.objects.create(name="tick", at=timezone.now())

    assert "All is well" in sign_in(team_lead).get("/operations/").content.decode()


def test_nobody_else_sees_the_page(account_manager: User, viewer: User, auditor: User, sign_in: SignIn) -> None:
    assert [sign_in(person).get("/operations/").status_code for person in (account_manager, viewer, auditor)] == [
        403
    ] * 3


def test_prometheus_reads_the_same_figures_with_the_token_under_any_name(busy_desk: None, settings: Any) -> None:
    settings.METRICS_TOKEN = "a-token-of-prometheus"

    answer = Browser().get("/metrics", HTTP_HOST="10.1.2.3:8000", HTTP_AUTHORIZATION="Bearer a-token-of-prometheus")

    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert 'numberdesk_tokens{state="dead"} 1.0' in lines
    assert 'numberdesk_open_work{state="unknown",work="action"} 1.0' in lines
    assert 'numberdesk_failed_readings_last_hour{kind="token_dead"} 1.0' in lines
    assert 'numberdesk_numbers_by_quality{quality_rating="GREEN"} 1.0' in lines
    assert "numberdesk_events_waiting 1.0" in lines


def test_without_the_right_token_there_is_nothing_to_read(settings: Any) -> None:
    assert Browser().get("/metrics").status_code == 404

    settings.METRICS_TOKEN = "a-token-of-prometheus"
    for sent in ("", "Bearer another", "a-token-of-prometheus"):
        answer = Browser().get("/metrics", HTTP_AUTHORIZATION=sent)
        assert (answer.status_code, b"numberdesk_" in answer.content) == (401, False)
    assert Browser().post("/metrics").status_code == 405


def test_requests_are_timed_by_the_name_of_their_page(settings: Any, team_lead: User, sign_in: SignIn) -> None:
    settings.METRICS_TOKEN = "a-token-of-prometheus"
    browser = sign_in(team_lead)
    browser.get("/operations/")
    browser.get("/nothing/like/this/")

    told = Browser().get("/metrics", HTTP_AUTHORIZATION="Bearer a-token-of-prometheus").content.decode()

    assert 'numberdesk_request_seconds_count{method="GET",page="phones:operations",status="2xx"}' in told
    assert 'numberdesk_request_seconds_count{method="GET",page="unknown",status="4xx"}' in told
    assert "like/this" not in told
