"""What Django's error page for developers may show. Under a public address the portal does not start with it (E007)."""

import re

from django.views.debug import SafeExceptionReporterFilter


class SecretsHidden(SafeExceptionReporterFilter):
    """Django's own filter, and the settings whose address may hold a password: the proxy and the broker."""

    hidden_settings = re.compile(
        rf"{SafeExceptionReporterFilter.hidden_settings.pattern}|HTTPS_PROXY|REDIS|BROKER", re.IGNORECASE
    )
