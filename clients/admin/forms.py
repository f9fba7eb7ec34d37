"""Forms of the admin for clients and credentials. They check; the services write."""

from typing import Any, cast

from django import forms
from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from clients.assigning import Keepers, NotAssignableError, check_keepers, keepers_of
from clients.clients import NameNotUsableError, new_name
from clients.credentials import (
    LONGEST_TOKEN,
    OtherClientsTokenError,
    TokenNotUsableError,
    check_fits,
    checked_token,
)
from clients.forms import people_for
from clients.link_closing import at_work
from clients.models import Client, Credential, Portfolio, User, Waba
from clients.ownership import OwnPortfolioError, our_own_portfolios


class ClientForm(forms.ModelForm):  # type: ignore[type-arg] # not generic at run time
    """A client. Of a new one the name is checked as the desk does it; the admin names who is at work (`actor`)."""

    actor: User | None = None

    class Meta:
        model = Client
        fields = ("name", "owner", "cover", "cover_from", "cover_until", "language", "contact_email", "external_id")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("owner", "cover"):
            if name in self.fields:
                cast("forms.ModelChoiceField[User]", self.fields[name]).queryset = people_for(self.instance)

    def clean(self) -> dict[str, Any]:
        """Refuses people who could not see the client, and names, in the words of the services."""
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk is None and self.actor is not None and (name := cleaned.get("name")):
            try:
                cleaned["name"] = new_name(name, actor=self.actor)
            except NameNotUsableError as error:
                self.add_error("name", str(error))
        before = Client.objects.filter(pk=self.instance.pk).first()
        try:
            keepers = Keepers(*(cleaned.get(name) for name in ("owner", "cover", "cover_from", "cover_until")))
            check_keepers(keepers, before=keepers_of(before) if before else Keepers())
        except NotAssignableError as error:
            raise ValidationError(str(error)) from None
        return cleaned


class PersonForm(UserChangeForm):  # type: ignore[type-arg] # not generic at run time
    """A person, and what becomes of the links they made once they are deactivated or have no role."""

    links_go_to = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        label="Their open links",
        empty_label="Revoke them when this person leaves",
        help_text=(
            "Signup, code and status links that this person made. They are revoked when the person is deactivated or "
            "loses their role, because they know the addresses; or choose who answers for them from then on."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = at_work().filter(is_service=False).exclude(pk=self.instance.pk).order_by("username")
        cast("forms.ModelChoiceField[User]", self.fields["links_go_to"]).queryset = others


class CredentialForm(forms.ModelForm):  # type: ignore[type-arg] # not generic at run time
    """A credential, with a place for a new token. A stored one is never shown again."""

    new_token = forms.CharField(
        label="New token",
        required=False,
        max_length=LONGEST_TOKEN,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off", "size": 60}),
        help_text="Left empty, the stored token stays as it is.",
    )

    class Meta:
        model = Credential
        fields = ("label", "kind", "business_id")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        token = self.fields["new_token"]
        token.required = self.instance.pk is None
        token.disabled = self.instance.from_environment

    @sensitive_variables("token")
    def clean_new_token(self) -> str:
        token: str = self.cleaned_data["new_token"]
        if not token:
            return ""
        try:
            return checked_token(token)
        except TokenNotUsableError as error:
            raise ValidationError(str(error)) from None

    def clean_business_id(self) -> str:
        business_id: str = self.cleaned_data["business_id"].strip()
        if business_id and not (business_id.isascii() and business_id.isdigit()):
            raise ValidationError("A business portfolio id is made of digits only.")
        return business_id


class MergeForm(forms.Form):
    keep = forms.ModelChoiceField(Client.objects.none(), widget=forms.RadioSelect, empty_label=None)

    def __init__(self, chosen: QuerySet[Client], data: Any = None) -> None:
        super().__init__(data)
        cast("forms.ModelChoiceField[Client]", self.fields["keep"]).queryset = chosen


class PortfolioForm(forms.ModelForm):  # type: ignore[type-arg] # not generic at run time
    class Meta:
        model = Portfolio
        fields = ("client",)

    def clean(self) -> dict[str, Any]:
        """Refuses our own portfolio, in the words of the service."""
        cleaned = super().clean() or self.cleaned_data
        if "client" in self.changed_data and self.instance.business_id in our_own_portfolios():
            raise ValidationError(str(OwnPortfolioError()))
        return cleaned


class WabaForm(forms.ModelForm):  # type: ignore[type-arg] # not generic at run time
    class Meta:
        model = Waba
        fields = ("credential",)

    def clean_credential(self) -> Credential | None:
        credential: Credential | None = self.cleaned_data["credential"]
        try:
            check_fits(waba=self.instance, credential=credential)
        except OtherClientsTokenError as error:
            raise ValidationError(str(error)) from None
        return credential


class MoveForm(forms.Form):
    """The client that the chosen WABAs go to. The admin gives `to` its search box."""

    to = forms.ModelChoiceField(Client.objects.all(), label="To the client")
