"""Whether a client or a number is being offboarded, for the pages of both: read along with their row."""

from django.db.models import OuterRef, Q, Subquery
from django.db.models.expressions import Combinable

from clients.models import User
from phones.models import Offboarding


def case_of_client(person: User) -> dict[str, Combinable]:
    """To be annotated on a client: the key of its case that goes on, as `case_key`; None where there is none."""
    return _case(person, Q(client=OuterRef("pk"), number=None))


def case_of_number(person: User) -> dict[str, Combinable]:
    """The same of a number: its own case, or that of its client as a whole."""
    return _case(person, (Q(number=OuterRef("pk")) | Q(number=None)) & Q(client=OuterRef("waba__client")))


def _case(person: User, which: Q) -> dict[str, Combinable]:
    cases = Offboarding.objects.going_on().visible_to(person).filter(which)
    return {"case_key": Subquery(cases.order_by("-number", "-pk").values("pk")[:1])}
