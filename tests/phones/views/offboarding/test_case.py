"""A client leaves: the whole way through the pages, with a practice Graph server behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from clients.links import make_status_link, token_of
from clients.models import AuditEntry, Client, User, Waba
from phones.actions import lost_answers, settle
from phones.choices import ActionKind, ActionState
from phones.models import Action, Offboarding, Onboarding, PhoneNumber
from phones.offboarding import cases
from phones.offboarding_choices import LeavingStep, Mark
from tests.phones.acting import do, token_in
from tests.phones.onboarding.signing_up import the_number, work
from tests.phones.reading import text_of
from tests.practice import Practice

SignUp = Callable[..., Onboarding]


@pytest.fixture
def number(app: Practice, sign_up: SignUp, settings: Settings) -> PhoneNumber:
    """A number that signed up on the desk, registered, with its events on and our line of credit."""
    settings.META_EXTENDED_CREDIT_ID = app.credentials.extended_credit_id
    return the_number(work(sign_up(display_name="Harbor Bakery")))


@pytest.fixture
def case(number: PhoneNumber, baker: Client, browser: Browser) -> Offboarding:
    browser.post(reverse("phones:offboard-client", args=[baker.pk]), {"reason": "Ends its contract"})
    return Offboarding.objects.get()


def page_of(case: Offboarding) -> str:
    return reverse("phones:offboarding", args=[case.pk])


def marks(case: Offboarding) -> dict[str, str]:
    return {each.step.kind: each.mark.value for each in cases.judged(case)}


def confirm(browser: Browser, address: str) -> str:
    return text_of(browser.post(address, {"confirmation": token_in(text_of(browser.get(address)))}, follow=True))


def say(browser: Browser, case: Offboarding, kind: LeavingStep, mark: Mark, note: str) -> str:
    step = case.steps.get(kind=kind)
    address = reverse("phones:offboarding-step", args=[case.pk, step.pk])
    return text_of(browser.post(address, {"mark": mark.value, "note": note}, follow=True))


def at_meta(practice: Practice, waba: Waba, kind: str) -> None:
    practice.control("POST", "drift", {"kind": kind, "waba_id": waba.waba_id})


def end_it(practice: Practice, browser: Browser, case: Offboarding, number: PhoneNumber) -> None:
    """Everything that can be done from the desk, and what the client does, read by the desk."""
    waba = number.waba
    do(browser, number, "deregister", last_digits=number.digits[-4:])
    confirm(browser, reverse("phones:events-unsubscribe", args=[waba.waba_id]))
    confirm(browser, reverse("phones:revoke-credit-line", args=[waba.waba_id]))
    browser.post(reverse("phones:client-links-revoke", args=[case.client_id]))
    say(browser, case, LeavingStep.PIN, Mark.SAID, "Told Ms Baker by phone")
    say(browser, case, LeavingStep.OFF_WABA, Mark.NOT_NEEDED, "They keep it there for the next partner")
    Waba.objects.filter(pk=waba.pk).update(unshared_since=timezone.now())


def test_each_step_is_done_from_the_case_and_the_client_reads_the_certificate(
    app: Practice, case: Offboarding, number: PhoneNumber, browser: Browser, lead: User
) -> None:
    nothing = dict.fromkeys(LeavingStep.values, "open")
    assert marks(case) == nothing
    assert "0 of 7 steps done" in text_of(browser.get(page_of(case)))

    end_it(app, browser, case, number)

    ended = dict.fromkeys(LeavingStep.values, "shown")
    assert marks(case) == {**ended, "pin": "said", "off_waba": "not_needed"}
    methods = [(one["method"], one["path"].rpartition("/")[2]) for one in app.calls() if one["method"] != "GET"]
    share = Action.objects.get(kind=ActionKind.SHARE_CREDIT_LINE).details["allocation_config_id"]
    assert ("DELETE", "subscribed_apps") in methods
    assert ("DELETE", share) in methods

    page = text_of(browser.post(reverse("phones:offboarding-certify", args=[case.pk]), follow=True))
    assert "Certified. The client reads it behind a status link." in page

    link = make_status_link(client=case.client, actor=lead)
    client_browser = Browser()
    status = client_browser.get(reverse("signup:status", args=[token_of(link)]))
    address = reverse("signup:certificate", args=[token_of(link), case.pk])
    assert f'href="{address}"' in text_of(status)
    assert str(number) not in text_of(status)
    certificate = text_of(client_browser.get(address))
    assert "Taken off our WhatsApp service" in certificate
    assert "not done, as agreed" in certificate
    assert "Something has changed since" not in certificate
    for inner in ("Ms Baker", "Ends its contract", str(lead)):
        assert inner not in certificate
    browser.post(reverse("phones:offboarding-give-up", args=[case.pk]))
    assert client_browser.get(address).status_code == 404
    lines = set(AuditEntry.objects.filter(client_id=case.client_id).values_list("object_name", "what"))
    assert (str(case), "Certified: every step has ended.") in lines
    assert (f"Two-step PIN handed over: {number}", "Done, by our word. Told Ms Baker by phone") in lines
    assert (f"Number deregistered: {number}", "Done: Meta shows it as not registered.") in lines


def test_what_a_later_reading_shows_otherwise_is_open_again_and_the_certificate_says_so(
    app: Practice, case: Offboarding, number: PhoneNumber, browser: Browser, lead: User
) -> None:
    end_it(app, browser, case, number)
    browser.post(reverse("phones:offboarding-certify", args=[case.pk]))
    Waba.objects.filter(pk=number.waba_id).update(unshared_since=None, last_synced_at=timezone.now())

    Offboarding.objects.update(looked_at=timezone.now() - cases.EVERY)
    cases.observe_due()

    assert marks(case)["access"] == "open"
    assert AuditEntry.objects.filter(what="Open again: We can still read it.", actor_id=None).count() == 1
    page = text_of(browser.get(page_of(case)))
    assert "Open again" in page
    assert "is no longer so" in page
    link = make_status_link(client=case.client, actor=lead)
    certificate = Browser().get(reverse("signup:certificate", args=[token_of(link), case.pk]))
    assert "Something has changed since" in text_of(certificate)
    refused = text_of(browser.post(reverse("phones:offboarding-certify", args=[case.pk]), follow=True))
    assert "1 of 7 steps are not done yet." in refused


def test_nobody_ticks_off_what_a_reading_shows_not_to_be_done(
    case: Offboarding, number: PhoneNumber, browser: Browser
) -> None:
    page = say(browser, case, LeavingStep.DEREGISTER, Mark.SAID, "I am sure")
    assert "Nothing was kept. This is not done: Meta shows it as registered." in page
    assert "Say in a few words" in say(browser, case, LeavingStep.PIN, Mark.SAID, " ")
    PhoneNumber.objects.filter(pk=number.pk).update(missing_since=timezone.now())

    assert marks(case)["deregister"] == "unknown"
    say(browser, case, LeavingStep.DEREGISTER, Mark.SAID, "The client showed it to me in WhatsApp Manager")
    assert marks(case)["deregister"] == "said"
    say(browser, case, LeavingStep.DEREGISTER, Mark.OPEN, "")
    assert marks(case)["deregister"] == "unknown"


def test_a_revocation_whose_answer_was_lost_is_settled_by_reading_the_share(
    app: Practice, case: Offboarding, number: PhoneNumber, browser: Browser
) -> None:
    share = Action.objects.get(kind=ActionKind.SHARE_CREDIT_LINE).details["allocation_config_id"]
    past = timezone.now() - timedelta(hours=1)
    for is_done in (False, True):
        app.fault({"lose_reply": True} if is_done else {"close": True}, path_contains=share, method="DELETE")
        address = reverse("phones:revoke-credit-line", args=[number.waba.waba_id])
        confirm(browser, address)
        app.heal()
        assert ("The desk asks Meta for the share by itself" in text_of(browser.get(address))) is not is_done
        assert marks(case)["credit_line"] == ("shown" if is_done else "unknown")
        Action.objects.filter(closed_at=None).update(sent_at=timezone.now() - lost_answers.GRACE, created_at=past)

        settle.settle_credit_lines()

        action = Action.objects.filter(kind=ActionKind.REVOKE_CREDIT_LINE).order_by("-pk")[0]
        assert action.state == (ActionState.SUCCEEDED if is_done else ActionState.FAILED)
        assert marks(case)["credit_line"] == ("shown" if is_done else "open")
    assert len([one for one in app.calls(share) if one["method"] == "DELETE"]) == 2


def test_a_share_that_meta_shows_no_more_or_that_the_desk_did_not_make_is_a_persons_to_look_at(
    app: Practice, case: Offboarding, number: PhoneNumber, browser: Browser
) -> None:
    address = reverse("phones:revoke-credit-line", args=[number.waba.waba_id])
    share = Action.objects.get(kind=ActionKind.SHARE_CREDIT_LINE)
    token = app.credentials.system_user_token
    app.writer.revoke_credit_line(share.details["allocation_config_id"], token=token)  # by somebody else, elsewhere

    confirm(browser, address)

    assert Action.objects.get(kind=ActionKind.REVOKE_CREDIT_LINE).state == ActionState.FAILED
    assert marks(case)["credit_line"] == "unknown"
    say(browser, case, LeavingStep.CREDIT_LINE, Mark.SAID, "Seen in Meta Business Suite")
    assert marks(case)["credit_line"] == "said"
    share.delete()
    page = text_of(browser.get(address))
    assert "The desk knows of no share" in page
    assert 'name="confirmation"' not in page


def test_a_client_that_comes_back_gets_the_line_of_credit_again(
    app: Practice, case: Offboarding, number: PhoneNumber, browser: Browser, sign_up: SignUp
) -> None:
    confirm(browser, reverse("phones:revoke-credit-line", args=[number.waba.waba_id]))

    work(sign_up(waba_id=number.waba.waba_id, business_id=number.waba.owner_business_id))

    assert Action.objects.filter(kind=ActionKind.SHARE_CREDIT_LINE, state=ActionState.SUCCEEDED).count() == 2


def test_one_number_leaves_by_itself_and_its_page_leads_to_the_case(number: PhoneNumber, browser: Browser) -> None:
    begin = reverse("phones:offboard-number", args=[number.phone_number_id])
    page_of_number = reverse("phones:number", args=[number.phone_number_id])
    assert f'href="{begin}"' in text_of(browser.get(page_of_number))
    assert "Nothing is sent to Meta by that" in text_of(browser.get(begin))

    browser.post(begin)

    case = Offboarding.objects.get()
    assert set(marks(case)) == {"deregister", "pin", "off_waba", "links"}
    page = text_of(browser.get(page_of_number))
    assert f'class="button primary" href="{page_of(case)}"' in page
    assert "It is being offboarded" in page
    assert browser.post(begin).headers["Location"] == page_of(case)
    browser.post(reverse("phones:offboarding-give-up", args=[case.pk]))
    assert f'href="{begin}"' in text_of(browser.get(page_of_number))


def test_a_case_costs_the_same_however_many_numbers_leave(
    app: Practice, browser: Browser, lead: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    app.already_read()
    waba = Waba.objects.get(waba_id=app.wabas()[0]["id"])
    case = cases.begin(client=waba.client, number=None, reason="", actor=lead)
    assert case.steps.count() > 12
    with django_assert_max_num_queries(12):
        browser.get(page_of(case))
