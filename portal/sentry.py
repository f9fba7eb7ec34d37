"""Reports errors to Sentry, when SENTRY_DSN is set and `sentry-sdk` is installed: no local variables, no bodies."""

from django.conf import settings

from portal.logs import cleaned


def start() -> None:
    """Start reporting. Without the package this does nothing; a system check says what is missing."""
    try:
        import sentry_sdk
    except ImportError:
        return
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=_without_secrets,
    )


def _without_secrets(event: dict[str, object], _hint: object) -> dict[str, object]:
    return {name: cleaned(value) for name, value in event.items()}
