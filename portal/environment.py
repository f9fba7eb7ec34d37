"""The environment as the settings read it. Which names there are, and what each means, is in `portal/settings.py`.

A refusal names the setting and never shows its value.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

# prometheus_client's own name; it looks for it once, when it is imported.
_SHARED_FIGURES = "PROMETHEUS_MULTIPROC_DIR"


def share_figures_in(folder: str) -> None:
    """Have the processes of one web server write the times of requests there, so that each tells those of all."""
    os.environ[_SHARED_FIGURES] = folder


def shared_figures() -> str:
    """The folder that was named; empty where a process has its figures for itself."""
    return os.environ.get(_SHARED_FIGURES, "")


def skip_celerys_checks() -> None:
    """Have Celery not run every check of Django's at each start: it throws away what they say, for a quarter of it."""
    os.environ["CELERY_SKIP_CHECKS"] = "1"


def traces_are_wanted(env: Environment) -> bool:
    """Whether the variables that OpenTelemetry has for every program name a receiver of spans."""
    names = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    exporter = env.str(
        "OTEL_TRACES_EXPORTER", default="otlp" if any(env.str(name, default="") for name in names) else ""
    )
    return exporter == "otlp" and not env.bool("OTEL_SDK_DISABLED", default=False)


def traces_are_sent_by_http(env: Environment) -> bool:
    """Whether they say so, or say nothing: the packages that are documented send by nothing else."""
    names = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
    return next((said for name in names if (said := env.str(name, default=""))), "http/protobuf") == "http/protobuf"


class Environment(environ.FileAwareEnv):  # type: ignore[misc] # django-environ has no types
    """The variables of the process, and below them those of a `.env` file.

    The variable NAME_FILE names a file with the value of NAME, and wins over NAME. A variable that is set to nothing,
    as in a copied `.env.example`, counts as not set.
    """

    def __init__(self, env_file: Path) -> None:
        super().__init__()
        # Into the environment of the process, so that the processes it starts find the same.
        environ.Env.read_env(env_file)
        self.ENVIRON = _Variables({name: value for name, value in os.environ.items() if value.strip()})

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        """The value as the wanted type. Raises ImproperlyConfigured when it is of another one."""
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError:
            raise ImproperlyConfigured(f"{var} must be a number.") from None

    def list(self, var: str, *args: Any, **kwargs: Any) -> list[str]:
        """The values between commas, without the spaces around them."""
        return [one.strip() for one in super().list(var, *args, **kwargs) if one.strip()]


class _Variables(FileAwareMapping):  # type: ignore[misc] # likewise
    def __getitem__(self, name: str) -> str:
        try:
            value = str(super().__getitem__(name)).strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise ImproperlyConfigured(f"{name}_FILE names a file that can't be read: {reason}.") from None
        if not value:
            raise ImproperlyConfigured(f"{name}_FILE names an empty file.")
        return value
