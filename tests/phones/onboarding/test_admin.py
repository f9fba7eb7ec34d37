"""The back office shows onboardings and code links, and no secret of theirs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from clients import links
from phones.models import CodeLink, Onboarding, OnboardingStep
from tests.back_office import page
from tests.phones.onboarding.signing_up import work

SignUp = Callable[..., Onboarding]


@pytest.mark.parametrize("model", [Onboarding, OnboardingStep, CodeLink])
def test_administrators_look_and_change_nothing(
    desk: Browser, sign_up: SignUp, model: type[Onboarding | OnboardingStep | CodeLink]
) -> None:
    work(sign_up(number="unverified"))
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    assert desk.get(page(model, "changelist")).status_code == 200
    one = desk.get(page(model, "change", row.pk))
    assert one.status_code == 200
    assert b'name="_save"' not in one.content
    assert desk.get(page(model, "add")).status_code == 403


def test_no_secret_of_a_link_or_a_token_is_shown(desk: Browser, sign_up: SignUp) -> None:
    onboarding = work(sign_up(number="unverified"))
    link = CodeLink.objects.get()
    assert onboarding.credential is not None
    shown = b"".join(
        desk.get(page(model, "change", row.pk)).content for model, row in ((CodeLink, link), (Onboarding, onboarding))
    ).decode()
    for secret in (links.token_of(link), link.token_sealed, link.token_digest, onboarding.credential.open_token()):
        assert secret not in shown
