"""One business portfolio at Meta: what its WABAs and numbers share, as far as the reader sees them.

A portfolio has no row of its own where it stands for no client, as our own: then it is what its WABAs say of it. A
number's messaging limit and the cap on numbers are the portfolio's, so both are counted over all of its WABAs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients import roles
from clients.choices import CredentialState
from clients.models import Client, Credential, Portfolio, User, Waba
from clients.ownership import clients_portfolios
from phones.choices import Status
from phones.listing.rows import rows_of
from phones.models import EventFact, PhoneNumber
from phones.numbers.age import last_answer_of_waba
from phones.numbers.words import describe, describe_waba
from phones.views.accounts.waba_details import newest_line
from phones.views.addressed_row import graph_id
from phones.views.notices import notices_of_wabas
from phones.views.request import DeskRequest

WABAS_SHOWN = 100
NUMBERS_SHOWN = 50
_CAP = "max_phone_numbers_per_business"


@dataclass(frozen=True, slots=True)
class NumberCap:
    """How many numbers Meta lets the portfolio have, as an event said, and how many the reader sees in it.

    Unless they see every client (`is_complete`), others may use some of what is left, so that it is never shown green.
    """

    used: int
    most: int | None
    said_at: datetime | None
    is_complete: bool

    @property
    def left(self) -> int | None:
        return None if self.most is None else max(self.most - self.used, 0)

    @property
    def tone(self) -> str:
        if self.left is None:
            return "none"
        return "bad" if self.left == 0 else "warn" if self.left <= 2 else "ok" if self.is_complete else "none"


@dataclass(frozen=True, slots=True)
class SharedLimit:
    """One messaging limit, and on how many of the portfolio's numbers Graph returns it."""

    status: Status
    raw: str | None
    numbers: int


@dataclass(frozen=True, slots=True)
class Token:
    """A token that WABAs of the portfolio are read with, and how many of them."""

    credential: Credential
    reads: int

    @property
    def tone(self) -> str:
        """How near its end is, where Meta gave it one. A token that Meta refuses has ended already."""
        if self.credential.state == CredentialState.DEAD:
            return "bad"
        if self.credential.expires_at is None:
            return "none"
        left = self.credential.expires_at - timezone.now()
        return "bad" if left <= timedelta(days=1) else "warn" if left <= timedelta(days=14) else "ok"


@dataclass(frozen=True, slots=True)
class Verification:
    """What Graph says of the business behind the portfolio, from the WABA that was read last."""

    status: Status
    raw: str
    at: datetime | None


@require_safe
def portfolio(request: DeskRequest, business_id: str) -> HttpResponse:
    stands_for, wabas = _visible(request.user, business_id)
    counts = Count("listings", filter=Q(listings__is_current=True))
    with_counts = wabas.select_related("client", "credential", "last_failure", "details").annotate(numbers=counts)
    shown = list(with_counts[:WABAS_SHOWN])
    numbers = PhoneNumber.objects.on(wabas).filter(gone_at=None)
    limits = _limits(numbers)
    number_count = sum(limit.numbers for limit in limits)
    context = {
        "name": _name(stands_for, shown) or business_id,
        "business_id": business_id,
        "clients": _clients(stands_for, shown),
        "wabas": [(waba, describe_waba("status", waba.status)) for waba in shown],
        "waba_count": wabas.count() if len(shown) == WABAS_SHOWN else len(shown),
        "limits": limits,
        "cap": _cap(wabas, number_count, is_complete=roles.sees_everything(request.user)),
        "verification": _verification(shown),
        "two_factor": newest_line(shown, "owner_two_factor_type"),
        "notices": notices_of_wabas(shown),
        "tokens": _tokens(wabas),
        "rows": rows_of(list(numbers.order_by("pk")[:NUMBERS_SHOWN]), request.user),
        "number_count": number_count,
        "sees_everything": roles.sees_everything(request.user),
    }
    return render(request, "accounts/portfolio.html", context)


def _visible(user: User, business_id: str) -> tuple[Portfolio | None, QuerySet[Waba]]:
    """What `user` may see of the portfolio: the row with the client it stands for, and its WABAs.

    Raises Http404 where they see neither, as where there is no such portfolio.
    """
    graphs = graph_id(business_id)
    rows = clients_portfolios().visible_to(user).select_related("client")
    stands_for = rows.filter(business_id=graphs).first() if graphs else None
    wabas = Waba.objects.visible_to(user).filter(owner_business_id=graphs) if graphs else Waba.objects.none()
    if stands_for is None and not wabas.exists():
        raise Http404
    return stands_for, wabas


def _name(stands_for: Portfolio | None, wabas: Sequence[Waba]) -> str:
    names = [stands_for.name if stands_for else "", *(waba.owner_business_name or "" for waba in wabas)]
    return next(filter(None, names), "")


def _clients(stands_for: Portfolio | None, wabas: Sequence[Waba]) -> list[Client]:
    """The client that the portfolio stands for, and those that its WABAs were given to."""
    found = [*([stands_for.client] if stands_for else []), *(waba.client for waba in wabas)]
    return list(dict.fromkeys(found))


def _limits(numbers: QuerySet[PhoneNumber]) -> list[SharedLimit]:
    """Graph repeats the portfolio's limit on each number. Where they differ, some were read before it changed."""
    counted = numbers.order_by().values_list("messaging_limit").annotate(numbers=Count("pk")).order_by("-numbers")
    return [SharedLimit(describe("messaging_limit", value), value, count) for value, count in counted]


def _cap(wabas: QuerySet[Waba], used: int, *, is_complete: bool) -> NumberCap:
    said = EventFact.objects.filter(waba__in=wabas.order_by().values("pk"), number=None, name=f"capability:{_CAP}")
    for fact in said.order_by("-at", "pk")[:1]:
        most = fact.value.get(_CAP)
        if isinstance(most, int):
            return NumberCap(used, most, fact.at, is_complete)
    return NumberCap(used, None, None, is_complete)


def _verification(wabas: Sequence[Waba]) -> Verification | None:
    """The answer of the WABA that was last asked; None where Graph has returned none."""
    field = "business_verification_status"
    answers = [
        Verification(describe_waba(field, value), value, last_answer_of_waba(waba, field))
        for waba in wabas
        if (value := waba.business_verification_status)
    ]
    return max(answers, key=lambda answer: answer.at.timestamp() if answer.at else 0, default=None)


def _tokens(wabas: QuerySet[Waba]) -> list[Token]:
    """The one that ends first on top."""
    its = wabas.order_by().values("pk")
    tokens = Credential.objects.filter(wabas__in=its).annotate(reads=Count("wabas"))
    ending_first = tokens.order_by(F("expires_at").asc(nulls_last=True), "label", "pk")
    return [Token(token, token.reads) for token in ending_first[:WABAS_SHOWN]]
