"""From a happening to a mail at a real SMTP server: to whom, what it says, and that it comes once."""

import datetime
import re

import pytest
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

from clients.choices import CredentialState
from clients.models import Client, Credential, User, Waba
from phones.alert_choices import AlertKind, DispatchState
from phones.alerts import announce, find, send
from phones.models import Alert, Dispatch, MailSettings, PhoneNumber
from tests.factories import make_change, make_number, make_waba
from tests.phones.alerts.mailbox import MINUTE, Mailbox, send_alerts, text_of, turn, watch

pytestmark = pytest.mark.django_db


def test_a_banned_number_is_mailed_at_once_to_those_who_look_after_it_and_to_nobody_else(
    mailbox: Mailbox,
    alices_number: PhoneNumber,
    foreign_number: PhoneNumber,
    covering_manager: User,
    stranger: User,
    team_lead: User,
) -> None:
    watch()
    turn(alices_number, status="BANNED")
    send_alerts()

    assert sorted(mailbox.to) == [["alice@example.com"], ["carol@example.com"], ["tess@example.com"]]
    mail = mailbox.mails[0]
    assert re.fullmatch(r"<https://desk\.example/mails/unsubscribe/\S+/>", str(mail["List-Unsubscribe"]).strip())
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Subject"] == f"{alices_number}: Banned by Meta: it can neither send nor receive"
    for kind in ("plain", "html"):
        assert "Alpha Bakery" in text_of(mail, kind)
        assert f"https://desk.example/phones/{alices_number.phone_number_id}/" in text_of(mail, kind)
        assert "https://desk.example/mails/" in text_of(mail, kind)
        assert "Zeta" not in text_of(mail, kind)


def test_what_can_t_wait_is_a_ban_a_lost_connection_a_block_a_near_deadline_and_a_dead_token(
    mailbox: Mailbox, alices_waba: Waba, account_manager: User
) -> None:
    watch()
    banned, lost, blocked, fine = (make_number(alices_waba) for _ in range(4))
    turn(banned, status="BANNED")
    turn(lost, status="DISCONNECTED")
    turn(fine, quality_rating="RED", status="FLAGGED")
    make_change(blocked, waba=alices_waba, field="can_send_message", old="AVAILABLE", new="BLOCKED")
    soon = timezone.now() + datetime.timedelta(hours=20)
    make_number(alices_waba, registration_deadline=soon)
    make_number(alices_waba, registration_deadline=soon + datetime.timedelta(days=1))
    Credential.objects.filter(wabas=alices_waba).update(state=CredentialState.DEAD, state_since=timezone.now())
    find.find()

    assert sorted(Alert.objects.values_list("kind", flat=True)) == sorted(AlertKind.values)
    find.find()
    assert Alert.objects.count() == len(AlertKind.values)


def test_two_workers_and_a_second_look_send_each_alert_once(mailbox: Mailbox, alices_number: PhoneNumber) -> None:
    watch()
    turn(alices_number, status="DISCONNECTED")
    later = send_alerts()
    send_alerts()
    announce.announce(later + MINUTE)
    send.send_due(later + MINUTE)

    assert [Dispatch.objects.count(), len(mailbox.mails)] == [2, 2]  # Alice and Carol


def test_one_that_another_worker_has_claimed_is_left_to_it(mailbox: Mailbox, alices_number: PhoneNumber) -> None:
    watch()
    turn(alices_number, status="BANNED")
    now = timezone.now()
    find.find(now)
    announce.announce(now + 2 * MINUTE)
    Dispatch.objects.update(state=DispatchState.SENDING, claimed_at=now + 2 * MINUTE)

    send.send_due(now + 3 * MINUTE)
    assert mailbox.mails == []

    send.send_due(now + 30 * MINUTE)
    assert mailbox.mails == []
    assert set(Dispatch.objects.values_list("state", flat=True)) == {DispatchState.UNKNOWN}
    assert "may have arrived" in Dispatch.objects.first().outcome  # type: ignore[union-attr] # there is one


def test_a_mail_whose_answer_was_lost_says_so_and_is_never_sent_again(
    mailbox: Mailbox, alices_number: PhoneNumber
) -> None:
    watch()
    mailbox.answer = "hang up"
    turn(alices_number, status="BANNED")
    later = send_alerts()
    taken = len(mailbox.mails)
    mailbox.answer = "250 OK"
    send.send_due(later + datetime.timedelta(hours=1))

    assert taken == len(mailbox.mails) == 2
    assert set(Dispatch.objects.values_list("state", flat=True)) == {DispatchState.UNKNOWN}


