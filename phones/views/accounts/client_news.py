"""What the open page of a client asks from time to time: whether there is anything newer to be said of it."""

from collections.abc import Sequence

from django.db.models import Count, F, Q, QuerySet
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from clients.models import Client, Waba
from phones.listing.selection import TELLING
from phones.models import PhoneNumber
from phones.querysets import PhoneNumberQuerySet
from phones.views import news
from phones.views.request import DeskRequest
from portal.web.addresses import Address
from portal.web.news import SHOWN, mark_of, told_by, updates_between

NUMBERS_SHOWN = 50
_OF_CLIENT = ("name", "owner_id", "cover_id", "cover_from", "cover_until")
_OF_WABA = ("name", "last_failure_id", "unshared_since", "credential_id", "numbers")


def wabas_of(client: Client) -> QuerySet[Waba]:
    """Each with how many numbers are on it (`numbers`)."""
    return client.wabas.annotate(numbers=Count("listings", filter=Q(listings__is_current=True)))


def numbers_of(client: Client) -> PhoneNumberQuerySet:
    """Those with the first deadline first."""
    numbers = PhoneNumber.objects.of(Client.objects.filter(pk=client.pk))
    return numbers.order_by(F("registration_deadline").asc(nulls_last=True), "pk")


def address_of(client: Client, wabas: Sequence[Waba], numbers: Sequence[PhoneNumber]) -> Address:
    """Where the page asks that shows these WABAs and numbers."""
    return Address(reverse("phones:client-news", args=[client.pk]), ((SHOWN, _mark(client, wabas, numbers)),))


@require_safe
def of_client(request: DeskRequest, pk: int) -> JsonResponse:
    found = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    now = _mark(found, list(wabas_of(found)), list(numbers_of(found)[:NUMBERS_SHOWN]))
    return news.answer(news.NEWER_FACTS if updates_between(request.GET.get(SHOWN, ""), now) else "")


def _mark(client: Client, wabas: Sequence[Waba], numbers: Sequence[PhoneNumber]) -> str:
    return mark_of(
        [
            told_by(client, _OF_CLIENT),
            [told_by(waba, _OF_WABA) for waba in wabas],
            [told_by(number, TELLING) for number in numbers],
        ]
    )
