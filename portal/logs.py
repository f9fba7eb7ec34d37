"""How the portal logs: one line an event, key=value, through structlog, with secrets redacted on every handler.

Knows no settings: settings import it.
"""

import logging
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# Meta's access tokens begin with EAA; an app token is the app id, a bar and the app secret. The names cover what a
# library might print: queries, forms, headers, JSON, and addresses with a password in them. Every repetition is
# bounded, so that no text takes longer than its length.
_SECRETS = re.compile(
    r"""
        EAA[A-Za-z0-9]{8,}
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
# The secret of a client's link is a part of its address: /signup/<secret>/, /signup/code/<secret>/,
# /signup/status/<secret>/. Pages of the desk under /signup/, and files in a folder of that name, stay readable.
_LINKS = re.compile(
    r"""
        (?P<address>
            (?: (?<=2F) | (?<![A-Za-z0-9_-]) ) signup (?: \\{0,4}/ | %(?:25){0,4}2F ){1,4}
            (?: (?:code|status) (?: \\{0,4}/ | %(?:25){0,4}2F ){1,4} )?
        )
        (?! (?:attempts|onboarding|links|code|status|[0-9]{1,12}) (?:[^A-Za-z0-9_-]|$) )
        (?! [a-z_]{1,30}\.(?:html|py|js|css)\b )
        [^/\s"'<>?#&\\]+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SECRET_NAMES = re.compile(
    r"token|secret|password|passwd|^pin$|_pin$|^pin_(?!enabled)|authorization|cookie", re.IGNORECASE
)
_MARK = "[redacted]"
_CONTROL = {code: f"\\x{code:02x}" for code in [*range(32), 127]}


def redact(text: str) -> str:
    """`text` with everything that looks like a credential or a link's secret replaced; what led to it stays."""
    return _LINKS.sub(rf"\g<address>{_MARK}", _SECRETS.sub(_marked, text))


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
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
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
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
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
