"""The look-up: what is found by what is typed, for whom, in which order, and at what cost."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import Client, User, Waba
from clients.saved_views import keep_view
from phones.models import PreverifiedNumber
from portal.web.query import ListQuery
from tests.bench import book
from tests.conftest import SignIn
from tests.factories import make_attempt, make_client, make_number, make_portfolio, make_signup_link, make_waba

pytestmark = pytest.mark.django_db

_LINE = re.compile(r'<a\s+href="([^"]+)".*?<b><bdi>(.*?)</bdi>', re.DOTALL)


def lines(browser: Browser, typed: str = "") -> list[tuple[str, str]]:
    """Pairs of address and title, in their order; without the last, which leads to the numbers list."""
    answer = browser.get(reverse("phones:find"), {"q": typed}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    found = [(unescape(address), unescape(title)) for address, title in _LINE.findall(answer.content.decode())]
    return found[:-1] if typed else found


def first(browser: Browser, typed: str) -> str:
    return lines(browser, typed)[0][0]


@pytest.mark.parametrize(
    "typed", ["+44 20 7946 0958", "0044 20 79460958", "020 7946 0958", "0958", "tel:+442079460958"]
)
def test_the_number_that_a_client_dictates_comes_first_in_any_notation(browser: Browser, typed: str) -> None:
    for other in ("+44 20 0958 1111", "+49 30 1095 8123"):
        make_number(display_phone_number=other)
    number = make_number(display_phone_number="+44 20 7946 0958")

    assert first(browser, typed) == f"/phones/{number.phone_number_id}/"


def test_a_saved_view_is_found_by_its_name_by_whom_it_is_for_and_opens_its_list(
    team_lead: User, account_manager: User, sign_in: SignIn
) -> None:
    query = ListQuery("clients", (("owner", "me"),))
    keep_view(query=query, name="Łódź first", is_shared=True, person=team_lead)
    keep_view(query=query, name="Łódź alone", is_shared=False, person=team_lead)
    theirs = sign_in(account_manager)

    ((address, title),) = lines(theirs, "lodz")

    assert title == "Łódź first"
    opened = theirs.get(address)
    assert opened.status_code == 302
    assert opened.headers["Location"].startswith("/clients/?view=")
    slug = address.rstrip("/").rpartition("/")[2]
    assert theirs.post(reverse("phones:find-remember"), {"kind": "view", "key": slug}).status_code == 204
    assert lines(theirs)[0] == (address, title)
    for key in ("../x", "a b", "x" * 81, "lodz-alone"):
        assert theirs.post(reverse("phones:find-remember"), {"kind": "view", "key": key}).status_code == 404


def test_things_are_found_by_their_ids_and_names_of_now_and_then(browser: Browser) -> None:
    client = make_client("Łódź Bakery")
    waba = make_waba(client, name="Ovens")
    number = make_number(waba, verified_name="Crumbs", former_names=["Old Mill"])
    portfolio = make_portfolio(client, name="Flour Holding")
    attempt = make_attempt(make_signup_link(client), said_session_id="session")
    pool = PreverifiedNumber.objects.create(
        preverified_id="7700000000001",
        phone_number="+1 631-555-9999",
        digits="16315559999",
        first_seen_at=number.first_seen_at,
        synced_at=number.first_seen_at,
    )
    expected = {
        "lodz": f"/clients/{client.pk}/",
        "ovens": f"/wabas/{waba.waba_id}/",
        waba.waba_id: f"/wabas/{waba.waba_id}/",
        "old mill": f"/phones/{number.phone_number_id}/",
        number.phone_number_id: f"/phones/{number.phone_number_id}/",
        "flour": f"/portfolios/{portfolio.business_id}/",
        portfolio.business_id: f"/portfolios/{portfolio.business_id}/",
        "631-555-9999": f"/preverified/{pool.preverified_id}/",
        "sync everything": "/syncs/",
        "signup link": "/clients/",
        "deadline": "/phones/?queue=deadline",
    }

    assert {typed: first(browser, typed) for typed in expected} == expected
    assert f"/signup/attempts/{attempt.pk}/" in [address for address, _ in lines(browser, "bakery")]
    assert "once “Old Mill”" in browser.get(reverse("phones:find"), {"q": "old mill"}).content.decode()


def test_what_is_typed_is_looked_for_and_never_breaks_the_page(browser: Browser) -> None:
    make_client("100% <b>Organic</b>_")

    assert [title for _, title in lines(browser, "100% <b>")] == ["100% <b>Organic</b>_"]
    for typed in ("%", "_", "'", '"', "\0", "٣", "a" * 5_000, "7" * 400, " . ", "* OR *"):
        lines(browser, typed)


def test_people_find_only_what_they_may_see(
    account_manager: User, other_manager: User, stranger: User, viewer: User, sign_in: SignIn
) -> None:
    theirs = make_client("Zeta Garage", owner=other_manager)
    waba = make_waba(theirs, name="Zeta WABA")
    number = make_number(waba, verified_name="Zeta Shop", display_phone_number="+44 20 7946 0958")
    make_portfolio(theirs, name="Zeta Holding")
    make_attempt(make_signup_link(theirs))
    for person in (account_manager, stranger, viewer):
        for typed in ("zeta", "7946 0958", waba.waba_id, number.phone_number_id):
            assert lines(sign_in(person), typed) == [], (person, typed)
    assert len(lines(sign_in(other_manager), "zeta")) == 5
    assert "/events/" not in [address for address, _ in lines(sign_in(account_manager))]
    assert lines(sign_in(viewer), "new client") == []


def test_a_number_on_two_wabas_does_not_name_the_client_that_the_reader_does_not_see(
    account_manager: User, other_manager: User, sign_in: SignIn
) -> None:
    number = make_number(make_waba(make_client("Zeta Garage", owner=other_manager)), verified_name="Shared Shop")
    mine = make_waba(make_client("Alpha", owner=account_manager))
    number.listings.create(waba=mine, first_seen_at=number.first_seen_at)

    body = sign_in(account_manager).get(reverse("phones:find"), {"q": "shared shop"}).content.decode()

    assert number.phone_number_id in body
    assert "Zeta" not in body


def test_what_was_opened_lately_comes_first_and_only_while_it_may_be_seen(
    account_manager: User, other_manager: User, sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)
    harbor, haven = (make_client(name, owner=account_manager) for name in ("Harbor", "Haven"))
    foreign = make_client("Harvest", owner=other_manager)

    def remember(kind: str, key: object) -> int:
        return browser.post(reverse("phones:find-remember"), {"kind": kind, "key": str(key)}).status_code

    assert remember("client", haven.pk) == 204
    assert {remember("client", key) for key in (foreign.pk, 9**18, "x", "", "1" * 40)} == {404}
    assert remember("nothing", haven.pk) == remember("page", "") == 404
    assert browser.get(reverse("phones:find-remember"))["Location"] == reverse("phones:find")

    assert [title for _, title in lines(browser, "ha")][:2] == ["Haven", "Harbor"]
    assert [title for _, title in lines(browser, "harbor")] == ["Harbor"]
    assert lines(browser)[0][1] == "Haven"
    Client.objects.filter(pk=haven.pk).update(owner=other_manager)
    assert "Haven" not in [title for _, title in lines(browser)]
    assert str(harbor.pk) not in str(browser.session["found_lately"])


def test_the_page_works_without_script_and_the_dialog_gets_options(browser: Browser) -> None:
    make_client("Harbor")
    address = reverse("phones:find")

    page = browser.get(address, {"q": "harbor"}).content.decode()
    piece = browser.get(address, {"q": "harbor"}, headers={"HX-Request": "true"}).content.decode()

    assert "<title" in page
    assert 'role="option"' not in page
    assert '<dialog class="find"' not in page
    assert "<title" not in piece
    assert piece.count('role="option"') == 2
    assert 'data-said="1 found"' in piece
    assert '<dialog class="find"' in browser.get(reverse("phones:clients")).content.decode()


def test_a_look_up_costs_six_statements_at_most_however_many_rows_there_are(team_lead: User, sign_in: SignIn) -> None:
    manager = book.fill(400)[0]
    recent = Waba.objects.values_list("waba_id", flat=True)[0]
    for person in (team_lead, manager):
        browser = sign_in(person)
        browser.post(reverse("phones:find-remember"), {"kind": "waba", "key": recent})
        for typed in ("", "6", "34 6", "harbor 1", "bakery", "2000000000104729", "b", "café spa harbor"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                lines(browser, typed)
            assert len(queries) <= 6, (person, typed, [query["sql"][:80] for query in queries])


def test_every_page_of_the_desk_is_found_by_its_name(team_lead: User, sign_in: SignIn) -> None:
    lead = sign_in(team_lead)
    navigation = lead.get("/clients/").content.decode().partition('<nav aria-label="Main">')[2].partition("</nav>")[0]
    linked = re.findall(r'href="([^"]+)".*?<span>(.*?)</span>', navigation, re.DOTALL)
    assert len(linked) > 10

    for address, title in linked:
        assert (address, title) in lines(lead, title)
    for title in ("Views", "Your mails", "Channels", "Labels", "Hand over a book"):
        assert lead.get(first(lead, title)).status_code == 200
