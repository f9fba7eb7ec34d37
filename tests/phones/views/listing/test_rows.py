"""What a row of the numbers list is made of: everything from outside is text, each mark is drawn once."""

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients.models import Client, User, Waba
from phones.listing.columns import COLUMNS
from phones.listing.rows import NumberRow
from phones.models import NumberAge, PhoneNumber
from phones.views.listing import cells
from phones.views.listing.cells import Table, rows_in_markup
from tests.conftest import SignIn
from tests.factories import make_number, make_waba
from tests.phones.listing.rows import page_of, text_of

_NAMES = st.text(st.sampled_from("<>\"'&;/= {}%a\u202e\u00e9"), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=_NAMES)
def test_any_name_from_outside_is_escaped_in_every_cell(name: str, alices_number: PhoneNumber) -> None:
    number, waba = alices_number, alices_number.waba
    number.display_phone_number = number.verified_name = number.new_display_name = number.next_action = name
    number.phone_number_id = waba.waba_id = name.replace("/", "") or "1"
    number.move = name
    for field in ("status", "platform_type", "stage", "quality_rating", "new_name_status"):
        setattr(number, field, name)
    number.odd_values = {"throughput": name}
    number.throughput = None
    waba.name = waba.client.name = name
    waba.client.owner = User(username=name)

    made = rows_in_markup([NumberRow(number, waba, 2)], Table(timezone.now(), list(COLUMNS.values())))

    assert escape(name) in made
    tags = re.findall(r"<(/?[a-z]+)(?:\s+[a-z-]+=\"[^\"<>]*\"|/)*\s*>", made)
    assert len(tags) == made.count("<") == made.count(">")


def test_a_row_with_much_to_say_takes_at_most_770_bytes_and_the_page_55_kb(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    now = timezone.now()
    for _ in range(50):
        make_number(
            alices_waba,
            verified_name="Northline Flowers Oslo",
            next_action="Request a code by SMS or a call and type it in.",
            stage="needs_code",
            move="client",
            stage_since=now,
            registration_deadline=now + timedelta(days=2),
        )
    body = page_of(sign_in(administrator)).getvalue().decode()

    rows = re.search(r"<tbody>(.*)</tbody>", body, re.DOTALL)
    assert rows
    assert rows[1].count("<tr ") == 50
    assert len(rows[1].encode()) < 50 * 770
    assert len(body.encode()) < 55_000


def test_an_old_answer_says_its_age_only_where_it_differs_from_the_rows(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    now = timezone.now()
    old = {"at": (now - timedelta(days=9)).isoformat(), "source": "sync"}
    make_number(alices_waba, quality_rating="GREEN", provenance={"quality_rating": old}, synced_at=now)
    browser = sign_in(administrator)

    row = text_of(page_of(browser, columns="quality_rating,name_status"))
    assert row.count('class="age stale"') == 1
    assert ">9 days ago</span>" in row

    PhoneNumber.objects.update(provenance={})
    NumberAge.objects.update(synced_at=now - timedelta(days=9))
    assert text_of(page_of(browser, columns="quality_rating,name_status")).count('class="age stale"') == 0


def test_a_meaning_is_told_once_below_the_list_and_in_a_row_only_where_it_is_another_one(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    for code in ("NOT_VERIFIED", "NOT_VERIFIED", "UNVERIFIED"):
        make_number(alices_waba, status="PENDING", code_verification_status=code)

    text = text_of(page_of(sign_in(administrator), columns="code_verification_status", sort="phone_number_id"))

    titles = re.findall(r'<td class="code_verification_status act"(?: title="([^"]*)")?>Needs code<', text)
    assert [title.rpartition(" Graph says ")[2] for title in titles] == ["", "", "UNVERIFIED."]
    told = text[text.index('<details class="meanings">') :].partition("</details>")[0]
    assert re.findall(
        r'<dl data-meanings="code_verification_status"><dt>([^<]*)</dt><dd>[^<]* Graph says (\w+)', told
    ) == [("Needs code", "NOT_VERIFIED")]


def test_a_text_from_outside_that_is_equal_to_markup_of_ours_stays_text() -> None:
    ours = SafeString("<small>ours</small>")

    assert "<small>" in cells._cell("stage ok", ours)
    assert "<small>" not in cells._cell("stage ok", "<small>ours</small>")


def test_each_row_begins_with_a_checkbox_that_names_the_number_and_what_follows_is_as_the_role(
    account_manager: User, viewer: User, sign_in: SignIn, alices_number: PhoneNumber, viewed_client: Client
) -> None:
    make_number(make_waba(viewed_client))
    box = f'<input type="checkbox" name="ids" value="{alices_number.pk}" aria-label="Select {alices_number}">'

    start = 'name="kind" value="register"'
    page = text_of(page_of(sign_in(account_manager)))
    assert box in page
    assert start in page
    seen = text_of(page_of(sign_in(viewer)))
    assert 'name="ids"' in seen, "a viewer takes files of what they choose"
    assert 'name="as" value="xlsx"' in seen
    assert start not in seen


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_has_a_cell_in_its_row(
    name: str, administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser: Browser = sign_in(administrator)
    text = text_of(page_of(browser, columns=name))

    heads = text.count('<th scope="col"')
    row = text[text.index("<tr data-phone-number-id") :]
    assert row[: row.index("</tr>")].count("<td") == heads - 1
