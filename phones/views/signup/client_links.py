"""What stands behind a client's code link and status link: asking for a code and typing it, and where numbers stand.

No login; a link shows nothing but what it was made for. Embedded Signup is in `signup`.
"""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from clients import links
from clients.models import Client, StatusLink
from phones.actions.options import CODE_LANGUAGES
from phones.actions.six_digits import LONGEST_PASTED
from phones.choices import ActionKind, ActionState
from phones.models import Action, CodeLink, Offboarding, PhoneNumber
from phones.numbers.clocks import CODE_LIFE
from phones.onboarding import codes
from phones.onboarding.client_words import standing_of
from phones.views.confirmation import confirmed, token_for
from phones.views.forms import CodeForm, CodeMethodForm
from phones.views.signup.certificate import certificates_of
from phones.views.signup.progress import turn_of
from phones.views.signup.public import client_page, open_link

NUMBERS_SHOWN = 100
# A client may leave the page open until the phone is at hand.
FORM_LIFETIME = timedelta(hours=12)


class AskForCodeForm(CodeMethodForm):
    code_method = forms.ChoiceField(
        choices=[
            ("SMS", gettext_lazy("By SMS, to a mobile number")),
            ("VOICE", gettext_lazy("By a phone call, also to a landline")),
        ],
        label=gettext_lazy("How shall Meta send it?"),
        widget=forms.RadioSelect,
        initial="SMS",
        help_text=gettext_lazy("With a call, a person must answer: a menu or an answering machine swallows the code."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Each language by its own name, and that of the page first.
        field = cast("forms.ChoiceField", self.fields["language"])
        field.choices = [(code, _own_name(code)) for code, _english in CODE_LANGUAGES]
        spoken = translation.get_language() or "en"
        field.initial = next((code for code, _english in CODE_LANGUAGES if code[:2] == spoken[:2]), field.initial)


class TypeCodeForm(CodeForm):
    code = forms.CharField(
        max_length=LONGEST_PASTED,
        label=gettext_lazy("Your code"),
        help_text=gettext_lazy("Six digits. Hyphens and spaces do not matter."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


def _own_name(code: str) -> str:
    """What the language of Meta's `code` calls itself: "es_ES" is Español."""
    name: str = translation.get_language_info(code.replace("_", "-").lower())["name_local"]
    return name[:1].upper() + name[1:]


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
@sensitive_variables()
def code(request: HttpRequest, token: str) -> HttpResponse:
    """The page of one number: asks Meta for its code, and takes the code."""
    link = open_link(request, CodeLink, token)
    if request.method != "POST":
        links.note_opened(link)
        return _code_page(request, link)
    key = _key_of(request, link)
    if key is None:
        messages.warning(request, _("This page was too old, and nothing was sent. Please do it once more."))
        return HttpResponseRedirect(request.path)
    asks = request.POST.get("what") == "ask"
    form: forms.Form = AskForCodeForm(request.POST) if asks else TypeCodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, link, wrong=form, status=422)
    given = form.cleaned_data
    try:
        if asks:
            method, language = given["code_method"], given["language"]
            action = codes.request_code(link=link, code_method=method, language=language, key=key)
        else:
            action = codes.confirm_code(link=link, code=given["code"], key=key)
    except codes.CodePageError as error:
        messages.error(request, str(error))
    else:
        _report(request, action)
    return HttpResponseRedirect(request.path)


@client_page
@require_safe
def status(request: HttpRequest, token: str) -> HttpResponse:
    """Where each of the client's numbers stands, and the one thing the client must do about it."""
    link = open_link(request, StatusLink, token)
    links.note_opened(link)
    numbers = PhoneNumber.objects.of(Client.objects.filter(pk=link.client_id)).select_related("waba")
    found = list(numbers.order_by("pk")[: NUMBERS_SHOWN + 1])
    ended = list(certificates_of(link))
    context = {
        "link": link,
        "client": link.client,
        "lines": [(number, turn_of(number)) for number in found[:NUMBERS_SHOWN] if not _has_left(number, ended)],
        "more": len(found) > NUMBERS_SHOWN,
        "ended": ended,
    }
    return render(request, "signup/status.html", context)


def _has_left(number: PhoneNumber, ended: list[Offboarding]) -> bool:
    """Whether its end is certified and it is out of sight: nobody is asked then where it has gone."""
    is_out_of_sight = bool(number.missing_since or number.waba.unshared_since)
    return is_out_of_sight and any(case.number_id in {None, number.pk} for case in ended if case.reopened_at is None)


def _code_page(
    request: HttpRequest, link: CodeLink, *, wrong: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    number = link.number
    # While a code is good the page puts the field to type it first.
    since = timezone.now() - CODE_LIFE
    asked = Action.objects.filter(
        number=number, kind=ActionKind.REQUEST_CODE, state=ActionState.SUCCEEDED, created_at__gt=since
    ).first()
    type_form = wrong if isinstance(wrong, TypeCodeForm) else TypeCodeForm()
    if asked is not None:
        type_form.fields["code"].widget.attrs["autofocus"] = True
    context = {
        "number": number,
        "turn": replace(turn_of(number), number=None),
        "needs_code": standing_of(number).needs_code,
        "asked": asked,
        "ask_form": wrong if isinstance(wrong, AskForCodeForm) else AskForCodeForm(),
        "type_form": type_form,
        "minutes": _minutes_left(asked) if asked is not None else 0,
        "token": token_for({"code_link": link.token_digest}),
        "link": link,
    }
    return render(request, "signup/code.html", context, status=status)


def _minutes_left(asked: Action) -> int:
    """For how many minutes the code that was asked for is still good, at least one."""
    left = asked.created_at + CODE_LIFE - timezone.now()
    return max(1, int(left.total_seconds() // 60))


def _key_of(request: HttpRequest, link: CodeLink) -> uuid.UUID | None:
    """The key that this page was shown with, used up by what it does; None when it is too old or another link's."""
    found = confirmed(request, {"code_link": link.token_digest}, within=FORM_LIFETIME)
    # What a page asks for and what it sends are two things, each done once.
    return uuid.uuid5(found.key, request.POST.get("what", "")) if found is not None else None


def _report(request: HttpRequest, action: Action) -> None:
    if action.state == ActionState.SUCCEEDED and action.kind == ActionKind.REQUEST_CODE:
        messages.success(request, _("The code is on its way. Type it here as soon as it comes."))
    elif action.state == ActionState.SUCCEEDED:
        messages.success(request, _("The code was right. We connect your number now."))
    else:
        messages.warning(request, _("Meta has not answered clearly. Wait a minute, then load this page again."))
