from django.apps import AppConfig
from django.conf import settings


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Numberdesk"

    def ready(self) -> None:
        from portal import checks, sentry  # noqa: F401 - importing checks registers them
        from portal.web import client_address  # noqa: F401 - importing it has the address logged

        if settings.SENTRY_DSN:
            sentry.start()
