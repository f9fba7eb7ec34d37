"""The page of one WABA, and asking Meta's own filter."""

import datetime
from collections.abc import Callable

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.choices import CredentialState
from clients.models import SyncFailure, User, Waba
from phones.models import PhoneNumber
from phones.sync import ask_now as live
from tests.conftest import SignIn
from tests.factories import TOKEN, make_change, make_listing, make_number
from tests.phones.reading import shown_to, text_of

Ask = Callable[..., str]


def page_of(waba: Waba) -> str:
    return f"/wabas/{waba.waba_id}/"


def test_a_foreign_waba_is_as_unknown_as_one_that_does_not_exist(
    account_manager: User, foreign_waba: Waba, sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)

    for address in (page_of(foreign_waba), "/wabas/999/", "/wabas/abc/", "/wabas/%00/"):
        assert browser.get(address).status_code == 404
        assert browser.post(f"{address}ask/", {"account_mode": "LIVE"}).status_code == 404


def test_what_meta_says_of_it_is_put_in_words_and_the_token_is_only_hinted_at(
    account_manager: User, alices_waba: Waba, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    Waba.objects.filter(pk=alices_waba.pk).update(
        business_verification_status="pending_need_more_info",
        account_review_status="SOMETHING_NEW",
        messaging_limit="TIER_2K",
        timezone_id="47",
        facts_read_at=timezone.now(),
        last_synced_at=timezone.now(),
    )

    page = shown_to(account_manager, page_of(alices_waba), sign_in)

    for text in ("Meta wants more papers", "SOMETHING_NEW", "2,000 a day", "…WXYZ", "not returned", "Read whole"):
        assert text in page
    assert '<span title="Graph says 47.">Europe/Berlin</span>' in page
    assert str(alices_number) in page
    assert TOKEN not in page


def test_a_failed_reading_says_what_happened_whose_move_it_is_and_when_it_is_tried_again(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    alices_waba.last_failure = SyncFailure.objects.create(
        waba=alices_waba,
        kind="throttled",
        code=80008,
        message="(#80008) There have been too many calls",
        fbtrace_id="Atrace42",
        at=timezone.now(),
    )
    alices_waba.not_before = timezone.now() + datetime.timedelta(minutes=30, seconds=30)
    alices_waba.save()

    page = shown_to(account_manager, page_of(alices_waba), sign_in)

    assert "Too many calls for this WABA." in page
    assert "Nobody’s move:" in page
    assert ">in 30 min<" in page
    assert "“(#80008) There have been too many calls”" in page
    assert "Atrace42" in page


def test_our_own_note_is_not_put_into_metas_mouth(account_manager: User, alices_waba: Waba, sign_in: SignIn) -> None:
    alices_waba.last_failure = SyncFailure.objects.create(
        waba=alices_waba, kind="internal", message="KeyError", at=timezone.now()
    )
    alices_waba.save()

    page = shown_to(account_manager, page_of(alices_waba), sign_in)

    assert "Our note:</span> “KeyError”" in page
    assert "Meta’s words" not in page


def test_a_waba_whose_token_is_dead_waits_for_somebody(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    assert alices_waba.credential
    alices_waba.credential.state = CredentialState.DEAD
    alices_waba.credential.save()
    alices_waba.last_failure = SyncFailure.objects.create(waba=alices_waba, kind="token_dead", at=timezone.now())
    alices_waba.save()

    page = shown_to(account_manager, page_of(alices_waba), sign_in)

    assert "Not tried again until somebody acts." in page
    assert "Paused: no usable token" in page


def test_history_names_numbers_that_the_person_may_see_and_no_others(
    account_manager: User, alices_waba: Waba, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    make_change(alices_number, waba=alices_waba)
    make_change(foreign_number, waba=alices_waba)
    make_change(waba=alices_waba, field="account_review_status", old="PENDING", new="REJECTED")

    page = shown_to(account_manager, page_of(alices_waba), sign_in)

    history = page[page.index('id="history"') :]
    assert str(alices_number) in history
    assert str(foreign_number) not in history
    assert "Account review: In review" in history


def test_the_page_costs_few_queries_however_many_numbers(
    account_manager: User,
    alices_waba: Waba,
    sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(15):
        make_change(make_number(alices_waba), waba=alices_waba)
    browser = sign_in(account_manager)

    with django_assert_max_num_queries(13):
        browser.get(page_of(alices_waba))


def test_a_shared_number_shows_nothing_of_its_other_waba(
    account_manager: User, alices_waba: Waba, foreign_waba: Waba, sign_in: SignIn
) -> None:
    make_listing(make_number(foreign_waba), alices_waba)

    assert "Zeta" not in shown_to(account_manager, page_of(alices_waba), sign_in)


def test_who_may_only_look_sees_the_buttons_and_may_not_use_them(
    viewer: User, viewed_waba: Waba, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ask_account_mode", lambda **_: pytest.fail("Meta was asked"))

    assert "Your role may look and not act." in shown_to(viewer, page_of(viewed_waba), sign_in)
    assert sign_in(viewer).post(f"{page_of(viewed_waba)}ask/", {"account_mode": "LIVE"}).status_code == 403


def test_metas_filter_is_asked_by_post_and_for_its_two_modes_only(
    account_manager: User, alices_waba: Waba, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ask_account_mode", lambda **_: pytest.fail("Meta was asked"))
    browser = sign_in(account_manager)

    assert browser.get(f"{page_of(alices_waba)}ask/")["Location"] == page_of(alices_waba)
    assert browser.post(f"{page_of(alices_waba)}ask/", {"account_mode": "live"}).status_code == 400
    assert browser.post(f"{page_of(alices_waba)}ask/").status_code == 400


class TestAnswers:
    """What the page makes of the answers of Meta's filter."""

    @pytest.fixture
    def ask(self, account_manager: User, alices_waba: Waba, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> Ask:
        def asked(answer: live.LiveAnswer, **headers: str) -> str:
            monkeypatch.setattr(live, "ask_account_mode", lambda *, waba, account_mode: answer)
            response = sign_in(account_manager).post(
                f"{page_of(alices_waba)}ask/", {"account_mode": answer.account_mode}, headers=headers
            )
            assert response.status_code == 200
            return text_of(response)

        return asked

    def test_agreement_is_said_in_one_line(self, ask: Ask, alices_number: PhoneNumber) -> None:
        page = ask(live.LiveAnswer("LIVE", timezone.now(), agree=[alices_number]))

        assert "Meta and the desk agree on 1 number" in page
        assert "<html" in page

    def test_for_htmx_only_the_answer_comes(self, ask: Ask, alices_number: PhoneNumber) -> None:
        page = ask(live.LiveAnswer("LIVE", timezone.now(), agree=[alices_number]), hx_request="true")

        assert "<html" not in page
        assert "agree on 1 number" in page

    def test_numbers_on_one_side_only_are_listed_apart(self, ask: Ask, alices_number: PhoneNumber) -> None:
        answer = live.LiveAnswer(
            "SANDBOX", timezone.now(), only_at_meta=[("77", "+1 555 <b>"), ("78", "")], only_here=[alices_number]
        )

        page = ask(answer)

        assert "Meta and the desk differ" in page
        assert "+1 555 &lt;b&gt; <code>77</code>" in page
        assert "no number returned <code>78</code>" in page
        assert str(alices_number) in page

    def test_an_app_outside_the_beta_is_told_so_and_shown_the_desks_own_filter(
        self, ask: Ask, alices_waba: Waba
    ) -> None:
        failure = SyncFailure(kind="bad_request", code=100, message="(#100) Filtering field is invalid")

        page = ask(live.LiveAnswer("SANDBOX", timezone.now(), admitted=False, failure=failure))

        assert "This app isn’t admitted to Meta’s filter." in page
        assert f"/phones/?waba={alices_waba.waba_id}&amp;account_mode=SANDBOX" in page
        assert "(#100) Filtering field is invalid" in page

    def test_a_meta_that_could_not_be_asked_is_not_an_answer(self, ask: Ask) -> None:
        page = ask(live.LiveAnswer("LIVE", timezone.now(), failure=SyncFailure(kind="unreachable")))

        assert "Meta could not be reached." in page
        assert "agree" not in page
