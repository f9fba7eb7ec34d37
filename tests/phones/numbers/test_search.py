"""What the search box finds. The pure reading first, then the list itself."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from clients.models import User, Waba
from phones.listing import search_index
from phones.models import PhoneNumber
from phones.numbers.search import LONGEST_NEEDLE, Needle, digits_of, needles_of, search_text_of
from portal.folding import fold
from tests.conftest import SignIn
from tests.factories import make_client, make_listing, make_number, make_waba
from tests.phones.listing.rows import found

# --- Reading what was typed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "digits"),
    [
        ("+34 600 11 22 33", "34600112233"),
        ("34600112233", "34600112233"),
        ("+1 631-555-1111", "16315551111"),
        ("+٣٤ ٦٠٠", "34600"),
        ("＋３４ ６００", "34600"),
        ("", ""),
        (None, ""),
        ("no digits", ""),
    ],
)
def test_digits_are_ascii_whatever_script_they_came_in(shown: str | None, digits: str) -> None:
    assert digits_of(shown) == digits


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Clínica Santa Fé", "clinica santa fe"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("John’s  Cake\tShop", "john's cake shop"),
        ("ＦＵＬＬ", "full"),
        ("𝑻𝒂𝒙𝒊 𝑺𝒐𝒍", "taxi sol"),
        ("\u202a+34 600\u202c", "+34 600"),
        ("a\x00b", "a b"),
    ],
)
def test_two_spellings_of_a_name_fold_to_one(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=400))
def test_whatever_is_typed_can_be_read(text: str) -> None:
    assert all(needle.contains or needle.starts for needle in needles_of(text))


def test_a_plus_means_the_beginning_of_the_number() -> None:
    assert needles_of("+34 600") == (Needle(starts=("34600",)),)


def test_a_long_text_is_cut() -> None:
    assert [needle.contains for needle in needles_of("x" * 100_000)] == [("x" * LONGEST_NEEDLE,)]


def test_a_number_is_not_found_by_the_digits_inside_its_id() -> None:
    text = search_text_of(
        phone_number_id="1234567890",
        digits="34600",
        verified_name="Sol",
        new_display_name="Luna",
        former_names=["Mar", "Sol"],
    )

    assert text == "34600\nsol\nluna\nmar"


# --- Finding numbers --------------------------------------------------------------------------------------------------


@pytest.fixture
def spain(alices_waba: Waba) -> PhoneNumber:
    return make_number(alices_waba, display_phone_number="+34 600 11 22 33", verified_name="Taxi Sol")


@pytest.fixture
def new_york(alices_waba: Waba) -> PhoneNumber:
    return make_number(alices_waba, display_phone_number="+1 631-555-1111", verified_name="John’s Cake Shop")


@pytest.fixture
def london(alices_waba: Waba) -> PhoneNumber:
    return make_number(alices_waba, display_phone_number="+44 20 7946 0001", verified_name="Northline Travel")


@pytest.mark.parametrize(
    "typed",
    [
        "+34 600 11",
        "+34600112233",
        "0034600",
        "00 34 600 11 22 33",
        "34600112233",
        "600 11 22",
        "0600 11 22 33",
        "(0)600 11 22 33",
        "+34 (0)600 11 22 33",
        "2233",
        "33",
        "６００ １１",
        "٦٠٠١١",
        "\u202a+34 600 11 22 33\u202c",
        "+34\u00a0600\u00a011\u00a022\u00a033",
        "600.11.22.33",
    ],
)
def test_a_number_is_found_in_any_notation(
    typed: str, administrator: User, sign_in: SignIn, spain: PhoneNumber, new_york: PhoneNumber, london: PhoneNumber
) -> None:
    assert found(sign_in(administrator), q=typed) == {spain.phone_number_id}


@pytest.mark.parametrize("typed", ["631-555-1111", "(631) 555 1111", "+1 631 555", "555-1111", "001631"])
def test_an_american_number_is_found_the_american_way(
    typed: str, administrator: User, sign_in: SignIn, spain: PhoneNumber, new_york: PhoneNumber
) -> None:
    assert found(sign_in(administrator), q=typed) == {new_york.phone_number_id}


@pytest.mark.parametrize("typed", ["(020) 7946 0001", "+44 (0)20 7946", "020 7946", "0001"])
def test_the_trunk_zero_is_no_digit_of_the_number(
    typed: str, administrator: User, sign_in: SignIn, london: PhoneNumber, spain: PhoneNumber
) -> None:
    assert found(sign_in(administrator), q=typed) == {london.phone_number_id}


def test_an_italian_zero_is_a_digit_of_the_number(administrator: User, sign_in: SignIn, spain: PhoneNumber) -> None:
    rome = make_number(display_phone_number="+39 06 698 12345")

    assert found(sign_in(administrator), q="+39 (06) 698") == {rome.phone_number_id}


def test_a_number_is_found_by_its_graph_id_and_its_beginning(
    administrator: User, sign_in: SignIn, spain: PhoneNumber, new_york: PhoneNumber
) -> None:
    browser = sign_in(administrator)

    assert found(browser, q=spain.phone_number_id) == {spain.phone_number_id}
    assert spain.phone_number_id in found(browser, q=spain.phone_number_id[:8])


def test_a_number_is_found_by_the_id_of_its_waba(administrator: User, sign_in: SignIn, spain: PhoneNumber) -> None:
    elsewhere = make_number()

    assert found(sign_in(administrator), q=elsewhere.waba.waba_id) == {elsewhere.phone_number_id}


@pytest.mark.parametrize("typed", ["cake", "CAKE shop", "john's", "John’s", "hn’s ca"])
def test_a_number_is_found_by_part_of_its_name(
    typed: str, administrator: User, sign_in: SignIn, spain: PhoneNumber, new_york: PhoneNumber
) -> None:
    assert found(sign_in(administrator), q=typed) == {new_york.phone_number_id}


@pytest.mark.parametrize("typed", ["clinica", "Clínica", "CLÍNICA SANTA", "clinica santa fe"])
def test_accents_make_no_difference(typed: str, administrator: User, sign_in: SignIn, spain: PhoneNumber) -> None:
    clinic = make_number(verified_name="Clínica Santa Fé")

    assert found(sign_in(administrator), q=typed) == {clinic.phone_number_id}


def test_a_number_is_found_by_a_former_and_by_a_requested_name(
    administrator: User, sign_in: SignIn, spain: PhoneNumber
) -> None:
    renamed = make_number(verified_name="New", former_names=["Bakery of old"], new_display_name="Soon to be")
    browser = sign_in(administrator)

    assert found(browser, q="of old") == {renamed.phone_number_id}
    assert found(browser, q="soon to") == {renamed.phone_number_id}


def test_a_number_is_found_by_the_name_of_its_waba_and_its_client(
    administrator: User, sign_in: SignIn, spain: PhoneNumber
) -> None:
    client = make_client("Müller & Söhne")
    theirs = make_number(make_waba(client, name="Küche Süd"), verified_name="x")
    browser = sign_in(administrator)

    for typed in ("müller", "MÜLLER", "& Söhne", "küche", "SÜD"):
        assert found(browser, q=typed) == {theirs.phone_number_id}, typed


def test_a_shared_number_is_found_by_each_of_its_wabas(
    administrator: User, sign_in: SignIn, spain: PhoneNumber
) -> None:
    make_listing(spain, make_waba(name="Second home"))

    assert found(sign_in(administrator), q="second home") == {spain.phone_number_id}


def test_a_name_of_digits_is_found_too(administrator: User, sign_in: SignIn, spain: PhoneNumber) -> None:
    shop = make_number(verified_name="Always 24/7", display_phone_number="+49 30 555")

    assert found(sign_in(administrator), q="24/7") == {shop.phone_number_id}


@pytest.mark.parametrize("typed", ["%", "_", "\\", "100%", "a_b", '"', "'", '" OR "', "*", "taxi*", "(", "NEAR(a b)"])
def test_no_character_is_a_wildcard(typed: str, administrator: User, sign_in: SignIn, spain: PhoneNumber) -> None:
    odd = make_number(verified_name=f"xx {typed} yy", display_phone_number="+49 30 555")

    assert found(sign_in(administrator), q=typed) == {odd.phone_number_id}


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=a%00b",
        "q=%FF%FE",
        "q=%ED%A0%80",
        "q=" + "a" * 100_000,
        "q=" + "9" * 100_000,
        "q=%F0%9F%8D%95",
        "q=(a%2B)%2B%24",
        "q=%2B",
        "q=-",
        "q=()",
        "q=%20",
        "q=a&q=b",
    ],
)
def test_no_search_fails(query: str, administrator: User, sign_in: SignIn, spain: PhoneNumber) -> None:
    assert sign_in(administrator).get(f"/phones/?{query}").status_code == 200


def test_an_emoji_is_found(administrator: User, sign_in: SignIn, spain: PhoneNumber) -> None:
    pizza = make_number(verified_name="Da Mario 🍕")

    assert found(sign_in(administrator), q="🍕") == {pizza.phone_number_id}


def test_names_that_a_person_may_not_see_find_nothing(
    account_manager: User, sign_in: SignIn, spain: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    make_listing(spain, foreign_number.waba)
    browser = sign_in(account_manager)

    for hidden in ("zeta", foreign_number.waba.waba_id, foreign_number.phone_number_id, foreign_number.digits):
        assert found(browser, q=hidden) == set(), hidden


# --- The index --------------------------------------------------------------------------------------------------------


def test_the_search_index_is_in_place_after_all_migrations(db: None) -> None:
    """If this fails, a new migration rebuilt the table of numbers: end it with `search_index.install`."""
    if connection.vendor == "sqlite":
        assert search_index.is_ready("default")
    with connection.cursor() as cursor:
        names = connection.introspection.get_constraints(cursor, "phones_phonenumber")
    assert "number_missing" in names


def test_the_index_follows_every_way_of_writing(administrator: User, sign_in: SignIn, spain: PhoneNumber) -> None:
    browser = sign_in(administrator)
    numbers = PhoneNumber.objects.filter(pk=spain.pk)

    numbers.update(search_text="updated in place")
    assert found(browser, q="updated in") == {spain.phone_number_id}
    assert found(browser, q="taxi sol") == set()

    spain.search_text = "written in bulk"
    PhoneNumber.objects.bulk_update([spain], ["search_text"])
    assert found(browser, q="in bulk") == {spain.phone_number_id}

    spain.listings.all().delete()
    spain.delete()
    assert found(browser, q="in bulk") == set()


def test_the_search_finds_the_same_without_an_index(
    administrator: User, sign_in: SignIn, spain: PhoneNumber, new_york: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "is_ready", lambda alias: False)

    assert found(sign_in(administrator), q="cake") == {new_york.phone_number_id}
    assert found(sign_in(administrator), q="600 11") == {spain.phone_number_id}
