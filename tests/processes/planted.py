"""An installation whose every secret is a value that occurs nowhere else, and its people."""

from __future__ import annotations

import datetime
import secrets
from urllib.parse import urlsplit

import redis

from portal.local.secrets import new_encryption_key
from tests import servers
from tests.clients.signing_in.provider import Provider
from tests.phones.acting import TO_REGISTER
from tests.processes.installation import Installation
from tests.processes.sentinels import Sentinels

NUMBERS = {
    "typed": TO_REGISTER,
    "generated": TO_REGISTER,
    "refused": TO_REGISTER,
    "lost": TO_REGISTER,
    "many": TO_REGISTER,
    "code": {**TO_REGISTER, "code_verification_status": "NOT_VERIFIED"},
    "mailed": {**TO_REGISTER, "code_verification_status": "NOT_VERIFIED"},
    "client": {**TO_REGISTER, "code_verification_status": "NOT_VERIFIED"},
}
PEOPLE = {"ada": "Administrators", "tess": "Team leads", "alice": "Account managers", "paul": "Account managers"}
_MAKE_PEOPLE = """
import datetime
from django.contrib.auth.models import Group
from django.core.management import call_command
from clients.models import Client, User
from phones.models import MailSettings
for name, group, password in {people!r}:
    person = User.objects.create_user(name, name + "@desk.example", password, is_staff=name == "ada")
    person.groups.add(Group.objects.get(name=group))
    MailSettings.objects.create(person=person, digest_at=datetime.time(0))
call_command("sync")
Client.objects.update(owner=User.objects.get(username="alice"), contact_email="client@shop.example")
"""


def settings_with_secrets(
    installation: Installation, sought: Sentinels, mail_port: int, provider: Provider
) -> dict[str, str]:
    """Give the installation a secret wherever it takes one, and Redis its password; gives what is new."""
    known, address = installation.graph.credentials, f"127.0.0.1:{servers.free_port()}"
    for what in ("system_user_token", "app_secret", "webhook_verify_token"):
        sought.plant(what, getattr(known, what))
    of = {what: f"pw-{what}-{secrets.token_hex(12)}" for what in ("database", "redis", "mail", "proxy")}
    for what, value in of.items():
        sought.plant(f"password of {what}", value)
    broker, database = urlsplit(installation.environment["REDIS_URL"]), installation.environment["DATABASE_URL"]
    with redis.Redis.from_url(installation.environment["REDIS_URL"]) as client:
        client.config_set("requirepass", of["redis"])
    return {
        "SECRET_KEY": sought.plant("SECRET_KEY", secrets.token_urlsafe(50)),
        "TOKEN_ENCRYPTION_KEYS": sought.plant("TOKEN_ENCRYPTION_KEYS", new_encryption_key()),
        "METRICS_TOKEN": sought.plant("METRICS_TOKEN", f"metrics-{secrets.token_hex(12)}"),
        "OIDC_ISSUER": provider.address,
        "OIDC_CLIENT_ID": "desk",
        "OIDC_CLIENT_SECRET": sought.plant("OIDC_CLIENT_SECRET", f"oidc-{secrets.token_hex(16)}"),
        "OIDC_GROUPS": "desk-managers=Account managers",
        "DATABASE_URL": database.replace("desk@", f"desk:{of['database']}@"),
        "REDIS_URL": f"redis://:{of['redis']}@{broker.netloc}/0",
        "EMAIL_URL": f"smtp://desk:{of['mail']}@127.0.0.1:{mail_port}",
        "DEFAULT_FROM_EMAIL": "desk@desk.example",
        "HTTPS_PROXY": f"http://desk:{of['proxy']}@127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
        "CHANNELS_MAY_BE_PRIVATE": "on",
        "BIND": address,
        "PUBLIC_URL": f"http://{address}",
        "LOG_LEVEL": "DEBUG",
        "WEB_CONCURRENCY": "1",
        "WORKER_CONCURRENCY": "2",
        "SYNC_TICK_SECONDS": "5",
    }


def add_numbers(installation: Installation) -> None:
    """Numbers on a WABA at Meta, each with what is going to be done to it as its name."""
    book = installation.practice("GET", "book")["wabas"]
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    for kind, facts in NUMBERS.items():
        facts = {**facts, "last_onboarded_time": yesterday.strftime("%Y-%m-%dT%H:%M:%S+0000"), "verified_name": kind}
        installation.practice("POST", f"wabas/{book[0]['id']}/numbers", {"set": facts})


def make_people(installation: Installation, sought: Sentinels) -> dict[str, str]:
    """One of each role, and alice's clients: what Meta has. Their passwords, by their names."""
    add_numbers(installation)
    passwords = {name: sought.plant(f"password of {name}", f"Pw-{secrets.token_urlsafe(15)}") for name in PEOPLE}
    people = [(name, group, passwords[name]) for name, group in PEOPLE.items()]
    installation.manage("shell", "-c", _MAKE_PEOPLE.format(people=people))
    return passwords
