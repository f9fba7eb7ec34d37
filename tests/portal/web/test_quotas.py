"""A person who asks for more than anybody needs waits, and nobody else does."""

import pytest
import time_machine
from pytest_django import Settings

from clients.choices import AuditKind
from clients.models import AuditEntry, User
from phones.models import PhoneNumber
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_who_takes_many_files_or_asks_for_many_pages_waits_until_the_hour_or_the_minute_is_over(
    account_manager: User, covering_manager: User, alices_number: PhoneNumber, sign_in: SignIn, settings: Settings
) -> None:
    settings.FILES_AN_HOUR, settings.PAGES_A_MINUTE = 2, 5
    with time_machine.travel("2026-11-27T10:20:00Z", tick=False) as clock:
        alice, carol = sign_in(account_manager), sign_in(covering_manager)
        files = ["/phones/export.csv", "/clients/export.xlsx", "/phones/export.csv"]
        answers = [alice.get(address) for address in files]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2]["Retry-After"] == "2400"
        assert "You have taken 2 files within an hour." in answers[2].content.decode()
        assert "Try again in 40 minutes." in answers[2].content.decode()
        assert AuditEntry.objects.filter(kind=AuditKind.EXPORT).count() == 2
        assert carol.get("/phones/export.csv").status_code == 200

        pages = [alice.get("/clients/") for _ in range(3)]
        assert [page.status_code for page in pages] == [200, 200, 429]
        assert "Try again in 60 seconds." in pages[2].content.decode()
        assert pages[2]["Retry-After"] == "60"
        clock.shift(60)
        assert alice.get("/clients/").status_code == 200
        assert alice.get("/phones/export.csv").status_code == 429
        settings.FILES_AN_HOUR = settings.PAGES_A_MINUTE = 0
        assert {alice.get("/phones/export.csv").status_code for _ in range(7)} == {200}
