"""How the tests of the pool go through the pages, and what Meta has and saw of it.

No fixtures here: they stand in `conftest.py`.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from django.test import Client as Browser
from django.utils import timezone

from clients import links
from clients.models import Client, SignupLink, User, Waba
from phones.models import PreverifiedNumber
from phones.pool import facts as situations
from phones.pool import read as pool
from phones.pool import reserve as reserving
from phones.pool.clocks import PoolState
from tests.phones.reading import text_of
from tests.practice import Practice

DAY = 86_400
NEW_NUMBER = "+44 7700 900999"


def read(practice: Practice) -> pool.PoolRead:
    """Read the pool, and forget the calls that this took."""
    told = pool.read_pool()
    practice.control("POST", "log/clear")
    return told


def at_meta(practice: Practice, row: PreverifiedNumber) -> Any:
    """What the practice server has of a number of the pool, its code included."""
    return practice.control("GET", f"preverified/{row.preverified_id}")


def in_state(practice: Practice, state: str, place: int = 0) -> PreverifiedNumber:
    """A number of the pool that is in this state at Meta, as the desk has read it."""
    preverified_id = practice.control("GET", "preverified")["preverified"][place]["id"]
    practice.control("PATCH", f"preverified/{preverified_id}", {"state": state})
    read(practice)
    return PreverifiedNumber.objects.get(preverified_id=preverified_id)


def state_of(row: PreverifiedNumber) -> PoolState:
    """Where a number stands by now."""
    row.refresh_from_db()
    return situations.standing_of(row).state


def partner(practice: Practice) -> str:
    """The id of a business that numbers are shared with."""
    there = practice.control("GET", "preverified")["preverified"]
    found: str = next(one["partner_business_ids"][0] for one in there if one["partner_business_ids"])
    return found


def changes_seen(practice: Practice) -> list[str]:
    """The last parts of the addresses of all calls that change something."""
    calls = practice.calls()
    return [f"{call['method']} {call['path'].rpartition('/')[2]}" for call in calls if call["method"] != "GET"]


def make_row(**values: Any) -> PreverifiedNumber:
    """A verified number of the pool with sensible values, without a practice server."""
    now = timezone.now()
    count = PreverifiedNumber.objects.count()
    facts: dict[str, Any] = {
        "preverified_id": str(500_000_000_000_001 + count),
        "digits": f"1555010{count:04d}",
        "code_verification_status": "VERIFIED",
        "code_verification_time": now - datetime.timedelta(days=10),
        "verification_expiry_time": now + datetime.timedelta(days=80),
        "first_seen_at": now - datetime.timedelta(days=10),
        "synced_at": now,
    }
    facts.update(values)
    facts.setdefault("phone_number", facts["digits"])
    return PreverifiedNumber.objects.create(**facts)


def make_link(client: Client, actor: User, number: PreverifiedNumber | None = None) -> SignupLink:
    """A signup link that offers `number`."""
    link = links.make_signup_link(client=client, actor=actor)
    if number is not None:
        reserving.reserve(number=number, link=link)
    return link


def days(count: float) -> datetime.datetime:
    """The moment so many days from now."""
    return timezone.now() + datetime.timedelta(days=count)


# --- Pages ------------------------------------------------------------------------------------------------------------


def page(browser: Browser, row: PreverifiedNumber) -> str:
    return text_of(browser.get(f"/preverified/{row.preverified_id}/"))


def board(browser: Browser, standing: str = "") -> str:
    return text_of(browser.get("/preverified/" + (f"?standing={standing}" if standing else "")))


def rows_on(shown: str) -> list[str]:
    """The ids of the numbers on a board, from top to bottom."""
    return re.findall(r'class="row number" href="/preverified/(\d+)/"', shown)


def token_for(browser: Browser, row: PreverifiedNumber, kind: str) -> str:
    return token_in(text_of(browser.get(f"/preverified/{row.preverified_id}/confirm/{kind}/")))


def token_in(shown: str) -> str:
    found = re.search(r'name="confirmation" value="([^"]+)"', shown)
    assert found, "no form on the page"
    return found[1]


def do(browser: Browser, row: PreverifiedNumber, kind: str, **data: str) -> str:
    """Open the confirmation, fill it in, send it, and read the page it leads to."""
    token = token_for(browser, row, kind)
    return text_of(
        browser.post(f"/preverified/{row.preverified_id}/{kind}/", {"confirmation": token, **data}, follow=True)
    )


def add(browser: Browser, phone_number: str = NEW_NUMBER) -> str:
    """Add a number through the page, and read the page it leads to."""
    token = token_in(text_of(browser.get("/preverified/add/")))
    return text_of(
        browser.post("/preverified/add/", {"confirmation": token, "phone_number": phone_number}, follow=True)
    )


def claim_by_signup(practice: Practice, row: PreverifiedNumber, waba: Waba) -> str:
    """The client of `waba` takes `row` in Meta's dialog; gives the number's new id."""
    wish = {"waba": waba.waba_id, "number": "preverified", "preverified_id": row.preverified_id}
    phone_number_id: str = practice.control("POST", "signups", wish)["phone_number_id"]
    return phone_number_id
