"""System checks: a wrong setting is found at start, with an id and a hint, not at three in the morning.

Errors stop the portal, warnings name what will not work. Nothing here shows the value of a secret.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parseaddr
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name for it
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from portal.crypto import key_id
from portal.graph import GraphConfig, endings
from portal.local.secrets import LOOPBACK_HOSTS
from portal.web.client_address import networks_of

WABAS_A_CALL_RANGE = range(101)
PROFILE_INTERVAL_RANGE = range(30 * 24 + 1)  # hours: off at one end, a month at the other
SYNC_INTERVAL_RANGE = range(5, 24 * 60 + 1)  # minutes: Meta's hourly quota at one end, a day-old picture at the other


def _end_of(graph_version: str) -> str:
    """In words, where it has ended or soon does."""
    if endings.is_older_than_all(graph_version):
        return "has ended"
    version = endings.graph_version(graph_version)
    left = version.days_left(datetime.now(UTC).date()) if version is not None else None
    if version is None or left is None or left >= endings.SOON_DAYS:
        return ""
    return f"{'has ended' if left < 0 else 'ends'} on {version.ends}"


@register()
def check_graph(**_: Any) -> Iterator[CheckMessage]:
    try:
        GraphConfig(api_url=settings.GRAPH_API_URL).check()
    except ValueError as error:
        yield Error(f"GRAPH_API_URL can't be used. {error}", hint="Leave it out for Meta's own.", id="numberdesk.E001")
    try:
        GraphConfig(version=settings.GRAPH_API_VERSION).check()
    except ValueError as error:
        yield Error(f"GRAPH_API_VERSION can't be used. {error}", hint="Leave it out, or v25.0.", id="numberdesk.E002")

    if end := _end_of(settings.GRAPH_API_VERSION):
        yield Warning(
            f"GRAPH_API_VERSION is {settings.GRAPH_API_VERSION}, which {end}.",
            hint="Set a newer one: Meta answers calls of an ended version by the oldest that is left.",
            id="numberdesk.W011",
        )

    try:
        GraphConfig(proxy=settings.HTTPS_PROXY).check()
    except ValueError as error:
        yield Error(
            f"HTTPS_PROXY can't be used. {error}",
            hint="For example http://proxy.example.com:3128. NO_PROXY=graph.facebook.com calls Meta without it.",
            id="numberdesk.E013",
        )


@register()
def check_who_did_what(**_: Any) -> Iterator[CheckMessage]:
    if unknown := sorted(set(settings.TWO_PERSON_APPROVAL) - {"deregister", "bulk-register"}):
        yield Error(
            f"TWO_PERSON_APPROVAL names what there is not: {', '.join(unknown)}.",
            hint="It may name deregister and bulk-register, with a comma between them.",
            id="numberdesk.E030",
        )
    for name in ("AUDIT_KEPT_DAYS", "PAGES_A_MINUTE", "FILES_AN_HOUR", "API_REQUESTS_A_MINUTE"):
        if getattr(settings, name) < 0:
            hint = "Leave it out for the usual limit."
            yield Error(f"{name} must be 0, which sets no limit, or more.", hint=hint, id="numberdesk.E031")


@register()
def check_meta(**_: Any) -> Iterator[CheckMessage]:
    business_id, token = settings.META_BUSINESS_ID, settings.META_SYSTEM_USER_TOKEN
    if business_id and not re.fullmatch(r"[0-9]{1,32}", business_id):
        yield Error(
            "META_BUSINESS_ID must be digits only.",
            hint="Business settings → Business portfolio info shows it as “Business portfolio ID”.",
            id="numberdesk.E003",
        )
    if token and not business_id:
        yield Warning(
            "META_SYSTEM_USER_TOKEN is set and META_BUSINESS_ID is not, so the token is not used.",
            hint="Set META_BUSINESS_ID to the id of the business portfolio that the system user belongs to.",
            id="numberdesk.W001",
        )
    if business_id and not token:
        yield Warning(
            "META_BUSINESS_ID is set and META_SYSTEM_USER_TOKEN is not, so no WABAs are discovered.",
            hint="Set META_SYSTEM_USER_TOKEN to a token of a system user of that business portfolio.",
            id="numberdesk.W002",
        )
    if settings.WEBHOOK_VERIFY_TOKEN and not settings.META_APP_SECRET:
        yield Warning(
            "WEBHOOK_VERIFY_TOKEN is set and META_APP_SECRET is not, so every event from Meta is refused.",
            hint="Set META_APP_SECRET: without it nobody can tell Meta's events from forged ones.",
            id="numberdesk.W006",
        )


@register()
def check_embedded_signup(**_: Any) -> Iterator[CheckMessage]:
    if not _is_safe(settings.META_SDK_URL):
        yield Error(
            "META_SDK_URL must be an https address, or an http one on this machine (loopback).",
            hint="Leave it out for Meta's own.",
            id="numberdesk.E009",
        )
    if not (_is_safe(settings.META_MESSAGE_ORIGIN) and _is_site(settings.META_MESSAGE_ORIGIN)):
        yield Error(
            "META_MESSAGE_ORIGIN must be https, a host and at most a port, or http on this machine (loopback).",
            hint="Leave it out for Meta's own.",
            id="numberdesk.E010",
        )
    if settings.META_LOGIN_CONFIG_ID and not (settings.META_APP_ID and settings.META_APP_SECRET):
        yield Warning(
            "META_LOGIN_CONFIG_ID is set and META_APP_ID or META_APP_SECRET is not, so no client can sign up.",
            hint="Set both: Meta's app dashboard shows them under App settings → Basic.",
            id="numberdesk.W008",
        )


@register(Tags.security)
def check_encryption_keys(**_: Any) -> Iterator[CheckMessage]:
    keys: list[str] = settings.TOKEN_ENCRYPTION_KEYS
    how = (
        'Make one with: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())". '
        "The first key encrypts, all of them decrypt."
    )
    if not keys:
        yield Error("TOKEN_ENCRYPTION_KEYS holds no key.", hint=how, id="numberdesk.E004")
    for position, key in enumerate(keys, 1):
        if not _is_fernet_key(key):
            yield Error(
                f"Key {position} of {len(keys)} in TOKEN_ENCRYPTION_KEYS is not a Fernet key.",
                hint=how,
                id="numberdesk.E004",
            )
    for key, times in Counter(keys).items():
        if times > 1:
            yield Warning(
                f"TOKEN_ENCRYPTION_KEYS holds the key with the id {key_id(key)} {times} times.",
                hint="Name each key once.",
                id="numberdesk.W003",
            )


@register()
def check_address(**_: Any) -> Iterator[CheckMessage]:
    if not _is_site(settings.PUBLIC_URL):
        yield Error(
            "PUBLIC_URL must be a scheme, a host and at most a port.",
            hint="For example https://numbers.example.com.",
            id="numberdesk.E005",
        )
    if settings.DEBUG and not settings.IS_LOCAL:
        yield Error(
            "DEBUG is on and PUBLIC_URL is not this machine: error pages would show settings and data to anyone.",
            hint="Switch DEBUG off.",
            id="numberdesk.E007",
        )
    if settings.DEMO and not settings.IS_LOCAL:
        yield Warning(
            "DEMO is on and PUBLIC_URL is not this machine: the login page tells everyone who comes how to sign in.",
            hint="Switch DEMO off, unless this portal is meant to be looked at by anyone and holds made-up data only.",
            id="numberdesk.W007",
        )


@register()
def check_trusted_proxies(**_: Any) -> Iterator[CheckMessage]:
    how = "For example 10.0.0.0/8, 127.0.0.1, or unix for a proxy that comes by a socket; with commas between several."
    try:
        networks = networks_of(tuple(settings.TRUSTED_PROXIES))
    except ValueError:
        yield Error(
            "TRUSTED_PROXIES must be addresses and networks, or unix, with commas between them.",
            hint=how,
            id="numberdesk.E018",
        )
        return
    if any(network.prefixlen == 0 for network in networks):
        yield Error(
            "TRUSTED_PROXIES names every address, so anybody could say that they come from anywhere.",
            hint=how,
            id="numberdesk.E018",
        )
    if settings.IS_HTTPS and not settings.IS_LOCAL and not settings.TRUSTED_PROXIES:
        yield Error(
            "PUBLIC_URL is https, so a proxy is in front, and TRUSTED_PROXIES is not set: no request would count as "
            "encrypted, so that every page leads to itself, and everybody seems to come from the proxy.",
            hint=f"Set it to what the proxy comes from. {how}",
            id="numberdesk.E032",
        )


@register()
def check_servers(**_: Any) -> Iterator[CheckMessage]:
    if not all(_is_bind(address.strip()) for address in settings.BIND.split(",")):
        yield Error(
            "BIND must be a host and a port, unix: and a path, or several of these with commas between them.",
            hint="Leave it out for 127.0.0.1:8000.",
            id="numberdesk.E011",
        )
    for name, value in {
        "WEB_CONCURRENCY": settings.WEB_CONCURRENCY,
        "WORKER_CONCURRENCY": settings.CELERY_WORKER_CONCURRENCY,
        "SYNC_THREADS": settings.SYNC_THREADS,
        "SYNC_TICK_SECONDS": settings.SYNC_TICK_SECONDS,
        "SYNC_LEASE_SECONDS": settings.SYNC_LEASE_SECONDS,
    }.items():
        if value <= 0:
            yield Error(f"{name} must be more than 0.", hint="Leave it out for its default.", id="numberdesk.E012")


@register()
def check_machinery(**_: Any) -> Iterator[CheckMessage]:
    if settings.SYNC_INTERVAL_MINUTES not in SYNC_INTERVAL_RANGE:
        yield Error(
            f"SYNC_INTERVAL_MINUTES must be from {SYNC_INTERVAL_RANGE[0]} to {SYNC_INTERVAL_RANGE[-1]}.",
            hint="Leave it out for 60.",
            id="numberdesk.E006",
        )
    if settings.SYNC_WABAS_A_CALL not in WABAS_A_CALL_RANGE:
        yield Error(
            f"SYNC_WABAS_A_CALL must be from 0 to {WABAS_A_CALL_RANGE[-1]}, the most that Meta lists at once.",
            hint="Leave it out for 100; 0 has each WABA read by itself.",
            id="numberdesk.E033",
        )
    if settings.PROFILE_INTERVAL_HOURS not in PROFILE_INTERVAL_RANGE:
        yield Error(
            f"PROFILE_INTERVAL_HOURS must be from 0 to {PROFILE_INTERVAL_RANGE[-1]}.",
            hint="Leave it out for 24; 0 has profiles and details read only when somebody asks.",
            id="numberdesk.E036",
        )
    if settings.REDIS_URL and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Warning(
            "REDIS_URL is set and the database is SQLite, which workers on other machines can't share.",
            hint="Set DATABASE_URL to a PostgreSQL database, or leave REDIS_URL out.",
            id="numberdesk.W004",
        )
    if settings.TRACING and find_spec("opentelemetry") is None:
        yield Error(
            "OTEL_… variables ask for traces, and the packages that make them are not installed.",
            hint="pip install --require-hashes -r requirements-tracing.txt, or set OTEL_SDK_DISABLED=true.",
            id="numberdesk.E034",
        )
    if settings.TRACING and not settings.TRACES_BY_HTTP:
        yield Error(
            "OTEL_EXPORTER_OTLP_PROTOCOL asks for a protocol that the desk does not send traces by.",
            hint="Leave it out, or set http/protobuf; a receiver of OTLP takes it at port 4318 as a rule.",
            id="numberdesk.E035",
        )
    if settings.SENTRY_DSN and find_spec("sentry_sdk") is None:
        yield Warning(
            "SENTRY_DSN is set and sentry-sdk is not installed, so no error is reported.",
            hint="pip install sentry-sdk",
            id="numberdesk.W005",
        )


@register()
def check_mail(**_: Any) -> Iterator[CheckMessage]:
    is_smtp = settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend"
    if is_smtp and not settings.EMAIL_HOST:
        yield Error(
            "EMAIL_URL names no host.",
            hint="For example smtp+tls://user:password@mail.example.com:587.",
            id="numberdesk.E014",
        )
    try:
        validate_email(parseaddr(settings.DEFAULT_FROM_EMAIL)[1].replace("@localhost", "@localhost.example"))
    except ValidationError:
        # Where nothing is sent, an address made of a host's number hurts nobody.
        if is_smtp:
            yield Error(
                "DEFAULT_FROM_EMAIL must be a mail address, with a name before it at most.",
                hint="For example Numberdesk <desk@example.com>.",
                id="numberdesk.E015",
            )
    if not settings.SENDS_MAIL:
        yield Warning(
            "EMAIL_URL is not set, so alerts and morning mails are shown on the desk and sent to nobody.",
            hint="For example smtp+tls://user:password@mail.example.com:587.",
            id="numberdesk.W009",
        )
    is_plain = is_smtp and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL)
    if is_plain and settings.EMAIL_HOST_PASSWORD and settings.EMAIL_HOST not in LOOPBACK_HOSTS:
        yield Warning(
            "EMAIL_URL sends the password of the mail server unencrypted.",
            hint="Use smtp+tls:// (port 587) or smtp+ssl:// (port 465).",
            id="numberdesk.W010",
        )


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _is_bind(address: str) -> bool:
    """Whether gunicorn can listen there; it takes a host without a port to mean port 8000."""
    found = re.fullmatch(r"unix:.+|fd://[0-9]+|(?:tcp://)?(?:[\w.-]+|\[[0-9A-Fa-f:]+\])?(?::([0-9]+))?", address)
    return found is not None and address != "" and int(found[1] or 0) <= 65_535


def _is_safe(url: str) -> bool:
    """Whether what comes from this address can be trusted to come from there, and it fits in a header as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_protected = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)
    return is_protected and _is_site(f"{parts.scheme}://{parts.netloc}") and bool(re.fullmatch(r"[^\s;,\"'<>\\]+", url))


def _is_site(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        port_is_fine
        and parts.scheme in {"http", "https"}
        and bool(re.fullmatch(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:]+", parts.hostname or ""))
        and not (parts.path or parts.query or parts.fragment or parts.username)
    )
