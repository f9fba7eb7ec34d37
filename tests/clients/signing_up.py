"""What Meta's dialog tells the page, and an attempt with the dialog open. No fixtures here."""

from clients import signups
from clients.models import SignupAttempt, SignupLink

ALICES_BROWSER, OTHER_BROWSER = "browser-a", "browser-b"
FINISH = {
    "type": "WA_EMBEDDED_SIGNUP",
    "event": "FINISH",
    "version": 3,
    "data": {"phone_number_id": "2001", "waba_id": "1001", "business_id": "3001"},
}
CANCEL = {"type": "WA_EMBEDDED_SIGNUP", "event": "CANCEL", "data": {"current_step": "PHONE_NUMBER_SETUP"}}
ERROR = {
    "type": "WA_EMBEDDED_SIGNUP",
    "event": "CANCEL",
    "data": {
        "error_message": "The number is in use.",
        "error_code": 524126,
        "session_id": "f34b51dab5e0498",
        "timestamp": "1772615287",
    },
}


def begun(link: SignupLink, browser: str = ALICES_BROWSER) -> SignupAttempt:
    """The attempt of this browser, with Meta's dialog open."""
    attempt, _state = signups.begin(link=link, browser=browser)
    signups.note_started(attempt=attempt)
    return attempt
