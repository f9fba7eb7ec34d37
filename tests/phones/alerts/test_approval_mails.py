"""Who may decide an approval is mailed at once and sees that it waits; who asked is told what became of it."""

import pytest
from pytest_django import Settings

from clients.choices import Role
from clients.models import User
from phones.actions.number import fingerprint
from phones.alert_choices import DispatchKind, DispatchState
from phones.alerts import approval_mails, send, unsubscribing
from phones.approvals import decide
from phones.models import Approval, Dispatch, MailSettings, PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_person
from tests.phones.alerts.mailbox import Mailbox
from tests.phones.alerts.mailbox import text_of as mail_text
from tests.phones.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_people(settings: Settings) -> None:
    settings.TWO_PERSON_APPROVAL = ["deregister", "bulk-register"]


def ask(number: PhoneNumber, person: User) -> Approval:
    key, seen = Approval().key, fingerprint(number)
    return decide.ask_to_deregister(number=number, person=person, key=key, seen=seen, override_reason="")


def mail_about_approvals() -> None:
    approval_mails.announce()
    send.send_due()


def test_whoever_may_decide_is_mailed_once_and_who_asked_gets_the_decision(
    mailbox: Mailbox, lead: User, alices_number: PhoneNumber, covering_manager: User, stranger: User, sign_in: SignIn
) -> None:
    make_person("vic", Role.VIEWER)
    asleep = make_person("nora", Role.TEAM_LEAD)
    MailSettings.objects.create(person=asleep, quiet_from="00:00", quiet_until="23:59:59.999999")
    MailSettings.objects.create(person=make_person("tom", Role.TEAM_LEAD), approvals=False)
    asked = ask(alices_number, lead)

    mail_about_approvals()
    mail_about_approvals()
    assert sorted(mailbox.to) == [["alice@example.com"], ["carol@example.com"]]
    assert mailbox.subjects[0] == f"Waits for you: deregister a number ({alices_number})"
    assert "tess asks for your agreement within 12 hours" in mail_text(mailbox.mails[0])
    assert f"https://desk.example/approvals/{asked.pk}/" in mail_text(mailbox.mails[0])
    carol = sign_in(covering_manager)
    assert "Waits for you: Deregister" in text_of(carol.get("/"))
    assert 'title="Wait for you">1<' in carol.get("/phones/").content.decode()
    number_page = text_of(carol.get(f"/phones/{alices_number.phone_number_id}/"))
    assert "Waits for a second person: Deregister" in number_page
    assert "Asked for by tess" in number_page

    carol.post(f"/approvals/{asked.pk}/refuse/")
    MailSettings.objects.filter(person=asleep).update(quiet_from=None)
    mail_about_approvals()
    assert mailbox.to[2:] == [["tess@example.com"]]
    assert mailbox.subjects[2] == f"Refused: deregister a number ({alices_number})"
    assert "carol refused: nothing is sent" in mail_text(mailbox.mails[2])
    assert 'title="Wait for you"><' in carol.get("/phones/").content.decode()
    assert "Waits for a second person" not in text_of(carol.get(f"/phones/{alices_number.phone_number_id}/"))


def test_a_mail_that_comes_after_the_decision_is_not_sent_and_the_kind_has_its_own_way_out(
    mailbox: Mailbox, lead: User, alices_number: PhoneNumber, covering_manager: User, sign_in: SignIn
) -> None:
    asked = ask(alices_number, lead)
    approval_mails.announce()
    decide.withdraw(approval=asked, person=lead)
    send.send_due()
    assert mailbox.to == []
    assert set(Dispatch.objects.values_list("state", flat=True)) == {DispatchState.DROPPED}
    kept = covering_manager.dispatches.get()
    assert "tess withdrew it: nothing is sent" in text_of(sign_in(covering_manager).get(f"/mails/{kept.public_id}/"))

    unsubscribing.unsubscribe(covering_manager, DispatchKind.APPROVAL)
    ask(alices_number, lead)
    mail_about_approvals()
    assert mailbox.to == [["alice@example.com"]]
    page = sign_in(covering_manager)
    assert 'name="approvals"' in page.get("/account/mails/").content.decode()
