"""Profiles of many numbers, through the pages and the practice server."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from phones.bulk.work import work
from phones.models import Action, BulkRun, PhoneNumber
from phones.sync.profile import read_profile
from tests.phones.acting import TO_REGISTER, posts
from tests.phones.bulk.test_bulk_runs import at_metas, dry_run, outcomes, page, start
from tests.phones.reading import text_of
from tests.practice import Practice

__all__ = ["at_metas"]  # a fixture

EDGE = "whatsapp_business_profile"
CONNECTED = {**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API"}
WISH: dict[str, Any] = {"which": ["about", "websites"], "about": "Fresh bread", "website": "https://new.example/"}


@pytest.fixture
def numbers(practice: Practice, at_metas: Callable[..., list[PhoneNumber]]) -> list[PhoneNumber]:
    """Three whose profiles were read, of which the last has all that is wished for, and one that was not read."""
    found = at_metas(4, CONNECTED)
    for number, about, site in zip(found, ("Old", "", "Fresh bread"), ("old", "old", "new"), strict=False):
        data = [{"about": about, "email": "hi@a.example", "websites": [f"https://{site}.example/"]}]
        practice.change(number.phone_number_id, **{EDGE: {"data": data}})
        assert read_profile(number=number) is None
    return found


def shown_and_digest(browser: Browser, run: BulkRun, **data: Any) -> tuple[str, str]:
    shown = text_of(browser.post(f"/bulk/{run.pk}/start/", {**WISH, **data}))
    digest = re.search(r'name="shown" value="([0-9a-f]+)"', shown)
    return " ".join(shown.split()), digest[1] if digest else ""


def test_what_is_ticked_is_shown_first_and_then_set_once_on_each_that_differs(
    browser: Browser, practice: Practice, numbers: list[PhoneNumber], django_assert_max_num_queries: type
) -> None:
    run = dry_run(browser, "profile", numbers)
    assert run.total == 3
    assert "read it on the number’s page first" in page(browser, run)
    practice.control("POST", "log/clear")

    with django_assert_max_num_queries(14):
        shown, digest = shown_and_digest(browser, run)
    assert "2 numbers get something new." in shown
    assert "1 has all of it already" in shown
    assert "Old → <b>Fresh bread</b>" in shown
    assert not Action.objects.exists()
    run.refresh_from_db()
    assert run.state == "draft"

    start(browser, run, **WISH, shown=digest)
    work(seconds=20)

    assert outcomes(run, *numbers) == ["done", "done", "skipped", "skipped"]
    assert [posts(practice, number) for number in numbers] == [[EDGE], [EDGE], [], []]
    assert [set(action.details["changes"]) for action in Action.objects.all()] == [{"about", "websites"}] * 2
    for number in numbers[:2]:
        number.profile.refresh_from_db()
        assert (number.profile.about, number.profile.websites) == ("Fresh bread", ["https://new.example/"])
        assert number.profile.email == "hi@a.example", "it was not ticked"
    assert "Fresh bread" in page(browser, run)


def test_what_was_shown_otherwise_or_wrong_or_changes_nothing_starts_nothing(
    browser: Browser, numbers: list[PhoneNumber]
) -> None:
    run = dry_run(browser, "profile", numbers)
    _, digest = shown_and_digest(browser, run)

    assert "What changes" in start(browser, run, **{**WISH, "about": "Other bread"}, shown=digest)
    for wrong, said in (
        ({"which": []}, "Tick what is to be set"),
        ({"about": ""}, "Meta does not let it be taken away"),
        ({"email": "new@a.example"}, "filled in and not ticked"),
        ({"website": "not an address"}, "valid URL"),
        ({"which": ["email"], "about": "", "website": "", "email": "hi@a.example"}, "Nothing changes."),
        ({"shown": digest, "typed_count": "7"}, "That is not 3"),
    ):
        assert said in shown_and_digest(browser, run, **wrong)[0]

    run.refresh_from_db()
    assert run.state == "draft"


def test_a_profile_that_was_read_otherwise_since_the_dry_run_is_left_alone(
    browser: Browser, practice: Practice, numbers: list[PhoneNumber]
) -> None:
    run = dry_run(browser, "profile", numbers[:2])
    start(browser, run, **WISH, shown=shown_and_digest(browser, run)[1])
    practice.change(numbers[0].phone_number_id, **{EDGE: {"data": [{"about": "By themselves"}]}})
    read_profile(number=numbers[0])
    practice.control("POST", "log/clear")

    work(seconds=20)

    assert outcomes(run, *numbers[:2]) == ["skipped", "done"]
    assert posts(practice, numbers[0]) == []
