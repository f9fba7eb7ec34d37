"""Whether a process may start. What `manage.py check` calls an error stops web, worker and scheduler, in its words.

Gunicorn and Celery run no system checks that stop them, and a person or an orchestrator looks at how a process ended.
"""

import os
import sys
from collections.abc import Iterable

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


def read_settings() -> None:
    """Read the settings; where one is missing that would be unsafe to leave out, exit with its words."""
    try:
        _ = settings.DEBUG
    except ImproperlyConfigured as error:
        sys.exit(f"Numberdesk does not start.\n\n{error}")


def refuse_errors(*, status: int = 1) -> None:
    """Exit when a check of the portal's own finds an error in the settings. Needs no models and asks no database."""
    import portal.checks  # noqa: F401 - registers the checks

    ours = [check for check in checks.registry.registry.registered_checks if check.__module__ == "portal.checks"]
    _exit_with((message for check in ours for message in check(app_configs=None, databases=None) or ()), status)


def refuse_lost_keys(*, status: int = 1) -> None:
    """Exit when no stored secret opens under the configured keys. Needs Django to be set up.

    A database that can't be asked now stops nothing: it may be back in a moment.
    """
    from portal import stored_keys

    _exit_with(stored_keys.refusal(), status)


def _exit_with(messages: Iterable[checks.CheckMessage], status: int) -> None:
    errors = [message for message in messages if message.is_serious()]
    if not errors:
        return
    lines = ["Numberdesk does not start.", ""]
    lines += [f"({error.id}) {error.msg}" + (f"\n  HINT: {error.hint}" if error.hint else "") for error in errors]
    # Celery's scheduler has put its log in the place of `sys.stderr`, which drops what is no warning.
    print("\n".join(lines), file=sys.__stderr__, flush=True)
    sys.exit(status)
