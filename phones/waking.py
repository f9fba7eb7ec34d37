"""Wakes a worker by the name of a task; knows no task, so that what must wake one imports nothing of what tasks do.

Only a hint: without a broker, or when it can't be reached, the next tick finds the same rows.
"""

from portal.waking import hint


def wake() -> None:
    """Ask a worker to read what is due, once this transaction is committed."""
    hint("phones.tasks.work")


def wake_health() -> None:
    """Ask a worker to read the health of numbers and WABAs that is due, once this transaction is committed."""
    hint("phones.tasks.health")


def wake_profiles() -> None:
    """Ask a worker to read the profiles and details of numbers that are due, once this transaction is committed."""
    hint("phones.tasks.profiles")


def wake_onboarding() -> None:
    """Ask a worker to go on with onboardings that are due, once this transaction is committed."""
    hint("phones.tasks.onboard")


def wake_pool() -> None:
    """Ask a worker to read the pool of pre-verified numbers, once this transaction is committed."""
    hint("phones.tasks.pool")


def wake_alerts() -> None:
    """Ask a worker to send the mails and posts that wait, once this transaction is committed."""
    hint("phones.tasks.alerts")


def wake_webhooks() -> None:
    """Ask a worker to post what waits for webhooks, once this transaction is committed."""
    hint("phones.tasks.webhooks")


def wake_bulk() -> None:
    """Ask a worker to go on with bulk runs, once this transaction is committed."""
    hint("phones.tasks.bulk")
