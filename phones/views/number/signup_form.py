"""The way to another signup, for a number that only or also another signup brings back. Makes no link."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from clients.models import Client, User
from phones.models import PhoneNumber
from phones.numbers import clocks, rules
from phones.numbers.lifecycle import Facts
from portal.rows import row_or_none


def signup_form_for(number: PhoneNumber, facts: Facts, user: User) -> str:
    """The address of the form for a signup link, filled in, where another signup brings the number back; else empty."""
    now = timezone.now()
    is_off = rules.may_be_registered(facts) or rules.is_disconnected(facts)
    if not is_off or rules.is_out_of_sight(facts) or not clocks.has_passed(rules.signup_deadline(facts), now=now):
        return ""
    client = row_or_none(Client.objects.workable_by(user).filter(pk=number.waba.client_id))
    if client is None:
        return ""
    query = {"waba": number.waba.waba_id, "number": number.phone_number_id, "display_name": number.verified_name or ""}
    page = reverse("phones:client", args=[client.pk])
    return f"{page}?{urlencode(query)}#signup"
