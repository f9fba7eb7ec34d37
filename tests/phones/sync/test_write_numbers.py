"""What a batch of listings comes to in the tables."""

import datetime

import pytest
from django.utils import timezone

from phones.models import Change, Listing, PhoneNumber
from phones.numbers.lifecycle import Stage
from phones.sync import write_numbers as numbers
from portal.graph.reads.numbers import NumberReading
from tests.factories import make_waba

pytestmark = pytest.mark.django_db


def reading(**values: object) -> NumberReading:
    values = {"id": "200", "display_phone_number": "+1 631 555 0001", **values}
    return NumberReading("200", values, requested=frozenset(values))


def test_a_new_number_that_two_wabas_of_one_batch_show_differently_is_one_number_as_the_later_one_has_it() -> None:
    first, second = make_waba(), make_waba()
    now = timezone.now()

    tallies = numbers.store(
        [
            numbers.Complete(first.pk, now, [reading(status="PENDING", verified_name="Before")], first=True),
            numbers.Complete(
                second.pk,
                now + datetime.timedelta(seconds=1),
                [reading(status="BANNED", verified_name="After")],
                first=True,
            ),
        ]
    )

    number = PhoneNumber.objects.get()
    assert (number.status, number.verified_name, number.former_names) == ("BANNED", "After", ["Before"])
    assert "after" in number.search_text
    assert number.stage == Stage.RESTRICTED
    assert {change.field for change in Change.objects.filter(number=number)} == {"", "status", "verified_name"}
    assert set(Listing.objects.values_list("number_id", "waba_id")) == {(number.pk, first.pk), (number.pk, second.pk)}
    assert (tallies[first.pk].added, tallies[second.pk].added, tallies[second.pk].changed) == (1, 0, 1)
