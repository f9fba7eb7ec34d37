"""What stands around the numbers of a made-up business: history, events, actions, notes, signups, counts by day."""

from __future__ import annotations

from django.db import connection

from clients.models import (
    ClientLabel,
    Label,
    SignupAttempt,
    SignupLink,
    SyncFailure,
    User,
)
from phones.models import (
    Action,
    Alert,
    Change,
    ClientCount,
    DailyCount,
    Event,
    Health,
    Note,
    NumberLabel,
    Onboarding,
    OnboardingStep,
    PhoneNumber,
    Pin,
    PreverifiedNumber,
    Subscription,
)
from tests.bench.sql_rows import chosen, key, place_of, say, write


def write_surroundings(numbers: int, clients: int, wabas: int, manager: User, managers: int) -> None:
    """The tables around numbers, clients and WABAs that were written before; `manager` is the first of `managers`."""
    number = key(f"(random() * {numbers - 1})::int")
    own = "now() - random() * interval '1 day'"
    for model, count, columns in [
        (
            Health,
            numbers,
            {
                "number": key("i"),
                "can_send_message": chosen("random() + 0 * i", {"AVAILABLE": 95, "LIMITED": 4, "BLOCKED": 1}),
                "read_at": own,
                "first_read_at": own,
                "next_read_at": "now() + random() * interval '1 day'",
            },
        ),
        (
            Health,
            wabas,
            {
                "waba": key("i"),
                "can_send_message": "'AVAILABLE'",
                "read_at": own,
                "next_read_at": "now() + interval '1 day'",
            },
        ),
        (
            Subscription,
            wabas,
            {
                "waba": key("i"),
                "is_ours": "i % 30 > 0",
                "checked_at": own,
                "check_due_at": "now() + interval '1 day'",
            },
        ),
        (
            Change,
            f"(SELECT i, (random() * {numbers - 1})::int AS about FROM generate_series(0, {3 * numbers - 1}) AS i)",
            {
                "number": key("about"),
                # No trigger is fired here, which else gives a line the client of its number.
                "client": key(f"({place_of('about', numbers, wabas)}) % {clients}"),
                "kind": "'field'",
                "source": "'sync'",
                "field": "(ARRAY['status', 'quality_rating', 'name_status', 'messaging_limit'])[1 + i % 4]",
                "old": "(ARRAY['\"CONNECTED\"', '\"GREEN\"', '\"DEFERRED\"', '\"TIER_250\"']::jsonb[])[1 + i % 4]",
                "new": "(ARRAY['\"BANNED\"', '\"YELLOW\"', '\"APPROVED\"', '\"TIER_2K\"']::jsonb[])[1 + i % 4]",
                "run": key("i % 3000"),
                "at": f"now() - ({3 * numbers} - i) * interval '120 days' / {3 * numbers}",
            },
        ),
        (
            Event,
            numbers // 2,
            {
                "digest": "md5(i::text)",
                "field": "(ARRAY['account_update', 'phone_number_quality_update'])[1 + i % 2]",
                "received_at": f"now() - ({numbers // 2} - i) * interval '30 days' / {numbers // 2}",
                "waba": key(f"i % {wabas}"),
                "number": number,
                "value": "'{}'::jsonb",
                "state": chosen("random() + 0 * i", {"done": 98, "unmatched": 1, "failed": 0.5, "waiting": 0.5}),
            },
        ),
        (
            Action,
            numbers // 5,
            {
                "key": "gen_random_uuid()",
                "number": key(f"i * 5 % {numbers}"),
                "kind": "'register'",
                "state": "'succeeded'",
                "requested_by": f"{manager.pk} + i % {managers}",
                "created_at": own,
                "sent_at": own,
                "answered_at": own,
                "closed_at": own,
            },
        ),
        (
            Pin,
            numbers // 5,
            {
                "number": key(f"i * 5 % {numbers}"),
                "pin_sealed": "'x'",
                "secret_uid": "gen_random_uuid()",
                "state": "'confirmed'",
                "created_at": own,
            },
        ),
        (
            Note,
            clients * 2,
            {
                "client": key(f"i % {clients}"),
                "author": f"{manager.pk}",
                "text": "'Call them on Monday ' || i",
                "created_at": own,
            },
        ),
        (Label, 30, {"name": "'Label ' || i", "folded_name": "'label ' || i", "colour": "'grey'"}),
        (ClientLabel, clients // 2, {"client": key("i * 2"), "label": key("i % 30")}),
        (
            SignupLink,
            clients,
            {
                "client": key("i"),
                "token_digest": "md5(i::text)",
                "secret_uid": "gen_random_uuid()",
                "created_by": f"{manager.pk}",
                "created_at": own,
                "expires_at": "now() + interval '30 days'",
                "revoked_at": "now()",
            },
        ),
        (
            SignupAttempt,
            clients,
            {
                "link": key("i"),
                "state": chosen(
                    "random() + 0 * i",
                    {
                        "sent": 20,
                        "opened": 10,
                        "started": 10,
                        "cancelled": 5,
                        "failed": 3,
                        "refused": 2,
                        "finished": 50,
                    },
                ),
                "created_at": f"now() - ({clients} - i) * interval '180 days' / {clients}",
                "credential": key("0"),
            },
        ),
        (
            Onboarding,
            clients,
            {
                "client": key("i"),
                "attempt": key("i"),
                "waba": key("i"),
                "public_id": "gen_random_uuid()",
                "created_at": f"now() - ({clients} - i) * interval '180 days' / {clients}",
                "finished_at": "CASE WHEN random() < 0.95 THEN now() END",
            },
        ),
        (
            Alert,
            numbers // 50,
            {"kind": "'banned'", "key": "'bench ' || i", "number": number, "at": own, "found_at": own},
        ),
        (
            PreverifiedNumber,
            min(numbers // 20, 2_000),
            {
                "preverified_id": "(5000000000000000 + i)::text",
                "phone_number": "'+1555' || lpad(i::text, 7, '0')",
                "digits": "'1555' || lpad(i::text, 7, '0')",
                "code_verification_status": "'VERIFIED'",
                "first_seen_at": own,
                "synced_at": own,
                "verification_expiry_time": "now() + random() * interval '90 days'",
            },
        ),
        (
            SyncFailure,
            wabas // 20,
            {"waba": key("i * 20"), "kind": "'token_dead'", "at": own, "run": key("i % 3000")},
        ),
    ]:
        write(model, f"{count}", columns)
    steps = ("access", "account", "subscription", "credit_line", "numbers", "registration")
    write(
        OnboardingStep,
        f"{clients * len(steps)}",
        {
            "onboarding": key(f"i / {len(steps)}"),
            "kind": f"(ARRAY{list(steps)})[1 + i % {len(steps)}]",
            "state": chosen("random() + 0 * i", {"done": 98, "failed": 1, "client": 1}),
            "finished_at": own,
        },
    )
    write(
        NumberLabel,
        f"{numbers // 20}",
        {
            "number": key("i * 20"),
            "label": key("i % 30"),
            "client": key(f"i % {clients}"),
        },
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE clients_waba w SET last_failure_id = f.id FROM clients_syncfailure f WHERE f.waba_id = w.id"
        )
        for statement, counts in ((_OF_ALL, "counts of a day"), (_OF_CLIENTS, "counts of clients")):
            cursor.execute(statement)
            say(f"{cursor.rowcount:,} {counts}")


# What `phones.pictures.daily` counts now, by client. Whoever is registered was registered in time.
_NOW = f"""
    SELECT n.client_id, v.field, v.value, count(*) AS numbers FROM {PhoneNumber._meta.db_table} n
    CROSS JOIN LATERAL (VALUES
        ('stage', n.stage), ('quality_rating', coalesce(n.quality_rating, '')),
        ('signup_week', CASE WHEN n.last_onboarded_time > now() - interval '91 days'
            THEN date_trunc('week', n.last_onboarded_time)::date || ':in time' END)
    ) AS v (field, value)
    WHERE v.value IS NOT NULL GROUP BY 1, 2, 3
"""
_OF_ALL = f"""
    INSERT INTO {DailyCount._meta.db_table} (day, field, value, numbers)
    SELECT current_date - day, field, value, numbers
    FROM (SELECT field, value, sum(numbers) AS numbers FROM ({_NOW}) AS now_ GROUP BY 1, 2) AS of_all
    CROSS JOIN generate_series(0, 400) AS day
"""
# One in five counts of a client was another one the week before, for 400 days. Those of signups have no history.
_OF_CLIENTS = f"""
    WITH now_ AS ({_NOW}), begun AS (
        SELECT client_id, field, value, numbers, current_date - 400 AS since FROM now_
        UNION SELECT client_id, field, value, numbers, current_date - 7 * week - (random() * 6)::int
        FROM now_ CROSS JOIN generate_series(0, 56) AS week WHERE random() < 0.2 AND field <> 'signup_week'
    )
    INSERT INTO {ClientCount._meta.db_table} (client_id, field, value, numbers, since, until)
    SELECT client_id, field, value, numbers + (random() * 2)::int, since,
        lead(since, 1, '{ClientCount.STILL}') OVER (PARTITION BY client_id, field, value ORDER BY since) FROM begun
"""
