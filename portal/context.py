"""What every template may use without asking."""

from django.conf import settings
from django.http import HttpRequest


def desk(request: HttpRequest) -> dict[str, object]:
    """`demo`: whether the data was made up by the practice server."""
    return {"demo": settings.DEMO}
