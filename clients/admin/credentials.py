"""Credentials: tokens go in here and never come out again."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from clients.admin.access import AskedAgain, columns_of
from clients.admin.forms import CredentialForm
from clients.back_office import Subject
from clients.credentials import store_credential_token
from clients.models import Credential, User


@admin.register(Credential)
class CredentialAdmin(AskedAgain):
    """The tokens that the desk acts with. The one from the environment is changed there."""

    subject = Subject.READINGS
    form = CredentialForm
    list_display = ("label", "kind", "hint", "state", "state_since", "from_environment", "last_failure")
    list_filter = ("kind", "state", "from_environment")
    list_select_related = ("last_failure",)
    search_fields = ("label", "business_id")

    def get_fields(self, _request: HttpRequest, obj: Any = None) -> Any:
        typed = ["label", "kind", "business_id"]
        if obj is None:
            return [*typed, "new_token"]
        token = [] if obj.from_environment else ["new_token"]
        return [*typed, "hint", *token, *columns_of(Credential, but=[*typed, "token_last_four"])]

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return []
        from_environment = ["kind", "business_id"] if obj.from_environment else []
        return [*from_environment, "hint", *columns_of(Credential, but=["label", "kind", "business_id"])]

    @admin.display(description="token")
    def hint(self, credential: Credential) -> str:
        return credential.hint

    def save_model(self, request: HttpRequest, obj: Credential, form: Any, change: Any) -> None:
        """Writes only what was typed, because workers write the rest; the token goes through its service."""
        typed = [name for name in form.changed_data if name != "new_token"]
        if not change:
            obj.save()
        elif typed:
            obj.save(update_fields=typed)
        if token := form.cleaned_data.get("new_token"):
            actor = cast("User", request.user)  # the admin lets nobody else in
            store_credential_token(credential=obj, token=token, actor=actor)

    @method_decorator(sensitive_post_parameters("new_token"))
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Django's, with the token kept out of error reports."""
        return super().changeform_view(request, object_id, form_url, extra_context)
