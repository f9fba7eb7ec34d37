"""How the portal logs: one line an event, key=value, through structlog, with secrets redacted on every handler.

What looks like a secret is redacted by its pattern; this process's own secrets by their value too, wherever they stand.
Knows no settings: settings import it.
"""

import logging
import re
import sys
import threading
import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from portal.database_errors import in_short, is_away

# Meta's access tokens begin with EAA, in capitals (hashes hold eaa by chance); an app token is the app id, a bar and
# the app secret; our own tokens of the API begin with ndk_. The names cover what a library might print: queries,
# forms, headers, JSON, and addresses with a password in them. Every repetition is bounded, so that no text takes
# longer than its length.
_SECRETS = re.compile(
    r"""
        (?-i:EAA[A-Za-z0-9]{8,})
      | (?-i:\bndk_[A-Za-z0-9_-]{20,})
      | \b[0-9]{5,20}(?:\||%7C)[A-Za-z0-9_-]{16,}
      | (?<=://)[^/\s:@]{0,100}:[^\s@]{1,200}(?=@)
      | \b(?P<scheme>Bearer|OAuth|Basic)\s{1,4}(?=\S{0,200}[0-9])[^\s"',;]{6,}
      | (?P<name>
            (?:(?:token|secret|password|passwd|appsecret_proof|authorization|cookie)|\bpin|(?<=[?&])code)
            (?:\\{0,4}["'])? \s{0,4} (?:=|:|%3D) \s{0,4} (?:\\{0,4}["'])?
        )
        (?:(?:Bearer|OAuth|Basic)\s{1,4})? [^\s&"'\\,;}\])>]+
    """,
    re.VERBOSE | re.IGNORECASE,
)
# The secret of a link that works without a login is a part of its address: /signup/<secret>/, /signup/code/<secret>/,
# /signup/status/<secret>/, /mails/unsubscribe/<secret>/, /account/forgotten/<secret>/, /account/invitation/<secret>/.
# Pages of the desk under /signup/, and files in a folder of that name, stay readable.
_LINKS = re.compile(
    r"""
        (?P<address>
            (?: (?<=2F) | (?<![A-Za-z0-9_-]) )
            (?:
                signup (?: \\{0,4}/ | %(?:25){0,4}2F ){1,4} (?: (?:code|status) (?: \\{0,4}/ | %(?:25){0,4}2F ){1,4} )?
                (?! (?:attempts|onboarding|links|code|status|[0-9]{1,12}) (?:[^A-Za-z0-9_-]|$) )
                (?! [a-z_]{1,30}\.(?:html|py|js|css)\b )
              | mails (?: \\{0,4}/ | %(?:25){0,4}2F ){1,4} unsubscribe (?: \\{0,4}/ | %(?:25){0,4}2F ){1,4}
              | account (?: \\{0,4}/ | %(?:25){0,4}2F ){1,4} (?:forgotten|invitation)
                (?: \\{0,4}/ | %(?:25){0,4}2F ){1,4} (?! choose\b )
            )
        )
        [^/\s"'<>?#&\\]+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SECRET_NAMES = re.compile(
    r"token|secret|password|passwd|^pin$|_pin$|^pin_(?!enabled)|authorization|cookie", re.IGNORECASE
)
_MARK = "[redacted]"
_CONTROL = {code: f"\\x{code:02x}" for code in [*range(32), 127]}


class _OwnSecrets:
    """Values that this process knows to be secret, each also as it is written in an address.

    Those of the settings are kept for good, of the opened ones the last thousand. Tuples are replaced and never
    changed, so that a thread that is logging reads them without a lock. Shorter values would hide words and figures by
    chance: a PIN of six digits is redacted by its name only.
    """

    shortest, most = 8, 1_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fixed: tuple[str, ...] = ()
        self._opened: tuple[str, ...] = ()
        self._known: frozenset[str] = frozenset()
        self._shortest_opened = 0

    def keep(self, *secrets: str) -> None:
        with self._lock:
            self._fixed = tuple({*self._fixed, *self._spellings(secrets)})

    def note(self, secret: str) -> None:
        if secret in self._known or len(secret) < self.shortest:
            return
        with self._lock:
            self._opened = (*self._opened, *self._spellings([secret]))[-self.most :]
            self._known = frozenset(self._opened)
            self._shortest_opened = min(map(len, self._opened))

    def replaced_in(self, text: str) -> str:
        for secret in self._fixed:
            if secret in text:
                text = text.replace(secret, _MARK)
        if len(text) >= self._shortest_opened:
            for secret in self._opened:
                if secret in text:
                    text = text.replace(secret, _MARK)
        return text

    def _spellings(self, secrets: Iterable[str]) -> set[str]:
        long = [secret for secret in secrets if len(secret) >= self.shortest]
        return {*long, *(quote(secret, safe="") for secret in long)}


_own = _OwnSecrets()
# For those of the settings, and for one that was opened or is about to be stored.
keep_out, note_secret = _own.keep, _own.note


def redact(text: str) -> str:
    """`text` with everything that is or looks like a credential or a link's secret replaced; what led to it stays."""
    return _LINKS.sub(rf"\g<address>{_MARK}", _SECRETS.sub(_marked, _own.replaced_in(text)))


def holds_link_secret(address: str) -> bool:
    """Whether `address` opens something for whoever has it: a client's link, a link to unsubscribe."""
    return _LINKS.search(address) is not None


def _marked(found: re.Match[str]) -> str:
    if found["scheme"]:
        return f"{found['scheme']} {_MARK}"
    return f"{found['name'] or ''}{_MARK}"


def cleaned(value: Any) -> Any:
    """`value` with every text in it redacted, however deep, and what goes by the name of a secret hidden."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return redact(value).translate(_CONTROL)
    if isinstance(value, dict):
        return {cleaned(str(name)): _clean_named(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [cleaned(inner) for inner in value]
    # Exceptions, requests, addresses, bytes: what they print may hold anything.
    return redact(repr(value)).translate(_CONTROL)


def _clean_named(name: str, value: Any) -> Any:
    if name == "code" and isinstance(value, str):  # a one-time code; Graph's error codes are numbers
        return _MARK
    return _MARK if _SECRET_NAMES.search(name) else cleaned(value)


class RefusalsWithoutTraceback(logging.Filter):
    """An answer below 500 is no fault of ours: Django's line about it says enough, and anyone can ask for thousands."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", None)
        if record.name.startswith("django.") and isinstance(status, int) and status < HTTPStatus.INTERNAL_SERVER_ERROR:
            record.exc_info = record.exc_text = None
        return True


class SaidLately:
    """Which faults were said within the minute. While database or broker are away everything fails, for one reason."""

    seconds, most = 60, 100

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def is_news(self, error: BaseException) -> bool:
        fault, now = re.sub(r"[0-9]+", "#", in_short(error)), time.monotonic()
        if now - self._at.get(fault, -self.seconds) < self.seconds:
            return False
        if len(self._at) >= self.most:
            self._at.clear()
        self._at[fault] = now
        return True


_faults = SaidLately()


class FaultsOfTheDatabaseOnce(logging.Filter):
    """One line a fault a minute, without a traceback, where the database is away, busy or takes nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is None or not is_away(error):
            return True
        record.msg, record.args = f"{record.getMessage()} ({in_short(error)})", ()
        record.exc_info = record.exc_text = None
        return _faults.is_news(error)


class FaultsOfTheBrokerOnce(logging.Filter):
    """One line a fault a minute, without a traceback, where a worker or the scheduler can't reach the broker.

    Celery gives these lines the error among their values, the scheduler in one with the name of the clock's entry.
    """

    _loggers = ("celery.beat", "celery.worker.consumer.consumer")

    def filter(self, record: logging.LogRecord) -> bool:
        values = record.args if isinstance(record.args, tuple) else ()
        error: BaseException | None = next((value for value in values if isinstance(value, Exception)), None)
        if error is not None and type(error).__name__ == "SchedulingError":
            error = error.__context__
        if error is None or record.name not in self._loggers or not _is_of_the_broker(error):
            return True
        record.msg, record.args = "The broker can't be used: %s", (in_short(error),)
        record.exc_info = record.exc_text = None
        return _faults.is_news(error)


def _is_of_the_broker(error: BaseException) -> bool:
    """Told by the name of the library, which settings need not import for this."""
    is_of_a_file = isinstance(error, OSError) and error.filename is not None
    library = type(error).__module__.partition(".")[0]
    return library in {"kombu", "redis"} or (isinstance(error, OSError) and not is_of_a_file)


def faults_of_the_database_once(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The same as a structlog processor, for what we log ourselves."""
    info = event.get("exc_info")
    error = info if isinstance(info, BaseException) else sys.exc_info()[1] if info else None
    if error is not None and is_away(error):
        if not _faults.is_news(error):
            raise structlog.DropEvent
        event["exc_info"], event["error"] = None, in_short(error)
    return event


class Redacted(logging.Formatter):
    """What another formatter makes of a record, redacted: for servers that write logs of their own."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return redact(self._inner.format(record))


def redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: no secret and no line break leaves in any value."""
    own = {name: value for name, value in event.items() if name.startswith("_")}  # structlog's, never printed
    traceback = event.pop("exception", None)
    kept: EventDict = {name: _clean_named(name, value) for name, value in event.items() if name not in own}
    if isinstance(traceback, str):
        kept["exception"] = redact(traceback)  # printed as one line with \n in it
    return {**kept, **own}


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    redact_event,
]


def logging_config(level: str) -> dict[str, Any]:
    """Django's LOGGING for `level`; also configures structlog itself."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            faults_of_the_database_once,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
                ],
            }
        },
        "filters": {
            "refusals": {"()": RefusalsWithoutTraceback},
            "faults": {"()": FaultsOfTheDatabaseOnce},
            "broker": {"()": FaultsOfTheBrokerOnce},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "lines",
                "filters": ["refusals", "faults", "broker"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # These two repeat what structlog already says, or print request lines with their query strings.
            "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "urllib3": {"level": "WARNING"},
            "django_structlog": {"level": "CRITICAL"},
            # One line for every task received and done drowns what matters; failures are errors and stay.
            "celery": {"level": "WARNING"},
            "kombu": {"level": "ERROR"},
        },
    }
