"""What clients get tells them nothing of how many others there are; Meta is the practice server."""

from __future__ import annotations

import base64
import re

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients import links
from clients.models import Client, SignupAttempt, SignupLink
from phones.models import CodeLink
from phones.numbers.lifecycle import Stage
from phones.onboarding import codes
from tests.factories import make_number, make_waba
from tests.phones.onboarding.visiting import Visitor
from tests.practice import Practice

pytestmark = pytest.mark.django_db


def test_what_a_clients_browser_gets_counts_no_signups_and_no_links(
    app: Practice, link: SignupLink, baker: Client
) -> None:
    key = 987_654_321  # as if there were as many
    number = make_number(
        make_waba(baker), code_verification_status="NOT_VERIFIED", status="PENDING", stage=Stage.NEEDS_CODE
    )
    code_link = codes.code_link_for(number=number, actor=None)
    SignupAttempt.objects.update(id=key)
    CodeLink.objects.update(id=key)
    visitor = Visitor(link)
    visitor.begin()

    code_page = Browser().get(reverse("signup:code", args=[links.token_of(code_link)])).content.decode()
    (confirmation,) = set(re.findall(r'name="confirmation" value="([^"]+)"', code_page))
    for signed in (str(visitor.state), confirmation):
        said = signed.partition(":")[0]
        assert str(key) not in base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode()
