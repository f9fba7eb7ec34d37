"""Inviting people: the form for a new login, a new link for who has never signed in, and taking that back."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from clients.choices import AccountMailKind, Role
from clients.models import User
from clients.people import (
    NotManageableError,
    invite_again,
    invite_person,
    managed_by,
    roles_given_by,
    withdraw_invitation,
)
from clients.signing_in import inviting, links
from clients.signing_in.fresh import insist
from phones.views.people.managing import insist_on_manager
from phones.views.request import DeskRequest

DAYS = links.LIFETIMES[AccountMailKind.INVITATION].days


class AddressForm(forms.Form):
    """Where the link goes. Without a mail server the desk shows it once, and takes no address for granted."""

    email = forms.EmailField(max_length=254, label="Mail address")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.SENDS_MAIL:
            self.fields["email"].help_text = "The desk sends no mail: it shows you the link once, to hand over."


class InvitationForm(AddressForm):
    username = forms.CharField(
        max_length=150,
        label="Name to sign in with",
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    first_name = forms.CharField(max_length=150, required=False, label="First name")
    last_name = forms.CharField(max_length=150, required=False, label="Last name")
    role = forms.ChoiceField(label="Role")
    field_order = ("username", "email", "role", "first_name", "last_name")

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = [(role.value, str(role.label)) for role in roles_given_by(actor)]
        cast("forms.ChoiceField", self.fields["role"]).choices = given
        self.fields["role"].initial = Role.ACCOUNT_MANAGER.value


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_person(request: DeskRequest) -> HttpResponse:
    """The form for somebody who has no login yet."""
    insist_on_manager(request)
    insist(request)
    form = InvitationForm(request.POST or None, actor=request.user)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            found = invite_person(actor=request.user, **{**wanted, "role": Role(wanted["role"])})
        except NotManageableError as error:
            form.add_error(error.field, str(error))
        else:
            return _invited(request, found)
    context = {"form": form, "days": DAYS}
    return render(request, "people/new_person.html", context, status=422 if form.errors else 200)


@require_POST
@never_cache
def invite(request: DeskRequest, pk: int) -> HttpResponse:
    """A new link for who has never signed in; the one before is dead."""
    found = _managed(request, pk)
    form = AddressForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was sent: that is no mail address.")
        return HttpResponseRedirect(reverse("phones:person", args=[pk]))
    try:
        found = invite_again(found, email=form.cleaned_data["email"], actor=request.user)
    except NotManageableError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("phones:person", args=[pk]))
    return _invited(request, found)


@require_POST
def withdraw(request: DeskRequest, pk: int) -> HttpResponse:
    """End an invitation: its link is dead, and the person may not sign in."""
    found = _managed(request, pk)
    try:
        withdraw_invitation(found, actor=request.user)
    except NotManageableError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{found}: the link works no more, and they may not sign in.")
    return HttpResponseRedirect(reverse("phones:people"))


def _managed(request: DeskRequest, pk: int) -> User:
    insist_on_manager(request)
    found = get_object_or_404(managed_by(request.user), pk=pk)
    insist(request, back=reverse("phones:person", args=[pk]))
    return found


@sensitive_variables("link")
def _invited(request: DeskRequest, person: User) -> HttpResponse:
    """Back to the people where the link is mailed; else a page that shows it this once."""
    link = inviting.mail_or_link(person)
    if link:
        return render(request, "people/invited.html", {"person": person, "link": link, "days": DAYS})
    messages.success(request, f"{person} is invited: the link goes to {person.email} and works for {DAYS} days.")
    return HttpResponseRedirect(reverse("phones:people"))
