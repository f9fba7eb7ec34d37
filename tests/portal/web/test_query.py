"""A query of a list: kept as plain JSON, opened again for anybody, and what is chosen in it."""

import json

import pytest
from django.http import QueryDict

from clients.models import Client, User
from phones.listing.selection import NumberList
from phones.models import PhoneNumber
from portal.web.query import ListQuery, Selection, UnusableQueryError, list_named
from tests.factories import make_client, make_number, make_waba

pytestmark = pytest.mark.django_db


def kept(query: ListQuery) -> ListQuery:
    """The query after a stay in a database."""
    return ListQuery.of_json(json.loads(json.dumps(query.as_json())))


def form(**fields: str | list[str]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in fields.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def test_every_list_of_the_desk_has_a_name() -> None:
    for name in ("numbers", "clients", "signups", "pool", "runs", "events"):
        assert list_named(name).name == name


def test_a_kept_query_opens_the_same_rows_for_a_colleague_within_their_own_clients(
    account_manager: User, covering_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    hers = make_number(make_waba(make_client(owner=account_manager)), verified_name="Alpha Two")
    data = QueryDict("q=alpha&status=CONNECTED&sort=-client&per_page=100&page=x&columns=status")

    query = kept(NumberList(data, account_manager).query)

    assert {row.number for row in query.opened(account_manager).rows} == {alices_number, hers}
    assert [row.number for row in query.opened(covering_manager).rows] == [alices_number]
    opened = query.opened(covering_manager)
    assert (str(opened.order), opened.size, opened.cursor) == ("-client", 100, None)
    assert (
        str(opened.address)
        == "/phones/?q=alpha&status=CONNECTED&sort=-client&columns=display_phone_number%2Cstatus&per_page=100"
    )


def test_mine_in_a_kept_query_are_those_of_whoever_opens_it(
    account_manager: User, other_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    query = kept(NumberList(QueryDict("owner=me"), account_manager).query)

    assert [row.number for row in query.opened(other_manager).rows] == [foreign_number]


def test_a_query_says_in_words_what_it_asks_for(account_manager: User, alices_client: Client) -> None:
    data = QueryDict(f"quality_rating=RED&quality_rating=YELLOW&client={alices_client.pk}")

    assert NumberList(data, account_manager).words == "Quality Low or Medium, Client Alpha Bakery"


def test_no_query_names_the_client_of_someone_else(other_manager: User, alices_client: Client) -> None:
    found = NumberList(QueryDict(f"client={alices_client.pk}"), other_manager)

    assert found.words == f"Client {alices_client.pk}"


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {"list": "numbers"},
        {"list": "numbers", "parameters": [["q"]]},
        {"list": "numbers", "parameters": [["q", 1]]},
        {"list": "nothing", "parameters": []},
        {"list": "numbers", "parameters": [["flavour", "sweet"]]},
    ],
)
def test_a_kept_query_that_means_nothing_is_refused_and_never_finds_everything(
    broken: object, administrator: User, alices_number: PhoneNumber
) -> None:
    with pytest.raises(UnusableQueryError):
        ListQuery.of_json(broken).opened(administrator)


# --- Selection --------------------------------------------------------------------------------------------------------


def test_all_that_match_is_found_anew_and_in_the_order_of_the_list(
    account_manager: User, alices_client: Client
) -> None:
    waba = make_waba(alices_client)
    first, second = (make_number(waba, status="PENDING", verified_name=name) for name in ("B", "A"))
    asked = form(all="yes", query="/phones/?status=PENDING&sort=verified_name", ids=str(first.pk))

    chosen = Selection.of_json(json.loads(json.dumps(Selection.of_form(asked, "numbers", account_manager).as_json())))
    third = make_number(waba, status="PENDING", verified_name="AA")
    make_number(waba, status="CONNECTED")

    assert list(chosen.keys_in_order(account_manager)) == [second.pk, third.pk, first.pk]
    assert chosen.count(account_manager) == 3


def test_a_question_mark_in_what_is_searched_for_does_not_choose_everything(alices_number: PhoneNumber) -> None:
    person = alices_number.waba.client.owner
    for query in ("q=nobody?", "?q=nobody?", "/phones/?q=nobody?", "q=nobody%3F"):
        assert not Selection.of_form(form(all="yes", query=query), "numbers", person).count(person), query


def test_chosen_rows_stay_chosen_when_they_match_no_more(account_manager: User, alices_client: Client) -> None:
    one, other = (make_number(make_waba(alices_client), status="PENDING") for _ in range(2))
    chosen = Selection.of_form(form(ids=[str(one.pk), "x", ""], query="?status=PENDING"), "numbers", account_manager)
    PhoneNumber.objects.update(status="CONNECTED")

    assert list(chosen.keys_in_order(account_manager)) == [one.pk]
    assert other.pk not in chosen.keys_in_order(account_manager)


def test_nobody_chooses_what_is_not_theirs_and_viewers_act_on_nothing(
    account_manager: User, viewer: User, viewed_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    keys = [str(viewed_number.pk), str(foreign_number.pk)]
    for person in (account_manager, viewer):
        chosen = Selection.of_form(form(ids=keys), "numbers", person)
        every = Selection.of_form(form(all="yes"), "numbers", person)
        for selection in (chosen, every):
            assert list(selection.rows(person)) == [viewed_number]
            assert list(selection.rows(person, to_work=True)) == ([viewed_number] if person == account_manager else [])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "at least one"),
        ({"ids": ["x", "-1"]}, "at least one"),
        ({"ids": [str(key) for key in range(2_001)]}, "at most 2,000"),
        ({"all": "yes", "query": "?flavour=sweet"}, "flavour"),
    ],
)
def test_a_selection_of_nothing_too_much_or_by_an_unknown_filter_is_refused(
    fields: dict[str, str | list[str]], said: str, administrator: User
) -> None:
    with pytest.raises(UnusableQueryError, match=said):
        Selection.of_form(form(**fields), "numbers", administrator)
