"""A number as of a day: its facts taken back by its history, and what is not known of it."""

import re
from datetime import timedelta

from django.utils import timezone

from clients.models import User, Waba
from phones.choices import ChangeKind
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_change, make_number
from tests.phones.reading import shown_to


def row_of(page: str, label: str) -> str:
    found = re.search(rf"<tr><th scope=\"row\"[^>]*>{label}</th>(.*?)</tr>", page)
    assert found, label
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def as_of(person: User, number: PhoneNumber, days: int, sign_in: SignIn) -> str:
    day = (timezone.localdate() - timedelta(days=days)).isoformat()
    return shown_to(person, f"/phones/{number.phone_number_id}/as-of/?day={day}", sign_in)


def test_each_fact_is_what_it_was_before_it_changed_next(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    now = timezone.now()
    number = make_number(alices_waba, quality_rating="RED", first_seen_at=now - timedelta(days=30))
    for days, old, new in ((20, "GREEN", "YELLOW"), (10, "YELLOW", "RED")):
        make_change(number, old=old, new=new, at=now - timedelta(days=days))
    make_change(number, field="platform_type", old="NOT_APPLICABLE", new="CLOUD_API", at=now - timedelta(days=10))
    make_change(number, field="new_name_status", old=None, new=None, at=now - timedelta(days=2))
    make_change(number, kind=ChangeKind.MISSING, field="", old=None, new=None, at=now - timedelta(days=18))

    early, middle = (as_of(account_manager, number, days, sign_in) for days in (25, 15))

    assert row_of(early, "Quality").startswith("High Low")
    assert row_of(middle, "Quality").startswith("Medium Low")
    assert row_of(middle, "Registration") == "Not registered Registered"
    assert row_of(middle, "Account mode") == "Live the same"
    assert "the history does not say" in early
    assert "No WABA listed it" in middle
    assert "Not known: how old each value was" in middle


def test_of_the_time_before_it_was_first_seen_nothing_is_claimed(
    account_manager: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    page = as_of(account_manager, alices_number, 3, sign_in)

    assert "it knows nothing of the time before" in page
    assert "What the desk knew then" not in page


def test_a_day_that_is_none_is_said(account_manager: User, alices_number: PhoneNumber, sign_in: SignIn) -> None:
    address = f"/phones/{alices_number.phone_number_id}/as-of/"

    assert "is no day" in shown_to(account_manager, f"{address}?day=soon", sign_in)
    assert "is no day" in shown_to(account_manager, f"{address}?day=9999-12-31", sign_in)
    assert "has not come yet" in shown_to(account_manager, f"{address}?day=2999-01-01", sign_in)
