"""Which numbers the list shows for which parameters."""

import datetime
import itertools
from collections.abc import Mapping
from typing import Any

import pytest
from django.db.models import QuerySet
from django.http import QueryDict
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client, SyncFailure, User, Waba
from phones.listing.queues import QUEUES
from phones.listing.selection import NumberList
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_client, make_listing, make_number, make_waba
from tests.phones.listing.rows import found, ids_on, page_of, text_of

EXACT = [
    "account_mode",
    "status",
    "code_verification_status",
    "name_status",
    "new_name_status",
    "quality_rating",
    "platform_type",
    "throughput",
    "messaging_limit",
]


def asked(person: User, query: str) -> tuple[set[int], set[int]]:
    """The keys that the address means, read by an index and read along the sort."""
    filters = NumberList(QueryDict(query), person).filters
    return set(filters.qs.values_list("pk", flat=True)), set(filters.walked.values_list("pk", flat=True))


def number_with(facts: Mapping[str, Any], waba: Waba | None = None) -> PhoneNumber:
    return make_number(waba, **facts)


def test_an_exact_filter_takes_any_value(desk: Browser) -> None:
    values = ("ONE", "Two too", None, "-x")
    # Each field has them in an order of its own: the filter of another field would find other numbers.
    orders = dict(zip(EXACT, itertools.permutations(values), strict=False))
    numbers = [number_with({field: order[at] for field, order in orders.items()}).phone_number_id for at in range(4)]

    for field, order in orders.items():
        having = dict(zip(order, numbers, strict=True))
        one, two, absent, other = (having[value] for value in values)
        assert found(desk, **{field: "ONE"}) == {one}, field
        assert found(desk, **{field: ["ONE", "Two too"]}) == {one, two}, field
        assert found(desk, **{field: "-"}) == {absent}, field
        assert found(desk, **{field: ["-", "-x"]}) == {absent, other}, field
        assert found(desk, **{field: "one"}) == set(), field
        assert found(desk, **{field: ""}) == set(numbers), field


def test_filters_narrow_each_other(administrator: User, sign_in: SignIn) -> None:
    both = make_number(status="PENDING", quality_rating="RED")
    make_number(status="PENDING")
    make_number(quality_rating="RED")

    assert found(sign_in(administrator), status="PENDING", quality_rating="RED") == {both.phone_number_id}


def test_a_client_means_all_numbers_on_its_wabas(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber, foreign_number: PhoneNumber, alices_client: Client
) -> None:
    make_listing(foreign_number, make_waba(alices_client))
    moved = make_number(foreign_number.waba)
    make_listing(moved, alices_number.waba, is_current=False)

    assert found(sign_in(administrator), client=str(alices_client.pk)) == {
        alices_number.phone_number_id,
        foreign_number.phone_number_id,
    }


