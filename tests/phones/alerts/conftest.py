"""The portal's mail goes to a real SMTP server."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.phones.alerts.mailbox import Mailbox, running_mail_server


@pytest.fixture(scope="package")
def _mail_server() -> Iterator[tuple[Mailbox, int]]:
    with running_mail_server() as found:
        yield found


@pytest.fixture
def mailbox(_mail_server: tuple[Mailbox, int], settings: Settings) -> Mailbox:
    """An empty mailbox, to which the portal sends."""
    box, port = _mail_server
    box.__init__()  # type: ignore[misc] # as new
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.SENDS_MAIL = True
    settings.PUBLIC_URL = "https://desk.example"
    return box
