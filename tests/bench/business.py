"""A whole made-up business on PostgreSQL, for timing every page: clients, numbers, history, signups, events, runs.

The database writes the rows itself (INSERT … SELECT), so that a million numbers with three million lines of history
take minutes. A column that is not named here gets the default of its model.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management.color import no_style
from django.db import connection

from clients.choices import Role
from clients.models import Client, Credential, Portfolio, SyncRun, User, Waba
from phones.listing import kept_counts
from phones.models import Action, Change, ClientCount, DailyCount, Event, Health, Listing, NumberAge, PhoneNumber, Pin
from tests.bench.sql_rows import chosen, key, place_of, say, without_indexes, word, write
from tests.bench.surroundings import write_surroundings

MANAGERS = 20
_LARGE_TABLES = (PhoneNumber, NumberAge, Listing, Change, Event, Health, DailyCount, ClientCount, Action, Pin)


@dataclass(frozen=True)
class Business:
    """Its size, and those who look at it: the lead sees all of it, the manager and the viewer a twentieth each."""

    numbers: int
    lead: User
    manager: User
    viewer: User


def fill(numbers: int, *, clients: int, wabas: int, vacuum: bool = True) -> Business:
    """Write it into an empty, migrated PostgreSQL database. Inside a transaction nothing can `vacuum`."""
    with connection.cursor() as cursor:
        # The rows fit together as they are made; looking up each that one names would take most of the time.
        cursor.execute("SET session_replication_role = replica; SET statement_timeout = 0")
        cursor.execute("SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'")
        # Rows name each other by their places, counted from 1; in a database of tests others were there before.
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)
    with without_indexes(*_LARGE_TABLES):
        people = [_person(f"manager{index}", Role.ACCOUNT_MANAGER) for index in range(MANAGERS)]
        lead, viewer = _person("lead", Role.TEAM_LEAD), _person("viewer", Role.VIEWER)
        first = people[0].pk
        write(Credential, "1", {"label": "'System user'", "kind": "'system_user'", "state": "'working'"})
        write(
            Client,
            f"{clients}",
            {
                "name": f"{word('i', _FIRST)} || ' ' || {word('i / 7', _SECOND)} || ' ' || i",
                "folded_name": f"lower({word('i', _FIRST)} || ' ' || {word('i / 7', _SECOND)} || ' ' || i)",
                "owner": f"CASE WHEN i * 7 / 11 % 50 > 0 THEN {first} + i % {MANAGERS} END",
                "cover": f"CASE WHEN i % {MANAGERS} = 1 THEN {viewer.pk} END",
            },
        )
        write(
            Portfolio,
            f"{clients}",
            {
                "business_id": "(3000000000000000::bigint + i)::text",
                "name": "'Holding ' || i",
                "folded_name": "'holding ' || i",
                "client": key("i"),
            },
        )
        write(
            SyncRun,
            "3000",
            {
                "scope": "'due'",
                "trigger": "'schedule'",
                "state": "'finished'",
                "wabas": "50",
                "read": "50",
                "created_at": "now() - i * interval '10 minutes'",
                "finished_at": "now() - i * interval '10 minutes'",
            },
        )
        write(
            Waba,
            f"{wabas}",
            {
                "waba_id": "(1000000000000000 + i::bigint * 7919)::text",
                "client": key(f"i % {clients}"),
                "credential": key("0"),
                "origin": "'client'",
                "name": f"{word('i', _FIRST)} || ' WABA ' || i",
                "folded_name": f"lower({word('i', _FIRST)} || ' waba ' || i)",
                "status": "CASE WHEN i % 100 = 0 THEN 'DISABLED' ELSE 'ACTIVE' END",
                "account_review_status": "'APPROVED'",
                "owner_business_id": f"(3000000000000000 + i % {clients})::text",
                "last_synced_at": "now() - random() * interval '1 hour'",
                "facts_read_at": "now()",
                "next_sync_at": "now() + random() * interval '1 hour'",
            },
        )
        _numbers(numbers, clients, wabas)
        write_surroundings(numbers, clients, wabas, people[0], MANAGERS)
    kept_counts.rebuild()
    say("what is kept of numbers is counted")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if vacuum else "ANALYZE")
        # From here on as in the desk, which gives up on what takes too long.
        cursor.execute("RESET session_replication_role; SET statement_timeout = '15s'; RESET work_mem")
    say("everything is written")
    return Business(numbers, lead, people[0], viewer)


def _numbers(numbers: int, clients: int, wabas: int) -> None:
    place = place_of("i", numbers, wabas)
    status = chosen(
        "r1",
        {"CONNECTED": 88, "PENDING": 6, "DISCONNECTED": 3, "FLAGGED": 1, "RESTRICTED": 0.8, "BANNED": 0.2, None: 1},
    )
    code = chosen("r2", {"VERIFIED": 70, "EXPIRED": 20, "NOT_VERIFIED": 10})
    rows = f"""(
        SELECT i, r1, r2, r3, r4, r5, {status} AS status, {code} AS code,
            (ARRAY['346', '16315', '5521', '44207', '9714', '4930', '52155'])[1 + i % 7]
                || lpad((r3 * 99999999)::int::text, 8, '0') AS digits,
            {word("(r4 * 99)::int", _FIRST)} || ' ' || {word("(r3 * 99)::int", _SECOND)} || ' ' || to_hex(i) AS name,
            now() - r2 * interval '60 days' AS since
        FROM (SELECT i, random() AS r1, random() AS r2, random() AS r3, random() AS r4, random() AS r5
              FROM generate_series(0, {numbers - 1}) AS i) AS dice
    )"""
    stage = """CASE WHEN status IS NULL THEN 'unknown' WHEN status IN ('CONNECTED', 'FLAGGED') THEN 'registered'
        WHEN status = 'PENDING' THEN CASE WHEN code = 'VERIFIED' THEN 'ready' ELSE 'needs_code' END
        WHEN status = 'DISCONNECTED' THEN 'disconnected' ELSE 'restricted' END"""
    move = """CASE WHEN status IS NULL OR status IN ('CONNECTED', 'FLAGGED', 'RESTRICTED') THEN 'nobody'
        WHEN status = 'PENDING' AND code = 'NOT_VERIFIED' THEN 'client' ELSE 'us' END"""
    write(
        PhoneNumber,
        rows,
        {
            "phone_number_id": "(2000000000000000 + i::bigint * 104729)::text",
            "waba": key(place),
            # No trigger is fired here, which else gives a number the client of its WABA.
            "client": key(f"({place}) % {clients}"),
            "display_phone_number": "'+' || digits",
            "digits": "digits",
            "verified_name": "name",
            "search_text": "digits || chr(10) || lower(name)",
            "status": "status",
            "code_verification_status": "code",
            "quality_rating": chosen("r3", {"GREEN": 80, "UNKNOWN": 12, "YELLOW": 5, "RED": 3}),
            "platform_type": "CASE WHEN status IN ('CONNECTED', 'FLAGGED', 'RESTRICTED')"
            " THEN 'CLOUD_API' ELSE 'NOT_APPLICABLE' END",
            "throughput": chosen("r4", {"STANDARD": 80, "HIGH": 10, None: 10}),
            "name_status": chosen(
                "r4", {"APPROVED": 80, "AVAILABLE_WITHOUT_REVIEW": 12, "PENDING_REVIEW": 3, "DECLINED": 3, None: 2}
            ),
            "new_name_status": chosen("r2", {None: 96, "APPROVED": 2, "PENDING_REVIEW": 2}),
            "is_official_business_account": f"({chosen('r2', {'true': 2, 'false': 97, None: 1})})::boolean",
            "username_state": chosen("r1", {"has": 10, "pending": 1, "none": 80, None: 9}),
            "profile_state": chosen("r2", {"yes": 30, "no": 69, None: 1}),
            "calling_state": chosen("r3", {"on": 1, "off": 98, None: 1}),
            "account_mode": chosen("r1", {"LIVE": 96, "SANDBOX": 3, None: 1}),
            "messaging_limit": chosen("r3", {"TIER_2K": 60, "TIER_250": 20, "TIER_10K": 15, "TIER_100K": 5}),
            "last_onboarded_time": "CASE WHEN r4 < 0.9 THEN now() - r5 * interval '1000 days' END",
            "first_seen_at": "now() - r5 * interval '1000 days'",
            "missing_since": "CASE WHEN r3 > 0.999 THEN now() END",
            "stage": stage,
            "move": move,
            "step": "CASE WHEN status <> 'PENDING' OR status IS NULL THEN ''"
            " WHEN code = 'VERIFIED' THEN 'register' ELSE 'request-code' END",
            "next_action": "''",
            "may_send": "CASE WHEN status = 'CONNECTED' THEN 'yes' WHEN status IS NULL THEN 'unknown'"
            " WHEN status IN ('FLAGGED', 'RESTRICTED') THEN 'limited' ELSE 'no' END",
            "stage_since": "since",
            "registration_deadline": "CASE WHEN status = 'PENDING' AND r2 < 0.3"
            " THEN now() + r4 * interval '14 days' END",
        },
    )
    read_at = "now() - random() * interval '1 hour'"
    write(NumberAge, "phones_phonenumber", {"number": "id", "synced_at": read_at}, raw=True)
    write(
        Listing,
        f"(SELECT id, waba_id, first_seen_at FROM {PhoneNumber._meta.db_table}) AS n",
        {"number": "id", "waba": "waba_id", "first_seen_at": "first_seen_at"},
        raw=True,
    )


_FIRST = ("Harbor", "Northline", "Alto", "Sol", "Mina", "Garten", "Cake", "Blue", "Lodz", "Cafe")
_SECOND = ("Bakery", "Travel", "Foods", "Optics", "Garage", "Spa", "Taxi", "Flowers", "Books", "Dental", "Shop")


def _person(name: str, role: Role) -> User:
    person = User.objects.create(username=name)
    person.groups.add(Group.objects.get(name=role.value))
    return person