def test_a_waba_is_named_by_its_graph_id(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    browser = sign_in(administrator)

    assert found(browser, waba=alices_number.waba.waba_id) == {alices_number.phone_number_id}
    assert found(browser, waba=str(alices_number.waba.pk)) == set()


def test_an_owner_is_a_username_me_or_nobody(
    account_manager: User, team_lead: User, sign_in: SignIn, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    nobodys = make_number()
    browser = sign_in(team_lead)

    assert found(browser, owner="alice") == {alices_number.phone_number_id}
    assert found(browser, owner="-") == {nobodys.phone_number_id}
    assert found(browser, owner=["-", "otto"]) == {nobodys.phone_number_id, foreign_number.phone_number_id}
    assert found(browser, owner="me") == set()
    assert found(sign_in(account_manager), owner="me") == {alices_number.phone_number_id}


def test_covering_for_somebody_is_not_owning(
    covering_manager: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser = sign_in(covering_manager)

    assert found(browser) == {alices_number.phone_number_id}
    assert found(browser, owner="me") == set()
    assert found(browser, owner="alice") == {alices_number.phone_number_id}


def test_a_stage_is_a_filter_like_the_others(administrator: User, sign_in: SignIn) -> None:
    ready, unknown = make_number(stage="ready"), make_number(stage="")
    browser = sign_in(administrator)

    assert found(browser, stage="ready") == {ready.phone_number_id}
    assert found(browser, stage="-") == {unknown.phone_number_id}
    assert found(browser, stage="no such stage") == set()


# --- Queues -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def healthy(alices_number: PhoneNumber) -> PhoneNumber:
    return alices_number


NEEDS_ATTENTION: dict[str, list[dict[str, Any]]] = {
    "not-registered": [{"status": "PENDING"}, {"platform_type": "NOT_APPLICABLE"}],
    "added-outside": [{"status": "PENDING", "code_verification_status": "NOT_VERIFIED", "last_onboarded_time": None}],
    "name-review": [{"name_status": "PENDING_REVIEW"}, {"new_name_status": "PENDING_REVIEW"}],
    "name-declined": [{"name_status": "DECLINED"}, {"new_name_status": "REJECTED"}],
    "quality": [{"quality_rating": "YELLOW"}, {"quality_rating": "RED"}],
    "restricted": [{"status": status} for status in ("FLAGGED", "RESTRICTED", "RATE_LIMITED", "BANNED")],
    "disconnected": [{"status": "DISCONNECTED"}],
    "missing": [{"missing_since": timezone.now()}],
    "stale": [{"synced_at": timezone.now() - datetime.timedelta(hours=25)}],
}


def test_a_queue_holds_what_needs_attention(desk: Browser, healthy: PhoneNumber) -> None:
    for queue, kinds in NEEDS_ATTENTION.items():
        numbers = [number_with(facts, healthy.waba) for facts in kinds]

        assert found(desk, queue=queue) == {number.phone_number_id for number in numbers}, queue
        PhoneNumber.objects.exclude(pk=healthy.pk).delete()


def test_the_failing_queue_holds_the_numbers_of_failing_wabas(
    administrator: User, sign_in: SignIn, healthy: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    failing = foreign_number.waba
    failing.last_failure = SyncFailure.objects.create(waba=failing, kind="x", at=timezone.now())
    failing.save()

    assert found(sign_in(administrator), queue="failing") == {foreign_number.phone_number_id}


def test_the_unassigned_queue_holds_what_nobody_owns(
    administrator: User, sign_in: SignIn, healthy: PhoneNumber
) -> None:
    nobodys = make_number()

    assert found(sign_in(administrator), queue="unassigned") == {nobodys.phone_number_id}


def test_what_graph_did_not_return_puts_a_number_in_no_queue(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    number_with(dict.fromkeys(EXACT), alices_waba)
    browser = sign_in(administrator)

    for queue in QUEUES:
        assert found(browser, queue=queue) == set(), queue


def test_a_missing_number_is_not_called_stale(administrator: User, sign_in: SignIn, alices_waba: Waba) -> None:
    long_ago = timezone.now() - datetime.timedelta(days=9)
    make_number(alices_waba, synced_at=long_ago, missing_since=long_ago)

    assert found(sign_in(administrator), queue="stale") == set()


def test_an_unknown_queue_is_empty_and_names_the_others(
    administrator: User, sign_in: SignIn, healthy: PhoneNumber
) -> None:
    response = page_of(sign_in(administrator), queue="nonsense")
    text = text_of(response)

    assert ids_on(response) == []
    assert "There is no queue “nonsense”" in text
    assert all(name in text for name in QUEUES)


# --- Whatever stands in the address -----------------------------------------------------------------------------------

STRANGE = ["%00", "%FF", "a" * 5_000, "9" * 40, "-1", "0", "1e9", "'", '"><script>', "%F0%9F%8D%95", "status__in", "٣"]


@pytest.mark.parametrize(
    "names",
    [EXACT, ["client", "waba", "owner", "stage"], ["queue", "sort"], ["page", "columns", "per_page"]],
)
def test_no_value_of_any_parameter_fails(
    names: list[str], account_manager: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser = sign_in(account_manager)

    for value in STRANGE:
        query = "&".join(f"{name}={value}" for name in names)
        assert browser.get(f"/phones/?{query}").status_code == 200, value
        assert browser.get(f"/phones/export.csv?{query}").status_code == 200, value


def test_an_unknown_parameter_changes_nothing(administrator: User, sign_in: SignIn, alices_number: PhoneNumber) -> None:
    browser = sign_in(administrator)

    for name in ("status__contains", "_connector", "waba__credential__token_sealed", "id", "pk", "order"):
        assert found(browser, **{name: "x"}) == {alices_number.phone_number_id}, name


@pytest.mark.timeout(5)
def test_hundreds_of_values_are_still_a_filter(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    values = [f"S{index}" for index in range(900)]

    assert found(sign_in(administrator), status=[*values, "CONNECTED"]) == {alices_number.phone_number_id}


def test_an_unknown_sort_is_the_usual_one_and_says_so(desk: Browser, alices_number: PhoneNumber) -> None:
    for sort in ("nonsense", "id", "-", "--status", "waba__client__name", "status;--", "?"):
        text = text_of(page_of(desk, sort=sort))

        assert alices_number.phone_number_id in text, sort
        assert "can’t be sorted by" in text, sort


# --- Two ways to read -------------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(alices_number: PhoneNumber, viewed_number: PhoneNumber, foreign_number: PhoneNumber) -> QuerySet[PhoneNumber]:
    """Numbers of several people, one of them shared, one without an owner, in several states."""
    make_listing(foreign_number, alices_number.waba)
    make_number(make_waba(make_client()), status="PENDING", quality_rating=None)
    make_number(alices_number.waba, status=None, verified_name="Taxi 600", missing_since=timezone.now())
    make_number(alices_number.waba, name_status="DECLINED", new_name_status="PENDING_REVIEW", platform_type=None)
    return PhoneNumber.objects.all()


QUERIES = [
    "",
    "status=CONNECTED&status=-",
    "quality_rating=-",
    "owner=me",
    "owner=-&owner=otto",
    "q=taxi",
    "q=600",
    "q=6",
    "q=alpha",
    "q=%2B1+631",
    "q=alpha&status=CONNECTED",
    *(f"queue={name}" for name in QUEUES),
    "queue=quality&queue=failing&queue=missing",
    "stage=ready",
]


@pytest.mark.parametrize("who", ["administrator", "account_manager", "other_manager", "viewer"])
def test_both_ways_to_read_find_the_same(
    who: str, mixed: QuerySet[PhoneNumber], request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    theirs = set(mixed.visible_to(person).values_list("pk", flat=True))  # type: ignore[attr-defined] # our own queryset

    for query in QUERIES:
        by_index, along_the_sort = asked(person, query)

        assert by_index == along_the_sort, query
        assert by_index <= theirs, query
