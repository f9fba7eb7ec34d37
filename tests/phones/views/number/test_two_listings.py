"""A number that WABAs of two clients list: each client's people read what is theirs."""

from __future__ import annotations

from django.utils import timezone

from clients.models import User, Waba
from phones.models import EventFact
from phones.numbers.words import UNDER_ANOTHER_WABA
from tests.conftest import SignIn
from tests.factories import make_listing, make_number
from tests.phones.acting import number_page
from tests.phones.reading import text_of


def test_what_meta_said_on_the_waba_of_another_client_stays_unseen(
    account_manager: User, lead: User, alices_waba: Waba, foreign_waba: Waba, sign_in: SignIn
) -> None:
    trouble = "Meta restricts its WABA in starting conversations: Business Support Home says why."
    number = make_number(foreign_waba, stage="restricted", next_action=trouble)
    make_listing(number, alices_waba)
    alert = {"alert_severity": "CRITICAL", "alert_status": "ACTIVE", "alert_type": "OBA_REJECTED"}
    EventFact.objects.create(
        waba=foreign_waba, number=number, name="alert:OBA_REJECTED", value=alert, at=timezone.now(), decided_by="1"
    )
    said = "OBA_REJECTED"

    alice = sign_in(account_manager)
    page, listed = number_page(alice, number), text_of(alice.get("/phones/"))
    assert said not in page
    assert trouble not in page + listed
    assert UNDER_ANOTHER_WABA in page
    assert UNDER_ANOTHER_WABA in listed
    assert "open a case file" not in page, "it is the other client that it would leave"

    page = number_page(sign_in(lead), number)
    assert trouble in page
    assert said in page
    assert "open a case file" in page
