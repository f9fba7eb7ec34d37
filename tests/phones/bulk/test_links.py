"""Links for many clients at once: made once, mailed once where a contact is known, and at hand for the others."""

from __future__ import annotations

import csv
import io

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client as Browser

from clients.models import Client, SignupLink, User
from phones.bulk.work import work
from phones.models import BulkRun, CodeLink, PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_client, make_number, make_waba
from tests.phones.acting import UNVERIFIED
from tests.phones.bulk.test_bulk_runs import dry_run, outcomes, page, start
from tests.phones.reading import text_of

ANA, EVA = "ana@client.example", "eva@client.example"


@pytest.fixture(autouse=True)
def mail_server(settings: object) -> None:
    settings.SENDS_MAIL = True  # type: ignore[attr-defined] # pytest-django's settings


def wants_code(owner: User, contact: str = "") -> PhoneNumber:
    client = make_client(owner=owner)
    Client.objects.filter(pk=client.pk).update(contact_email=contact)
    client.refresh_from_db()
    return make_number(make_waba(client), **UNVERIFIED, stage="needs_code")


def lines(browser: Browser, run: BulkRun) -> list[dict[str, str]]:
    text = b"".join(browser.get(f"/bulk/{run.pk}/results.csv")).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_code_links_are_mailed_to_the_contacts_and_shown_for_the_others(
    account_manager: User, other_manager: User, viewer: User, lead: User, sign_in: SignIn
) -> None:
    account_manager.email = "alice@partner.example"
    account_manager.save()
    alice = sign_in(account_manager)
    to_ana, by_hand, needs_none = wants_code(account_manager, ANA), wants_code(account_manager), make_number()
    Client.objects.filter(pk=needs_none.waba.client_id).update(owner=account_manager)

    run = dry_run(alice, "code-link", [to_ana, by_hand, needs_none])
    before = page(alice, run)
    assert f"Mail contact: {ANA}" in before
    assert "1: Its client has no mail contact: send the link by hand." in before
    assert "1 of 2. I send the others" in before
    start(alice, run, send="mail")
    work(seconds=20)

    assert outcomes(run, to_ana, by_hand, needs_none) == ["done", "done", "skipped"]
    (sent,) = mail.outbox
    rows = {row["phone_number_id"]: row for row in lines(alice, run)}
    mailed, other = rows[to_ana.phone_number_id], rows[by_hand.phone_number_id]
    assert (sent.to, sent.reply_to) == ([ANA], ["alice@partner.example"])
    assert mailed["link"] in sent.body
    assert (mailed["mailed_to"], other["mailed_to"]) == (ANA, "")
    shown = page(alice, run)
    assert f"Mailed to {ANA}." in shown
    assert other["link"] in shown
    assert shown.count("https://wa.me/?text=") == 2
    assert alice.get(f"/bulk/{run.pk}/results.xlsx").status_code == 200

    # Whoever loses the client loses the links; who may only look gets none.
    Client.objects.filter(pk=by_hand.waba.client_id).update(owner=other_manager)
    assert other["link"] not in page(alice, run)
    account_manager.groups.set(viewer.groups.all())
    assert "/signup/code/" not in page(sign_in(account_manager), run)
    assert all(not row["link"] for row in lines(sign_in(account_manager), run))


def test_a_worker_that_died_between_link_and_mail_makes_no_second_link_and_no_second_mail(
    browser: Browser, lead: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = wants_code(lead, ANA), wants_code(lead, EVA)
    run = dry_run(browser, "signup-link", [first, second])
    start(browser, run, send="mail")

    class Killed(BaseException):
        pass

    def dies(self: EmailMessage, *_: object) -> None:
        mail.outbox.append(self)
        raise Killed

    monkeypatch.setattr(EmailMessage, "send", dies)
    with pytest.raises(Killed):
        work(seconds=20)
    monkeypatch.undo()
    BulkRun.objects.update(lease_until=None)
    work(seconds=20)

    run.refresh_from_db()
    assert run.state == "finished"
    assert list(run.items.order_by("position").values_list("state", flat=True)) == ["unknown", "done"]
    assert sorted(sent.to for sent in mail.outbox) == [[ANA], [EVA]]
    assert SignupLink.objects.count() == 2
    shown = page(browser, run)
    assert "it may have arrived. It is not sent again" in shown
    secrets = [row["link"].rstrip("/").rpartition("/")[2] for row in lines(browser, run)]
    assert len(secrets) == 2
    assert all(secret and secret in shown for secret in secrets)
    assert not any(secret in caplog.text for secret in secrets)


def test_a_mail_that_the_server_does_not_take_leaves_the_link_to_be_sent_by_hand(
    browser: Browser, lead: User, settings: object
) -> None:
    number = wants_code(lead, ANA)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined] # likewise
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # type: ignore[attr-defined] # likewise
    run = dry_run(browser, "code-link", [number])
    start(browser, run, send="mail")
    work(seconds=20)

    assert outcomes(run) == ["failed"]
    assert lines(browser, run)[0]["mailed_to"] == ""
    shown = page(browser, run)
    assert "can’t be reached" in shown
    assert "The link is made: send it by hand." in shown
    assert CodeLink.objects.count() == 1
    assert "https://wa.me/?text=" in shown


def test_a_manager_keeps_the_mail_contact_on_the_clients_page(
    account_manager: User, alices_client: Client, sign_in: SignIn
) -> None:
    alice, address = sign_in(account_manager), f"/clients/{alices_client.pk}/contact/"

    assert f"mailed to {ANA}" in text_of(alice.post(address, {"contact_email": ANA}, follow=True))
    assert "no mail address" in text_of(alice.post(address, {"contact_email": "ana"}, follow=True))
    alices_client.refresh_from_db()
    assert alices_client.contact_email == ANA
