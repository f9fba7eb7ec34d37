"""Events in any order and any number of times leave the same picture."""

from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some
from hypothesis.extra.django import TestCase

from phones.events import inbox
from phones.events.draining import drain
from phones.models import Change, Event, EventFact
from tests.factories import make_number, make_waba
from tests.phones.events.sending import NOON, change
from tests.phones.events.test_processing import DIGITS, NAME, WABA_ID, picture, receive

DECISIONS = some.sampled_from(["APPROVED", "REJECTED", "DEFERRED", "PENDING"])
TIMES = some.integers(NOON, NOON + 3)
UPDATES = some.one_of(
    some.builds(lambda decision: change("phone_number_name_update", NAME | {"decision": decision}), DECISIONS),
    some.builds(lambda decision: change("account_review_update", {"decision": decision}), DECISIONS),
    some.builds(
        lambda event: change("account_update", {"event": event, "phone_number": DIGITS}),
        some.sampled_from(["ACCOUNT_OFFBOARDED", "ACCOUNT_RECONNECTED", "PARTNER_REMOVED"]),
    ),
    some.builds(
        lambda event: change("security", {"display_phone_number": DIGITS, "event": event}),
        some.sampled_from(["PIN_CHANGED", "PIN_RESET_REQUEST", "PIN_REQUEST_SUCCESS"]),
    ),
    some.builds(
        lambda state: change("account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}}),
        some.sampled_from(["SCHEDULE_FOR_DISABLE", "DISABLE", "REINSTATE", ["DISABLE"]]),
    ),
    some.builds(
        lambda key, amount: change("business_capability_update", {key: amount}),
        some.sampled_from(["max_phone_numbers_per_waba", "max_phone_numbers_per_business"]),
        some.integers(-1, 3),
    ),
)


class Orders(TestCase):
    @hypothesis_settings(max_examples=12)
    @given(some.lists(some.tuples(UPDATES, TIMES), min_size=1, max_size=8), some.randoms(use_true_random=False))
    def test_events_shuffled_doubled_and_replayed_leave_the_same_picture(
        self, updates: list[tuple[dict[str, object], int]], chance: Any
    ) -> None:
        make_number(make_waba(waba_id=WABA_ID), display_phone_number="+1 555-010-0001")
        for update, time in updates:
            receive(update, time=time)
        expected = picture()
        for model in (Event, EventFact, Change):
            model.objects.all().delete()

        mixed = [*updates, *updates]
        chance.shuffle(mixed)
        for update, time in mixed:
            receive(update, time=time)
            if chance.random() < 0.2:
                inbox.replay(Event.objects.all())

        drain(seconds=60)
        assert picture() == expected
