"""`manage.py import`: a list that the partner has of their clients, as a dry run and in earnest."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clients.clients import merge_clients
from clients.models import AuditEntry, Client, Label, User, Waba
from tests.factories import make_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def label(db: None) -> Label:
    return Label.objects.create(name="VIP")


def run(path: Path, text: str, *options: str) -> tuple[str, int]:
    """What the command prints, and its exit status."""
    path = path / "clients.csv"
    path.write_text(text, encoding="utf-8-sig")
    out, status = io.StringIO(), 0
    try:
        call_command("import", str(path), *options, stdout=out)
    except SystemExit as ended:
        status = int(str(ended.code))
    return out.getvalue(), status


def test_a_list_is_taken_over_and_its_dry_run_says_the_same(
    tmp_path: Path, alices_client: Client, foreign_waba: Waba, other_manager: User, covering_manager: User, label: Label
) -> None:
    Client.objects.filter(pk=alices_client.pk).update(cover=None)
    text = (
        "client,waba_id,external_id,owner,labels,language,contact_email\n"
        "alpha bakery,,CRM-1,otto,vip,de,\n"
        f",{foreign_waba.waba_id},CRM-2,-,,,post@zeta.example\n"
    )
    expected = (
        "line 2 Alpha Bakery: Your id: none → CRM-1. Account manager: alice → otto. Language: As their browser asks → "
        "German. Labels: none → VIP.\n"
        "line 3 Zeta Garage: Your id: none → CRM-2. Account manager: otto → nobody. "
        "Mail contact: none → post@zeta.example.\n"
    )
    dry, status = run(tmp_path, text, "--dry-run")
    assert (dry, status) == (expected + "lines=2 changed=2 unchanged=0 refused=0 written=no\n", 0)
    assert not Client.objects.exclude(external_id="").exists()
    assert not AuditEntry.objects.exists()

    done, status = run(tmp_path, text)

    assert (done, status) == (expected + "lines=2 changed=2 unchanged=0 refused=0 written=yes\n", 0)
    alpha, zeta = Client.objects.get(external_id="CRM-1"), Client.objects.get(external_id="CRM-2")
    assert (alpha.pk, alpha.owner, alpha.language) == (alices_client.pk, other_manager, "de")
    assert (zeta.owner, zeta.contact_email) == (None, "post@zeta.example")
    assert [row.label for row in alpha.client_labels.all()] == [label]
    assert AuditEntry.objects.filter(client_id=alpha.pk, what__startswith="Your id: none → CRM-1").exists()
    again, _ = run(tmp_path, text)
    assert again == "lines=2 changed=0 unchanged=2 refused=0 written=yes\n"


def test_an_id_finds_its_client_later_and_a_dash_takes_away(
    tmp_path: Path, alices_client: Client, label: Label
) -> None:
    Client.objects.filter(pk=alices_client.pk).update(external_id="CRM-1")
    alices_client.client_labels.create(label=label)

    run(tmp_path, "external_id,owner,labels\nCRM-1,-,-\n")

    alices_client.refresh_from_db()
    assert (alices_client.owner, alices_client.client_labels.count()) == (None, 0)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Nobody Ltd,,,,", "No clients are called “Nobody Ltd”."),
        (",123,,,", "The desk has no WABA 123."),
        (",,CRM-9,,", "It names no client that the desk has"),
        ("Alpha Bakery,,,king,", "Nobody who may sign in is called “king”."),
        ("Alpha Bakery,,,carol,", "The cover must be someone else"),
        ("Alpha Bakery,,,sam,", "sam"),
        ("Alpha Bakery,,,,Unknown", "There is no label “Unknown”."),
        ("Alpha Bakery,,CRM-TAKEN,,", "Another client has the id “CRM-TAKEN”."),
        ("Zeta Garage,,,,", "Zeta Garage stands in an earlier line too."),
    ],
)
def test_one_line_that_is_refused_leaves_everything_as_it_was(
    tmp_path: Path,
    alices_client: Client,
    foreign_client: Client,
    covering_manager: User,
    stranger: User,
    line: str,
    why: str,
) -> None:
    make_client("Taken")
    Client.objects.filter(name="Taken").update(external_id="CRM-TAKEN")

    printed, status = run(tmp_path, f"client,waba_id,external_id,owner,labels\nZeta Garage,,CRM-2,,\n{line}\n")

    assert status == 2
    assert "line 3 REFUSED" in printed
    assert why in printed
    assert "refused=1 written=no" in printed
    assert not Client.objects.filter(external_id="CRM-2").exists()


def test_a_mail_address_that_the_table_can_not_hold_is_refused(tmp_path: Path, alices_client: Client) -> None:
    address = f"{'a' * 60}@{'.'.join(['b' * 60] * 4)}.example"

    printed, status = run(tmp_path, f"client,contact_email\nAlpha Bakery,{address}\n")

    assert (status, "is no mail address" in printed) == (2, True)


def test_new_labels_are_made_where_that_is_asked_for(tmp_path: Path, alices_client: Client) -> None:
    printed, status = run(tmp_path, "client,labels\nAlpha Bakery,Gold; Silver\n", "--make-labels")

    assert status == 0, printed
    assert sorted(Label.objects.values_list("name", flat=True)) == ["Gold", "Silver"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("client,colour\nAlpha,red\n", "There is no column colour"),
        ("client,owner,owner\nAlpha,carol,otto\n", "The column owner stands there twice"),
        ("client,owner\nAlpha\n", "Line 2 has not as many cells as the head"),
        ("client,owner\nAlpha,a,b\n", "Line 2 has not as many cells as the head"),
    ],
)
def test_a_file_that_is_no_such_table_is_wrong_use(tmp_path: Path, db: None, text: str, why: str) -> None:
    with pytest.raises(CommandError, match=why) as refused:
        run(tmp_path, text)
    assert refused.value.returncode == 2


def test_a_merged_client_gives_its_id_to_one_that_has_none(alices_client: Client, foreign_client: Client) -> None:
    Client.objects.filter(pk=foreign_client.pk).update(external_id="CRM-2")

    merge_clients(keep=alices_client, absorb=[foreign_client], actor=None)

    assert Client.objects.get().external_id == "CRM-2"
