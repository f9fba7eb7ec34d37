"""Celery tasks: ids in, one service call. Safe to run twice, in any order, or not at all: the database is the queue."""

import time

import structlog
from django.conf import settings

from clients import link_closing, signups
from clients.audit import chain, retention
from clients.passwords import attempts
from clients.signing_in import mails, sessions
from clients.signing_in.second_factor import prune_secrets
from clients.signing_in.session_store import SessionStore
from phones.actions.settle import settle_all
from phones.alerts import announce, approval_mails, digest, find, send
from phones.approvals import decide as approvals
from phones.bulk import decide
from phones.bulk.work import due as bulk_is_due
from phones.bulk.work import work as work_bulk
from phones.events import callback, inbox, subscriptions
from phones.events.draining import drain
from phones.listing import kept_counts
from phones.models import Heartbeat
from phones.numbers import standing
from phones.offboarding import cases
from phones.onboarding import run
from phones.pictures import daily
from phones.pool import perform, read, reserve
from phones.sync import claims, health, profile_lane, schedule
from phones.sync.engine import Engine
from phones.waking import wake, wake_bulk, wake_health, wake_onboarding, wake_pool, wake_profiles
from phones.webhooks import deliver
from phones.webhooks.find import find_all as find_webhooks
from portal import database_clock
from portal.backup import take
from portal.celery import app

log = structlog.get_logger(__name__)

# One task takes new work for this long, then makes room: a stopping worker is never kept waiting for long.
WORK_SECONDS = 20
# The slow lanes share the workers with the sync: they take less of them, and their next turn comes with the next tick.
HEALTH_SECONDS = 10
PROFILE_SECONDS = 10


@app.task(name="phones.tasks.tick")
def tick() -> None:
    """Find out what is due and wake a worker for it."""
    standing.recompute_due()
    kept_counts.fold()
    if schedule.tick():
        wake()
    if health.gather():
        wake_health()
    if profile_lane.gather():
        wake_profiles()
    signups.mark_lost(database_clock.now())
    run.resume_waiting()
    if run.due().exists():
        wake_onboarding()
    link_closing.revoke_links_of_those_who_left()
    approvals.expire()
    reserve.release_closed()
    read.recognise_claims()
    cases.observe_due()
    if read.is_due():
        wake_pool()
    chain.seal()


@app.task(name="phones.tasks.settle")
def settle() -> None:
    """Read what actions were about whose answer was lost."""
    settle_all()
    perform.settle_all()


@app.task(name="phones.tasks.pool")
def pool() -> None:
    """Read the partner's pool of pre-verified numbers, and recognise which of them clients have claimed."""
    perform.read_pool()


@app.task(name="phones.tasks.work")
def work() -> None:
    """Read what is due. Ends after a while and goes on in a new task when there is more."""
    Engine().work(seconds=WORK_SECONDS)
    if schedule.work_is_due():
        wake()


@app.task(name="phones.tasks.health")
def read_health() -> None:
    """Read the `health_status` of numbers and WABAs that are due. What is left waits for the next tick."""
    health.work(seconds=HEALTH_SECONDS)


@app.task(name="phones.tasks.profiles")
def read_profiles() -> None:
    """Read profiles and details that are due. What is left waits for the next tick, or less where the sync is idle.

    No task starts another one: each tick would add one more that never ends while something is due.
    """
    ends_at = time.monotonic() + settings.SYNC_TICK_SECONDS * 0.8
    while profile_lane.work(seconds=PROFILE_SECONDS) and profile_lane.is_due():
        if schedule.work_is_due() or time.monotonic() + PROFILE_SECONDS > ends_at:
            break


@app.task(name="phones.tasks.events")
def events() -> None:
    """Apply Meta's events that came in, and wake a worker to read what they hint at, or what had to wait its turn."""
    if drain(seconds=WORK_SECONDS) or claims.hinted_are_due():
        wake()


@app.task(name="phones.tasks.onboard")
def onboard() -> None:
    """Carry out onboardings that are due. Ends after a while and goes on in a new task when there is more."""
    run.work(seconds=WORK_SECONDS)
    if run.due().exists():
        wake_onboarding()


@app.task(name="phones.tasks.bulk")
def bulk() -> None:
    """Carry out bulk runs. Ends after a while and goes on in a new task when there is more."""
    work_bulk(seconds=WORK_SECONDS)
    if bulk_is_due().exists():
        wake_bulk()


@app.task(name="phones.tasks.subscriptions")
def check_subscriptions() -> None:
    """Ask Meta, about each WABA once a day, whether its events come to us, and where the app's events go."""
    callback.check_due()
    subscriptions.check_due(seconds=WORK_SECONDS)


@app.task(name="phones.tasks.alerts")
def alerts() -> None:
    """Find what can't wait, make the mails and posts about it and the digests that are due, and send what waits."""
    find.find()
    announce.announce()
    approval_mails.announce()
    digest.make_digests()
    send.send_due()


@app.task(name="phones.tasks.webhooks")
def webhooks() -> None:
    """Write down what changed for each webhook, and post what waits."""
    stop_at = time.monotonic() + WORK_SECONDS
    find_webhooks(stop_at=stop_at)
    deliver.deliver_all(stop_at=stop_at)


@app.task(name="phones.tasks.account_mails")
def account_mails() -> None:
    """Send the mails about people's own logins that wait."""
    mails.send_waiting()


@app.task(name="phones.tasks.count")
def count() -> None:
    """Count for today how many numbers of each client stand where."""
    daily.count_numbers()


@app.task(name="phones.tasks.backup", time_limit=3600, soft_time_limit=3500)
def backup() -> None:
    """Take a backup where one is due."""
    if take.take_if_due() is not None:
        Heartbeat.note("backup")


@app.task(name="phones.tasks.prune")
def prune() -> None:
    """Delete old records: runs, events, password attempts, audit lines, mails, sessions. Keep the planner informed."""
    schedule.prune()
    inbox.prune()
    send.prune()
    deliver.prune()
    decide.prune()
    attempts.prune()
    retention.prune()
    mails.prune()
    prune_secrets()
    SessionStore.clear_expired()
    sessions.prune()
    schedule.keep_statistics()
