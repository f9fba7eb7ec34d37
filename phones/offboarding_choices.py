"""What is done when a client or a number leaves, and how far each of these steps is."""

from django.db.models import TextChoices


class LeavingStep(TextChoices):
    """The steps in their order: those of each number, of each WABA, and of the client or number as a whole."""

    DEREGISTER = "deregister", "Number deregistered"
    PIN = "pin", "Two-step PIN handed over"
    OFF_WABA = "off_waba", "Number deleted or moved away"
    EVENTS = "events", "Events switched off"
    CREDIT_LINE = "credit_line", "Credit line revoked"
    ACCESS = "access", "Our access removed by the client"
    LINKS = "links", "Links closed"


OF_NUMBERS = (LeavingStep.DEREGISTER, LeavingStep.PIN, LeavingStep.OFF_WABA)
OF_WABAS = (LeavingStep.EVENTS, LeavingStep.CREDIT_LINE, LeavingStep.ACCESS)


class Mark(TextChoices):
    """How far a step is. SHOWN: what was read shows that it is done; SAID, NOT_NEEDED: a person of ours says so.

    UNKNOWN: nothing that was read tells whether it is done, which is not the same as done.
    """

    OPEN = "open", "To do"
    UNKNOWN = "unknown", "Could not tell"
    SHOWN = "shown", "Done"
    SAID = "said", "Done, by our word"
    NOT_NEEDED = "not_needed", "Left as it is"


ENDED = frozenset({Mark.SHOWN, Mark.SAID, Mark.NOT_NEEDED})
