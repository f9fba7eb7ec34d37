"""What people type into the search boxes of numbers and clients, as they have it from elsewhere."""

import re

import pytest

from clients.clients import rename_client
from clients.models import Client, User, Waba
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_client, make_number, make_portfolio, make_waba
from tests.phones.listing.rows import found
from tests.phones.reading import shown_to


def numbered(waba: Waba, *shown: str) -> dict[str, PhoneNumber]:
    return {each: make_number(waba, display_phone_number=each, verified_name=f"Name of {each}") for each in shown}


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("+52 1 55 1234 5678", ["+52 55 1234 5678", "525512345678", "+52 55 12", "0052 55 1234 5678"]),
        ("+52 55 9876 5432", ["+52 1 55 9876 5432", "5215598765432", "+521 55 98"]),
        ("+55 11 8765-4321", ["+55 11 98765-4321", "5511987654321", "(11) 98765-4321", "+55 (011) 98765-4321"]),
        ("+55 21 99876-5432", ["+55 21 9876-5432", "552198765432", "(21) 9876-5432"]),
        ("+54 9 11 2345-6789", ["+54 11 2345 6789", "+54 11 15 2345-6789", "011 15 2345-6789", "5411234567"]),
        ("+54 351 15 345-6789", ["+54 9 351 345 6789", "0351 15 345 6789"]),
        ("+225 07 01 02 03 04", ["+225 01 02 03 04"]),
    ],
)
def test_a_number_is_found_in_its_other_whatsapp_form(
    stored: str, typed: list[str], administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    numbers = numbered(alices_waba, stored, "+1 631-555-1111", "+33 6 12 34 56 78", "+34 600 11 22 33")
    browser = sign_in(administrator)

    for text in typed:
        assert found(browser, q=text) == {numbers[stored].phone_number_id}, text


@pytest.mark.parametrize(
    "typed",
    [
        "whatsapp:+33612345678",
        "tel:+33-6-12-34-56-78;ext=1",
        "https://wa.me/33612345678?text=Bonjour%20Sol",
        "wa.me/33612345678",
        "https://api.whatsapp.com/send?phone=33612345678&text=Hi",
        "https://api.whatsapp.com/send/?text=12345&phone=%2B33612345678",
        "whatsapp://send?phone=33612345678",
        "+33 06 12 34 56 78",
        "+33 06 12",
        "0033 (0)6 12 34 56 78",
        "Phone: +33 6 12 34 56 78",
        "Tél. +33 6 12 34 56 78,",
        "N° +33 6 12 34 56 78",
        "Téléphone : +33 6 12 34 56 78",
        "<+33 6 12 34 56 78>",
        "Taxi +33 6 12 34",
        "6 12 34 taxi",
        "Taxi Sol (+33 6 12 34 56 78)",
        "Sol, Taxi",
        "sol taxi",
        "sol — lumière",
        "LUMIERE taxi 5678",
        "ταξι ΗΛΙΟΣ",
    ],
)
def test_a_number_is_found_by_what_people_paste(
    typed: str, administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    theirs = make_waba(make_client("Lumière ΤΑΞΊ Ήλιος"))
    wanted = make_number(theirs, display_phone_number="+33 6 12 34 56 78", verified_name="Taxi Sol")
    numbered(alices_waba, "+33 6 99 34 56 78", "+1 631-555-1111")
    make_number(alices_waba, display_phone_number="+34 600 11 22 33", verified_name="Sol")
    make_number(theirs, display_phone_number="+34 612 345 679", verified_name="Luna")

    expected = {wanted.phone_number_id}
    if typed == "ταξι ΗΛΙΟΣ":
        expected = set(PhoneNumber.objects.filter(waba=theirs).values_list("phone_number_id", flat=True))
    assert found(sign_in(administrator), q=typed) == expected


def clients_found(person: User, query: str, sign_in: SignIn) -> list[str]:
    page = shown_to(person, f"/clients/?q={query}", sign_in)
    return re.findall(r'<th scope="row"><a class="row" href="/clients/\d+/">(.*?)</a>', page)


def test_a_client_is_found_whatever_the_case_and_the_accents_and_by_ids_and_numbers(
    team_lead: User, account_manager: User, sign_in: SignIn, alices_client: Client
) -> None:
    client = make_client("Кафе Ёлка Łódź")
    waba = make_waba(client, waba_id="104455667788990", name="Café Straße")
    make_portfolio(client, "998877665544332")
    number = make_number(waba, phone_number_id="155667788990011", display_phone_number="+52 1 55 1234 5678")

    for typed in (
        "кафе",
        "ЕЛКА КАФЕ",
        "lodz",
        "STRASSE",
        "cafe кафе",
        waba.waba_id,
        "998877665544332",
        number.phone_number_id,
        "%2B52 55 1234 5678",
        "https://wa.me/5215512345678",
        "1234 5678",
        "елка %2B52 1 55",
    ):
        assert clients_found(team_lead, typed, sign_in) == [client.name], typed
        assert clients_found(account_manager, typed, sign_in) == [], typed
    for typed in ("%2B52 55 1234 5679", "%2B52"):
        assert clients_found(team_lead, typed, sign_in) == [], typed


def test_the_search_follows_a_new_name(team_lead: User, sign_in: SignIn, alices_client: Client) -> None:
    number = make_number(make_waba(alices_client, name="Renamed soon"), verified_name="x")

    rename_client(client=alices_client, name="Zoë Über", actor=team_lead)

    assert clients_found(team_lead, "zoe uber", sign_in) == ["Zoë Über"]
    assert clients_found(team_lead, "alpha", sign_in) == []
    assert found(sign_in(team_lead), q="ZOE x") == {number.phone_number_id}


def test_more_words_than_are_searched_for_are_said(team_lead: User, sign_in: SignIn, alices_waba: Waba) -> None:
    page = sign_in(team_lead).get("/phones/", {"q": "a b c d e f g h i j k l m"}).content.decode()

    assert "Only the first 10 words are searched for." in page
