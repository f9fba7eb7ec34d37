"""A declared list: its address, pages, sorts and chips. The rows are sync runs, which have nothing to do with it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db.models import QuerySet
from django.http import QueryDict

from clients.choices import RunScope, RunState, RunTrigger
from clients.models import SyncRun, User
from portal.web import listing
from portal.web.filters import ListFilter, ListFilters
from portal.web.keyset import SortOrder
from portal.web.list_parts import Column, Option
from portal.web.listing import BY_KEY, DeclaredList

pytestmark = pytest.mark.django_db


class Filters(ListFilters):
    scope = ListFilter("scope", label="What", choices=RunScope.choices)
    state = ListFilter("state", label="How far")
    q = ListFilter("trigger", label="Search")


class Runs(DeclaredList[int]):
    model = SyncRun
    route = "phones:syncs"
    filter_set = Filters
    columns = (Column("scope", "What", order="scope"), Column("state", "How far", "wide"))
    orders = {"id": BY_KEY, "scope": SortOrder("scope", "scope", optional=False)}
    page_sizes = (2, 4)
    counted = 3

    def rows_of(self, found: Sequence[SyncRun]) -> list[int]:
        return [run.pk for run in found]


@pytest.fixture
def runs() -> list[int]:
    """The keys of five runs, newest first."""
    scopes = [RunScope.CLIENT, RunScope.WABA, RunScope.CLIENT, RunScope.EVERYTHING, RunScope.WABA]
    made = [SyncRun.objects.create(scope=scope, trigger=RunTrigger.SCHEDULE) for scope in scopes]
    return [run.pk for run in reversed(made)]


def at(query: object, person: User) -> Runs:
    return Runs(QueryDict(str(query).rpartition("?")[2]), person)


def test_the_newest_come_first_and_neighbours_are_named_by_a_key(administrator: User, runs: list[int]) -> None:
    first = at("", administrator)
    second = at(first.next, administrator)
    third = at(second.next, administrator)

    assert [first.rows, second.rows, third.rows] == [runs[:2], runs[2:4], runs[4:]]
    assert (str(first.next), first.previous) == (f"/syncs/?before={runs[1]}", None)
    assert (str(second.previous), third.next) == (f"/syncs/?after={runs[2]}", None)
    assert at(second.previous, administrator).rows == first.rows
    assert str(second.here) == str(first.next)


def test_a_page_by_key_takes_one_statement(
    administrator: User, runs: list[int], django_assert_num_queries: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runs, "counted", 0)
    found = at(f"before={runs[1]}", administrator)
    found.visible()  # asks for the person's role, which is kept
    with django_assert_num_queries(1):
        assert found.rows == runs[2:4]


@pytest.mark.parametrize("query", ["before=x", "after=-1", "page=x", "sort=scope&before=1", "before=" + "9" * 40])
def test_a_place_that_means_nothing_is_the_first_page_and_says_so(
    query: str, administrator: User, runs: list[int]
) -> None:
    found = at(query, administrator)

    assert found.previous is None
    assert len(found.rows) == 2
    assert any("Here is the first page" in note for note in found.notes)


def test_a_sort_that_there_is_not_is_the_usual_one_and_says_so(administrator: User, runs: list[int]) -> None:
    found = at("sort=size", administrator)

    assert found.rows == runs[:2]
    assert found.notes == ["The list can’t be sorted by “size”, only by id, scope."]


def test_pages_of_a_sort_by_value_keep_sort_and_filters(administrator: User, runs: list[int]) -> None:
    first = at("sort=-scope&scope=waba&scope=client", administrator)
    second = at(first.next, administrator)

    assert (first.order, second.order) == (first.orders["scope"].reversed(), first.order)
    assert first.rows + second.rows == [runs[0], runs[3], runs[2], runs[4]]
    assert second.address == first.address


def test_the_address_has_known_parameters_in_one_order(administrator: User) -> None:
    found = at("x=1&sort=scope&state=finished&before=3&per_page=4&state=&q=+a+bc+&scope=waba&scope=waba", administrator)

    assert str(found.address) == "/syncs/?q=a+bc&scope=waba&state=finished&sort=scope&per_page=4"
    assert str(at("sort=-id&per_page=2", administrator).address) == "/syncs/"


def test_each_applied_filter_has_a_chip_with_the_address_without_it(administrator: User) -> None:
    found = at("scope=waba&scope=odd", administrator)

    assert [(chip.label, chip.value, str(chip.without)) for chip in found.chips] == [
        ("What", RunScope.WABA.label, "/syncs/?scope=odd"),
        ("What", "odd", "/syncs/?scope=waba"),
    ]
    assert found.is_narrowed
    assert not at("before=3", administrator).is_narrowed


def test_many_applied_filters_are_counted(administrator: User) -> None:
    found = at("&".join(f"state={number}" for number in range(30)), administrator)

    assert (len(found.chips), found.more_chips) == (20, 10)


def test_the_choices_of_a_filter_are_the_known_values_and_the_applied_ones(administrator: User) -> None:
    options = at("scope=odd&scope=waba", administrator).options("scope")

    assert [option.value for option in options if option.is_chosen] == [RunScope.WABA, "odd"]
    assert options[-1] == Option("odd", "odd", is_chosen=True)


def test_heads_sort_and_turn_round(administrator: User) -> None:
    plain, ascending, descending = (at(query, administrator).heads for query in ("", "sort=scope", "sort=-scope"))

    assert [(str(head[0].address), head[0].sorted) for head in (plain, ascending, descending)] == [
        ("/syncs/?sort=scope", ""),
        ("/syncs/?sort=-scope", "ascending"),
        ("/syncs/?sort=scope", "descending"),
    ]
    assert plain[1].address is None


def test_rows_are_counted_up_to_the_limit(
    administrator: User, runs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert str(at("", administrator).count) == str(len(runs))
    monkeypatch.setattr(listing, "COUNTED_TO", 3)
    assert str(at("", administrator).count) == "more than 3"
    assert str(at("scope=waba", administrator).count) == "2"


def test_a_value_that_no_database_can_hold_finds_nothing(administrator: User, runs: list[int]) -> None:
    assert at("state=%00", administrator).rows == []
    assert at("state=%00&state=" + RunState.WAITING, administrator).rows == runs[:2]


def test_people_without_a_role_are_shown_nothing(stranger: User, runs: list[int]) -> None:
    assert at("", stranger).rows == []


def test_a_list_is_prepared_once_for_all_pages(administrator: User, runs: list[int]) -> None:
    class Few(Runs):
        def prepare(self, rows: QuerySet[SyncRun]) -> QuerySet[SyncRun]:
            return rows.filter(pk__in=runs[:1])

    assert Few(QueryDict(), administrator).rows == runs[:1]
    assert list(Few(QueryDict(), administrator).whole()) == [SyncRun.objects.get(pk=runs[0])]
