"""Labels on clients and numbers, watching them, and finding both again in lists and files."""

import csv
import io
import re

import pytest
from django.contrib.admin.models import LogEntry

from clients.choices import LabelColour
from clients.models import Client, Label, User, Waba
from phones.bulk.work import work
from phones.models import NumberLabel, PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_listing, make_number, make_waba
from tests.phones.listing.rows import text_of as file_text_of
from tests.phones.reading import shown_to, text_of


@pytest.fixture
def vip(db: None) -> Label:
    return Label.objects.create(name="VIP", colour=LabelColour.VIOLET)


def numbers_at(person: User, query: str, sign_in: SignIn) -> set[str]:
    return set(re.findall(r'data-phone-number-id="(\d+)"', shown_to(person, f"/phones/?{query}", sign_in)))


def test_a_lead_keeps_the_list_of_labels(team_lead: User, alices_client: Client, vip: Label, sign_in: SignIn) -> None:
    browser = sign_in(team_lead)
    alices_client.client_labels.create(label=vip)

    for form, said in (
        ({"name": " Slow  payer ", "colour": "red"}, "Label “Slow payer” is made."),
        ({"name": "slow PAYER", "colour": "red"}, "There is a label “slow PAYER” already."),
        ({"name": "Odd", "colour": "plaid"}, "Choose one of the colours."),
        ({"name": "x" * 31, "colour": "red"}, "A label has 1 to 30 characters."),
        ({"id": vip.pk, "name": "Gold", "colour": "amber"}, "Label “Gold” is saved."),
    ):
        assert said in text_of(browser.post("/labels/", form, follow=True))
    assert '<span class="label amber">Gold</span>' in text_of(browser.get("/clients/"))
    assert "deleted" in text_of(browser.post("/labels/", {"id": vip.pk, "delete": "yes"}, follow=True))

    assert [label.name for label in Label.objects.all()] == ["Slow payer"]
    assert not alices_client.client_labels.exists()


def test_a_label_on_a_client_finds_the_client_and_its_numbers(
    account_manager: User, alices_number: PhoneNumber, vip: Label, sign_in: SignIn
) -> None:
    client = alices_number.waba.client
    browser = sign_in(account_manager)
    page = text_of(browser.post(f"/clients/{client.pk}/labels/", {"labels": vip.pk}, follow=True))

    assert '<span class="label violet">VIP</span>' in page
    assert LogEntry.objects.get().change_message == "Labels: none → VIP."
    found = shown_to(account_manager, f"/clients/?label={vip.pk}", sign_in)
    assert "Alpha Bakery" in found
    assert "Label <b>VIP</b>" in found
    assert "No client fits" in shown_to(account_manager, "/clients/?label=999", sign_in)
    assert numbers_at(account_manager, f"label={vip.pk}", sign_in) == {alices_number.phone_number_id}

    browser.post(f"/clients/{client.pk}/labels/", {})
    assert numbers_at(account_manager, f"label={vip.pk}", sign_in) == set()


def test_a_label_on_a_number_of_two_clients_is_for_the_people_of_the_one_who_put_it_there(
    account_manager: User,
    other_manager: User,
    alices_number: PhoneNumber,
    foreign_number: PhoneNumber,
    vip: Label,
    sign_in: SignIn,
) -> None:
    make_listing(alices_number, foreign_number.waba)
    page = f"/phones/{alices_number.phone_number_id}/"
    sign_in(account_manager).post(f"{page}labels/", {"labels": vip.pk})

    chip = '<div class="labels"><span class="label violet">VIP</span>'
    assert chip in shown_to(account_manager, page, sign_in)
    assert chip not in shown_to(other_manager, page, sign_in)
    assert numbers_at(account_manager, f"label={vip.pk}", sign_in) == {alices_number.phone_number_id}
    assert numbers_at(other_manager, f"label={vip.pk}", sign_in) == set()
    # What the other side saves takes nothing away.
    sign_in(other_manager).post(f"{page}labels/", {})
    assert chip in shown_to(account_manager, page, sign_in)


def test_the_list_and_its_files_show_labels_and_who_covers(
    account_manager: User, covering_manager: User, alices_number: PhoneNumber, vip: Label, sign_in: SignIn
) -> None:
    number = make_number(alices_number.waba)
    number.number_labels.create(label=Label.objects.create(name="Asleep"), client=number.waba.client)
    number.waba.client.client_labels.create(label=vip)

    page = shown_to(account_manager, "/phones/?columns=labels,cover", sign_in)
    text = file_text_of(sign_in(account_manager).get("/phones/export.csv?bom=0"))

    assert re.search(r'<span class="label grey">Asleep</span>\s*<span class="label violet">VIP</span>', page)
    assert "carol" in page
    rows = {row["phone_number_id"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert rows[number.phone_number_id]["labels"] == "Asleep, VIP"
    assert rows[alices_number.phone_number_id]["labels"] == "VIP"
    assert rows[number.phone_number_id]["cover"] == "carol"


def test_people_find_what_they_watch_and_what_they_cover(
    account_manager: User, covering_manager: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    other = make_number(make_waba(alices_number.waba.client))
    browser = sign_in(account_manager)
    assert numbers_at(account_manager, "watched=yes", sign_in) == set()

    for _ in range(2):
        browser.post(f"/phones/{alices_number.phone_number_id}/watch/", {"watch": "1"})
    assert numbers_at(account_manager, "watched=yes", sign_in) == {alices_number.phone_number_id}
    page = text_of(browser.post(f"/clients/{alices_number.waba.client_id}/watch/", {"watch": "1"}, follow=True))
    assert "Stop watching" in page
    both = {alices_number.phone_number_id, other.phone_number_id}
    assert numbers_at(account_manager, "watched=yes", sign_in) == both
    assert "Alpha Bakery" in shown_to(account_manager, "/clients/?watched=yes", sign_in)
    assert numbers_at(covering_manager, "watched=yes", sign_in) == set()

    assert numbers_at(covering_manager, "cover=me", sign_in) == both
    assert numbers_at(account_manager, "cover=carol", sign_in) == both
    assert numbers_at(account_manager, "cover=-", sign_in) == set()
    browser.post(f"/clients/{alices_number.waba.client_id}/watch/", {"watch": "0"})
    assert numbers_at(account_manager, "watched=yes", sign_in) == {alices_number.phone_number_id}


def test_a_bulk_run_labels_and_names_the_client_that_the_person_works_on(
    account_manager: User, alices_waba: Waba, foreign_number: PhoneNumber, vip: Label, sign_in: SignIn
) -> None:
    make_listing(foreign_number, alices_waba)
    browser = sign_in(account_manager)
    planned = browser.post("/bulk/plan/", {"kind": "label", "ids": [foreign_number.pk]})
    page = text_of(browser.get(planned["Location"]))
    file = file_text_of(browser.get(f"{planned['Location']}results.csv"))
    browser.post(f"{planned['Location']}start/", {"label": vip.pk, "typed_count": "1"})

    work(seconds=5)

    for shown in (page, file):
        assert "Alpha Bakery" in shown
        assert "Zeta" not in shown
    assert NumberLabel.objects.get().client == alices_waba.client
    assert numbers_at(account_manager, f"label={vip.pk}", sign_in) == {foreign_number.phone_number_id}
