"""Many numbers at once, through the pages and the practice server: the dry run, its confirmation, and once for each."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client, SignupLink, User, Waba
from phones.actions import lost_answers
from phones.actions.settle import settle_all
from phones.book.labels import label_number, make_label
from phones.bulk.work import work
from phones.models import Action, BulkRun, CodeLink, NumberLabel, PhoneNumber, Pin
from tests.conftest import SignIn
from tests.factories import make_number, make_waba
from tests.phones.acting import TO_REGISTER, UNVERIFIED, posts
from tests.phones.reading import text_of
from tests.practice import Practice


def dry_run(browser: Browser, kind: str, numbers: Sequence[PhoneNumber]) -> BulkRun:
    """Choose the numbers as the list's form does, and give the dry run it leads to."""
    answer = browser.post("/bulk/plan/", {"kind": kind, "ids": [number.pk for number in numbers]})
    found = re.fullmatch(r"/bulk/(\d+)/", answer["Location"])
    assert found, answer["Location"]
    return BulkRun.objects.get(pk=found[1])


def start(browser: Browser, run: BulkRun, **data: str) -> str:
    data.setdefault("typed_count", str(run.total))
    return text_of(browser.post(f"/bulk/{run.pk}/start/", data, follow=True))


def page(browser: Browser, run: BulkRun, query: str = "") -> str:
    return " ".join(text_of(browser.get(f"/bulk/{run.pk}/{query}")).split())


def outcomes(run: BulkRun, *numbers: PhoneNumber) -> list[str]:
    """The states of the items: of these numbers, else of all in the order of the run."""
    states = dict(run.items.order_by("position").values_list("number", "state"))
    return [states[number.pk] for number in numbers] if numbers else list(states.values())


@pytest.fixture
def at_metas(practice: Practice) -> Callable[..., list[PhoneNumber]]:
    """A function that makes numbers in a state on one WABA of the practice world, and reads them onto the desk."""

    def make(count: int, values: dict[str, object]) -> list[PhoneNumber]:
        practice.already_read()
        waba = practice.wabas()[0]["id"]
        fresh = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=2)
        known = {**values, "last_onboarded_time": fresh.strftime("%Y-%m-%dT%H:%M:%S+0000")}
        made = [practice.control("POST", f"wabas/{waba}/numbers", {"set": known})["id"] for _ in range(count)]
        practice.sync(waba)
        practice.control("POST", "log/clear")
        return list(PhoneNumber.objects.filter(phone_number_id__in=made).order_by("pk"))

    return make


# --- The dry run ------------------------------------------------------------------------------------------------------


def test_of_200_numbers_with_40_unfit_the_dry_run_says_of_each_why_and_what_the_rest_costs(
    browser: Browser, django_assert_max_num_queries: type
) -> None:
    waba = make_waba()
    fit = {**TO_REGISTER, "last_onboarded_time": timezone.now() - datetime.timedelta(days=1)}
    unfit: list[tuple[dict[str, object], str]] = [
        ({"code_verification_status": "NOT_VERIFIED"}, "not verified: request a code"),
        ({"is_on_biz_app": True}, "Business app manages this number"),
        ({"name_status": "DECLINED"}, "Meta declined the display name"),
        ({"status": "CONNECTED", "platform_type": "CLOUD_API"}, "It is registered already"),
    ]
    numbers = [make_number(waba, **fit) for _ in range(160)]
    numbers += [make_number(waba, **{**fit, **values}) for values, _ in unfit for _ in range(10)]

    with django_assert_max_num_queries(40):
        run = dry_run(browser, "register", numbers)
    with django_assert_max_num_queries(12):
        shown = page(browser, run)

    assert (run.state, run.total) == ("draft", 160)
    assert run.items.filter(state="skipped").exclude(reason="").count() == 40
    for _, why in unfit:
        assert re.search(rf"10: [^<]*{why}", shown), why
    assert "One of the 10 registrations that Meta allows each number in 72 hours." in shown
    assert "About 320 calls to Meta, on 1 WABA." in shown
    assert page(browser, run, "?state=skipped").count('class="row number"') == 40
    assert not Action.objects.exists()


def test_what_changes_meta_starts_only_with_the_right_count_and_only_once(browser: Browser) -> None:
    run = dry_run(browser, "pin", [make_number(), make_number()])

    wrong = text_of(browser.post(f"/bulk/{run.pk}/start/", {"typed_count": "3"}))
    run.refresh_from_db()
    assert "That is not 2: nothing was started." in wrong
    assert run.state == "draft"

    start(browser, run)
    start(browser, run)
    run.refresh_from_db()
    assert run.state == "running"


