"""`manage.py numbers` and `manage.py clients`: the lists of the desk on the command line."""

import csv
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from clients.models import Client, User
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_number

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


def rows(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--format", "json"))


def test_json_and_csv_have_the_columns_of_the_file(
    team_lead: User, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    file = sign_in(team_lead).get("/phones/export.csv?bom=0&sort=phone_number_id").getvalue().decode()
    in_file = list(csv.DictReader(io.StringIO(file)))

    printed = run("numbers", "--sort", "phone_number_id", "--format", "csv")

    assert list(csv.DictReader(io.StringIO(printed))) == in_file
    told = rows("numbers", "--sort", "phone_number_id")
    assert [list(row) for row in told] == [list(row) for row in in_file]
    assert told[0]["is_official_business_account"] in {True, False, None}


def test_filters_are_those_of_the_list_and_repeated_ones_mean_either(alices_number: PhoneNumber) -> None:
    red = make_number(alices_number.waba, quality_rating="RED")
    green = make_number(alices_number.waba, quality_rating="GREEN")
    make_number(alices_number.waba, quality_rating="YELLOW")
    either = ("--filter", "quality_rating=RED", "--filter", "quality_rating=GREEN")

    found = rows("numbers", *either, "--columns", "phone_number_id,quality_rating", "--sort=-phone_number_id")

    kept = {str(red.phone_number_id), str(green.phone_number_id)}
    assert kept <= {row["phone_number_id"] for row in found}
    assert {row["quality_rating"] for row in found} == {"RED", "GREEN"}
    assert [row["phone_number_id"] for row in found] == sorted((row["phone_number_id"] for row in found), reverse=True)
    assert len(rows("numbers", *either, "--limit", "1")) == 1
    assert rows("numbers", "--filter", "quality_rating=BLUE") == []


def test_a_table_says_how_many_and_moves_no_cursor(alices_number: PhoneNumber) -> None:
    PhoneNumber.objects.update(verified_name="Alpha\x1b[2J[bold]Bakery")

    printed = run("numbers", "--columns", "phone_number_id,verified_name")

    assert "\x1b" not in printed
    assert "[bold]Bakery" in printed
    assert printed.endswith("1 row.\n")


def test_clients_are_listed_for_everybody_or_as_one_person_sees_them(
    account_manager: User, alices_client: Client, foreign_client: Client
) -> None:
    assert {row["id"] for row in rows("clients")} == {alices_client.pk, foreign_client.pk}
    assert [row["client"] for row in rows("clients", "--as", "alice")] == ["Alpha Bakery"]
    assert [row["client"] for row in rows("clients", "--filter", "q=zeta")] == ["Zeta Garage"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--filter", "colour=RED"),
        ("--filter", "status"),
        ("--sort", "colour"),
        ("--columns", "colour"),
        ("--as", "nobody"),
    ],
)
def test_what_there_is_not_is_wrong_use(db: None, wrong: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as refused:
        run("numbers", *wrong)
    assert refused.value.returncode == 2
