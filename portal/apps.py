from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Numberdesk"

    def ready(self) -> None:
        from portal import (  # noqa: F401 - checks are registered so
            checks,
            collecting,
            database_clock,
            kept_triggers,
            sentry,
            stored_secrets,
        )
        from portal.local.private_files import private_database
        from portal.web import client_address  # noqa: F401 - importing it has the address logged

        connection_created.connect(private_database)
        connection_created.connect(database_clock.measure)
        connection_created.connect(kept_triggers.keep)
        if settings.SENTRY_DSN:
            sentry.start()
        collecting.begin()
