"""Enums sort by what their values mean, and each queue comes in an order of its own, which the list says."""

import datetime
import itertools
from typing import Any

import pytest
from django.utils import timezone

from clients.models import SyncFailure, User, Waba
from phones.choices import STATUSES
from phones.listing.columns import ORDERS
from phones.listing.queues import QUEUES
from phones.listing.selection import NumberList
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_number, make_waba
from tests.phones.listing.rows import ids_on, link, page_of, pages_from, shown, text_of

BY_RANK = {
    "messaging_limit": ["TIER_50", "TIER_250", "TIER_1K", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED"],
    "quality_rating": ["RED", "YELLOW", "GREEN"],
    "throughput": ["STANDARD", "HIGH"],
    "name_status": ["DECLINED", "EXPIRED", "PENDING_REVIEW", "APPROVED"],
    "status": ["BANNED", "FLAGGED", "PENDING", "CONNECTED"],
}
LAST = {"messaging_limit": "TIER_NOT_SET", "quality_rating": "UNKNOWN", "status": "UNKNOWN"}


@pytest.mark.parametrize("field", BY_RANK)
def test_an_enum_sorts_by_rank_and_what_has_none_stands_last_both_ways_however_many_match(
    field: str,
    administrator: User,
    sign_in: SignIn,
    alices_waba: Waba,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ranked = BY_RANK[field]
    for value in [None, LAST.get(field, "NEW_AT_META"), *sorted(ranked), ranked[0]]:
        facts: dict[str, Any] = {field: value}
        make_number(alices_waba, **facts)
    browser = sign_in(administrator)

    def values(sort: str) -> list[str | None]:
        ids = itertools.chain(*pages_from(browser, f"/phones/?sort={sort}&per_page=4&columns=display_phone_number"))
        return [of_id[each] for each in ids]

    of_id = dict(PhoneNumber.objects.values_list("phone_number_id", field))
    last = [LAST.get(field, "NEW_AT_META"), None]
    for counted in (1_000, 3):
        monkeypatch.setattr(NumberList, "counted", counted)
        assert values(field) == [ranked[0], *ranked, *last], counted
        assert values(f"-{field}") == [*ranked[::-1], ranked[0], *last], counted


def test_pages_by_rank_lead_back_the_way_they_came(
    administrator: User, sign_in: SignIn, alices_waba: Waba, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in ("GREEN", "RED", None, "GREEN", "YELLOW", "NEW", "UNKNOWN", "RED"):
        make_number(alices_waba, quality_rating=value)
    browser = sign_in(administrator)
    for counted in (1_000, 3):
        monkeypatch.setattr(NumberList, "counted", counted)
        for sort in ("quality_rating", "-quality_rating"):
            pages = pages_from(browser, f"/phones/?sort={sort}&per_page=2&columns=display_phone_number")
            last = link(browser.get(f"/phones/?sort={sort}&per_page=6&columns=display_phone_number"), "next")
            assert last is not None
            back = pages_from(browser, last.replace("per_page=6", "per_page=2"), "prev")

            assert [*itertools.chain(*reversed(back))] == [*itertools.chain(*pages)], (counted, sort)


def test_every_enum_of_meta_and_ours_has_an_order_of_ranks() -> None:
    assert all(ORDERS[name].ranks for name in STATUSES)


def test_register_by_clicked_once_shows_the_soonest(administrator: User, sign_in: SignIn, alices_waba: Waba) -> None:
    now = timezone.now()
    late, soon = (
        make_number(alices_waba, registration_deadline=now + datetime.timedelta(days=days)) for days in (9, 1)
    )
    browser = sign_in(administrator)

    page = text_of(page_of(browser))

    assert 'href="/phones/?sort=registration_deadline"' in page
    assert shown(browser, sort="registration_deadline") == [soon.phone_number_id, late.phone_number_id]


def test_the_deadline_queue_starts_with_the_soonest_and_says_so(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    now = timezone.now()
    by_hours = {
        hours: make_number(
            alices_waba,
            registration_deadline=now + datetime.timedelta(hours=hours),
            last_onboarded_time=now - datetime.timedelta(hours=hours),
        ).phone_number_id
        for hours in (50, 2, 30)
    }
    browser = sign_in(administrator)

    response = page_of(browser, queue="deadline")

    assert ids_on(response) == [by_hours[hours] for hours in (2, 30, 50)]
    assert "sorted by Register by, soonest first" in text_of(response)
    assert ids_on(page_of(browser, queue="deadline", sort="-registration_deadline"))[0] == by_hours[50]
    assert [ids_on(browser.get(f"/phones/?queue=deadline&per_page=1&page={each}")) for each in ("x",)] == [
        [by_hours[2]]
    ]


def test_every_queue_says_its_order_and_an_order_of_one_tab_is_not_carried_to_another(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    now = timezone.now()
    waba = make_waba(last_failure=SyncFailure.objects.create(kind="x", at=now))
    unverified: dict[str, Any] = {
        "status": "PENDING",
        "code_verification_status": "NOT_VERIFIED",
        "last_onboarded_time": None,
    }
    names: dict[str, Any] = {
        "name_status": "PENDING_REVIEW",
        "new_name_status": "DECLINED",
        "stage": "ready",
        "quality_rating": "RED",
    }
    old = now - datetime.timedelta(days=2)
    make_number(waba, **unverified, **names, synced_at=old, registration_deadline=now + datetime.timedelta(days=1))
    make_number(alices_waba, missing_since=now, status="BANNED", may_send="no")
    make_number(alices_waba, status="DISCONNECTED")
    browser = sign_in(administrator)

    pages = {name: browser.get("/phones/", {"queue": name}, headers={"HX-Request": "true"}) for name in QUEUES}
    heads = {name: text_of(page).partition("sorted by ")[2][:40] for name, page in pages.items()}

    assert {name: head.partition("<")[0].strip() for name, head in heads.items()} == {
        **dict.fromkeys(("deadline", "ready", "not-registered"), "Register by, soonest first"),
        **dict.fromkeys(("name-review", "name-declined"), "Register by, soonest first"),
        "added-outside": "First seen, oldest first",
        "quality": "Quality, worst first",
        "cant-send": "Messaging limit, highest first",
        "restricted": "Connection, worst first",
        "disconnected": "Signed up, newest first",
        "missing": "Missing, newest first",
        "failing": "Age, oldest first",
        "stale": "Age, oldest first",
        "unassigned": "Client, A–Z",
    }
    assert 'href="/phones/?queue=deadline"' in text_of(page_of(browser, sort="client"))
