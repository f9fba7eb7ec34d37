"""How far a signup is, as its client sees it; Meta is the practice server."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.urls import reverse

from clients import links
from clients.models import Client, SignupLink, User
from phones.choices import StepState
from phones.models import Onboarding, PhoneNumber
from phones.numbers import standing
from tests.factories import make_number, make_waba
from tests.phones.onboarding.signing_up import finish_signup, work
from tests.phones.onboarding.visiting import Visitor
from tests.phones.reading import text_of
from tests.practice import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(app: Practice, link: SignupLink) -> Visitor:
    return Visitor(link)


@pytest.fixture
def progress(app: Practice, link: SignupLink, visitor: Visitor) -> Callable[..., tuple[Onboarding, str]]:
    """A function that signs the client up and gives the onboarding, after a worker's turn, and its page."""

    def make(*, worked: bool = True, **choices: str) -> tuple[Onboarding, str]:
        onboarding = finish_signup(app, link, **choices)
        if worked:
            onboarding = work(onboarding)
        return onboarding, visitor.get("progress", onboarding.public_id).content.decode()

    return make


def last_step(page: str) -> str:
    """How far the last step is: the one that switches the number on."""
    line = page.partition("Your number switched on")[2].partition("</li>")[0]
    return str(re.findall(r"<span>([^<]+)</span>", line)[-1])


def test_the_progress_page_asks_again_while_something_will_happen_and_then_stops(
    progress: Callable[..., tuple[Onboarding, str]], visitor: Visitor
) -> None:
    onboarding, page = progress(worked=False)
    assert 'hx-trigger="every 2s"' in page
    assert "You may close this page" in page

    work(onboarding)
    page = visitor.get("progress", onboarding.public_id).content.decode()
    assert "hx-trigger" not in page
    assert "The number works" in page


def test_for_htmx_only_the_part_that_moves_comes(
    progress: Callable[..., tuple[Onboarding, str]], visitor: Visitor
) -> None:
    onboarding, _page = progress()
    part = visitor.get("progress", onboarding.public_id, headers={"HX-Request": "true"})

    assert text_of(part).startswith('<div id="progress"')


def test_a_page_whose_link_is_closed_meanwhile_loads_itself_again(
    progress: Callable[..., tuple[Onboarding, str]], visitor: Visitor, link: SignupLink, lead: User
) -> None:
    onboarding, _page = progress()
    links.revoke(link=link, actor=lead)
    answer = visitor.get("progress", onboarding.public_id, headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Refresh"]) == (410, "true")


def test_an_unverified_number_leads_to_its_code_page(progress: Callable[..., tuple[Onboarding, str]]) -> None:
    _onboarding, page = progress(number="unverified")

    assert "Your turn" in page
    assert "/signup/code/" in page


@pytest.mark.parametrize("status", ["CONNECTED", "FLAGGED", "RATE_LIMITED"])
def test_a_number_that_was_registered_elsewhere_is_switched_on_though_it_is_limited(
    progress: Callable[..., tuple[Onboarding, str]], visitor: Visitor, status: str
) -> None:
    onboarding, page = progress(number="unverified")
    assert last_step(page) == "Your turn"
    number = onboarding.steps.get(state=StepState.CLIENT).number
    assert number is not None
    facts = {"status": status, "platform_type": "CLOUD_API", "code_verification_status": "VERIFIED"}
    PhoneNumber.objects.filter(pk=number.pk).update(**facts)
    standing.recompute([number.pk])

    page = visitor.get("progress", onboarding.public_id).content.decode()
    assert last_step(page) == "Done"


def test_a_signup_without_a_number_leads_back_to_the_signup(
    progress: Callable[..., tuple[Onboarding, str]], visitor: Visitor
) -> None:
    _onboarding, page = progress(outcome="only_waba")

    assert "No number was added" in page
    assert f'href="{reverse("signup:page", args=[visitor.token])}"' in page


def test_what_failed_is_told_without_metas_words(
    progress: Callable[..., tuple[Onboarding, str]], app: Practice, visitor: Visitor
) -> None:
    app.fault({"graph_error": {"code": 100, "message": "Secret words of Meta’s"}}, path_contains="/register")
    onboarding, page = progress()

    assert onboarding.steps.filter(state=StepState.FAILED).exists()
    assert "Your account manager sees it" in page
    assert "Secret words" not in page


def test_another_links_progress_is_not_there(
    progress: Callable[..., tuple[Onboarding, str]], baker: Client, lead: User
) -> None:
    onboarding, _page = progress()
    other = Visitor(links.make_signup_link(client=baker, actor=lead))

    assert other.get("progress", onboarding.public_id).status_code == 404
    assert other.get("progress", uuid.uuid4()).status_code == 404


def test_who_comes_back_to_the_link_finds_the_signup_that_was_finished(
    progress: Callable[..., tuple[Onboarding, str]], visitor: Visitor
) -> None:
    onboarding, _page = progress()

    assert reverse("signup:progress", args=[visitor.token, onboarding.public_id]) in visitor.get().content.decode()


def test_the_page_of_a_refused_signup_names_nobody(
    progress: Callable[..., tuple[Onboarding, str]], app: Practice, account_manager: User
) -> None:
    theirs = app.wabas()[0]
    waba = make_waba(name="Zeta Garage WABA", waba_id=theirs["id"])
    waba.client.owner = account_manager
    waba.client.save()
    make_number(waba)
    _onboarding, page = progress(business=theirs["owner_business_id"], waba=theirs["id"])

    assert "We could not accept this signup" in page
    assert waba.client.name not in page
    assert "Zeta" not in page
