"""Links that clients open, crossed: of one client with secrets and ids of another; and the pool, which all share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from clients.links import token_of
from clients.models import SignupLink, StatusLink
from phones.models import CodeLink, Onboarding, PhoneNumber, PreverifiedNumber
from tests.access.asking import Answer, ask
from tests.access.routes import address_of
from tests.access.world import ALICE, NOWHERE, OTTO, VERA, World, ids_of, make_things

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("access of lists")]

LINKS: dict[str, type[Any]] = {"signup_link": SignupLink, "status_link": StatusLink, "code_link": CodeLink}
# Which kind of link opens which addresses.
OPENS = {
    "signup:page": ("signup_link", "get"),
    "signup:progress": ("signup_link", "get"),
    "signup:begin": ("signup_link", "post"),
    "signup:event": ("signup_link", "post"),
    "signup:finish": ("signup_link", "post"),
    "signup:status": ("status_link", "get"),
    "signup:code": ("code_link", "get"),
}
UNKNOWN = "W" * 43


def link_of(kind: str, at: int) -> Any:
    return LINKS[kind].objects.get(pk=ids_of(at)[kind])


def opened(world: World, name: str, token: str, onboarding: UUID) -> Answer:
    """What a client gets at the page `name` with this secret, which the answer does not hold."""
    more = [onboarding] if name == "signup:progress" else []
    method = OPENS[name][1]
    body = '{"state": "x", "code": "y"}' if method == "post" else ""
    kind = "application/json" if method == "post" else ""
    address = reverse(name, args=[token, *more])
    return ask(world.browsers["nobody"], method, address, body, {"token": token}, content_type=kind)


def test_a_secret_opens_its_own_kind_of_page_and_is_unknown_to_all_others(world: World) -> None:
    nothing = UUID(int=1)
    for name, (kind, _method) in OPENS.items():
        unknown = opened(world, name, UNKNOWN, nothing)
        assert unknown.status == 404, name
        for other in LINKS.keys() - {kind}:
            crossed = opened(world, name, token_of(link_of(other, ALICE)), nothing)
            assert not crossed.difference(unknown), (name, other, crossed.difference(unknown))


def test_with_the_link_of_one_client_what_another_has_is_not_there(world: World) -> None:
    mine = token_of(link_of("signup_link", ALICE))
    found = {at: Onboarding.objects.get(pk=ids_of(at)["onboarding"]).public_id for at in (ALICE, VERA)}

    assert opened(world, "signup:progress", mine, found[ALICE]).status == 200
    theirs, missing = (opened(world, "signup:progress", mine, one) for one in (found[VERA], UUID(int=1)))
    assert theirs.status == 404
    assert not theirs.difference(missing)


def test_a_closed_link_tells_nobody_whose_it_was(world: World) -> None:
    for column in ("revoked_at", "expires_at"):
        for kind, model in LINKS.items():
            model.objects.filter(pk__in=[ids_of(at)[kind] for at in (ALICE, VERA)]).update(**{column: timezone.now()})
            for name in (name for name, opens in OPENS.items() if opens[0] == kind):
                answers = [opened(world, name, token_of(link_of(kind, at)), UUID(int=1)) for at in (ALICE, VERA)]
                assert answers[0].status == 410, (name, column)
                assert not answers[0].difference(answers[1]), (name, column)
                assert "Alpha Bakery" not in answers[0].body, (name, column)


def test_a_signed_in_person_gets_from_a_link_what_any_client_gets(world: World) -> None:
    for kind, name in (("signup_link", "signup:page"), ("status_link", "signup:status"), ("code_link", "signup:code")):
        address = reverse(name, args=[token_of(link_of(kind, ALICE))])
        client, colleague = (ask(world.browsers[who], "get", address).body for who in ("nobody", "sam"))
        assert client == colleague, name


# --- The pool ---------------------------------------------------------------------------------------------------------

# Everybody with a role sees that a number is reserved or used, and nobody for whom who doesn't look after the client.


def of_the_pool() -> Iterator[str]:
    yield address_of("preverified:number", ALICE)
    yield address_of("preverified:confirm", ALICE)
    for name, query in (("board", ""), ("board", "?q=Zeta+Garage"), ("board-export", "")):
        yield f"{reverse(f'preverified:{name}')}{query}"
    yield f"{reverse('phones:find')}?q={ids_of(OTTO)['number']}"
    yield f"{reverse('phones:find')}?q=Zeta+Garage"


def test_the_pool_answers_the_same_whichever_foreign_client_has_a_number_of_it(world: World) -> None:
    for at, name in ((OTTO, "Zeta Garage"), (NOWHERE, "Eta Florist")):
        make_things(at, name, owner=world.people["otto"], cover=None, person=world.people["otto"])
    held = PreverifiedNumber.objects.get(preverified_id=ids_of(ALICE)["pool"])
    found: dict[tuple[bool, int], list[Answer]] = {}
    with time_machine.travel(timezone.now(), tick=False):
        for is_claimed in (False, True):
            for at in (OTTO, NOWHERE):
                held.reserved_for = None if is_claimed else link_of("signup_link", at)
                held.number = PhoneNumber.objects.get(phone_number_id=ids_of(at)["number"]) if is_claimed else None
                held.claimed_at = held.missing_since = timezone.now() if is_claimed else None
                held.save()
                cache.clear()
                found[is_claimed, at] = [ask(world.browsers["alice"], "get", address) for address in of_the_pool()]
    for is_claimed in (False, True):
        for address, one, other in zip(of_the_pool(), found[is_claimed, OTTO], found[is_claimed, NOWHERE], strict=True):
            assert not one.difference(other), (address, is_claimed, one.difference(other))
