"""Who may use the admin, and the kinds of tables it shows. No table is registered here.

Django itself lets only people with the staff flag in. Every table of ours also asks for the role, so that a staff
flag alone opens nothing.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse

from clients import audit, roles
from clients.back_office import Subject
from clients.choices import Act, AuditKind
from clients.signing_in.fresh import insist
from portal.fields import SealedTextField


def is_administrator(request: HttpRequest) -> bool:
    return roles.may(request.user, Act.ADMINISTER)


def _administrators(_table: object, request: HttpRequest, *_: Any, **__: Any) -> bool:
    return is_administrator(request)


def nobody(*_: Any, **__: Any) -> bool:
    return False


class AdministratorsOnly(admin.ModelAdmin):  # type: ignore[type-arg] # not generic at run time
    """A table that administrators may look at and change, and nobody else may see.

    `takes_along` names tables whose rows go with a row of this one, though nobody deletes them by themselves. Any other
    row that would go keeps the row from being deleted.
    """

    subject = Subject.PEOPLE
    list_per_page = 50
    takes_along: tuple[str, ...] = ()

    has_module_permission = has_view_permission = _administrators
    has_add_permission = has_change_permission = has_delete_permission = _administrators

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        gone, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return gone, counts, lacking - set(self.takes_along), protected

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        audit.entry(AuditKind.CHANGE, "Added in the admin.", actor=request.user, about=obj)  # type: ignore[arg-type] # of the admin
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        entry = super().log_change(request, obj, message)
        said = entry.get_change_message()
        audit.entry(AuditKind.CHANGE, f"In the admin: {said}", actor=request.user, about=obj)  # type: ignore[arg-type] # of the admin
        return entry

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        audit.entries(AuditKind.CHANGE, "Deleted in the admin.", actor=request.user, rows=list(queryset))  # type: ignore[arg-type] # of the admin
        return super().log_deletions(request, queryset)


class AskedAgain(AdministratorsOnly):
    """A table whose rows give access: who makes or changes one has to have shown lately who they are."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Django's page of one row, or of a new one."""
        insist(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django's list; what is done with ticked rows needs the same."""
        if request.method == "POST":
            insist(request)
        return super().changelist_view(request, extra_context)


class FromMeta(AdministratorsOnly):
    """A table that is filled by reading Meta: no row is made or deleted by hand, and few columns are changed.

    Only what was changed is written, so that a worker that writes the rest meanwhile loses nothing.
    """

    has_add_permission = has_delete_permission = nobody

    def save_model(self, _request: HttpRequest, obj: Any, form: Any, *_: Any) -> None:
        obj.save(update_fields=form.changed_data)


class ReadOnly(FromMeta):
    """A record of what happened: nothing in it changes. Its table grows, so its list does not count all rows."""

    show_full_result_count = False

    has_change_permission = nobody


def columns_of(model: type[models.Model], *, but: Iterable[str] = ()) -> list[str]:
    """The columns of `model` that a page may show, in their order: no key, no secret."""
    hidden = {"secret_uid", *but}
    return [
        field.name
        for field in model._meta.concrete_fields
        if not (field.primary_key or isinstance(field, SealedTextField) or field.name in hidden)
    ]
