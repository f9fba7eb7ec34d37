"""People managed on the desk: whom a lead and an administrator may change, and what that takes along."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients import roles
from clients.choices import Role
from clients.models import AuditEntry, Client, SignupLink, User
from tests.conftest import SignIn
from tests.factories import make_person, make_signup_link

pytestmark = pytest.mark.django_db


def address(person: User) -> str:
    return reverse("phones:person", args=[person.pk])


def change(browser: Browser, person: User, role: Role | None, **more: object) -> int:
    sent = {"role": role.value if role else "", "is_active": "on", **more}
    return browser.post(address(person), {name: value for name, value in sent.items() if value != "no"}).status_code


def role_of(person: User) -> Role | None:
    return roles.role_of(User.objects.get(pk=person.pk))


def test_a_lead_gives_roles_of_a_team_and_no_stronger_one(team_lead: User, viewer: User, sign_in: SignIn) -> None:
    browser = sign_in(team_lead)

    assert change(browser, viewer, Role.ACCOUNT_MANAGER) == 302
    assert role_of(viewer) is Role.ACCOUNT_MANAGER
    for stronger in (Role.TEAM_LEAD, Role.ADMINISTRATOR, Role.AUDITOR):
        assert change(browser, viewer, stronger) == 422
    assert change(browser, viewer, None) == 302
    assert role_of(viewer) is None
    said = AuditEntry.objects.filter(object_type="clients.user", object_id=str(viewer.pk), actor=team_lead)
    assert [line.what for line in said.order_by("pk")] == [
        "Role taken: Viewers.",
        "Role given: Account managers.",
        "Role taken: Account managers.",
    ]


def test_whom_one_may_not_change_is_not_there_for_them(
    team_lead: User, administrator: User, auditor: User, account_manager: User, sign_in: SignIn
) -> None:
    root = make_person("root", is_superuser=True)
    both = make_person("both", Role.VIEWER, is_staff=True)
    lead, admin = sign_in(team_lead), sign_in(administrator)

    for person in (administrator, auditor, root, both, team_lead):
        assert change(lead, person, Role.VIEWER) == 404, person
    assert change(admin, administrator, Role.VIEWER) == change(admin, root, Role.VIEWER) == 404
    assert change(admin, account_manager, Role.TEAM_LEAD) == 302
    assert role_of(account_manager) is Role.TEAM_LEAD
    for person in (auditor, make_person("vic", Role.VIEWER)):
        assert change(sign_in(person), account_manager, None) == 403
    page = lead.get("/people/").content.decode()
    assert address(both) not in page
    assert "What each role may do" in page


def test_who_is_deactivated_is_signed_out_and_loses_their_links_or_hands_them_over(
    team_lead: User, account_manager: User, covering_manager: User, alices_client: Client, sign_in: SignIn
) -> None:
    theirs, lead = sign_in(account_manager), sign_in(team_lead)
    first = make_signup_link(alices_client, created_by=account_manager)

    change(lead, account_manager, Role.ACCOUNT_MANAGER, is_active="no", links_go_to=covering_manager.pk)
    assert theirs.get("/")["Location"].startswith("/login/")
    assert SignupLink.objects.get(pk=first.pk).created_by == covering_manager
    assert "may not sign in" in lead.get("/people/").content.decode()
    assert change(lead, account_manager, Role.ACCOUNT_MANAGER) == 302
    assert role_of(account_manager) is Role.ACCOUNT_MANAGER

    second = make_signup_link(alices_client, created_by=account_manager)
    change(lead, account_manager, None)
    assert SignupLink.objects.get(pk=second.pk).revoked_at is not None
