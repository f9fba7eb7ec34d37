"""Two people for what is hard to take back: nothing is sent before another one than who asked agrees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from clients.choices import AuditKind, Role
from clients.models import AuditEntry, User
from clients.people import invite_person
from phones.actions.number import NumberRequest, fingerprint, perform
from phones.actions.send_once import NotSentError
from phones.alerts import approval_mails
from phones.approvals import decide
from phones.bulk import decide as bulk
from phones.bulk.work import work
from phones.choices import ActionKind
from phones.models import Action, Approval, PhoneNumber
from tests.back_office import page
from tests.conftest import SignIn
from tests.factories import make_person
from tests.phones.acting import TO_REGISTER, do, posts
from tests.phones.bulk.test_bulk_runs import at_metas, dry_run, outcomes, start  # noqa: F401 - a fixture
from tests.phones.reading import text_of
from tests.practice import Practice


@pytest.fixture(autouse=True)
def _two_people(settings: Settings) -> None:
    settings.TWO_PERSON_APPROVAL = ["deregister", "bulk-register"]


@pytest.fixture
def second(db: None, sign_in: SignIn) -> Browser:
    """Theo, who is a team lead too."""
    return sign_in(make_person("theo", Role.TEAM_LEAD))


def ask(number: PhoneNumber, person: User) -> Approval:
    key, seen = Approval().key, fingerprint(number)
    return decide.ask_to_deregister(number=number, person=person, key=key, seen=seen, override_reason="")


def press(browser: Browser, approval: Approval, what: str) -> str:
    return text_of(browser.post(f"/approvals/{approval.pk}/{what}/", follow=True))


def latest_mail(browser: Browser, person: User) -> str:
    approval_mails.announce()
    return text_of(browser.get(f"/mails/{person.dispatches.latest('pk').public_id}/"))


def test_a_number_is_deregistered_once_by_two_people_and_both_are_recorded(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser, lead: User, second: Browser
) -> None:
    number = prepare(TO_REGISTER)
    do(browser, number, "register", source="generate")
    practice.control("POST", "log/clear")

    page = do(browser, number, "deregister", last_digits=number.digits[-4:])
    assert "a second person has to agree" in page
    approval = Approval.objects.get()
    assert "You asked for this yourself" in press(browser, approval, "approve")
    assert posts(practice, number) == []
    assert "Deregister" in text_of(second.get("/approvals/"))

    assert "Deregister: done." in press(second, approval, "approve")
    assert "no longer waits" in press(second, approval, "approve")

    assert posts(practice, number) == ["deregister"]
    action = Action.objects.get(kind=ActionKind.DEREGISTER)
    assert (action.requested_by, action.details["approved_by"]) == (lead, "theo")
    said = AuditEntry.objects.filter(kind=AuditKind.ACTION, details__has_key="approval").order_by("pk")
    assert [(line.actor_name, line.what) for line in said] == [
        ("tess", "Asked for a second person to: deregister a number."),
        ("theo", "Agreed to: deregister a number."),
    ]
    assert "theo agreed. At Meta: done" in latest_mail(browser, lead)


def test_no_other_way_leads_around_the_second_person(lead: User, alices_number: PhoneNumber) -> None:
    request = NumberRequest(
        key=Approval().key, kind=ActionKind.DEREGISTER, number=alices_number, user=lead, approved_by=lead
    )
    with pytest.raises(NotSentError, match="A second person has to agree"):
        perform(request)


def test_only_who_may_act_on_the_number_decides_and_the_others_are_told_nothing(
    lead: User, alices_number: PhoneNumber, account_manager: User, other_manager: User, auditor: User, sign_in: SignIn
) -> None:
    approval = ask(alices_number, lead)

    assert sign_in(other_manager).post(f"/approvals/{approval.pk}/approve/").status_code == 404
    assert sign_in(auditor).post(f"/approvals/{approval.pk}/approve/").status_code == 403
    with pytest.raises(decide.NotDecidableError, match="it waits for a second person"):
        ask(alices_number, lead)
    assert "Refused: nothing is sent." in press(sign_in(account_manager), approval, "refuse")
    again = ask(alices_number, lead)
    assert "somebody else who asked" in press(sign_in(account_manager), again, "withdraw")
    assert "Withdrawn: nothing is sent." in press(sign_in(lead), again, "withdraw")
    assert not Action.objects.exists()


def test_a_lead_is_no_second_person_to_whom_they_invited_nor_are_two_of_these_until_an_administrator_vouches(
    lead: User, alices_number: PhoneNumber, second: Browser, sign_in: SignIn
) -> None:
    puppets = [
        invite_person(username=name, email=f"{name}@desk.example", role=Role.ACCOUNT_MANAGER, actor=lead)
        for name in ("pat", "pim")
    ]
    client = alices_number.waba.client
    client.owner, client.cover = puppets
    client.save()
    by_lead = ask(alices_number, lead)
    assert "counts as one person with those whom they invited" in press(sign_in(puppets[0]), by_lead, "approve")
    assert not decide.waiting_for(puppets[0])
    press(sign_in(lead), by_lead, "withdraw")
    by_puppet = ask(alices_number, puppets[0])
    for person in (lead, puppets[1]):
        assert "counts as one person" in press(sign_in(person), by_puppet, "approve")
    with pytest.raises(NotSentError, match="A second person"):
        perform(
            NumberRequest(
                key=Approval().key,
                kind=ActionKind.DEREGISTER,
                number=alices_number,
                user=puppets[0],
                approved_by=lead,
            )
        )
    approval_mails.announce()
    assert {one.person.username for one in by_puppet.dispatches.all() if one.person} == {"theo"}

    chosen = {"action": "vouch_for_them", "_selected_action": [puppets[0].pk]}
    sign_in(make_person("ada", Role.ADMINISTRATOR, is_staff=True)).post(page(User, "changelist"), chosen)
    assert "Refused: nothing is sent." in press(sign_in(lead), by_puppet, "refuse")
    assert AuditEntry.objects.filter(what="Vouched that they are a person of their own", actor_name="ada").exists()


def test_it_lapses_after_its_time_and_when_the_number_or_the_asker_changed(
    lead: User, alices_number: PhoneNumber, second: Browser
) -> None:
    late = ask(alices_number, lead)
    Approval.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "no longer waits" in press(second, late, "approve")
    assert decide.expire() == 1
    assert AuditEntry.objects.latest("pk").what == "Nobody agreed in time to: deregister a number."

    changed = ask(alices_number, lead)
    Approval.objects.filter(pk=changed.pk).update(seen=["another", "stage", 0, 0])
    assert "Nothing was sent. The number has changed since this was asked for." in press(second, changed, "approve")

    gone = ask(alices_number, lead)
    lead.groups.clear()
    assert "may no longer act on this number" in press(second, gone, "approve")
    assert not Action.objects.exists()


def test_many_numbers_are_registered_once_a_second_person_agrees_to_the_dry_run(
    practice: Practice,
    browser: Browser,
    lead: User,
    second: Browser,
    at_metas: Callable[..., list[PhoneNumber]],  # noqa: F811 - the fixture
) -> None:
    run = dry_run(browser, "register", at_metas(2, TO_REGISTER))
    assert "Nothing is sent yet" in start(browser, run)
    page = text_of(browser.get(f"/bulk/{run.pk}/"))
    assert "Waits for a second person: Register: 2 numbers." in page
    assert "Ask for a second person" not in page
    with pytest.raises(bulk.NotPossibleError, match="second person"):
        bulk.start(run=run, details={}, person=lead)
    assert work(seconds=5) == 0
    approval = Approval.objects.get(run=run)
    Approval.objects.filter(pk=approval.pk).update(requested_at=timezone.now() - timedelta(hours=3))
    type(run).objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(hours=3))

    assert "Started, for tess and with the consent of theo." in press(second, approval, "approve")
    assert work(seconds=30) == 2
    assert outcomes(run) == ["done", "done"]
    assert "theo agreed: it is under way" in latest_mail(browser, lead)


def test_a_name_that_stands_for_nothing_is_an_error_of_the_settings(settings: Settings) -> None:
    settings.TWO_PERSON_APPROVAL = ["deregistre"]

    assert "numberdesk.E030" in {found.id for found in run_checks()}