def test_a_dry_run_of_an_hour_ago_is_not_started(browser: Browser) -> None:
    run = dry_run(browser, "pin", [make_number()])
    BulkRun.objects.update(created_at=timezone.now() - datetime.timedelta(hours=1))

    assert "older than half an hour" in start(browser, run)
    run.refresh_from_db()
    assert run.state == "draft"


def test_all_that_match_the_list_are_chosen_and_those_of_others_never(
    account_manager: User, sign_in: SignIn, alices_client: Client, foreign_client: Client
) -> None:
    waba = make_waba(alices_client)
    mine = [make_number(waba, quality_rating=rating) for rating in ("RED", "RED", "GREEN")]
    theirs = make_number(make_waba(foreign_client), quality_rating="RED")
    alice = sign_in(account_manager)

    answer = alice.post("/bulk/plan/", {"kind": "pin", "all": "yes", "query": "/phones/?quality_rating=RED"})
    assert answer.status_code == 302
    assert {item.number for item in BulkRun.objects.get().items.all()} == set(mine[:2])

    alice.post("/bulk/plan/", {"kind": "pin", "ids": [theirs.pk]})
    assert BulkRun.objects.count() == 1


# --- Who sees it ------------------------------------------------------------------------------------------------------


def test_a_run_is_its_persons_and_the_leads_and_of_others_like_a_missing_one(
    account_manager: User,
    other_manager: User,
    viewer: User,
    browser: Browser,
    sign_in: SignIn,
    alices_number: PhoneNumber,
) -> None:
    alice, otto = sign_in(account_manager), sign_in(other_manager)
    run = dry_run(alice, "pin", [alices_number])

    for address in (f"/bulk/{run.pk}/", f"/bulk/{run.pk}/results.csv"):
        assert alice.get(address).status_code == browser.get(address).status_code == 200
        assert otto.get(address).status_code == 404
    assert otto.post(f"/bulk/{run.pk}/cancel/").status_code == 404
    assert f"/bulk/{run.pk}/" in text_of(alice.get("/bulk/"))
    assert f"/bulk/{run.pk}/" not in text_of(otto.get("/bulk/"))
    assert sign_in(viewer).post("/bulk/plan/", {"kind": "pin", "ids": [alices_number.pk]}).status_code == 403

    Client.objects.update(owner=other_manager, cover=None)
    assert str(alices_number) not in page(alice, run)
    start(alice, run)
    work(seconds=5)
    assert outcomes(run) == ["skipped"]


def test_a_label_is_put_beside_those_that_numbers_have(browser: Browser, lead: User) -> None:
    first, second = make_number(), make_number()
    old, new = (make_label(name=name, colour="red", actor=lead) for name in ("VIP", "Moving"))
    label_number(number=first, client=first.waba.client, labels=[old], actor=lead)

    run = dry_run(browser, "label", [first, second])
    start(browser, run, label=str(new.pk))
    work(seconds=20)

    assert outcomes(run) == ["done", "done"]
    assert set(NumberLabel.objects.values_list("number", "label")) == {
        (first.pk, old.pk),
        (first.pk, new.pk),
        (second.pk, new.pk),
    }


# --- Once for each ----------------------------------------------------------------------------------------------------


