"""Moving a number to a WABA from another one, ours or another partner's: what Meta wants first, and the action itself.

The number gets a new id on its new WABA. It is verified and registered there by the usual steps of its page; until then
the old WABA goes on sending with it.
"""

from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from phonenumbers import PhoneNumber as TypedNumber
from phonenumbers import PhoneNumberFormat, format_number, national_significant_number

from clients.models import Waba
from phones import waking
from phones.actions.waba import AddNumberRequest, add_number
from phones.choices import ActionKind, ActionState, Tone
from phones.models import Action, PhoneNumber, Subscription
from phones.numbers import conditions
from phones.numbers.moving import MoveCheck, checks_of_number, checks_of_waba
from phones.numbers.search import digits_of
from phones.views.addressed_row import workable_waba
from phones.views.confirmation import Confirmation, Confirmed
from phones.views.forms import PhoneNumberForm
from phones.views.request import DeskRequest

_TONES = {True: Tone.OK, False: Tone.ACT, None: Tone.NONE}
_WORDS = {True: "Yes", False: "Not yet", None: "Could not tell"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def move_number(request: DeskRequest, waba_id: str) -> HttpResponse:
    """Which number, what Meta wants of it and of the WABA first, and the POST that has it added as one that moves."""
    return Move(request, waba_id).respond()


class TypedForm(PhoneNumberForm):
    """The number that was looked at, once more: what is sent is what was checked."""

    phone_number = django_forms.CharField(widget=django_forms.HiddenInput)


class Move(Confirmation):
    template = "accounts/move_number.html"
    success = (
        "Meta has added the number. Its WABA is read now; then the number’s page leads through the code and the "
        "registration, which completes the move."
    )

    def __init__(self, request: DeskRequest, waba_id: str) -> None:
        super().__init__(request)
        self.waba = workable_waba(request.user, waba_id)
        self.again, self.back = request.path, reverse("phones:waba", args=[waba_id])
        self.about = {"waba": self.waba.pk, "kind": ActionKind.ADD_NUMBER.value, "moves": True}
        self.heading, self.button, self.subject = "Move a number here", "Move it here", str(self.waba)
        self.asked = PhoneNumberForm(request.GET) if "phone_number" in request.GET else None
        self.typed: TypedNumber | None = None
        if self.asked is not None and self.asked.is_valid():
            self.typed = self.asked.cleaned_data["phone_number"]

    @property
    def is_open(self) -> bool:
        return self.request.method == "POST" or self.typed is not None

    def form(self, data: QueryDict | None = None) -> TypedForm:
        return TypedForm(data, initial={"phone_number": _international(self.typed) if self.typed else ""})

    def context(self) -> dict[str, Any]:
        subscription: Subscription | None = getattr(self.waba, "subscription", None)
        is_subscribed = subscription.is_ours if subscription is not None else None
        known = self._known() if self.typed is not None else None
        checks = [*checks_of_waba(self.waba, is_subscribed=is_subscribed, numbers=self._numbers_of_business())]
        if self.typed is not None:
            checks += checks_of_number(known, self.waba)
        return {
            "waba": self.waba,
            "ask_form": self.asked or PhoneNumberForm(),
            "checks": [(check, _TONES[check.is_met].value, _WORDS[check.is_met]) for check in checks],
            "is_missed": _misses(checks),
            "known": known,
            "typed": _international(self.typed) if self.typed is not None else "",
            "signup_address": f"{reverse('phones:client', args=[self.waba.client_id])}#signup",
        }

    def send(self, found: Confirmed, form: TypedForm) -> Action:
        number = form.cleaned_data["phone_number"]
        request = AddNumberRequest(
            key=found.key,
            waba=self.waba,
            user=self.request.user,
            cc=str(number.country_code),
            phone_number=national_significant_number(number),
            moves=True,
        )
        action = add_number(request)
        waking.wake()  # to read the WABA, which shows the number
        return action

    def after(self, action: Action) -> str:
        """Back to the form where Meta refused it: what is to be done first stands there."""
        if action.state != ActionState.FAILED:
            return self.back
        return f"{self.again}?{urlencode({'phone_number': action.details.get('phone_number', '')})}"

    def _numbers_of_business(self) -> int:
        """How many numbers the WABAs of the same business portfolio list; of the WABA alone where that is not known."""
        owner = self.waba.owner_business_id
        wabas = Waba.objects.filter(owner_business_id=owner) if owner else Waba.objects.filter(pk=self.waba.pk)
        return PhoneNumber.objects.on(wabas).filter(missing_since=None).count()

    def _known(self) -> PhoneNumber | None:
        """The number where it is now, where that is a WABA that the person sees."""
        if self.typed is None:
            return None
        same = PhoneNumber.objects.visible_to(self.request.user).filter(missing_since=None)
        meant = conditions.has_digits(digits_of(_international(self.typed)))
        return same.filter(meant).select_related("waba__client").order_by("-pk").first()


def _misses(checks: list[MoveCheck]) -> bool:
    return any(check.is_met is False and check.is_sure for check in checks)


def _international(number: TypedNumber) -> str:
    return format_number(number, PhoneNumberFormat.INTERNATIONAL)
