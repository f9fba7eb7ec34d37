"""The page of one number."""

import datetime
import re

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.models import Client, SyncFailure, User, Waba
from phones.choices import ChangeKind, Source
from phones.events.callback import expected_address
from phones.models import Change, PhoneNumber
from phones.sync import ask_now as live
from tests.conftest import SignIn
from tests.factories import make_change, make_listing, make_number
from tests.phones.reading import shown_to, text_of, value_of

QUERIES = 13


def page_of(number: PhoneNumber) -> str:
    return f"/phones/{number.phone_number_id}/"


def test_a_foreign_number_is_as_unknown_as_one_that_does_not_exist(
    account_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)

    foreign, unknown = browser.get(page_of(foreign_number)), browser.get("/phones/999/")

    assert foreign.status_code == unknown.status_code == 404
    assert "Zeta" not in foreign.content.decode()


@pytest.mark.parametrize("odd", ["abc", "%00", "1%00", "..%2f", "٣"])
def test_an_id_that_can_be_none_is_simply_not_found(odd: str, account_manager: User, sign_in: SignIn) -> None:
    assert sign_in(account_manager).get(f"/phones/{odd}/").status_code == 404


def test_the_page_costs_few_queries_however_long_the_history(
    account_manager: User,
    alices_number: PhoneNumber,
    sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(40):
        make_change(alices_number, waba=alices_number.waba, actor=account_manager, source=Source.ACTION)
    browser = sign_in(account_manager)
    # The count of changes beside the navigation is kept for a while.
    browser.get("/changes/")

    # What stands in the navigation is kept for a while.
    browser.get("/find/")
    with django_assert_max_num_queries(QUERIES):
        browser.get(page_of(alices_number))


def test_a_healthy_number_reads_as_registered(
    account_manager: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    page = shown_to(account_manager, page_of(alices_number), sign_in)

    assert value_of(page, "Registration").startswith("Registered")
    assert "Graph says CONNECTED." in page
    assert alices_number.phone_number_id in page
    assert "Alpha Bakery WABA" in page


@pytest.mark.parametrize(("status", "platform"), [("CONNECTED", "NOT_APPLICABLE"), ("PENDING", "CLOUD_API")])
def test_off_cloud_api_or_before_it_a_number_is_not_registered(
    status: str, platform: str, account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    number = make_number(alices_waba, status=status, platform_type=platform)

    assert value_of(shown_to(account_manager, page_of(number), sign_in), "Registration").startswith("Not registered")


@pytest.mark.parametrize("otp", ["EXPIRED", "NOT_VERIFIED"])
def test_a_lapsed_code_does_not_alarm_once_the_number_is_registered(
    otp: str, account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    number = make_number(alices_waba, code_verification_status=otp)

    page = shown_to(account_manager, page_of(number), sign_in)

    assert "no longer matters" in value_of(page, "One-time code")
    assert not re.search(r'class="tone (act|warn|bad)', page)


def test_a_lapsed_code_asks_for_action_before_registration(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    number = make_number(
        alices_waba, status="PENDING", platform_type="NOT_APPLICABLE", code_verification_status="NOT_VERIFIED"
    )

    page = shown_to(account_manager, page_of(number), sign_in)

    assert "Needs code" in value_of(page, "One-time code")
    assert 'class="tone act plain"' in page


def test_the_code_status_says_which_way_it_was_read(account_manager: User, alices_waba: Waba, sign_in: SignIn) -> None:
    listed = make_number(alices_waba)
    asked = make_number(alices_waba, synced_by=Source.ACTION)

    by_list = value_of(shown_to(account_manager, page_of(listed), sign_in), "One-time code")
    by_node = value_of(shown_to(account_manager, page_of(asked), sign_in), "One-time code")

    assert "On the WABA’s list: read just now" in by_list
    assert "On the number itself: not asked since" in by_list
    assert "On the number itself: read just now" in by_node


def test_what_graph_left_out_is_not_shown_as_empty(account_manager: User, alices_waba: Waba, sign_in: SignIn) -> None:
    number = make_number(alices_waba, is_pin_enabled=None, quality_rating=None)

    page = shown_to(account_manager, page_of(number), sign_in)

    assert value_of(page, "Two-step PIN") == "not returned"
    assert value_of(page, "Quality") == "not returned"


def test_a_value_nobody_knows_is_shown_as_itself_and_not_in_green(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    number = make_number(alices_waba, quality_rating="ULTRAVIOLET")

    page = shown_to(account_manager, page_of(number), sign_in)

    assert value_of(page, "Quality") == "ULTRAVIOLET"
    assert re.search(r'<span class="tone none plain"[^>]*>(?:(?!</span>).)*<span>ULTRAVIOLET', page)


def test_what_came_in_a_wrong_form_is_shown_beside_the_value(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    number = make_number(alices_waba, status=None, odd_values={"status": "['CONNECTED']"})

    assert "Graph sent something else: [&#x27;CONNECTED&#x27;]" in re.sub(
        r"</?code>", "", shown_to(account_manager, page_of(number), sign_in)
    ).replace("  ", " ")


def test_an_older_fact_shows_its_own_age_and_source(account_manager: User, alices_waba: Waba, sign_in: SignIn) -> None:
    three_days_ago = timezone.now() - datetime.timedelta(days=3)
    number = make_number(
        alices_waba, provenance={"name_status": {"at": three_days_ago.isoformat(), "source": Source.WEBHOOK}}
    )

    page = shown_to(account_manager, page_of(number), sign_in)

    row = page[page.index(">Name review</dt>") :][:1200]
    assert "event from Meta, 3 days" in row
    assert "stale" in row.split("</div>")[0]
    assert len(re.findall(r'<dd class="when">\s*<time', page)) == 1, "all others share the age in the page's head"


def test_nothing_is_plainly_green_after_a_day(account_manager: User, alices_waba: Waba, sign_in: SignIn) -> None:
    number = make_number(alices_waba, synced_at=timezone.now() - datetime.timedelta(hours=25))

    page = shown_to(account_manager, page_of(number), sign_in)

    assert all("stale" in tone for tone in re.findall(r'class="(tone ok[^"]*)"', page))


def test_each_callback_says_what_it_gets_and_whether_it_is_the_desk(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    number = make_number(
        alices_waba,
        webhook_configuration={
            "application": expected_address(),
            "whatsapp_business_account": "https://waba.example/hook",
        },
    )

    page = shown_to(account_manager, page_of(number), sign_in)

    assert value_of(page, "This number") == "None set at this level"
    assert "Not this desk. The number’s messages go to it" in value_of(page, "Its WABA")
    assert "This desk. The number’s messages go to a narrower one. Events about its state go to it" in value_of(
        page, "Our app"
    )


def test_a_missing_number_says_since_when_and_what_comes_next(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    missing = timezone.now() - datetime.timedelta(hours=3)
    number = make_number(alices_waba, missing_since=missing)

    assert "Missing since 3 h ago." in shown_to(account_manager, page_of(number), sign_in)


def test_a_waba_that_could_not_be_read_warns_on_its_numbers(
    account_manager: User, alices_waba: Waba, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    alices_waba.last_failure = SyncFailure.objects.create(waba=alices_waba, kind="not_visible", at=timezone.now())
    alices_waba.save()

    page = shown_to(account_manager, page_of(alices_number), sign_in)

    assert "could not be read lately:" in page
    assert "Meta does not show it to us" in page


def test_wabas_of_others_are_never_named(
    account_manager: User, alices_number: PhoneNumber, foreign_waba: Waba, sign_in: SignIn
) -> None:
    make_listing(alices_number, foreign_waba)
    make_change(alices_number, kind=ChangeKind.LISTED, waba=foreign_waba)
    make_change(
        alices_number,
        kind=ChangeKind.MOVED,
        waba=alices_number.waba,
        field="waba",
        old=foreign_waba.waba_id,
        new=alices_number.waba.waba_id,
    )

    page = shown_to(account_manager, page_of(alices_number), sign_in)

    assert "Zeta" not in page
    assert foreign_waba.waba_id not in page
    assert "Listed on another WABA" in page
    assert "Moved: another WABA" in page


def test_history_is_newest_first_in_words_and_goes_back_page_by_page(
    account_manager: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    now = timezone.now()
    for hours in range(35):
        make_change(
            alices_number, at=now - datetime.timedelta(hours=hours), field="verified_name", old="", new=f"Name {hours}."
        )
    make_change(alices_number, old="GREEN", new="RED", actor=account_manager, source=Source.ACTION)
    browser = sign_in(account_manager)

    first = text_of(browser.get(page_of(alices_number)))
    older = text_of(browser.get(page_of(alices_number) + re.findall(r"\?before=\d+", first)[0]))

    assert re.search(r"Quality: High .*Low", first)
    assert "action by alice" in first
    assert first.index("Name 0.") < first.index("Name 28.")
    assert "Name 29." not in first
    assert "Name 29." in older
    assert "Name 28." not in older
    assert "?before=" not in older


def test_a_mark_from_another_numbers_history_starts_at_the_top(
    account_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    make_change(alices_number)
    foreign = make_change(foreign_number)

    page = sign_in(account_manager).get(f"{page_of(alices_number)}?before={foreign.pk}").content.decode()

    assert "Medium" in page


def test_names_from_meta_are_text_and_nothing_else(account_manager: User, alices_waba: Waba, sign_in: SignIn) -> None:
    attack = "\"><script>alert(1)</script>'"
    number = make_number(
        alices_waba,
        verified_name=attack,
        display_phone_number=attack,
        status=attack,
        former_names=[attack],
        webhook_configuration={"phone_number": "javascript:alert(1)", attack: attack},
    )
    Change.objects.create(
        number=number, kind=attack[:10], field=attack, old=attack, new={attack: attack}, at=timezone.now()
    )

    page = shown_to(account_manager, page_of(number), sign_in)

    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_refreshing_reads_the_number_itself_and_comes_back(
    account_manager: User, alices_number: PhoneNumber, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[PhoneNumber, User]] = []
    monkeypatch.setattr(live, "refresh_number", lambda *, number, user: asked.append((number, user)))

    answer = sign_in(account_manager).post(page_of(alices_number) + "refresh/", follow=True)

    assert asked == [(alices_number, account_manager)]
    assert answer.redirect_chain == [(page_of(alices_number), 302)]
    assert "Read from Meta just now." in answer.content.decode()


def test_a_refresh_that_failed_says_why_in_words_with_metas_own(
    account_manager: User, alices_number: PhoneNumber, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = SyncFailure(kind="transient", code=2, message="Service temporarily unavailable", at=timezone.now())
    monkeypatch.setattr(live, "refresh_number", lambda **_: failure)

    page = sign_in(account_manager).post(page_of(alices_number) + "refresh/", follow=True).content.decode()

    assert "Could not read it: Meta had a hiccup." in page
    assert "“Service temporarily unavailable”" in page


def test_who_may_only_look_sees_the_number_and_may_not_refresh_it(
    viewer: User, viewed_client: Client, viewed_number: PhoneNumber, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "refresh_number", lambda **_: pytest.fail("Meta was asked"))
    browser = sign_in(viewer)

    assert browser.get(page_of(viewed_number)).status_code == 200
    assert browser.post(page_of(viewed_number) + "refresh/").status_code == 403


def test_a_foreign_number_cannot_be_refreshed_nor_by_a_plain_link(
    account_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)

    assert browser.post(page_of(foreign_number) + "refresh/").status_code == 404
    assert browser.get(page_of(alices_number) + "refresh/")["Location"] == page_of(alices_number)
