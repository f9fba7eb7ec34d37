"""Who sees and changes what: the questions of `clients.roles` and the querysets that ask them."""

from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients import roles
from clients.choices import Act, Role
from clients.models import Client, SyncFailure, SyncRun, User, Waba
from phones.models import Change, Listing, PhoneNumber
from tests.factories import make_change, make_listing, make_number, make_person, make_waba

pytestmark = pytest.mark.django_db


def test_each_role_is_a_group_with_the_permissions_that_the_table_gives_it() -> None:
    for role in Role:
        person = User.objects.get(pk=make_person(role.name.lower(), role).pk)
        theirs = {act for act, allowed in roles.ALLOWED.items() if role in allowed}
        assert person.get_all_permissions() == {f"clients.{act.value}" for act in theirs}, role
        assert {act for act in Act if roles.may(person, act)} == theirs, role
    assert set(roles.ALLOWED) == set(Act)
    nobody = make_person("nobody")
    assert not any(roles.may(nobody, act) for act in Act)


def test_the_table_of_roles_in_the_documentation_is_the_one_that_is_asked() -> None:
    lines = [f"| | {' | '.join(str(role.label) for role in Role)} |", f"|---|{'---|' * len(Role)}"]
    for act, allowed in roles.ALLOWED.items():
        lines.append(f"| {act.label} | {' | '.join('yes' if role in allowed else '' for role in Role)} |")

    assert "\n".join(lines) in Path("docs/security.md").read_text()


def test_the_strongest_role_counts(viewer: User) -> None:
    viewer.groups.add(Group.objects.get(name=Role.TEAM_LEAD))

    assert roles.role_of(User.objects.get(pk=viewer.pk)) is Role.TEAM_LEAD


def test_a_superuser_is_an_administrator() -> None:
    assert roles.role_of(make_person("root", is_superuser=True)) is Role.ADMINISTRATOR


def test_a_group_that_is_no_role_gives_nothing(stranger: User) -> None:
    stranger.groups.add(Group.objects.create(name="Cooks"))

    assert roles.role_of(stranger) is None


def test_a_deactivated_person_has_no_role(administrator: User) -> None:
    administrator.is_active = False

    assert roles.role_of(administrator) is None


def test_the_person_of_a_session_is_the_one_that_django_would_find(
    alices_waba: Waba, other_manager: User, stranger: User
) -> None:
    make_listing(make_number(), alices_waba, is_further=True)
    alice = alices_waba.client.owner
    assert alice is not None
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo", changes_seen_at=timezone.now())
    found = []
    for person in (alice, other_manager, stranger):
        by_django = User.signed_in.get(pk=person.pk)
        found.append(User.signed_in.with_key(person.pk))
        assert {**vars(found[-1]), "_state": None} == {**vars(by_django), "_state": None}

    assert [(roles.role_of(each), roles.may_see_further(each)) for each in found if each] == [
        (Role.ACCOUNT_MANAGER, True),
        (Role.ACCOUNT_MANAGER, False),
        (None, False),
    ]
    assert User.signed_in.with_key(2**62) is None


def test_the_role_is_asked_of_the_database_once_a_request(
    account_manager: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert roles.role_of(account_manager) is roles.role_of(account_manager)


def test_nobody_without_a_role_sees_anything(stranger: User, alices_number: PhoneNumber) -> None:
    make_change(alices_number)
    for person in (stranger, AnonymousUser()):
        for model in (Client, Waba, SyncRun, SyncFailure, PhoneNumber, Listing, Change):
            assert not model.objects.visible_to(person).exists()


def test_managers_see_what_they_own_or_cover(
    account_manager: User,
    covering_manager: User,
    other_manager: User,
    alices_number: PhoneNumber,
    foreign_number: PhoneNumber,
) -> None:
    for person, theirs in (
        (account_manager, alices_number),
        (covering_manager, alices_number),
        (other_manager, foreign_number),
    ):
        assert list(PhoneNumber.objects.visible_to(person)) == [theirs]
        assert list(PhoneNumber.objects.workable_by(person)) == [theirs]
        assert list(Waba.objects.visible_to(person)) == [theirs.waba]
        assert list(Waba.objects.workable_by(person)) == [theirs.waba]
        assert list(Client.objects.visible_to(person)) == [theirs.waba.client]
        assert list(Client.objects.workable_by(person)) == [theirs.waba.client]


def test_a_viewer_sees_what_they_cover_and_works_on_nothing(
    viewer: User, viewed_number: PhoneNumber, alices_number: PhoneNumber
) -> None:
    assert list(PhoneNumber.objects.visible_to(viewer)) == [viewed_number]
    for model in (Client, Waba, PhoneNumber):
        assert not model.objects.workable_by(viewer).exists()


def test_leads_and_administrators_see_all_of_it(
    team_lead: User, administrator: User, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    for person in (team_lead, administrator):
        assert set(PhoneNumber.objects.workable_by(person)) == {alices_number, foreign_number}


def test_a_number_that_moved_is_seen_by_the_people_of_its_new_waba_only(
    account_manager: User, other_manager: User, alices_number: PhoneNumber, foreign_waba: Waba
) -> None:
    make_listing(alices_number, foreign_waba)
    alices_number.listings.filter(waba=alices_number.waba).update(is_current=False)
    PhoneNumber.objects.filter(pk=alices_number.pk).update(waba=foreign_waba)

    assert not PhoneNumber.objects.visible_to(account_manager).exists()
    assert list(PhoneNumber.objects.visible_to(other_manager)) == [alices_number]


def test_a_number_on_two_wabas_is_seen_once_by_the_people_of_both(
    account_manager: User, other_manager: User, alices_number: PhoneNumber, foreign_waba: Waba
) -> None:
    make_listing(alices_number, foreign_waba)
    make_listing(alices_number, make_waba(alices_number.waba.client))

    assert list(PhoneNumber.objects.visible_to(account_manager)) == [alices_number]
    assert list(PhoneNumber.objects.visible_to(other_manager)) == [alices_number]


def test_history_follows_the_number_and_the_waba_it_is_about(
    account_manager: User, other_manager: User, alices_number: PhoneNumber
) -> None:
    of_number, of_waba = make_change(alices_number), make_change(waba=alices_number.waba)

    assert set(Change.objects.visible_to(account_manager)) == {of_number, of_waba}
    assert not Change.objects.visible_to(other_manager).exists()


def test_a_run_is_seen_by_who_asked_for_it_and_by_the_people_of_what_it_reads(
    account_manager: User, other_manager: User, alices_waba: Waba
) -> None:
    of_client = SyncRun.objects.create(scope="client", trigger="command", client=alices_waba.client)
    of_waba = SyncRun.objects.create(scope="waba", trigger="command", waba=alices_waba)
    of_everything = SyncRun.objects.create(scope="everything", trigger="person", requested_by=account_manager)
    SyncRun.objects.create(scope="everything", trigger="schedule")

    assert set(SyncRun.objects.visible_to(account_manager)) == {of_client, of_waba, of_everything}
    assert not SyncRun.objects.visible_to(other_manager).exists()