def test_a_server_that_is_down_or_refuses_for_now_gets_the_mail_later_and_once(
    mailbox: Mailbox, alices_number: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_backend: EmailBackend) -> None:
        raise ConnectionRefusedError

    watch()
    turn(alices_number, status="BANNED")
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "open", down)
        later = send_alerts()
    assert Dispatch.objects.filter(state=DispatchState.WAITING, outcome__contains="can’t be reached").count() == 2

    mailbox.refuses = "450 try again later"
    send.send_due(later + 2 * MINUTE)
    mailbox.refuses = ""
    send.send_due(later + 30 * MINUTE)
    send.send_due(later + 60 * MINUTE)

    assert len(mailbox.mails) == 2
    assert set(Dispatch.objects.values_list("state", flat=True)) == {DispatchState.SENT}


def test_an_address_that_is_refused_for_good_is_shown_as_not_sent(mailbox: Mailbox, alices_number: PhoneNumber) -> None:
    watch()
    mailbox.refuses = "550 no such mailbox"
    turn(alices_number, status="BANNED")
    send_alerts()

    assert set(Dispatch.objects.values_list("state", "outcome")) == {
        (DispatchState.FAILED, "The mail server refused the address (550).")
    }


def test_who_lost_the_client_meanwhile_gets_nothing(
    mailbox: Mailbox, alices_client: Client, alices_number: PhoneNumber, other_manager: User
) -> None:
    watch()
    turn(alices_number, status="BANNED")
    now = timezone.now()
    find.find(now)
    announce.announce(now + 2 * MINUTE)
    alices_client.owner = other_manager
    alices_client.save()
    send.send_due(now + 2 * MINUTE)

    assert mailbox.to == [["carol@example.com"]]
    assert Dispatch.objects.get(person__username="alice").state == DispatchState.DROPPED


def test_quiet_hours_are_waited_out_and_end_in_one_mail_about_what_still_holds(
    mailbox: Mailbox, alices_waba: Waba, account_manager: User, covering_manager: User
) -> None:
    MailSettings.objects.create(person=covering_manager, alerts=[])
    account_manager.time_zone = "Asia/Tokyo"
    account_manager.save()
    MailSettings.objects.create(person=account_manager, quiet_from=datetime.time(22), quiet_until=datetime.time(7))
    night = datetime.datetime(2026, 11, 27, 18, tzinfo=datetime.UTC)  # 3 o'clock in Tokyo
    watch(night)
    numbers = [make_number(alices_waba) for _ in range(3)]
    for number in numbers:
        turn(number, status="DISCONNECTED")
    send_alerts(night + MINUTE)
    assert mailbox.mails == []

    PhoneNumber.objects.filter(pk=numbers[0].pk).update(status="CONNECTED")
    send_alerts(night + datetime.timedelta(hours=4, minutes=1))

    assert len(mailbox.mails) == 1
    text = text_of(mailbox.mails[0])
    assert str(numbers[0]) not in text
    assert str(numbers[1]) in text
    assert str(numbers[2]) in text
    assert "JST" in text


def test_a_lead_may_have_only_their_own_clients_mailed(
    mailbox: Mailbox, alices_number: PhoneNumber, team_lead: User
) -> None:
    MailSettings.objects.create(person=team_lead, scope="mine")
    mine = make_number(make_waba(Client.objects.create(name="Own", owner=team_lead)))
    watch()
    turn(alices_number, status="BANNED")
    turn(mine, status="BANNED")
    send_alerts()

    to_tess = [text_of(mail) for mail, to in zip(mailbox.mails, mailbox.to, strict=True) if to == ["tess@example.com"]]
    assert [("Own" in text, "Alpha" in text) for text in to_tess] == [(True, False)]


def test_who_has_no_mail_address_finds_the_mail_on_the_desk(mailbox: Mailbox, alices_number: PhoneNumber) -> None:
    User.objects.filter(username="alice").update(email="")
    watch()
    turn(alices_number, status="BANNED")
    send_alerts()

    assert mailbox.to == [["carol@example.com"]]
    assert Dispatch.objects.get(person__username="alice").state == DispatchState.PAGE
