"""People and their roles in the admin."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser
from django.urls import reverse

from clients.choices import Role
from clients.models import User
from tests.back_office import page
from tests.conftest import SignIn
from tests.factories import make_person

pytestmark = pytest.mark.django_db

NEW_TOKEN = "EAAnewtokennewtokennewtoken9999"


def person_form(person: User, **values: object) -> dict[str, object]:
    return {
        "username": person.username,
        "first_name": "",
        "last_name": "",
        "email": "",
        "is_active": "on",
        "last_login_0": "",
        "last_login_1": "",
        **values,
    }


def test_a_role_is_given_as_a_group(desk: Browser, stranger: User) -> None:
    lead = Group.objects.get(name=Role.TEAM_LEAD)

    desk.post(page(User, "change", stranger.pk), person_form(stranger, groups=[lead.pk]))

    assert list(stranger.groups.all()) == [lead]
    assert b"Team lead" in desk.get(page(User, "changelist")).content


def test_a_person_is_added_with_a_password(desk: Browser) -> None:
    sent = {
        "username": "nina",
        "usable_password": "true",
        "password1": "a-long-enough-one",
        "password2": "a-long-enough-one",
    }

    desk.post(page(User, "add"), sent)

    assert User.objects.get(username="nina").check_password("a-long-enough-one")


def test_nobody_is_deleted_because_the_record_of_their_deeds_would_go_too(desk: Browser, stranger: User) -> None:
    assert desk.post(page(User, "delete", stranger.pk), {"post": "yes"}).status_code == 403
    desk.post(
        page(User, "changelist"),
        {"action": "delete_selected", "_selected_action": [stranger.pk], "post": "yes"},
    )

    assert User.objects.filter(pk=stranger.pk).exists()


def test_an_administrator_makes_nobody_a_superuser_and_touches_none(desk: Browser, administrator: User) -> None:
    root = make_person("root", is_superuser=True)

    desk.post(page(User, "change", administrator.pk), person_form(administrator, is_staff="on", is_superuser="on"))
    touched = desk.post(page(User, "change", root.pk), person_form(root, username="mine"))
    taken_over = desk.post(
        reverse("admin:auth_user_password_change", args=[root.pk]), {"password1": NEW_TOKEN, "password2": NEW_TOKEN}
    )

    assert (touched.status_code, taken_over.status_code) == (403, 403)
    administrator.refresh_from_db()
    assert not administrator.is_superuser


def test_whoever_is_deactivated_is_signed_out_at_once(desk: Browser, team_lead: User, sign_in: SignIn) -> None:
    theirs = sign_in(team_lead)
    desk.post(page(User, "change", team_lead.pk), person_form(team_lead, is_active=""))

    answer = theirs.get("/login/")

    assert not answer.wsgi_request.user.is_authenticated
