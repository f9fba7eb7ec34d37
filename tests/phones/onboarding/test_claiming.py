"""Signups that ended at Meta and never reached us: what is offered, to whom, and what claiming one does."""

import datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from pytest_django import Settings

from clients import links, signups
from clients.choices import AttemptState, CredentialState, WabaOrigin
from clients.models import Client, Portfolio, SignupAttempt, SignupLink, User, Waba
from phones import waking
from phones.choices import StepKind, StepState
from phones.models import Onboarding
from phones.onboarding import claiming
from tests.factories import make_attempt, make_client, make_credential, make_portfolio, make_signup_link, make_waba

pytestmark = pytest.mark.django_db

BUSINESS_ID = "300300300"


@pytest.fixture(autouse=True)
def wakes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry each time that a worker was woken."""
    woken: list[int] = []
    monkeypatch.setattr(waking, "wake_onboarding", lambda: woken.append(1))
    return woken


@pytest.fixture
def link(alices_client: Client) -> SignupLink:
    return make_signup_link(alices_client)


@pytest.fixture
def lost(link: SignupLink) -> SignupAttempt:
    """Meta's dialog said that it was done, an hour ago, and named no WABA."""
    began = timezone.now() - datetime.timedelta(hours=1)
    return make_attempt(link, state=AttemptState.LOST, started_at=began, opened_at=began, said_event="FINISH")


def discovered(*, age: datetime.timedelta = datetime.timedelta(0), **values: Any) -> Waba:
    """A WABA that discovery found so long ago, with a client of its own whom nobody looks after."""
    client = make_client("Alpha Bakery Ltd")
    make_portfolio(client, values.setdefault("owner_business_id", BUSINESS_ID))
    waba = make_waba(client, **values)
    Waba.objects.filter(pk=waba.pk).update(created_at=timezone.now() - age)
    waba.refresh_from_db()
    return waba


# --- What is offered --------------------------------------------------------------------------------------------------


def test_what_discovery_found_since_is_offered_the_newest_first(lost: SignupAttempt) -> None:
    first = discovered(age=datetime.timedelta(minutes=30), owner_business_id="1")
    second = discovered(owner_business_id="2")
    discovered(age=datetime.timedelta(hours=2), owner_business_id="3")

    assert claiming.candidates(lost) == [second, first]


def test_what_the_browser_named_comes_first_however_old_it_is(lost: SignupAttempt) -> None:
    old = datetime.timedelta(days=400)
    found = discovered(owner_business_id="1")
    of_business = discovered(age=old, owner_business_id="2")
    named = discovered(age=old, owner_business_id="3")
    lost.said_waba_id, lost.said_business_id = named.waba_id, "2"

    assert claiming.candidates(lost) == [named, of_business, found]


def test_a_waba_that_somebody_looks_after_is_never_offered_though_a_browser_names_it(
    lost: SignupAttempt, foreign_waba: Waba, viewer: User
) -> None:
    covered = make_waba(make_client(cover=viewer))
    for waba in (foreign_waba, covered):
        lost.said_waba_id = waba.waba_id
        assert claiming.candidates(lost) == []


def test_a_waba_of_the_same_client_is_offered(lost: SignupAttempt, alices_waba: Waba) -> None:
    assert claiming.candidates(lost) == [alices_waba]


@pytest.mark.parametrize("origin", [WabaOrigin.OWNED_EDGE, WabaOrigin.MANUAL, WabaOrigin.SIGNUP])
def test_only_wabas_that_clients_share_are_found(lost: SignupAttempt, origin: WabaOrigin) -> None:
    discovered(origin=origin)

    assert claiming.candidates(lost) == []


def test_a_waba_that_is_no_longer_shared_is_not_offered(lost: SignupAttempt) -> None:
    lost.said_waba_id = discovered(unshared_since=timezone.now()).waba_id

    assert claiming.candidates(lost) == []


def test_a_waba_that_was_onboarded_since_is_not_offered_unless_that_was_dismissed(lost: SignupAttempt) -> None:
    waba = discovered()
    done = Onboarding.objects.create(client=waba.client, waba=waba, created_at=timezone.now())

    assert claiming.candidates(lost) == []

    Onboarding.objects.filter(pk=done.pk).update(dismissed_at=timezone.now())
    assert claiming.candidates(lost) == [waba]


def test_what_turned_up_days_later_came_of_something_else(link: SignupLink) -> None:
    began = timezone.now() - datetime.timedelta(days=4)
    attempt = make_attempt(link, state=AttemptState.LOST, started_at=began)
    discovered()

    assert claiming.candidates(attempt) == []


