"""The people of a demo and what they look after."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from clients import roles
from clients.choices import Role
from clients.models import Client, User
from portal.local.people import make_people, share_out
from tests.factories import make_client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _demo(settings: Settings) -> None:
    settings.DEMO = True


def test_there_is_one_login_per_role(settings: Settings) -> None:
    settings.DEMO_PASSWORD = "shown-on-the-login-page"

    assert make_people() == ["admin", "lead", "manager", "auditor", "viewer"]

    people = {person.username: person for person in User.objects.all()}
    assert [roles.role_of(people[name]) for name in settings.DEMO_LOGINS] == list(Role)
    assert all(person.check_password("shown-on-the-login-page") for person in people.values())
    assert [person.username for person in people.values() if person.is_staff] == ["admin"]
    assert not any(person.is_superuser for person in people.values())


def test_people_are_made_once_and_left_as_they_are_then() -> None:
    make_people()
    User.objects.filter(username="viewer").update(first_name="Vera", password="changed")

    make_people()

    assert User.objects.count() == 5
    viewer = User.objects.get(username="viewer")
    assert (viewer.first_name, viewer.password) == ("Vera", "changed")


def test_the_manager_gets_half_of_the_clients_and_the_viewer_sees_a_few() -> None:
    make_people()
    for _ in range(40):
        make_client()

    assert share_out() == 20

    manager, viewer = User.objects.get(username="manager"), User.objects.get(username="viewer")
    assert Client.objects.visible_to(manager).count() == 20
    assert 2 <= Client.objects.visible_to(viewer).count() <= 6
    assert Client.objects.unassigned().count() == 20


def test_sharing_out_again_undoes_nobodys_work() -> None:
    make_people()
    clients = [make_client() for _ in range(6)]
    share_out()
    Client.objects.filter(pk=clients[0].pk).update(owner=None, cover=None)
    make_client()

    assert share_out() == 0
    assert Client.objects.get(pk=clients[0].pk).owner is None


def test_a_client_that_someone_has_is_not_given_away(team_lead: User) -> None:
    make_people()
    theirs = make_client(owner=team_lead)
    make_client()

    share_out()

    theirs.refresh_from_db()
    assert theirs.owner == team_lead


def test_before_there_are_clients_nothing_is_shared_out() -> None:
    make_people()

    assert share_out() == 0


def test_outside_a_demo_no_known_password_is_made(settings: Settings) -> None:
    settings.DEMO = False

    for act in (make_people, share_out):
        with pytest.raises(ImproperlyConfigured):
            act()
    assert not User.objects.exists()
