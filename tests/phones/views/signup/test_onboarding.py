"""One onboarding as managers see it: its steps, trying again, closing it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients import links
from clients.clients import move_waba
from clients.models import Client, User
from phones.choices import StepKind
from phones.models import CodeLink, Onboarding
from phones.onboarding import run
from tests.factories import make_client
from tests.phones.onboarding.signing_up import step, the_number, work
from tests.phones.reading import text_of
from tests.practice import Practice

pytestmark = pytest.mark.django_db


def test_a_failed_step_is_explained_and_tried_again(
    browser: Browser, app: Practice, sign_up: Callable[..., Onboarding]
) -> None:
    refusal = {"graph_error": {"code": 200, "message": "Permissions error", "fbtrace_id": "TRACE77"}}
    app.fault({"status": 403, **refusal}, path_contains="/subscribed_apps", method="POST")
    onboarding = work(sign_up())
    address = reverse("signup:onboarding", args=[onboarding.pk])
    page = text_of(browser.get(address))
    assert "Failed" in page
    assert "Permissions error" in page
    assert "TRACE77" in page

    app.heal()
    failed = step(onboarding, StepKind.SUBSCRIPTION)
    browser.post(reverse("signup:retry", args=[onboarding.pk]), {"step": failed.pk})
    work(onboarding)
    assert "Finished" in text_of(browser.get(address))
    again = browser.post(reverse("signup:retry", args=[onboarding.pk]), {"step": failed.pk}, follow=True)
    assert "This onboarding is closed." in text_of(again)


def test_an_onboarding_that_waits_for_the_client_shows_the_code_page_to_send_on(
    browser: Browser, sign_up: Callable[..., Onboarding]
) -> None:
    onboarding = work(sign_up(number="unverified"))
    answer = browser.get(reverse("signup:onboarding", args=[onboarding.pk]))
    link = CodeLink.objects.get(number=the_number(onboarding))

    assert "Waits for the client" in text_of(answer)
    assert f"/signup/code/{links.token_of(link)}/" in answer.content.decode()
    assert "hx-trigger" not in answer.content.decode().partition("<main")[2].partition("</main>")[0]


def test_an_onboarding_is_closed_by_hand(browser: Browser, lead: User, sign_up: Callable[..., Onboarding]) -> None:
    onboarding = sign_up()
    assert 'hx-trigger="every 2s"' in browser.get(reverse("signup:onboarding", args=[onboarding.pk])).content.decode()
    browser.post(reverse("signup:dismiss", args=[onboarding.pk]))

    onboarding.refresh_from_db()
    assert onboarding.dismissed_by == lead
    answer = browser.get(reverse("signup:onboarding", args=[onboarding.pk]), headers={"HX-Request": "true"})
    assert text_of(answer).startswith('<div id="onboarding"')
    assert "Try again" not in text_of(answer)


def test_an_onboarding_goes_with_its_account_to_another_client(
    browser: Browser, manager: Browser, account_manager: User, lead: User, sign_up: Callable[..., Onboarding]
) -> None:
    onboarding = work(sign_up(number="unverified"))
    Client.objects.filter(pk=onboarding.client_id).update(owner=account_manager)
    address = reverse("signup:onboarding", args=[onboarding.pk])
    assert "/signup/code/" in manager.get(address).content.decode()
    assert onboarding.waba is not None
    move_waba(waba=onboarding.waba, to=make_client(owner=lead), actor=lead)

    assert "/signup/code/" not in manager.get(address).content.decode()
    waiting = step(onboarding, StepKind.REGISTRATION)
    again = manager.post(reverse("signup:retry", args=[onboarding.pk]), {"step": waiting.pk}, follow=True)
    assert "moved to another client" in text_of(again)
    run.resume_waiting()
    assert manager.get(address).status_code == 404
    assert "/signup/code/" in browser.get(address).content.decode()


def test_a_retry_that_names_no_step_does_nothing(browser: Browser, sign_up: Callable[..., Onboarding]) -> None:
    onboarding = sign_up()
    for value in ("", "x", "0", str(10**30)):
        answer = browser.post(reverse("signup:retry", args=[onboarding.pk]), {"step": value}, follow=True)
        assert "Choose one of the steps." in text_of(answer)
