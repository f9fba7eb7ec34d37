"""Days and moments as a client reads them: in the language of the page, and with the name of the time zone."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

# Django's own formats of English are American, where a day of the month comes second.
_ENGLISH_DAY = "j M Y"


def day(at: datetime) -> str:
    """The day in the portal's time zone: "21 Nov 2026", "21 de noviembre de 2026"."""
    is_english = (translation.get_language() or "en").startswith("en")
    return date_format(_here(at), _ENGLISH_DAY if is_english else "DATE_FORMAT")


def moment(at: datetime) -> str:
    """The minute with its time zone: "21 Nov 2026, 14:03 (UTC)"."""
    words = {"day": day(at), "time": f"{_here(at):%H:%M}", "zone": settings.TIME_ZONE.replace("_", " ")}
    return _("%(day)s, %(time)s (%(zone)s)") % words


def _here(at: datetime) -> datetime:
    """In the portal's time zone, whatever zone the colleague has chosen who looks at the page or writes the message."""
    return timezone.localtime(at, timezone.get_default_timezone())
