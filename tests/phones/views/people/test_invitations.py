"""Leads invite people of their team: what they get, who sees that they have no password yet, and what is refused."""

import datetime

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients import roles
from clients.choices import Role
from clients.models import AuditEntry, User
from clients.signing_in import mails
from tests.clients.signing_in.browsers import link_in, stale, typed_in
from tests.conftest import SignIn
from tests.factories import make_person
from tests.phones.reading import text_of

pytestmark = pytest.mark.django_db

NEW = {"username": "nina", "email": "nina@example.com", "role": Role.ACCOUNT_MANAGER.value, "last_name": "Novak"}
CHOSEN = {"new_password1": "a-long-enough-one", "new_password2": "a-long-enough-one"}


@pytest.fixture
def lead(team_lead: User, sign_in: SignIn) -> Browser:
    return sign_in(team_lead)


def mailed_link() -> str:
    mails.send_waiting()
    return link_in(str(mail.outbox[-1].body))


def open_link(link: str) -> int:
    """What the link answers where it leads to."""
    return Browser().get(link, follow=True).status_code


def press(browser: Browser, person: User, what: str, **sent: str) -> str:
    return text_of(browser.post(reverse(f"phones:person-{what}", args=[person.pk]), sent, follow=True))


def test_a_lead_invites_an_account_manager_who_chooses_a_password_and_works(lead: Browser, team_lead: User) -> None:
    said = text_of(lead.post("/people/new/", NEW, follow=True))
    assert "Novak is invited: the link goes to nina@example.com and works for 7 days." in said
    assert "1 without a password yet" in said
    nina = User.objects.get(username="nina")
    assert (roles.role_of(nina), nina.is_staff) == (Role.ACCOUNT_MANAGER, False)

    browser = Browser()
    chosen = browser.get(mailed_link())["Location"]
    browser.post(chosen, CHOSEN)
    assert typed_in("nina", CHOSEN["new_password1"]).get("/phones/").status_code == 200
    assert "without a password" not in text_of(lead.get("/people/"))
    lines = AuditEntry.objects.filter(object_type="clients.user", object_id=str(nina.pk), actor=team_lead)
    assert [line.what for line in lines.order_by("pk")] == [
        "A login was made.",
        "Role given: Account managers.",
        "Invited to choose a password",
    ]


def test_an_invitation_is_renewed_with_a_new_link_or_withdrawn_and_shows_when_it_lapsed(lead: Browser) -> None:
    lead.post("/people/new/", NEW)
    first, nina = mailed_link(), User.objects.get(username="nina")
    assert "the link goes to nina@new.example" in press(lead, nina, "invite", email="nina@new.example")
    second = mailed_link()
    assert (mail.outbox[-1].to, open_link(first), open_link(second)) == (["nina@new.example"], 404, 200)

    User.objects.filter(pk=nina.pk).update(invited_at=timezone.now() - datetime.timedelta(days=8))
    assert "Invitation lapsed" in text_of(lead.get("/people/"))
    assert "the link works no more" in press(lead, nina, "withdraw")
    assert open_link(second) == 404
    assert not User.objects.get(pk=nina.pk).is_active
    assert "They may not sign in: change that first." in press(lead, nina, "invite", email="nina@new.example")
    lead.post(reverse("phones:person", args=[nina.pk]), {"role": NEW["role"], "is_active": "on"})
    assert open_link(second) == 404
    assert "No password yet" in text_of(lead.get("/people/"))


def test_nobody_gets_a_link_into_a_login_that_was_used_and_leads_invite_neither_leads_nor_administrators(
    lead: Browser, account_manager: User, administrator: User, sign_in: SignIn
) -> None:
    for stronger in (Role.TEAM_LEAD, Role.ADMINISTRATOR, Role.AUDITOR):
        assert lead.post("/people/new/", {**NEW, "role": stronger.value}).status_code == 422
    for taken in ({"email": "Alice@example.com"}, {"username": "ALICE"}, {"username": "a b"}, {"email": "x"}):
        assert lead.post("/people/new/", {**NEW, **taken}).status_code == 422
    by_provider = make_person("sso", Role.VIEWER, last_login=timezone.now())
    by_provider.set_unusable_password()
    by_provider.save()
    for used in (account_manager, by_provider):
        for what in ("invite", "withdraw"):
            assert "Only who has never signed in" in press(lead, used, what, email=used.email)
            assert lead.post(reverse(f"phones:person-{what}", args=[administrator.pk]), NEW).status_code == 404
    assert not mail.outbox
    assert not User.objects.filter(username="nina").exists()
    for person in (make_person("vic", Role.VIEWER), account_manager, make_person("otto2", Role.AUDITOR)):
        assert sign_in(person).get("/people/new/").status_code == 403
    assert stale(sign_in(make_person("late", Role.TEAM_LEAD))).get("/people/new/").status_code == 302


def test_without_a_mail_server_the_link_is_shown_once(lead: Browser, settings: Settings) -> None:
    settings.SENDS_MAIL, settings.PUBLIC_URL = False, "https://desk.example"
    page = lead.post("/people/new/", NEW)
    link = page.content.decode().partition('id="link">https://desk.example')[2].partition("<")[0]
    assert open_link(link) == 200
    assert "/account/invitation/" not in lead.get("/people/").content.decode()
    assert "no-store" in page["Cache-Control"]
