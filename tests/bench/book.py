"""A made-up book of business of any size, for measuring."""

from __future__ import annotations

import datetime
import random

from django.contrib.auth.models import Group
from django.utils import timezone

from clients.choices import Role, WabaOrigin
from clients.models import Client, User, Waba
from phones.models import Listing, NumberAge, PhoneNumber
from phones.numbers.search import digits_of, search_text_of
from portal.many_rows import save_columns

MANAGERS = 20
NUMBERS_PER_WABA = 20
WABAS_PER_CLIENT = 2
# A multiple of the numbers of one client, so that a client is made in one go.
_BATCH = 5_000

_FIRST = ("Harbor", "Northline", "Alto", "Sol", "Mina", "Garten", "Clínica", "Cake", "Blue", "Café", "Łódź")
_SECOND = ("Bakery", "Travel", "Foods", "Optics", "Garage", "Spa", "Taxi", "Flowers", "Books", "Dental", "Shop")
_PREFIXES = ["+34 6", "+1 631-5", "+55 21 3", "+44 20 7", "+971 4 5", "+52 1 4", "+49 30 1", "+972 73-3", "+57 310 5"]


def _pick(chance: random.Random, weights: dict[str | None, float]) -> str | None:
    return chance.choices(list(weights), list(weights.values()))[0]


def _facts(chance: random.Random, now: datetime.datetime) -> dict[str, object]:
    status = _pick(
        chance,
        {"CONNECTED": 88, "PENDING": 6, "DISCONNECTED": 3, "FLAGGED": 1, "RESTRICTED": 0.7, "BANNED": 0.2, None: 1},
    )
    is_live = status == "CONNECTED"
    return {
        "status": status,
        "code_verification_status": _pick(chance, {"VERIFIED": 70, "EXPIRED": 20, "NOT_VERIFIED": 10}),
        "quality_rating": _pick(chance, {"GREEN": 80, "UNKNOWN": 12, "YELLOW": 5, "RED": 3}),
        "platform_type": "CLOUD_API" if is_live else _pick(chance, {"NOT_APPLICABLE": 9, "ON_PREMISE": 1}),
        "throughput": _pick(chance, {"STANDARD": 80, "HIGH": 10, None: 10}),
        "name_status": _pick(
            chance, {"APPROVED": 80, "AVAILABLE_WITHOUT_REVIEW": 12, "PENDING_REVIEW": 3, "DECLINED": 3, None: 2}
        ),
        "new_name_status": _pick(chance, {None: 96, "APPROVED": 2, "PENDING_REVIEW": 2}),
        "account_mode": _pick(chance, {"LIVE": 96, "SANDBOX": 3, None: 1}),
        "messaging_limit": _pick(chance, {"TIER_2K": 60, "TIER_250": 20, "TIER_10K": 15, "TIER_100K": 5}),
        "is_official_business_account": chance.random() < 0.05,
        "is_pin_enabled": chance.choice([True, True, False, None]),
        "last_onboarded_time": now - datetime.timedelta(minutes=chance.randrange(1_500_000))
        if chance.random() < 0.9
        else None,
        "missing_since": now if chance.random() < 0.001 else None,
    }


def fill(size: int, already: int = 0) -> list[User]:
    """Add numbers to a migrated database that holds `already` of this book's, until there are `size`.

    Gives the account managers, who share the clients evenly.
    """
    chance = random.Random(size)
    now = timezone.now()
    managers = [_manager(index) for index in range(MANAGERS)]
    per_client = NUMBERS_PER_WABA * WABAS_PER_CLIENT
    for start in range(already, size, _BATCH):
        end = min(start + _BATCH, size)
        clients = {
            index: Client(
                name=f"{chance.choice(_FIRST)} {chance.choice(_SECOND)} {index}",
                owner=managers[index % MANAGERS] if index % 50 else None,
            )
            for index in range(start // per_client, -(-end // per_client))
        }
        Client.objects.bulk_create(clients.values())
        wabas = {
            index: Waba(
                waba_id=str(1_000_000_000_000_000 + index * 7_919),
                client=clients[index // WABAS_PER_CLIENT],
                origin=WabaOrigin.CLIENT_EDGE,
                name=f"{chance.choice(_FIRST)} {index}",
                last_synced_at=now,
            )
            for index in range(start // NUMBERS_PER_WABA, -(-end // NUMBERS_PER_WABA))
        }
        Waba.objects.bulk_create(wabas.values())
        numbers = PhoneNumber.objects.bulk_create(
            _number(chance, now, index, wabas[index // NUMBERS_PER_WABA]) for index in range(start, end)
        )
        read_at = {number.pk: now - datetime.timedelta(seconds=chance.randrange(3_600)) for number in numbers}
        save_columns([NumberAge(pk=pk, synced_at=at) for pk, at in read_at.items()], ["synced_at"])
        Listing.objects.bulk_create(
            Listing(number=number, waba_id=number.waba_id, first_seen_at=now) for number in numbers
        )
    return managers


def _manager(index: int) -> User:
    manager, is_new = User.objects.get_or_create(username=f"manager{index}")
    if is_new:
        manager.groups.add(Group.objects.get_or_create(name=Role.ACCOUNT_MANAGER.value)[0])
    return manager


def _number(chance: random.Random, now: datetime.datetime, index: int, waba: Waba) -> PhoneNumber:
    display = f"{chance.choice(_PREFIXES)}{chance.randrange(10_000):04d} {chance.randrange(10_000):04d}"
    name = f"{chance.choice(_FIRST)} {chance.choice(_SECOND)} {index:x}"
    phone_number_id = str(2_000_000_000_000_000 + index * 104_729)
    digits = digits_of(display)
    return PhoneNumber(
        phone_number_id=phone_number_id,
        waba=waba,
        display_phone_number=display,
        verified_name=name,
        digits=digits,
        search_text=search_text_of(
            phone_number_id=phone_number_id,
            digits=digits,
            verified_name=name,
            new_display_name=None,
            former_names=[],
        ),
        first_seen_at=now - datetime.timedelta(minutes=index),
        **_facts(chance, now),
    )
