"""The number or WABA that an address names, if the person may see it."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from clients.models import User, Waba
from phones.models import PhoneNumber


def visible_number(user: User, phone_number_id: str) -> PhoneNumber:
    """The number with this Graph id, if `user` may see it. Raises Http404 alike where there is none."""
    if not phone_number_id.isdecimal():
        raise Http404
    numbers = PhoneNumber.objects.visible_to(user).select_related(
        "waba__credential", "waba__last_failure", "waba__subscription"
    )
    return get_object_or_404(numbers, phone_number_id=phone_number_id)


def visible_waba(user: User, waba_id: str) -> Waba:
    """The WABA with this Graph id, if `user` may see it. Raises Http404 alike where there is none."""
    if not waba_id.isdecimal():
        raise Http404
    wabas = Waba.objects.visible_to(user).select_related(
        "client__owner", "credential", "last_failure", "sync_run", "subscription"
    )
    return get_object_or_404(wabas, waba_id=waba_id)
