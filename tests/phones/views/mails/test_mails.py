"""Your mails: the settings, a mail as a page, the signed link to unsubscribe, and times in one's own zone."""

import datetime
import re
from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients.models import Client, User
from phones.alert_choices import AlertKind, DigestDays, DispatchKind, DispatchState
from phones.alerts import unsubscribing
from phones.alerts.letters import letter_of
from phones.alerts.writing import mail_of
from phones.models import Alert, AlertRecipient, Dispatch, MailSettings, PhoneNumber
from tests.conftest import SignIn
from tests.factories import set_age
from tests.phones.reading import shown_to, text_of

pytestmark = pytest.mark.django_db

FORM = {
    "time_zone": "Asia/Tokyo",
    "digest_days": "weekdays",
    "digest_at": "06:30",
    "alerts": ["banned", "token"],
    "quiet_from": "22:00",
    "quiet_until": "06:00",
}


def make_mail(person: User, number: PhoneNumber) -> Dispatch:
    """A mail to `person` that `number` was banned."""
    now = timezone.now()
    alert, _ = Alert.objects.get_or_create(
        key=f"test:{number.pk}",
        defaults={"kind": AlertKind.BANNED, "number": number, "waba": number.waba, "at": now, "found_at": now},
    )
    dispatch = Dispatch.objects.create(
        person=person, kind=DispatchKind.ALERT, key=f"alert:{uuid4()}", created_at=now, state=DispatchState.SENT
    )
    AlertRecipient.objects.create(alert=alert, person=person, dispatch=dispatch)
    return dispatch


def test_a_person_chooses_which_mails_they_want_and_when(account_manager: User, sign_in: SignIn) -> None:
    browser = sign_in(account_manager)
    address = reverse("phones:mail-settings")

    assert browser.post(address, FORM).status_code == 302
    wants = MailSettings.objects.get(person=account_manager)
    account_manager.refresh_from_db()
    assert (wants.digest_days, wants.digest_at, wants.alerts) == ("weekdays", datetime.time(6, 30), ["banned", "token"])
    assert account_manager.time_zone == "Asia/Tokyo"
    page = shown_to(account_manager, address, sign_in)
    assert 'value="22:00"' in page
    assert '<option value="Asia/Tokyo" selected>' in page

    for wrong in ({"time_zone": "Mars/Base"}, {"quiet_until": ""}, {"digest_at": "26:00"}, {"alerts": ["everything"]}):
        assert browser.post(address, FORM | wrong).status_code == 422, wrong
    assert MailSettings.objects.get().quiet_until == datetime.time(6)


def test_times_on_pages_are_in_the_persons_own_time_zone(
    account_manager: User, other_manager: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    User.objects.filter(pk=account_manager.pk).update(time_zone="Asia/Tokyo")
    at = datetime.datetime(2026, 3, 4, 20, 30, tzinfo=datetime.UTC)
    set_age(alices_number, synced_at=at)
    Client.objects.update(cover=other_manager)
    address = reverse("phones:number", args=[alices_number.phone_number_id])

    assert "5 Mar 2026, 05:30:00 JST" in shown_to(account_manager, address, sign_in)
    assert "4 Mar 2026, 20:30:00 UTC" in shown_to(other_manager, address, sign_in)
    User.objects.filter(pk=account_manager.pk).update(time_zone="Mars/Base")
    assert "20:30:00 UTC" in shown_to(account_manager, address, sign_in)


def test_a_mail_is_a_page_for_its_person_alone(
    account_manager: User, covering_manager: User, team_lead: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    address = reverse("phones:mail", args=[make_mail(account_manager, alices_number).public_id])
    missing = reverse("phones:mail", args=[uuid4()])

    assert "Banned by Meta" in shown_to(account_manager, address, sign_in)
    for other in (covering_manager, team_lead):
        assert sign_in(other).get(address).status_code == sign_in(other).get(missing).status_code == 404
    assert Browser().get(address).status_code == 302


def test_a_mails_page_forgets_a_client_that_its_person_lost(
    account_manager: User, alices_client: Client, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    address = reverse("phones:mail", args=[make_mail(account_manager, alices_number).public_id])
    Client.objects.filter(pk=alices_client.pk).update(owner=None)

    page = shown_to(account_manager, address, sign_in)

    assert "Alpha Bakery" not in page
    assert "Nothing of this mail concerns you any more" in page


def test_a_mail_is_unsubscribed_from_by_one_post_without_a_login_and_a_get_changes_nothing(
    account_manager: User, alices_number: PhoneNumber, settings: Settings
) -> None:
    """RFC 8058."""
    settings.PUBLIC_URL = "http://testserver"
    dispatch = make_mail(account_manager, alices_number)
    headers = mail_of(dispatch, letter_of(dispatch)).extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(r"<(http://testserver/\S+)>", headers["List-Unsubscribe"])
    assert found
    mail_program = Browser(enforce_csrf_checks=True)

    assert 'method="post"' in text_of(mail_program.get(found[1]))
    assert not MailSettings.objects.exists()
    assert mail_program.post(found[1], {"List-Unsubscribe": "One-Click"}).status_code == 200
    wants = MailSettings.objects.get(person=account_manager)
    assert (wants.alerts, wants.digest_days) == ([], DigestDays.DAILY)
    assert "Unsubscribed" in text_of(mail_program.get(found[1]))


def test_an_address_to_unsubscribe_that_is_not_ours_opens_nothing(account_manager: User) -> None:
    other_salt = signing.dumps([account_manager.pk, "alert"], salt="another")
    gone = unsubscribing.address_for(User(pk=987_654), "alert").rsplit("/", 2)[1]

    for token in ("x", "a:b:c", other_salt, gone):
        assert Browser().post(reverse("phones:unsubscribe", args=[token])).status_code == 404, token
    assert not MailSettings.objects.exists()


def test_a_trial_shows_whether_mails_arrive(account_manager: User, sign_in: SignIn) -> None:
    browser, address = sign_in(account_manager), reverse("phones:mail-trial")

    for _ in range(2):
        browser.post(address)
    assert Dispatch.objects.filter(person=account_manager, kind=DispatchKind.TRIAL).count() == 1
    page = shown_to(account_manager, reverse("phones:mail-settings"), sign_in)
    assert "Trial" in page
    assert "Waiting" in page