# --- What is left to staff --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", AttemptState)
def test_lost_failed_and_refused_attempts_are_left_to_staff(link: SignupLink, state: AttemptState) -> None:
    attempt = make_attempt(link, state=state)
    left = state in {AttemptState.LOST, AttemptState.FAILED, AttemptState.REFUSED}

    assert list(claiming.left_to_staff()) == ([attempt] if left else [])


def test_an_attempt_that_broke_off_is_left_to_staff_once_discovery_has_found_something(link: SignupLink) -> None:
    attempt = make_attempt(link, started_at=timezone.now() - datetime.timedelta(hours=1))
    make_attempt(link, state=AttemptState.OPENED, started_at=None)
    assert not claiming.left_to_staff()

    discovered()

    assert list(claiming.left_to_staff()) == [attempt]


def test_an_attempt_whose_onboarding_is_under_way_is_not_left_to_staff(link: SignupLink) -> None:
    make_attempt(link, started_at=timezone.now() - datetime.timedelta(hours=1), credential=make_credential())
    discovered()

    assert not claiming.left_to_staff()


def test_a_later_try_that_worked_closes_what_failed_before_but_not_what_was_refused(link: SignupLink) -> None:
    make_attempt(link, state=AttemptState.FAILED)
    make_attempt(link, state=AttemptState.LOST)
    refused = make_attempt(link, state=AttemptState.REFUSED)
    make_attempt(link, credential=make_credential())

    assert list(claiming.left_to_staff()) == [refused]


def test_what_was_set_aside_is_left_to_nobody_and_the_record_tells_by_whom(
    lost: SignupAttempt, team_lead: User, administrator: User
) -> None:
    claiming.set_aside(attempt=lost, actor=team_lead)
    claiming.set_aside(attempt=lost, actor=administrator)

    assert not claiming.left_to_staff()
    assert (lost.handled_by, lost.state) == (team_lead, AttemptState.LOST)
    assert LogEntry.objects.get().user == team_lead


# --- Claiming ---------------------------------------------------------------------------------------------------------


def test_claiming_gives_the_waba_and_its_portfolio_to_the_client_and_opens_an_onboarding(
    lost: SignupAttempt, team_lead: User, alices_client: Client, wakes: list[int]
) -> None:
    waba = discovered()
    made_for_it = waba.client

    onboarding = claiming.claim(attempt=lost, waba=waba, actor=team_lead)

    waba.refresh_from_db()
    assert waba.client == alices_client
    assert Portfolio.objects.get(business_id=BUSINESS_ID).client == alices_client
    assert not Client.objects.filter(pk=made_for_it.pk).exists(), "the client that discovery made up is gone"
    assert (onboarding.client, onboarding.attempt, onboarding.waba) == (alices_client, lost, waba)
    assert onboarding.credential == waba.credential
    assert onboarding.steps.get(kind=StepKind.ACCESS).state == StepState.DONE
    assert (lost.handled_by, lost.state) == (team_lead, AttemptState.LOST)
    assert wakes == [1]
    assert LogEntry.objects.filter(user=team_lead, change_message__startswith="Claimed WABA").exists()


def test_a_client_that_has_more_than_this_waba_stays(lost: SignupAttempt, team_lead: User) -> None:
    waba = discovered()
    before, other = waba.client, make_waba(waba.client)
    signup = make_signup_link(before)

    claiming.claim(attempt=lost, waba=waba, actor=team_lead)

    waba.refresh_from_db()
    other.refresh_from_db()
    assert (waba.client, other.client) == (lost.link.client, before)
    assert Portfolio.objects.get(business_id=BUSINESS_ID).client == lost.link.client
    assert SignupLink.objects.filter(pk=signup.pk).exists()


def test_our_own_portfolio_stays_where_it_is(lost: SignupAttempt, team_lead: User, settings: Settings) -> None:
    settings.META_BUSINESS_ID = BUSINESS_ID
    waba = discovered()
    before = waba.client
    make_waba(before)

    claiming.claim(attempt=lost, waba=waba, actor=team_lead)

    assert Portfolio.objects.get(business_id=BUSINESS_ID).client == before


def test_a_waba_that_is_the_clients_already_is_onboarded_where_it_is(
    lost: SignupAttempt, team_lead: User, alices_waba: Waba
) -> None:
    onboarding = claiming.claim(attempt=lost, waba=alices_waba, actor=team_lead)

    assert onboarding.waba == alices_waba
    assert not LogEntry.objects.filter(content_type__model="waba").exists()


