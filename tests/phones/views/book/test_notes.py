"""Notes on clients and numbers, and the people who are mentioned in them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Client, User
from phones.book.notes import LONGEST_NOTE
from phones.models import Mention, Note, PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_listing
from tests.phones.reading import shown_to, text_of


def test_a_note_stands_on_the_page_escaped_with_who_wrote_it_and_a_double_click_writes_one(
    account_manager: User, alices_client: Client, sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)
    for _ in range(2):
        browser.post(f"/clients/{alices_client.pk}/notes/", {"text": " Call <b>Tom</b>\nfirst "})

    page = shown_to(account_manager, f"/clients/{alices_client.pk}/", sign_in)

    assert "Call &lt;b&gt;Tom&lt;/b&gt;<br>first" in page
    assert "alice, <time" in page
    assert Note.objects.get().text == "Call <b>Tom</b>\nfirst"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("  ", "The note is empty."),
        ("x" * (LONGEST_NOTE + 1), "A note has at most 4,000 characters; this one has 4,001."),
        ("Ask @otto", "Nobody called “otto” sees this client"),
        ("Ask @nobody-of-that-name", "Nobody called “nobody-of-that-name” sees this client"),
    ],
)
def test_what_can_not_be_a_note_comes_back_with_the_reason_and_what_was_typed(
    text: str, why: str, account_manager: User, other_manager: User, alices_client: Client, sign_in: SignIn
) -> None:
    answer = sign_in(account_manager).post(f"/clients/{alices_client.pk}/notes/", {"text": text})

    assert answer.status_code == 422
    page = text_of(answer)
    assert why in page
    assert text.strip() in page
    assert not Note.objects.exists()


def test_who_is_mentioned_finds_the_note_until_they_have_seen_it(
    account_manager: User, covering_manager: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    address = f"/phones/{alices_number.phone_number_id}/notes/"
    sign_in(account_manager).post(address, {"text": "Please watch it, @Carol. Mail to a@carol says no."})
    browser = sign_in(covering_manager)

    assert '<span class="n">1<' in text_of(browser.get("/clients/"))
    page = text_of(browser.get("/mentions/"))
    assert "Please watch it, <b>@Carol.</b>" in page
    newest = Mention.objects.get().pk
    page = text_of(browser.post("/mentions/seen/", {"newest": newest}, follow=True))

    assert "Please watch it" in page
    assert "new</span>" not in page
    assert "Nobody has mentioned you" in shown_to(account_manager, "/mentions/", sign_in)


def test_who_no_longer_sees_the_client_loses_its_notes_and_the_count_of_its_mentions(
    account_manager: User, covering_manager: User, alices_client: Client, sign_in: SignIn
) -> None:
    sign_in(account_manager).post(f"/clients/{alices_client.pk}/notes/", {"text": "Secret for @carol"})
    Client.objects.update(cover_until=timezone.localdate() - timedelta(days=1))
    browser = sign_in(covering_manager)

    assert "Secret" not in text_of(browser.get("/mentions/"))
    assert "new</span>" not in text_of(browser.get("/mentions/"))


def test_people_of_one_client_read_nothing_that_those_of_another_wrote_on_a_number_of_both(
    account_manager: User,
    other_manager: User,
    team_lead: User,
    alices_number: PhoneNumber,
    foreign_number: PhoneNumber,
    sign_in: SignIn,
) -> None:
    make_listing(alices_number, foreign_number.waba)
    page = f"/phones/{alices_number.phone_number_id}/"
    sign_in(account_manager).post(f"{page}notes/", {"text": "Pays late"})

    assert "Pays late" in shown_to(account_manager, page, sign_in)
    assert "Pays late" not in shown_to(other_manager, page, sign_in)
    assert "Pays late" in shown_to(team_lead, page, sign_in)


def test_a_note_is_edited_by_its_author_for_an_hour_and_mentions_follow(
    account_manager: User, covering_manager: User, team_lead: User, alices_client: Client, sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)
    browser.post(f"/clients/{alices_client.pk}/notes/", {"text": "Ask @carol"})
    note = Note.objects.get()

    page = text_of(browser.post(f"/notes/{note.pk}/edit/", {"text": "Ask @tess"}, follow=True))
    assert "edited" in page
    assert [one.person for one in note.mentions.all()] == [team_lead]
    assert [User.objects.get(pk=one.pk).unseen_mentions for one in (covering_manager, team_lead)] == [0, 1]
    page = text_of(sign_in(team_lead).post(f"/notes/{note.pk}/edit/", {"text": "Mine"}, follow=True))
    assert "Only who wrote a note can edit it." in page

    Note.objects.update(created_at=timezone.now() - timedelta(hours=2))
    page = text_of(browser.post(f"/notes/{note.pk}/edit/", {"text": "Too late"}, follow=True))
    assert "A note can be edited for an hour." in page
    note.refresh_from_db()
    assert note.text == "Ask @tess"


def test_deleting_a_note_takes_the_text_and_leaves_a_line(
    account_manager: User, covering_manager: User, team_lead: User, alices_client: Client, sign_in: SignIn
) -> None:
    sign_in(account_manager).post(f"/clients/{alices_client.pk}/notes/", {"text": "Wrong, @carol"})
    note = Note.objects.get()

    page = text_of(sign_in(covering_manager).post(f"/notes/{note.pk}/delete/", follow=True))
    assert "Only who wrote a note, or a team lead, can delete it." in page
    page = text_of(sign_in(team_lead).post(f"/notes/{note.pk}/delete/", follow=True))

    assert "A note of alice was deleted by tess." in page
    assert Note.objects.get().text == ""
    assert "Wrong" not in shown_to(covering_manager, "/mentions/", sign_in)
    assert User.objects.get(pk=covering_manager.pk).unseen_mentions == 0


def test_the_navigation_counts_the_mentions_that_the_person_may_see_now(
    account_manager: User, covering_manager: User, alices_client: Client, sign_in: SignIn
) -> None:
    sign_in(account_manager).post(f"/clients/{alices_client.pk}/notes/", {"text": "Ask @carol"})

    for cover, count in ((covering_manager, 1), (None, 0), (covering_manager, 1)):
        Client.objects.filter(pk=alices_client.pk).update(cover=cover)
        assert shown_to(covering_manager, "/", sign_in).count('1<span class="vh">new') == count
