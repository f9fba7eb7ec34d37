"""What every template may use without asking."""

from django.conf import settings
from django.http import HttpRequest


def desk(request: HttpRequest) -> dict[str, object]:
    """Whether the data was made up by the practice server (`demo`), and the name that clients know us by (`partner`).

    And whether anything waits for a second person (`two_person_approval`).

    The login page of a demonstration gets `demo_logins` (pairs of name and group) and `demo_password`, too.
    """
    context: dict[str, object] = {
        "demo": settings.DEMO,
        "partner": settings.PARTNER_NAME,
        "two_person_approval": settings.TWO_PERSON_APPROVAL,
    }
    if settings.DEMO and not request.user.is_authenticated:
        context["demo_logins"] = settings.DEMO_LOGINS.items()
        context["demo_password"] = settings.DEMO_PASSWORD
    return context
