"""The links that a manager makes for a client, sends on and revokes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients import links
from clients.choices import AttemptState
from clients.models import Client, SignupAttempt, SignupLink, StatusLink, User, Waba
from phones.models import CodeLink, PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_number, make_signup_link
from tests.phones.reading import text_of

pytestmark = pytest.mark.django_db


def test_a_manager_makes_a_signup_link_and_sees_its_address(
    manager: Browser, alices_client: Client, settings: Settings
) -> None:
    address = reverse("phones:signup-links", args=[alices_client.pk])
    answer = manager.post(address, {"display_name": "Alpha Orders", "lifetime": "7"}, follow=True)

    link = SignupLink.objects.get(client=alices_client)
    assert link.display_name == "Alpha Orders"
    assert timedelta(days=6) < link.expires_at - timezone.now() <= timedelta(days=7)
    shown = f"{settings.PUBLIC_URL}/signup/{links.token_of(link)}/"
    assert f'value="{shown}"' in answer.content.decode()
    again = manager.get(reverse("phones:client", args=[alices_client.pk])).content.decode()
    assert f'data-copy="{shown}"' in again
    assert SignupAttempt.objects.get().state == AttemptState.SENT


def test_a_manager_makes_a_status_link(manager: Browser, alices_client: Client) -> None:
    manager.post(reverse("phones:status-links", args=[alices_client.pk]))

    link = StatusLink.objects.get(client=alices_client)
    page = manager.get(reverse("phones:client", args=[alices_client.pk])).content.decode()
    assert f"/signup/status/{links.token_of(link)}/" in page


@pytest.mark.parametrize("values", [{"display_name": "x" * 200}, {"display_name": "a"}, {"lifetime": "9999"}])
def test_a_wrong_form_makes_no_link_and_says_why(
    manager: Browser, alices_client: Client, values: dict[str, str]
) -> None:
    answer = manager.post(reverse("phones:signup-links", args=[alices_client.pk]), values, follow=True)

    assert "No link was made." in text_of(answer)
    assert not SignupLink.objects.exists()


def test_who_may_only_look_sees_that_there_is_a_link_and_not_where(
    viewed_client: Client, viewer: User, sign_in: SignIn
) -> None:
    link = make_signup_link(viewed_client)
    page = sign_in(viewer).get(reverse("phones:client", args=[viewed_client.pk])).content.decode()

    assert "Signup link" in page
    assert links.token_of(link) not in page
    assert "New signup link" not in page
    assert "Revoke" not in page


def test_a_manager_revokes_a_link(manager: Browser, alices_client: Client, alices_number: PhoneNumber) -> None:
    rows: dict[str, Any] = {
        "signup": make_signup_link(alices_client),
        "status": links.make_status_link(client=alices_client, actor=alices_client.owner),  # type: ignore[arg-type] # Alice
    }
    for kind, row in rows.items():
        answer = manager.post(reverse("signup:revoke", args=[kind, row.pk]))
        assert answer["Location"] == reverse("phones:client", args=[alices_client.pk])
        row.refresh_from_db()
        assert row.revoked_at is not None
    manager.post(reverse("phones:code-links", args=[alices_number.phone_number_id]))
    answer = manager.post(reverse("signup:revoke", args=["code", CodeLink.objects.get().pk]))
    assert answer["Location"] == reverse("phones:number", args=[alices_number.phone_number_id])
    assert manager.post(reverse("signup:revoke", args=["other", 1])).status_code == 404


def test_a_number_that_needs_a_code_offers_a_link_for_it(manager: Browser, alices_waba: Waba) -> None:
    number = make_number(alices_waba, code_verification_status="NOT_VERIFIED", status="PENDING", stage="needs_code")
    address = reverse("phones:number", args=[number.phone_number_id])
    assert "Code link for the client" in text_of(manager.get(address))

    answer = manager.post(reverse("phones:code-links", args=[number.phone_number_id]), follow=True)
    assert f"/signup/code/{links.token_of(CodeLink.objects.get())}/" in answer.content.decode()
    manager.post(reverse("phones:code-links", args=[number.phone_number_id]))
    assert CodeLink.objects.count() == 1


def test_a_number_that_needs_none_offers_none(manager: Browser, alices_number: PhoneNumber) -> None:
    alices_number.stage = "registered"
    alices_number.save()
    page = text_of(manager.get(reverse("phones:number", args=[alices_number.phone_number_id])))

    assert "Code link" not in page
