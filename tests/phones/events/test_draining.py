"""The inbox is emptied whatever is in it: one event that can't be applied holds up no other, and none is lost."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import DataError, OperationalError
from django.utils import timezone

from clients.models import Waba
from phones.choices import EventState
from phones.events import facts as keeping
from phones.events import inbox, meanings
from phones.events.draining import drain
from phones.events.intake import Update
from phones.models import Event
from tests.factories import make_waba
from tests.phones.events.sending import change
from tests.phones.events.test_processing import WABA_ID, facts, receive


@pytest.fixture
def waba(db: None) -> Waba:
    return make_waba(waba_id=WABA_ID)


@pytest.mark.parametrize("fault", [DataError("no"), TypeError("a fault of ours")])
def test_an_event_that_can_never_be_applied_holds_up_no_other(waba: Waba, fault: Exception) -> None:
    keep = keeping.keep_newest

    def refuse(claims: list[keeping.FactClaim]) -> None:
        if any(claim.name == "review" for claim in claims):
            raise fault
        keep(claims)

    with patch("phones.events.processing.facts.keep_newest", refuse):
        receive(
            change("account_update", {"event": "ACCOUNT_DELETED"}),
            change("account_review_update", {"decision": "APPROVED"}),
            change("account_update", {"event": "MM_LITE_TERMS_SIGNED"}),
        )

    states = [event.state for event in Event.objects.order_by("pk")]
    assert states == [EventState.DONE, EventState.FAILED, EventState.DONE]


def test_an_event_that_our_own_rules_trip_over_holds_up_no_other(waba: Waba) -> None:
    understand = meanings.meaning_of

    def trip(name: str, value: object, **ids: str) -> object:
        if name == "security":
            raise KeyError("ours")
        return understand(name, value, **ids)

    with patch("phones.events.processing.meaning_of", trip):
        receive(change("security", {}), change("account_review_update", {"decision": "APPROVED"}))

    assert dict(Event.objects.values_list("field", "state")) == {
        "security": EventState.FAILED,
        "account_review_update": EventState.DONE,
    }


def test_a_database_that_is_busy_for_a_moment_costs_no_event(waba: Waba) -> None:
    busy = patch("phones.events.processing.facts.keep_newest", side_effect=OperationalError("database is locked"))
    with busy, pytest.raises(OperationalError):
        receive(change("account_review_update", {"decision": "APPROVED"}))
    assert Event.objects.get().state == EventState.WAITING

    drain(seconds=60)
    assert facts()["review"] == {"decision": "APPROVED"}


def test_the_backlog_says_how_many_wait_and_since_when(waba: Waba) -> None:
    long_ago = timezone.now() - timedelta(hours=5)
    inbox.put([Update("a", "account_review_update", {"decision": "APPROVED"}, WABA_ID)], received_at=long_ago)

    assert inbox.backlog() == inbox.Backlog(1, long_ago)
    assert inbox.backlog().is_late

    drain(seconds=60)
    assert inbox.backlog() == inbox.Backlog(0, None)
