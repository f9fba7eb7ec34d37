"""Several troubles at once: the worst counts for sending, and one that stops everything is the one that is stated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from phones.models import EventFact, PhoneNumber
from phones.numbers import facts, outside, rules, standing
from phones.numbers.lifecycle import Facts, Move, OutsideTrouble, Stage
from phones.numbers.rules import MaySend
from tests.factories import make_number

NOW = datetime.now(UTC)
_NOT_SENDING = {"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION"}
_STARTING = {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING"}
_ANSWERING = {"restriction_type": "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"}
# What an event reported, whether of the number itself, and what it alone says of sending.
TROUBLES: list[tuple[str, dict[str, Any], bool, str]] = [
    ("connection", {"event": "PARTNER_REMOVED"}, True, "no"),
    ("deleted", {"event": "ACCOUNT_DELETED"}, False, "no"),
    ("partner", {"event": "PARTNER_REMOVED"}, False, "unknown"),
    ("app", {"event": "PARTNER_APP_UNINSTALLED"}, False, "unknown"),
    ("ban", {"ban_info": {"waba_ban_state": "DISABLE"}}, False, "no"),
    ("ban", {"ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}}, False, "yes"),
    ("ban", {"ban_info": {"waba_ban_state": "NEW"}}, False, "unknown"),
    ("review", {"decision": "REJECTED"}, False, "no"),
    ("restriction", {"restriction_info": [_NOT_SENDING]}, False, "yes"),
    ("restriction", {"restriction_info": [_NOT_SENDING]}, True, "yes"),
    ("restriction", {"restriction_info": [_STARTING]}, False, "limited"),
    ("restriction", {"restriction_info": [_STARTING, _ANSWERING]}, False, "no"),
    ("violation", {}, False, "unknown"),
]


def reported(number: PhoneNumber, name: str, value: dict[str, Any], *, is_its_own: bool) -> EventFact:
    at = NOW + timedelta(hours=1)
    return EventFact(waba=number.waba, number=number if is_its_own else None, name=name, value=value, at=at)


@pytest.mark.django_db
def test_of_any_two_troubles_the_worse_decides_whether_it_may_send() -> None:
    number = make_number()
    for first, second in combinations(TROUBLES, 2):
        pair = [reported(number, name, value, is_its_own=own) for name, value, own, _ in (first, second)]
        known = facts.facts_of(number, [], reports=pair, now=NOW)
        assert rules.may_send(known) == rules.worst(MaySend(first[3]), MaySend(second[3])), (first, second)

        alone = [facts.facts_of(number, [], reports=[one], now=NOW).trouble for one in pair]
        stops = any(one is not None and one.stops for one in alone)
        assert known.trouble is not None
        assert known.trouble.stops == stops, (first, second)


@pytest.mark.django_db
def test_what_graph_says_of_the_waba_counts_beside_an_announced_ban() -> None:
    number = make_number()
    number.waba.status = "RESTRICTED"
    number.waba.save()
    value = {"ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}}
    reported(number, "ban", value, is_its_own=False).save()
    standing.recompute()
    number.refresh_from_db()
    assert (number.may_send, number.stage) == ("limited", "restricted")


def test_the_stage_decides_only_between_troubles_that_are_equally_bad() -> None:
    gone = OutsideTrouble(MaySend.NO, "Gone.", Move.US, Stage.NOT_VISIBLE)
    banned = OutsideTrouble(MaySend.NO, "Banned.", Move.CLIENT)
    assert outside.worst_of(banned, gone) == gone
    assert outside.worst_of(None) is None


def test_a_limited_number_whose_access_was_taken_away_can_not_be_called_limited() -> None:
    for status in sorted(rules.LIMITED):
        for elsewhere in MaySend:
            trouble = OutsideTrouble(elsewhere, "Trouble.", Move.US)
            known = Facts(status=status, platform_type="CLOUD_API", trouble=trouble)
            assert rules.may_send(known) == rules.worst(MaySend.LIMITED, elsewhere)
    taken_away = OutsideTrouble(MaySend.UNKNOWN, "Our access was taken away.", Move.US)
    flagged = Facts(status="FLAGGED", platform_type="CLOUD_API", trouble=taken_away)
    assert rules.may_send(flagged) == MaySend.UNKNOWN
