"""Many flips within minutes are one incident: one paragraph of one mail, and a banner on the desk with its cause."""

import datetime

import pytest
from django.utils import timezone

from clients.choices import CredentialState
from clients.models import Credential, User, Waba
from phones.models import Incident, PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_client, make_credential, make_number, make_waba
from tests.phones.alerts.mailbox import MINUTE, Mailbox, send_alerts, text_of, turn, watch
from tests.phones.reading import shown_to

pytestmark = pytest.mark.django_db


def test_many_numbers_of_one_waba_are_one_paragraph_and_what_follows_is_not_mailed_again(
    mailbox: Mailbox, alices_waba: Waba, account_manager: User, sign_in: SignIn
) -> None:
    User.objects.filter(username="carol").delete()
    numbers = [make_number(alices_waba) for _ in range(14)]
    watch()
    for number in numbers[:12]:
        turn(number, status="DISCONNECTED")
    later = send_alerts()

    said = "12 numbers disconnected within minutes on the WABA Alpha Bakery WABA"
    assert mailbox.subjects == [said]
    assert "and 2 more" in text_of(mailbox.mails[0])
    assert said in shown_to(account_manager, "/", sign_in)

    for number in numbers[12:]:
        turn(number, status="DISCONNECTED")
    send_alerts(later + MINUTE)

    assert len(mailbox.mails) == 1
    assert "14 numbers disconnected" in shown_to(account_manager, "/", sign_in)


def test_numbers_of_many_clients_at_once_point_to_meta_and_each_manager_reads_of_their_own(
    mailbox: Mailbox, alices_waba: Waba, foreign_waba: Waba, account_manager: User, other_manager: User, sign_in: SignIn
) -> None:
    third = make_waba(make_client("Third", owner=other_manager))
    watch()
    for waba in (alices_waba, foreign_waba, foreign_waba, third, third):
        turn(make_number(waba), status="DISCONNECTED")
    send_alerts()

    by_person = dict(zip((to[0] for to in mailbox.to), mailbox.mails, strict=True))
    assert by_person["alice@example.com"]["Subject"] == "1 number disconnected within minutes, at several clients"
    assert by_person["otto@example.com"]["Subject"].strip().startswith("4 numbers disconnected")
    assert "Zeta" not in text_of(by_person["alice@example.com"])
    assert "status page" in shown_to(account_manager, "/", sign_in)


def test_a_dead_token_is_an_incident_with_the_numbers_it_takes_out_of_sight(
    mailbox: Mailbox, alices_waba: Waba, account_manager: User, other_manager: User, sign_in: SignIn
) -> None:
    token = make_credential(label="Main token")
    Waba.objects.filter(pk=alices_waba.pk).update(credential=token)
    for _ in range(3):
        make_number(alices_waba)
    watch()
    Credential.objects.filter(pk=token.pk).update(state=CredentialState.DEAD, state_since=timezone.now())
    later = send_alerts()

    said = "Meta refuses the token “Main token”: 3 numbers can’t be read"
    assert set(mailbox.subjects) == {said}
    assert ["otto@example.com"] not in mailbox.to
    assert said in shown_to(account_manager, "/", sign_in)
    assert "Main token" not in shown_to(other_manager, "/", sign_in)

    Credential.objects.filter(pk=token.pk).update(state=CredentialState.WORKING)
    send_alerts(later + MINUTE)
    assert "Main token" not in shown_to(account_manager, "/", sign_in)


def test_a_few_are_no_incident_and_each_is_named(
    mailbox: Mailbox, alices_waba: Waba, alices_number: PhoneNumber
) -> None:
    watch()
    others = [make_number(alices_waba) for _ in range(3)]
    for number in others:
        turn(number, status="BANNED")
    send_alerts()

    assert not Incident.objects.exists()
    assert mailbox.subjects[0].endswith(", and 2 more")
    assert all(str(number) in text_of(mailbox.mails[0]) for number in others)


def test_a_number_that_comes_and_goes_is_one_alert_an_hour(mailbox: Mailbox, alices_number: PhoneNumber) -> None:
    User.objects.filter(username="carol").delete()
    now = watch()
    for _ in range(6):
        turn(alices_number, status="DISCONNECTED")
        turn(alices_number, status="CONNECTED")
    turn(alices_number, status="DISCONNECTED")
    send_alerts(now + MINUTE)
    send_alerts(now + datetime.timedelta(minutes=30))

    assert len(mailbox.mails) == 1
