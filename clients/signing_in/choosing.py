"""Choosing a password: asking for a link by mail, and what a link opens."""

from typing import Any

from allauth.account.signals import password_reset
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from clients.choices import AccountMailKind
from clients.models import User
from clients.passwords.check import admit_reset
from clients.signing_in import links, mails, sessions
from portal import crypto

# Stands in the address in the place of the secret, which the session keeps meanwhile.
IN_SESSION = "choose"
_FORM = {"GET", "HEAD", "POST"}


class ForgottenForm(forms.Form):
    email = forms.EmailField(max_length=254, label="Mail address")


@login_not_required
@never_cache
@require_http_methods([*_FORM])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail. The answer is the same whether or not anybody has the address."""
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    if settings.SENDS_MAIL and form.is_valid():
        address = form.cleaned_data["email"]
        admit_reset(request, address)
        # Who comes by single sign-on, or has not followed their invitation yet, has no password to forget.
        found = [one for one in User.objects.filter(email__iexact=address, is_active=True) if one.has_usable_password()]
        for person in found:
            mails.want(AccountMailKind.RESET, person)
        if not found:
            mails.want(AccountMailKind.RESET, None)
        return HttpResponseRedirect(f"{reverse('account_reset_password')}?asked=1")
    context = {"form": form, "asked": "asked" in request.GET, "sends_mail": settings.SENDS_MAIL}
    return render(request, "account/forgotten.html", context)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods([*_FORM])
def by_reset_link(request: HttpRequest, token: str) -> HttpResponse:
    return _choose(request, token, AccountMailKind.RESET)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods([*_FORM])
def by_invitation(request: HttpRequest, token: str) -> HttpResponse:
    return _choose(request, token, AccountMailKind.INVITATION)


def _choose(request: HttpRequest, token: str, kind: AccountMailKind) -> HttpResponse:
    """The form of a link that works. The secret leaves the address at once; opening a link does not use it up.

    Until a password is chosen the session keeps it, sealed: sessions are rows like others in a dump of the database.
    """
    kept_as = f"link.{kind.value}"
    if token != IN_SESSION:
        if links.person_of(token, kind) is None:
            return render(request, "account/dead_link.html", {"kind": kind.value}, status=404)
        request.session[kept_as] = crypto.seal(token, context=kept_as)
        return HttpResponseRedirect(request.path.replace(token, IN_SESSION))
    kept = _kept_in(request, kept_as)
    person = links.person_of(kept, kind)
    if person is None:
        return render(request, "account/dead_link.html", {"kind": kind.value}, status=404)
    form: SetPasswordForm[Any] = SetPasswordForm(person, request.POST if request.method == "POST" else None)
    if form.is_valid() and _chosen(request, kept, kind, form.cleaned_data["new_password1"]):
        del request.session[kept_as]
        messages.success(request, "Your password is set. Sign in with it.")
        return HttpResponseRedirect(reverse("account_login"))
    context = {"form": form, "person": person, "kind": kind.value}
    return render(request, "account/choose_password.html", context, status=422 if form.errors else 200)


def _kept_in(request: HttpRequest, kept_as: str) -> str:
    """The secret of the link that was opened in this browser; empty for none, and where its key is gone."""
    try:
        return crypto.unseal(request.session.get(kept_as, ""), context=kept_as)
    except crypto.SecretUnreadableError:
        return ""


def _chosen(request: HttpRequest, token: str, kind: AccountMailKind, password: str) -> bool:
    """Set the password by a link that still works: of two at once the second finds another password, and does not."""
    found = links.person_of(token, kind)
    if found is None:
        return False
    with transaction.atomic():
        User.objects.select_for_update().get(pk=found.pk)
        person = links.person_of(token, kind)
        if person is None:
            return False
        person.set_password(password)
        person.save(update_fields=["password"])
        sessions.end_all(person)
        password_reset.send(sender=User, request=request, user=person)
        if kind == AccountMailKind.RESET:
            mails.want(AccountMailKind.PASSWORD_CHANGED, person)
    return True
