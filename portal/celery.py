"""The Celery app, and when the scheduler wakes which task. Tasks live in the apps; every option lives in settings."""

from typing import Any

import django
from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging, worker_init, worker_shutting_down
from django.conf import settings
from django.urls import get_resolver
from django.utils.log import configure_logging
from kombu.transport import TRANSPORT_ALIASES

from portal import collecting, environment, starting, stopping

collecting.put_off()
starting.read_settings()
environment.skip_celerys_checks()  # those that stop a process are run below

# By its scheme, and not as `broker_transport`: under another name kombu would speak to a rediss:// address without TLS.
TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "portal.broker:Transport"))

app = Celery("numberdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["phones"])
app.conf.beat_schedule = {
    "tick": {"task": "phones.tasks.tick", "schedule": settings.SYNC_TICK_SECONDS},
    # The receiver only stores: the clock wakes the worker, so that a broker in trouble never delays an answer to Meta.
    "events": {"task": "phones.tasks.events", "schedule": 2.0},
    # A client watches the page meanwhile.
    "onboard": {"task": "phones.tasks.onboard", "schedule": 5.0},
    "bulk": {"task": "phones.tasks.bulk", "schedule": 5.0},
    "subscriptions": {"task": "phones.tasks.subscriptions", "schedule": 60.0},
    "settle": {"task": "phones.tasks.settle", "schedule": 120.0},
    "pool": {"task": "phones.tasks.pool", "schedule": 3600.0},
    "alerts": {"task": "phones.tasks.alerts", "schedule": 30.0},
    "webhooks": {"task": "phones.tasks.webhooks", "schedule": 10.0},
    "account_mails": {"task": "phones.tasks.account_mails", "schedule": 30.0},
    "count": {"task": "phones.tasks.count", "schedule": 900.0},
    "backup": {"task": "phones.tasks.backup", "schedule": 900.0},
    "prune": {"task": "phones.tasks.prune", "schedule": 3600.0},
}


if settings.TRACING:
    from portal import traced_tasks

    traced_tasks.follow()


@setup_logging.connect
def log_as_the_portal_does(**_: Any) -> None:
    """Keep Celery from setting up a log of its own.

    Celery's puts itself in the place of `sys.stderr`, which ours writes to: the lines of a scheduler were lost so.
    """
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


@worker_shutting_down.connect
def take_nothing_new(**_: Any) -> None:
    """Tell the tasks that run: the worker ends once they do."""
    stopping.ask()


@celeryd_init.connect
@beat_init.connect
def refuse_to_start(**_: Any) -> None:
    """End a worker or a scheduler whose settings can't work. The embedded ones share the web process, which looked."""
    if settings.EMBEDDED_WORKER:
        return
    django.setup()
    starting.refuse_errors()
    starting.refuse_lost_keys()


@worker_init.connect
def load_the_pages(**_signal: Any) -> None:
    """Load the views, whose addresses stand in mails, once for all children of a worker; each would load its own."""
    if not settings.EMBEDDED_WORKER:
        _ = get_resolver().url_patterns