def test_a_token_that_is_not_known_to_work_leaves_access_to_the_worker(lost: SignupAttempt, team_lead: User) -> None:
    waba = discovered(credential=make_credential(state=CredentialState.DEAD))

    onboarding = claiming.claim(attempt=lost, waba=waba, actor=team_lead)

    assert onboarding.steps.get(kind=StepKind.ACCESS).state == StepState.WAITING


def test_a_waba_without_a_token_is_not_claimed(lost: SignupAttempt, team_lead: User) -> None:
    refused(lost, discovered(credential=None), team_lead, "no token")


def refused(attempt: SignupAttempt, waba: Waba, actor: User, why: str) -> None:
    """Claim, and be refused: nothing has changed."""
    waba.refresh_from_db()
    before = waba.client
    with pytest.raises(claiming.ClaimRefusedError, match=why):
        claiming.claim(attempt=attempt, waba=waba, actor=actor)
    waba.refresh_from_db()
    assert waba.client == before
    assert not Onboarding.objects.filter(attempt=attempt).exists()


def test_only_leads_and_administrators_claim(
    lost: SignupAttempt,
    account_manager: User,
    viewer: User,
    stranger: User,
    administrator: User,
) -> None:
    waba = discovered()
    for person in (account_manager, viewer, stranger):
        refused(lost, waba, person, "Only team leads")

    assert claiming.claim(attempt=lost, waba=waba, actor=administrator).waba == waba


def test_a_waba_that_is_not_offered_is_not_claimed(lost: SignupAttempt, team_lead: User, foreign_waba: Waba) -> None:
    lost.said_waba_id = foreign_waba.waba_id
    lost.save()

    refused(lost, foreign_waba, team_lead, "no longer be claimed")


def test_a_waba_that_got_an_account_manager_meanwhile_is_not_claimed(
    lost: SignupAttempt, team_lead: User, other_manager: User
) -> None:
    waba = discovered()
    assert waba in claiming.candidates(lost)
    Client.objects.filter(pk=waba.client_id).update(owner=other_manager)

    refused(lost, waba, team_lead, "no longer be claimed")


def test_a_signup_is_claimed_once(lost: SignupAttempt, team_lead: User) -> None:
    first, second = discovered(owner_business_id="1"), discovered(owner_business_id="2")
    claiming.claim(attempt=lost, waba=first, actor=team_lead)

    with pytest.raises(claiming.ClaimRefusedError, match="dealt with already"):
        claiming.claim(attempt=lost, waba=second, actor=team_lead)
    assert Onboarding.objects.count() == 1


def test_a_signup_whose_code_is_being_exchanged_is_not_claimed_beside_it(lost: SignupAttempt, team_lead: User) -> None:
    waba = discovered()
    assert signups.use_state(attempt=lost)

    refused(lost, waba, team_lead, "has just come")
    signups.mark_lost(timezone.now() + datetime.timedelta(minutes=3))
    assert claiming.claim(attempt=lost, waba=waba, actor=team_lead).waba == waba


def test_one_waba_is_claimed_for_one_signup(lost: SignupAttempt, team_lead: User) -> None:
    waba = discovered()
    other = make_attempt(make_signup_link(), state=AttemptState.LOST, started_at=lost.started_at)
    claiming.claim(attempt=lost, waba=waba, actor=team_lead)

    refused(other, waba, team_lead, "no longer be claimed")


@pytest.mark.parametrize("state", [AttemptState.SENT, AttemptState.OPENED, AttemptState.FINISHED])
def test_a_signup_that_never_reached_meta_or_is_finished_claims_nothing(
    link: SignupLink, team_lead: User, state: AttemptState
) -> None:
    refused(make_attempt(link, state=state), discovered(), team_lead, "dealt with already")


def test_a_code_that_comes_after_the_claim_begins_no_second_onboarding(
    team_lead: User, account_manager: User, alices_client: Client
) -> None:
    link = links.make_signup_link(client=alices_client, actor=account_manager)
    attempt, state = signups.begin(link=link, browser="browser-a")
    signups.note_started(attempt=attempt)
    claiming.claim(attempt=attempt, waba=discovered(), actor=team_lead)

    with pytest.raises(signups.StateRefusedError) as refusal:
        signups.attempt_of(link=link, state=state, browser="browser-a")
    assert refusal.value.kind == "used"
    assert not signups.use_state(attempt=attempt)
    assert signups.mark_lost(timezone.now() + datetime.timedelta(days=1)) == 0
