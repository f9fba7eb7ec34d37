"""A bulk registration of 200 numbers, 40 of them unfit, by web, worker and scheduler that are all killed half-way."""

from __future__ import annotations

import csv
import datetime
import re
from collections import Counter

from tests import servers
from tests.phones.acting import TO_REGISTER
from tests.processes.installation import MARKS, Installation, is_up, kill_group, stopped_afterwards, wait_until
from tests.signed_in import Person

pytestmark = MARKS

UNFIT: list[tuple[dict[str, object], str]] = [
    ({"code_verification_status": "NOT_VERIFIED"}, "not verified: request a code"),
    ({"is_on_biz_app": True}, "Business app manages this number"),
    ({"name_status": "DECLINED"}, "Meta declined the display name"),
    ({"status": "CONNECTED", "platform_type": "CLOUD_API"}, "It is registered already"),
]
PASSWORD = "correct horse battery staple"
MAKE_LEAD = f"""
from django.contrib.auth.models import Group
from django.core.management import call_command
from clients.models import User
lead = User.objects.create_user("lead", password={PASSWORD!r})
lead.groups.add(Group.objects.get(name="Team leads"))
call_command("sync")
"""


def added(installation: Installation, waba_id: str, values: dict[str, object], count: int) -> set[str]:
    """Numbers that a client has added to a WABA at Meta; their ids."""

    def known() -> set[str]:
        return set(installation.practice("GET", "book")["phone_numbers"])

    before = known()
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    facts = {**TO_REGISTER, "last_onboarded_time": yesterday.strftime("%Y-%m-%dT%H:%M:%S+0000"), **values}
    installation.practice("POST", f"wabas/{waba_id}/numbers", {"set": facts, "count": count})
    return known() - before


def registrations(installation: Installation) -> Counter[str]:
    """How often Meta was asked to register each number."""
    calls = installation.practice("GET", "log")["requests"]
    paths = [call["path"].split("/") for call in calls if call["method"] == "POST"]
    return Counter(parts[-2] for parts in paths if parts[-1] == "register")


def rows_of(page: str) -> dict[str, str]:
    """The rows of a run's page by the number's id: what stands in them."""
    rows = re.findall(r'<tr><th scope="row"><a class="row number" href="/phones/(\d+)/">(.*?)</tr>', page)
    return dict(rows)


def test_200_registrations_with_40_unfit_survive_a_kill_of_the_portal_half_way_and_send_each_once(
    installation: Installation,
) -> None:
    address = f"127.0.0.1:{servers.free_port()}"
    installation.environment |= {"BIND": address, "PUBLIC_URL": f"http://{address}", "LOG_LEVEL": "WARNING"}
    installation.environment |= {"WEB_CONCURRENCY": "1", "WORKER_CONCURRENCY": "2", "SYNC_TICK_SECONDS": "5"}
    waba_id = max(installation.practice("GET", "book")["wabas"], key=lambda waba: len(waba["phone_number_ids"]))["id"]
    fit = added(installation, waba_id, {}, 160)
    unfit = {pk: why for values, why in UNFIT for pk in added(installation, waba_id, values, 10)}
    installation.manage("shell", "-c", MAKE_LEAD)
    known = installation.ask("SELECT json_object_agg(phone_number_id, id) FROM phones_phonenumber")
    assert isinstance(known, dict)

    first = installation.start_all()
    with stopped_afterwards(*first):
        wait_until(lambda: is_up(f"http://{address}/healthz"), installation.log)
        lead = Person(f"http://{address}", "lead", PASSWORD)
        run = lead.post("/bulk/plan/", kind="register", ids=[known[pk] for pk in fit | unfit.keys()])
        skipped = rows_of(lead.get(f"{run}?state=skipped"))
        assert skipped.keys() == unfit.keys()
        assert all(why in skipped[pk] for pk, why in unfit.items())
        assert "It is 160 numbers." in lead.get(run)

        # Meta has done the eightieth, and everything is killed before its answer is there.
        half = {"match": {"path_contains": "/register", "method": "POST", "after_calls": 79}, "answer": {"hold": True}}
        installation.practice("POST", "faults", half)
        lead.post(f"{run}start/", typed_count="160")
        wait_until(lambda: registrations(installation).total() == 80, installation.log)
        for process in first:
            kill_group(process)
    assert installation.ask("SELECT state FROM phones_bulkrun") == "running"
    # The worker that died held the run for two minutes.
    installation.ask("UPDATE phones_bulkrun SET lease_until = now() RETURNING 1")

    with stopped_afterwards(*installation.start_all()):
        finished = "SELECT state = 'finished' FROM phones_bulkrun"
        wait_until(lambda: installation.ask(finished) is True, installation.log)
        sent = registrations(installation)
        assert sent.keys() == fit
        assert set(sent.values()) == {1}

        wait_until(lambda: is_up(f"http://{address}/healthz"), installation.log)
        shown = rows_of(lead.get(run)) | rows_of(lead.get(f"{run}?after=100"))
        assert shown.keys() == fit | unfit.keys()
        (in_doubt,) = rows_of(lead.get(f"{run}?state=unknown"))
        # An answer is waited for, for a minute and a half, before a reading decides in its place.
        installation.ask("UPDATE phones_action SET created_at = created_at - interval '5 minutes' RETURNING 1")
        lead.post(f"/phones/{in_doubt}/refresh/")
        lost = "SELECT count(*) FROM phones_bulkitem WHERE state = 'unknown'"
        wait_until(lambda: installation.ask(lost) == 0, installation.log)
        table = lead.session.get(f"{lead.address}{run}results.csv", timeout=20).content.decode("utf-8-sig")
    rows = {row["phone_number_id"]: row for row in csv.DictReader(table.splitlines())}
    assert Counter(row["outcome"] for row in rows.values()) == {"Done": 160, "Skipped": 40}
    assert all(why in rows[pk]["reason"] for pk, why in unfit.items())
    assert "Traceback" not in installation.log()
