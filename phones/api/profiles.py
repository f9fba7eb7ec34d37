"""What WhatsApp shows of a business, changed through the API: profile, username, and the settings of a number.

What is asked for is checked by the forms of the pages, against what Meta has at this moment: the desk reads that first,
sends what differs, and finds out by it whether it was done, should the answer be lost.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from clients.explanations import explain
from clients.models import SyncFailure
from phones.actions.guards import Refusal
from phones.actions.own_readings import part_of
from phones.actions.send_once import NotSentError
from phones.api.access import ApiRequest
from phones.api.problems import ProblemError, invalid
from phones.api.setting_bodies import as_filled_in, where_in
from phones.choices import ActionKind
from phones.models import PhoneNumber
from phones.numbers.settings import SETTINGS
from phones.sync.details import read_details
from phones.sync.profile import read_profile
from phones.views.addressed_row import workable_number
from phones.views.number import forms
from phones.views.number.action_form import ActionForm
from phones.views.number.details import known_username
from phones.views.request import DeskRequest

_WEBSITES = ("website", "second_website")


def details_of(request: ApiRequest, number: PhoneNumber, kind: ActionKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept with the action: what is wanted, and what was there before. Raises ProblemError and NotSentError."""
    person = request.user
    if kind == ActionKind.NUMBER_CALLBACK:
        return _details_from(forms.FORMS[kind], request, number, given, kind)
    if kind == ActionKind.PROFILE:
        _insist_on_read(read_profile(number=number, user=person))
    else:
        _insist_on_read(*read_details(number=number, parts=[part_of(kind)]))
    number = workable_number(person, number.phone_number_id)
    if kind == ActionKind.PROFILE:
        return _details_from(forms.ProfileForm, request, number, _filled(request, number, given))
    if kind in SETTINGS:
        shown = forms.FORMS[kind](number=number, request=cast("DeskRequest", request)).initial
        return _details_from(forms.FORMS[kind], request, number, {**shown, **as_filled_in(kind, dict(given))}, kind)
    if kind == ActionKind.DROP_USERNAME and not known_username(number).username:
        raise NotSentError(Refusal("The number has no username to give up."))
    return _details_from(forms.FORMS[kind], request, number, given)


def _insist_on_read(*failures: SyncFailure | None) -> None:
    """Raise ProblemError for a reading that failed: nothing is changed of which nobody knows what it is."""
    for failure in filter(None, failures):
        why = explain(failure.kind, failure.code, failure.subcode, failure.http_status)
        detail = f"What Meta has could not be read: {why.title}. {why.what_to_do}"
        raise ProblemError(HTTPStatus.CONFLICT, "unread", detail)


def _filled(request: ApiRequest, number: PhoneNumber, given: Mapping[str, Any]) -> dict[str, Any]:
    """The form as its page would show it, but for what is `given`."""
    shown = forms.ProfileForm(number=number, request=cast("DeskRequest", request)).initial
    texts = {name: value for name, value in given.items() if value is not None and name != "websites"}
    websites = given["websites"]
    new = {} if websites is None else dict(zip(_WEBSITES, [*websites, "", ""], strict=False))
    return {**shown, **texts, **new}


def _details_from(
    form_class: type[ActionForm],
    request: ApiRequest,
    number: PhoneNumber,
    data: Mapping[str, Any],
    kind: ActionKind = ActionKind.PROFILE,
) -> dict[str, Any]:
    form = form_class(data, number=number, request=cast("DeskRequest", request))
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        where = "websites" if name in _WEBSITES else where_in(kind, name)
        raise invalid("" if where == "__all__" else where, " ".join(map(str, errors)))
    return form.details()
