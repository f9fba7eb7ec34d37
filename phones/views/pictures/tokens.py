"""What hangs on each token: the WABAs, clients and numbers that the desk can't read or work on once it dies."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Count as CountRows
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clients import roles
from clients.choices import CredentialState
from clients.models import Client, Credential
from phones.models import PhoneNumber
from phones.numbers import conditions
from phones.pictures.series import share
from phones.views.request import DeskRequest
from portal.web.addresses import row_key
from portal.web.counts import counts_of
from portal.web.keyset import Count

# The tokens with the most WABAs are shown; further ones hold one client each.
SHOWN = 25
CLIENTS_SHOWN = 100
COUNTED = 10_000
_TONES = {CredentialState.WORKING: "ok", CredentialState.DEAD: "bad"}


@dataclass(frozen=True, slots=True)
class Radius:
    """What hangs on one token: `stop` are its registered numbers; `share` is its bar, by WABAs."""

    credential: Credential
    wabas: int
    clients: int
    numbers: Count
    stop: Count
    share: float
    tone: str


@require_safe
def tokens(request: DeskRequest) -> HttpResponse:
    if not roles.sees_everything(request.user):
        raise PermissionDenied
    rows = Credential.objects.annotate(
        wabas_read=CountRows("wabas", distinct=True), clients_read=CountRows("wabas__client", distinct=True)
    )
    found = list(rows.order_by("-wabas_read", "label", "pk")[: SHOWN + 1])
    chosen = row_key(request.GET.get("token", ""))
    clients = Client.objects.filter(wabas__credential=chosen).distinct().order_by("folded_name", "pk")
    context = {
        "radii": _radii(found[:SHOWN]),
        "has_more": len(found) > SHOWN,
        "chosen": next((one for one in found if one.pk == chosen), None),
        "clients": list(clients[:CLIENTS_SHOWN]) if chosen is not None else [],
        "shown": CLIENTS_SHOWN,
    }
    return render(request, "pictures/tokens.html", context)


def _radii(credentials: Sequence[Credential]) -> list[Radius]:
    """What hangs on each, the most first. One statement, which counts each up to a limit."""
    some = {}
    for one in credentials:
        numbers = PhoneNumber.objects.filter(waba__credential=one, missing_since=None)
        some[f"all-{one.pk}"] = numbers
        some[f"stop-{one.pk}"] = numbers.filter(conditions.IS_REGISTERED)
    counts = counts_of(some, limit=COUNTED)
    most = max((one.wabas_read for one in credentials), default=0)  # type: ignore[attr-defined] # annotated
    return [
        Radius(
            one,
            one.wabas_read,  # type: ignore[attr-defined] # annotated
            one.clients_read,  # type: ignore[attr-defined] # annotated
            counts[f"all-{one.pk}"],
            counts[f"stop-{one.pk}"],
            share(one.wabas_read, most),  # type: ignore[attr-defined] # annotated
            _TONES.get(CredentialState(one.state), "none"),
        )
        for one in credentials
    ]
