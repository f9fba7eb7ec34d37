"""The page of a business portfolio: what its WABAs share, and only what the reader may see of it."""

import datetime

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client, Portfolio, User, Waba
from phones.models import EventFact
from tests.conftest import SignIn
from tests.factories import make_client, make_credential, make_number, make_portfolio, make_waba
from tests.phones.reading import text_of, value_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def alpha(account_manager: User) -> Client:
    return make_client("Alpha", owner=account_manager)


@pytest.fixture
def portfolio(alpha: Client) -> Portfolio:
    """Of Alpha, with two WABAs of three numbers, which are read with one token that ends in five days."""
    found = make_portfolio(alpha, name="Alpha Holding")
    soon = timezone.now() + datetime.timedelta(days=5, hours=1)
    token = make_credential(label="Token of Alpha", expires_at=soon)
    for name, numbers in (("Ovens", 2), ("Mills", 1)):
        waba = make_waba(
            alpha,
            name=name,
            owner_business_id=found.business_id,
            credential=token,
            business_verification_status="verified",
            facts_read_at=timezone.now(),
        )
        for _ in range(numbers):
            make_number(waba, messaging_limit="TIER_2K")
    return found


def page_of(browser: Browser, portfolio: Portfolio) -> str:
    return text_of(browser.get(f"/portfolios/{portfolio.business_id}/"))


def say(waba: Waba, name: str, value: dict[str, object]) -> None:
    EventFact.objects.create(waba=waba, name=name, value=value, at=timezone.now(), decided_by="1x")


def test_it_shows_the_shared_limit_the_room_left_restrictions_verification_and_tokens(
    portfolio: Portfolio, account_manager: User, sign_in: SignIn
) -> None:
    waba = Waba.objects.get(name="Ovens")
    end = timezone.now() + datetime.timedelta(days=9)
    kinds = [{"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "expiration": int(end.timestamp())}]
    say(waba, "restriction", {"event": "ACCOUNT_RESTRICTION", "restriction_info": kinds})
    say(waba, "capability:max_phone_numbers_per_business", {"max_phone_numbers_per_business": 5})

    text = page_of(sign_in(account_manager), portfolio)

    assert "2 WABAs, 3 numbers" in text
    assert "shared by 3 numbers" in text
    assert value_of(text, "In use") == "3"
    assert value_of(text, "At most").startswith("5 ")
    assert value_of(text, "Left at most") == "2"
    assert f"until {end:%-d %b %Y}" in text
    assert "Verified" in text
    assert "Token of Alpha" in text
    assert "5 days</time> · reads 2 WABAs here" in text


def test_without_word_from_meta_it_claims_no_room(portfolio: Portfolio, browser: Browser) -> None:
    text = page_of(browser, portfolio)

    assert "Meta has not said." in text
    assert "Left" not in text


def test_a_person_sees_only_their_clients_part_of_it(
    portfolio: Portfolio, other_manager: User, account_manager: User, browser: Browser, sign_in: SignIn
) -> None:
    beta = make_client("Beta", owner=other_manager)
    token = make_credential(label="Token of Beta")
    waba = make_waba(beta, name="Betas", owner_business_id=portfolio.business_id, credential=token)
    make_number(waba, verified_name="Beta Shop", messaging_limit="TIER_250")
    say(waba, "capability:max_phone_numbers_per_business", {"max_phone_numbers_per_business": 5})

    theirs, mine, all_of_it = (
        page_of(one, portfolio) for one in (sign_in(other_manager), sign_in(account_manager), browser)
    )

    assert "1 WABA, 1 number" in theirs
    for word in ("Alpha", "Ovens", "Token of Alpha"):
        assert word not in theirs
    for word in ("Beta", "At most 5"):
        assert word not in mine
    assert "Others may share the limits" in theirs
    assert "3 WABAs, 4 numbers" in all_of_it


def test_it_is_one_click_from_its_client_wabas_and_numbers(
    portfolio: Portfolio, alpha: Client, browser: Browser
) -> None:
    waba = Waba.objects.get(name="Mills")
    number = waba.current_numbers.get()
    link = f'href="/portfolios/{portfolio.business_id}/"'

    for address in (f"/clients/{alpha.pk}/", f"/wabas/{waba.waba_id}/", f"/phones/{number.phone_number_id}/"):
        assert link in browser.get(address).content.decode(), address
    assert "3 numbers" in text_of(browser.get(f"/phones/?portfolio={portfolio.business_id}"))


def test_our_own_portfolio_is_what_its_wabas_say_of_it_and_no_clients(
    account_manager: User, other_manager: User, sign_in: SignIn, settings: object
) -> None:
    settings.META_BUSINESS_ID = "4711000000001"  # type: ignore[attr-defined] # pytest-django's
    left_over = make_portfolio(make_client("Old", owner=other_manager), "4711000000001", name="Left over")
    make_waba(
        make_client("Alpha", owner=account_manager),
        owner_business_id=left_over.business_id,
        owner_business_name="The Partner",
    )

    assert sign_in(other_manager).get("/portfolios/4711000000001/").status_code == 404
    mine = page_of(sign_in(account_manager), left_over)
    assert "The Partner" in mine
    assert "Old" not in mine


def test_its_page_costs_twelve_statements_at_most(
    portfolio: Portfolio, account_manager: User, sign_in: SignIn, django_assert_max_num_queries: type
) -> None:
    browser = sign_in(account_manager)
    # The count of changes beside the navigation is kept for a while.
    browser.get("/changes/")

    # What stands in the navigation is kept for a while.
    browser.get("/find/")
    with django_assert_max_num_queries(12):
        page_of(browser, portfolio)
