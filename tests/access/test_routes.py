"""Every route is in a table; who is let in at all, to Django's admin too, and what browsers may keep."""

import itertools
import re

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import User
from tests.access.routes import (
    ADMIN_FOR_STAFF,
    FOR_AUDITORS_TOO,
    FOR_LEADS,
    FOR_READERS_OF_THE_AUDIT_LOG,
    LISTS,
    NAMED,
    OF_A_PERSON,
    OF_CHANNELS,
    OF_ONE,
    OF_PEOPLE,
    OF_THE_PERSON,
    OF_THE_POOL,
    PUBLIC,
    SIGNED_IN,
    address_of,
)
from tests.access.world import LEADS, World, all_routes

pytestmark = pytest.mark.django_db


def test_every_route_is_in_one_of_the_tables() -> None:
    listed = PUBLIC | LISTS | set(OF_ONE) | set(NAMED) | SIGNED_IN | set(FOR_LEADS) | OF_THE_POOL
    listed |= OF_PEOPLE | OF_THE_PERSON | OF_CHANNELS | OF_A_PERSON | set(FOR_READERS_OF_THE_AUDIT_LOG)
    ours = {name for name in all_routes() if not name.startswith("admin:")}

    assert ours == listed


def test_every_page_of_the_admin_belongs_to_a_table_or_is_known() -> None:
    of_tables = re.compile(r"admin:(clients|phones|admin)_\w+_(changelist|add|history|delete|change|invite)")
    known = {*ADMIN_FOR_STAFF, "admin:auth_user_password_change", "admin:<path:object_id>/"}

    unknown = {name for name in all_routes() if name.startswith("admin:")} - known

    assert [name for name in unknown if not of_tables.fullmatch(name)] == []


# --- Who is let in at all ---------------------------------------------------------------------------------------------


def test_who_is_not_signed_in_is_sent_to_the_login_whatever_they_ask_for(world: World) -> None:
    for name in (*OF_ONE, *NAMED, *LISTS, *SIGNED_IN, *FOR_LEADS, *FOR_READERS_OF_THE_AUDIT_LOG):
        for whose, methods in (("alice", ("get", "post", "head", "put", "delete")), ("nobody", ("get",))):
            for method in methods:
                answer = getattr(world.browsers["nobody"], method)(address_of(name, world.things[whose]))
                assert answer.status_code == 302, (name, method)
                assert answer["Location"].startswith("/login/?next="), name


def test_nothing_is_started_by_a_get_or_from_another_site(world: World, account_manager: User) -> None:
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(account_manager, backend="django.contrib.auth.backends.ModelBackend")

    for name in (*(name for name, route in OF_ONE.items() if route.method == "post"), *NAMED):
        address = address_of(name, world.things["alice"])
        looked = world.browsers["alice"].get(address)
        assert looked.status_code == 302, f"{name} leads to the page with the form"
        assert address.startswith(looked["Location"]) or "/confirm/" in looked["Location"], name
        assert world.browsers["alice"].get(looked["Location"], follow=True).status_code == 200, name
        assert strict.post(address, {"scope": "client", "id": world.things["alice"]["client"]}).status_code == 403, name


def test_reading_everything_is_for_who_sees_everything(world: World) -> None:
    for who, browser in world.browsers.of_everyone():
        expected = 302 if who in LEADS or who == "nobody" else 403
        assert browser.post(reverse("phones:sync-start"), {"scope": "everything"}).status_code == expected, who


def test_pages_about_all_clients_are_for_who_sees_every_client(world: World) -> None:
    for name, method in FOR_LEADS.items():
        for who, browser in world.browsers.of_everyone():
            is_let_in = who in LEADS or (who == "iris" and name in FOR_AUDITORS_TOO)
            expected = {200, 302} if is_let_in else {302} if who == "nobody" else {403}
            assert getattr(browser, method)(reverse(name)).status_code in expected, (name, who)


@pytest.mark.parametrize("name", FOR_READERS_OF_THE_AUDIT_LOG)
def test_the_audit_log_is_for_who_may_read_it_and_not_for_leads(world: World, name: str) -> None:
    for who, browser in world.browsers.of_everyone():
        expected = {200, 302} if who in {"ada", "iris"} else {302} if who == "nobody" else {403}
        assert getattr(browser, FOR_READERS_OF_THE_AUDIT_LOG[name])(reverse(name)).status_code in expected, who


# --- The admin --------------------------------------------------------------------------------------------------------


def admin_addresses(world: World) -> dict[str, str]:
    """One address for every route of the admin."""
    arguments = {"app_list": ["clients"], "view_on_site": ["1", "1"], "(?P<url>.*)$": None}
    found = {}
    for name in all_routes():
        if not name.startswith("admin:"):
            continue
        short = name.removeprefix("admin:")
        if short == "(?P<url>.*)$" or short == "<path:object_id>/":
            found[name] = "/admin/nothing/here/"
        elif short.endswith(("_history", "_delete", "_change", "_invite")) and short != "password_change":
            found[name] = reverse(name, args=["1"])
        else:
            found[name] = reverse(name, args=arguments.get(short) or [])
    return found


def test_the_admin_is_for_nobody_but_staff(world: World) -> None:
    others = itertools.cycle(("alice", "sam", "tess"))
    for name, address in admin_addresses(world).items():
        if name in {"admin:login", "admin:logout"}:
            continue
        # Every address is asked by nobody and by one of the others, who are all the same to the admin.
        for who in ("nobody", next(others)):
            for method in ("get", "post"):
                answer = getattr(world.browsers[who], method)(address)
                assert answer.status_code == 302, (name, who)
                assert "/login/" in answer["Location"], (name, who)


def test_staff_without_the_role_open_no_table(world: World) -> None:
    for name, address in admin_addresses(world).items():
        answer = world.browsers["steve"].get(address)
        if name in ADMIN_FOR_STAFF:
            assert answer.status_code == ADMIN_FOR_STAFF[name], name
        elif answer.status_code == 302:  # how the admin says that a row is not there
            assert answer["Location"] == "/admin/", name
        else:
            assert answer.status_code in {403, 404}, name


# --- Browser caches ---------------------------------------------------------------------------------------------------


def test_no_page_of_a_signed_in_person_is_kept_anywhere(world: World) -> None:
    for name in (*OF_ONE, *sorted(LISTS)):
        answer = world.browsers["alice"].get(address_of(name, world.things["alice"]))

        assert "no-store" in answer["Cache-Control"], name
        assert "private" in answer["Cache-Control"], name