def test_a_kill_half_way_sends_each_registration_once(
    browser: Browser,
    practice: Practice,
    at_metas: Callable[..., list[PhoneNumber]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = at_metas(8, TO_REGISTER)
    run = dry_run(browser, "register", numbers)
    start(browser, run)
    work(seconds=20, most=3)

    class Killed(BaseException):
        pass

    def dies(*_: object, **__: object) -> None:
        raise Killed

    # The process ends right after Meta was called, before anything that came of it is written down.
    monkeypatch.setattr("phones.actions.settle.read_back", dies)
    with pytest.raises(Killed):
        work(seconds=20)
    monkeypatch.undo()
    assert work(seconds=20) == 0, "the run is held by the one that died"
    BulkRun.objects.update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
    work(seconds=20)

    run.refresh_from_db()
    assert run.state == "finished"
    assert outcomes(run) == ["done"] * 8
    for number in numbers:
        assert posts(practice, number) == ["register"]
        assert Pin.objects.get(number=number).state == "confirmed"
    assert "8 of 8" in page(browser, run)


def test_a_lost_answer_is_not_sent_again_and_settled_by_reading(
    browser: Browser, practice: Practice, at_metas: Callable[..., list[PhoneNumber]]
) -> None:
    numbers = at_metas(2, TO_REGISTER)
    run = dry_run(browser, "register", numbers)
    start(browser, run)
    practice.fault({"close": True}, path_contains=f"{numbers[0].phone_number_id}/register", method="POST")
    work(seconds=20)
    assert outcomes(run, *numbers) == ["unknown", "done"]
    assert "1 of 2" not in page(browser, run)

    practice.change(numbers[0].phone_number_id, platform_type="CLOUD_API")
    with time_machine.travel(timezone.now() + 2 * lost_answers.ANSWER_LIMIT):
        settle_all()
        work(seconds=20)
    assert outcomes(run, *numbers) == ["done", "done"]
    assert posts(practice, numbers[0]) == ["register"]


def test_it_pauses_goes_on_and_is_cancelled(
    browser: Browser, practice: Practice, at_metas: Callable[..., list[PhoneNumber]]
) -> None:
    numbers = at_metas(4, UNVERIFIED)
    run = dry_run(browser, "request-code", numbers)
    start(browser, run, code_method="SMS", language="es_ES")
    work(seconds=20, most=1)
    browser.post(f"/bulk/{run.pk}/pause/")
    assert work(seconds=20) == 0

    browser.post(f"/bulk/{run.pk}/resume/")
    work(seconds=20, most=1)
    browser.post(f"/bulk/{run.pk}/cancel/")
    assert work(seconds=20) == 0

    assert outcomes(run) == ["done", "done", "cancelled", "cancelled"]
    assert sum(len(posts(practice, number)) for number in numbers) == 2
    assert Action.objects.filter(details__language="es_ES").count() == 2


def test_a_number_that_changed_since_the_dry_run_is_left_alone(
    browser: Browser, practice: Practice, at_metas: Callable[..., list[PhoneNumber]]
) -> None:
    first, second = at_metas(2, TO_REGISTER)
    run = dry_run(browser, "register", [first, second])
    start(browser, run)
    PhoneNumber.objects.filter(pk=first.pk).update(stage="window_closed")
    work(seconds=20)

    assert outcomes(run, first, second) == ["skipped", "done"]
    assert posts(practice, first) == []
    assert "It has changed since the dry run." in page(browser, run)


def test_when_ten_in_a_row_fail_the_desk_pauses_the_run(
    browser: Browser, practice: Practice, at_metas: Callable[..., list[PhoneNumber]]
) -> None:
    run = dry_run(browser, "pin", at_metas(12, TO_REGISTER))
    start(browser, run)
    error = {"error": {"message": "(#10) No permission", "type": "OAuthException", "code": 10, "fbtrace_id": "T"}}
    practice.fault({"status": 403, "body": error}, method="POST")
    work(seconds=20)

    assert outcomes(run) == ["failed"] * 10 + ["waiting"] * 2
    assert "10 in a row failed" in page(browser, run)


def test_a_waba_without_a_registered_number_keeps_half_of_its_hour(
    browser: Browser, practice: Practice, at_metas: Callable[..., list[PhoneNumber]], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = at_metas(3, UNVERIFIED)
    PhoneNumber.objects.exclude(pk__in=[number.pk for number in numbers]).update(platform_type="NOT_APPLICABLE")
    monkeypatch.setattr("phones.bulk.words.QUOTAS", (8, 5_000))
    run = dry_run(browser, "request-code", numbers)
    start(browser, run, code_method="SMS", language="en_US")
    work(seconds=20)

    run.refresh_from_db()
    assert outcomes(run) == ["done", "done", "waiting"]
    assert run.due_at is not None
    assert run.due_at > timezone.now() + datetime.timedelta(minutes=50)
    assert "about 60 minutes left" in page(browser, run)


def test_numbers_are_read_and_their_wabas_events_switched_on(
    browser: Browser, app: Practice, at_metas: Callable[..., list[PhoneNumber]]
) -> None:
    numbers = at_metas(2, TO_REGISTER)
    app.change(numbers[0].phone_number_id, quality_rating="RED")
    reading, events = dry_run(browser, "refresh", numbers), dry_run(browser, "subscribe", numbers)
    start(browser, reading)
    start(browser, events)
    work(seconds=20)

    numbers[0].refresh_from_db()
    assert (numbers[0].quality_rating, outcomes(reading)) == ("RED", ["done", "done"])
    assert outcomes(events) == ["done"]
    assert Waba.objects.get(pk=numbers[0].waba_id).subscription.is_ours


def test_links_are_made_for_those_without_and_the_file_of_results_has_them(browser: Browser) -> None:
    wants = make_number(**UNVERIFIED, stage="needs_code")
    other = make_number()
    codes, signups = dry_run(browser, "code-link", [wants, other]), dry_run(browser, "signup-link", [wants])
    start(browser, codes)
    start(browser, signups)
    work(seconds=20)

    assert outcomes(codes, wants, other) == ["done", "skipped"]
    assert outcomes(signups) == ["done"]
    assert (CodeLink.objects.count(), SignupLink.objects.count()) == (1, 1)
    assert b"/signup/code/" in b"".join(browser.get(f"/bulk/{codes.pk}/results.csv"))
    assert dry_run(browser, "signup-link", [wants]).total == 0
