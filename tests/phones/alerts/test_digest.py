"""The mail of a morning: each change of the day before once, the worst first, to its own people."""

import datetime
import re

import pytest

from clients.choices import Role
from clients.models import User, Waba
from phones.alert_choices import DispatchState
from phones.alerts import digest, send
from phones.models import Change, Dispatch, Listing, MailSettings, PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_change, make_client, make_number, make_person, make_waba
from tests.phones.alerts.mailbox import Mailbox, send_digests, text_of, watch

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)
THURSDAY = datetime.datetime(2026, 11, 26, 7, 1, tzinfo=datetime.UTC)
FRIDAY = THURSDAY + datetime.timedelta(days=1)


@pytest.fixture
def number(alices_waba: Waba, covering_manager: User) -> PhoneNumber:
    """Of Alice, whose digests come at seven; Carol wants none."""
    MailSettings.objects.create(person=covering_manager, digest_days="never")
    return make_number(alices_waba)


def pass_until(now: datetime.datetime) -> None:
    """The looks of the worker in the half hour before."""
    for minutes in (40, 25, 10):
        watch(now - datetime.timedelta(minutes=minutes))


def test_a_day_with_twelve_changes_is_mailed_with_those_twelve_once(
    mailbox: Mailbox, alices_waba: Waba, number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    watch(THURSDAY - HOUR)
    make_change(number, waba=alices_waba, at=THURSDAY - 2 * HOUR)
    numbers = [make_number(alices_waba) for _ in range(12)]
    pass_until(THURSDAY)
    send_digests(THURSDAY)
    for position, each in enumerate(numbers):
        is_worst = position == 7
        new = {"field": "status", "old": "CONNECTED", "new": "BANNED"} if is_worst else {}
        make_change(each, waba=alices_waba, at=THURSDAY + (1 + position) * HOUR, **new)
    make_change(foreign_number, at=THURSDAY + HOUR)
    pass_until(FRIDAY)
    for later in range(4):
        send_digests(FRIDAY + later * HOUR)

    to_alice = [mail for mail, to in zip(mailbox.mails, mailbox.to, strict=True) if to == ["alice@example.com"]]
    assert [mail["Subject"] for mail in to_alice] == ["1 change in your book", "12 changes in your book"]
    for kind in ("plain", "html"):
        text = text_of(to_alice[1], kind)
        assert [text.count(f"/phones/{each.phone_number_id}/") for each in numbers] == [1] * 12
        assert number.phone_number_id not in text
        assert foreign_number.phone_number_id not in text
    assert text_of(to_alice[1]).index(str(numbers[7])) < text_of(to_alice[1]).index(str(numbers[0]))


def test_mornings_that_the_portal_was_down_are_made_up_for_once(
    mailbox: Mailbox, alices_waba: Waba, number: PhoneNumber
) -> None:
    pass_until(THURSDAY)
    send_digests(THURSDAY)
    changes = [make_change(number, waba=alices_waba, at=THURSDAY + day * 24 * HOUR) for day in range(3)]
    up_again = THURSDAY + 3 * 24 * HOUR + 8 * HOUR
    pass_until(up_again)
    send_digests(up_again)
    send_digests(up_again + HOUR)

    assert mailbox.subjects == [f"{len(changes)} changes in your book"]


def test_nothing_is_mailed_where_nothing_changed_nor_to_who_wants_or_sees_nothing(
    mailbox: Mailbox, number: PhoneNumber, foreign_number: PhoneNumber, stranger: User, other_manager: User
) -> None:
    watch(THURSDAY - 2 * HOUR)
    make_change(number, waba=number.waba, at=THURSDAY - HOUR)
    pass_until(THURSDAY)
    send_digests(THURSDAY)

    assert mailbox.to == [["alice@example.com"]]
    assert Dispatch.objects.get(person=other_manager).state == DispatchState.DROPPED
    assert not Dispatch.objects.filter(person=stranger).exists()


def test_a_line_that_is_written_down_late_is_in_the_next_digest_and_in_no_other(
    mailbox: Mailbox, number: PhoneNumber
) -> None:
    """On PostgreSQL keys are given before transactions end: what is not sure yet waits for the next morning."""
    watch(THURSDAY - HOUR)
    early = make_change(number, waba=number.waba, at=THURSDAY - 2 * HOUR)
    late_key, late = early.pk + 1, make_number(number.waba)
    make_change(make_number(number.waba), pk=early.pk + 2, waba=number.waba, at=THURSDAY)
    watch(THURSDAY)
    send_digests(THURSDAY)
    make_change(late, pk=late_key, waba=number.waba, at=THURSDAY)
    pass_until(FRIDAY)
    send_digests(FRIDAY)

    texts = [text_of(mail) for mail in mailbox.mails]
    assert sum(late.phone_number_id in text for text in texts) == 1
    assert sum(text.count("/phones/") for text in texts) == Change.objects.count()


def test_a_digest_says_nothing_of_a_client_that_was_lost_since(mailbox: Mailbox, number: PhoneNumber) -> None:
    watch(THURSDAY - HOUR)
    make_change(number, waba=number.waba, at=THURSDAY - 2 * HOUR)
    pass_until(THURSDAY)
    digest.make_digests(THURSDAY)
    number.waba.client.owner = None
    number.waba.client.save()
    send.send_due(THURSDAY)

    assert mailbox.mails == []
    assert Dispatch.objects.get().state == DispatchState.DROPPED


def test_a_digest_counts_what_it_does_not_name_as_far_as_its_reader_may_see_it_now(
    mailbox: Mailbox, number: PhoneNumber, account_manager: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "MOST_LINES", 1)
    kept, lost = make_client(owner=account_manager), make_client(owner=account_manager)
    watch(THURSDAY - 2 * HOUR)
    make_change(number, waba=number.waba, at=THURSDAY - HOUR, field="status", old="CONNECTED", new="BANNED")
    for client in (kept, lost, lost):
        each = make_number(make_waba(client))
        make_change(each, waba=each.waba, at=THURSDAY - HOUR)
    pass_until(THURSDAY)
    digest.make_digests(THURSDAY)
    lost.owner = None
    lost.save()
    send.send_due(THURSDAY)

    assert mailbox.subjects == ["2 changes in your book"]
    found = re.search(r"and 1 more on the desk: https://desk.example(/changes/\S+)", text_of(mailbox.mails[0]))
    assert found
    browser = sign_in(account_manager)
    assert "2 changes" in " ".join(browser.get(found[1]).content.decode().split())
    assert "and 1 more" in browser.get(f"/mails/{Dispatch.objects.get().public_id}/").content.decode()


def test_saved_views_come_with_the_morning_mail_as_far_as_their_reader_may_see_rows_then(
    mailbox: Mailbox, alices_waba: Waba, number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    lead, alice = make_person("lea", Role.TEAM_LEAD), User.objects.get(username="alice")
    hers = [make_number(alices_waba, quality_rating="RED") for _ in range(6)]
    PhoneNumber.objects.filter(pk=foreign_number.pk).update(quality_rating="RED")
    for name, query in (("Low quality", "/phones/?quality_rating=RED"), ("No such name", "/clients/?q=zzzz")):
        kept = {"list": query.split("/")[1].replace("phones", "numbers"), "query": query, "name": name}
        sign_in(lead).post("/views/", {**kept, "is_shared": "yes"})
    browser = sign_in(alice)
    for slug in ("low-quality", "no-such-name"):
        assert "morning mail" in browser.post(f"/views/{slug}/", {"do": "mail"}, follow=True).content.decode()

    pass_until(THURSDAY)
    digest.make_digests(THURSDAY)
    Listing.objects.filter(number=hers[0]).update(waba=foreign_number.waba)
    PhoneNumber.objects.filter(pk=hers[0].pk).update(waba=foreign_number.waba)
    send.send_due(THURSDAY)

    assert (mailbox.to, mailbox.subjects) == ([["alice@example.com"]], ["5 in “Low quality”"])
    for text in (text_of(mailbox.mails[0]), text_of(mailbox.mails[0], "html")):
        assert [str(each) in text for each in hers] == [False, True, True, True, True, True]
        assert "https://desk.example/phones/?quality_rating=RED" in text
        assert str(foreign_number) not in text
        assert "No such name" not in text
    mail = Dispatch.objects.get(person=alice)
    assert "5 in “Low quality” now" in browser.get(f"/mails/{mail.public_id}/").content.decode()

    sign_in(lead).post("/views/low-quality/", {"do": "unshare"})
    browser.post("/views/no-such-name/", {"do": "mail-no-more"})
    pass_until(FRIDAY)
    send_digests(FRIDAY)
    assert len(mailbox.mails) == 1
