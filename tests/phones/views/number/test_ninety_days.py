"""The last 90 days of a number as bands: from its history, in words and patterns, and what is not known of them."""

import re
from datetime import timedelta

from django.utils import timezone

from clients.models import User, Waba
from phones.choices import ChangeKind
from phones.models import Health
from tests.conftest import SignIn
from tests.factories import make_change, make_number
from tests.phones.reading import shown_to

NOW_LINES = 40
SPAN = timedelta(days=20)


def bands_in(page: str, label: str) -> list[str]:
    """The bands of one fact, oldest first, as the words that hovering shows."""
    strip = re.search(rf'<svg class="strip"[^>]*aria-label="{label}:.*?<span', page)
    assert strip, label
    return re.findall(r"<title>(.*?), \d", strip[0])


def test_each_fact_is_drawn_as_it_was_and_the_time_before_the_first_sight_as_not_known(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    now = timezone.now()
    number = make_number(alices_waba, quality_rating="RED", first_seen_at=now - timedelta(days=60))
    for days, old, new in ((40, "GREEN", "YELLOW"), (10, "YELLOW", "RED")):
        make_change(number, old=old, new=new, at=now - timedelta(days=days))
    make_change(number, field="status", old=None, new="CONNECTED", at=now - timedelta(days=30))
    make_change(number, kind=ChangeKind.MISSING, field="", old=None, new=None, at=now - timedelta(days=5))

    page = shown_to(account_manager, f"/phones/{number.phone_number_id}/", sign_in)

    assert bands_in(page, "Quality") == ["Not known", "High", "Medium", "Low"]
    assert bands_in(page, "Connection") == ["Not known", "Not returned", "Connected"]
    assert bands_in(page, "Messaging limit") == ["Not known", "1,000 a day"]
    assert bands_in(page, "Health") == ["Not known"]
    assert 'fill="url(#pattern-bad)"' in page
    assert "when the desk first saw this number" in page
    assert "style=" not in page


def test_a_long_history_is_read_as_far_back_as_is_drawn(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    now = timezone.now()
    number = make_number(alices_waba, quality_rating="RED", first_seen_at=now - timedelta(days=300))
    make_change(number, old="GREEN", new="RED", at=now - timedelta(days=50))
    for _ in range(NOW_LINES):
        make_change(number, field="verified_name", old="A", new="B")
    Health.objects.create(number=number, can_send_message="AVAILABLE", read_at=now, first_read_at=now - SPAN)

    page = shown_to(account_manager, f"/phones/{number.phone_number_id}/", sign_in)

    assert bands_in(page, "Quality") == ["High", "Low"]
    assert bands_in(page, "Health") == ["Not known", "Can send"]
    assert "when the desk first saw this number" not in page
