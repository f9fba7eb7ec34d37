"""How the portal logs: one line an event, key=value, through structlog, with secrets redacted on every handler.

Knows no settings: settings import it.
"""

import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# Meta's access tokens begin with EAA; app tokens are "<app id>|<secret>". The names cover what a library might print.
_SECRETS = re.compile(
    r"""(EAA[A-Za-z0-9]{8,})
      | (?<=Bearer\ )[^\s"',;]+
      | (?<=access_token=)[^&\s"']+
      | (?<=appsecret_proof=)[^&\s"']+
      | (?<=client_secret=)[^&\s"']+
      | (?<=input_token=)[^&\s"']+
      | (?<=://)[^/\s:@]*:[^/\s@]+(?=@)
    """,
    re.VERBOSE,
)
_SECRET_NAMES = re.compile(r"token|secret|password|pin$|^pin|authorization|cookie|^code$", re.IGNORECASE)
_CONTROL = {code: f"\\x{code:02x}" for code in [*range(32), 127]}


def redact(text: str) -> str:
    """`text` with everything that looks like a credential replaced, and control characters made visible."""
    return _SECRETS.sub("[redacted]", text)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value).translate(_CONTROL)
    if isinstance(value, dict):
        return {key: "[redacted]" if _SECRET_NAMES.search(str(key)) else _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value


def redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: no secret and no line break leaves in any value."""
    traceback = event.pop("exception", None)
    cleaned: EventDict = _clean(event)
    if isinstance(traceback, str):
        cleaned["exception"] = redact(traceback)
    return cleaned


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
            "django_structlog": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
        },
    }
