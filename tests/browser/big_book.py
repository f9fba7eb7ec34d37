"""A desk with 5,000 numbers of 1,135 clients and no Meta behind it: a database that is filled, and a portal on it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from clients.choices import Role, WabaOrigin
from clients.models import Client, Waba
from phones.models import Listing, PhoneNumber
from phones.numbers.search import search_text_of
from phones.numbers.standing import of_new
from tests.browser.desk import PASSWORD, START_SECONDS
from tests.factories import make_credential, make_person
from tests.servers import free_port

NUMBERS, CLIENTS, UNASSIGNED = 5_000, 1_135, 104
# Every tenth number waits to be registered; the rest are connected.
READY_EVERY = 10


@contextlib.contextmanager
def running_big_book(state: Path) -> Iterator[str]:
    """The address of a portal on the migrated database in the folder `state`, which is filled first."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "STATE_DIR": str(state),
        "LOG_LEVEL": "WARNING",
        "PAGES_A_MINUTE": "0",
        "GRAPH_API_URL": "http://127.0.0.1:9",
        "BIND": f"127.0.0.1:{port}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    filling = "from tests.browser.big_book import fill; fill()"
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", filling]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True, timeout=110)
    serve = [sys.executable, "-m", "gunicorn", "-c", "portal/gunicorn.py"]
    server = subprocess.Popen(serve, cwd=settings.BASE_DIR, env=environment)
    try:
        _wait_until_up(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def _wait_until_up(address: str, server: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/healthz", timeout=2):
            return
        time.sleep(0.1)  # another process starts; there is no event to wait for
    raise RuntimeError("The portal did not start; the reason is above.")


def fill() -> None:
    """Make the people, their clients and all numbers; the first clients are nobody's."""
    lead, manager, colleague = (
        make_person(name, role)
        for name, role in (
            ("lead", Role.TEAM_LEAD),
            ("manager", Role.ACCOUNT_MANAGER),
            ("colleague", Role.ACCOUNT_MANAGER),
        )
    )
    for person in (lead, manager, colleague):
        person.set_password(PASSWORD)
        person.save()
    owners = [None] * UNASSIGNED + [(manager, colleague)[index % 2] for index in range(CLIENTS - UNASSIGNED)]
    clients = Client.objects.bulk_create(
        Client(name=f"Harbor {index:04d}", owner=owner) for index, owner in enumerate(owners)
    )
    token = make_credential()
    wabas = Waba.objects.bulk_create(
        Waba(
            waba_id=str(1_000_000_000_000_000 + index),
            client=client,
            credential=token,
            origin=WabaOrigin.CLIENT_EDGE,
            name=f"{client.name} WABA",
        )
        for index, client in enumerate(clients)
    )
    numbers = PhoneNumber.objects.bulk_create(_numbers(wabas))
    Listing.objects.bulk_create(
        Listing(number=number, waba_id=number.waba_id, first_seen_at=number.first_seen_at) for number in numbers
    )


def _numbers(wabas: Sequence[Waba]) -> Iterator[PhoneNumber]:
    now = timezone.now()
    connected, ready = _facts(now, is_ready=False), _facts(now, is_ready=True)
    for index in range(NUMBERS):
        digits = f"1631{index:07d}"
        texts = {"phone_number_id": str(2_000_000_000_000_000 + index), "verified_name": f"Shop {index:04d}"}
        yield PhoneNumber(
            **texts,
            **(connected if index % READY_EVERY else ready),
            display_phone_number=f"+1 631-{digits[4:7]}-{digits[7:]}",
            digits=digits,
            waba=wabas[index % CLIENTS],
            search_text=search_text_of(**texts, digits=digits, new_display_name=None, former_names=[]),
        )


def _facts(now: datetime, *, is_ready: bool) -> dict[str, object]:
    """What Graph said of a connected number, or of one that is verified and not registered, and where it stands."""
    facts: dict[str, object] = {
        "status": "PENDING" if is_ready else "CONNECTED",
        "platform_type": "NOT_APPLICABLE" if is_ready else "CLOUD_API",
        "code_verification_status": "VERIFIED",
        "quality_rating": "GREEN",
        "throughput": "STANDARD",
        "name_status": "APPROVED",
        "account_mode": "LIVE",
        "messaging_limit": "TIER_2K",
        "last_onboarded_time": now - timedelta(days=9 if is_ready else 90),
        "first_seen_at": now - timedelta(days=9),
    }
    return facts | of_new(PhoneNumber(**facts), now=now)
