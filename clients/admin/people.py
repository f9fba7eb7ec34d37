"""People, their roles, and the record of what they did in the admin."""

import zoneinfo
from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from clients.admin.access import AskedAgain, ReadOnly, nobody
from clients.admin.forms import PersonForm
from clients.admin.logins import Logins
from clients.assigning import has_left
from clients.choices import Role
from clients.link_closing import settle_links_of
from clients.models import AccountMail, PasswordAttempt, User

# Groups are the roles and nothing else: a renamed one would take the role from everyone who has it. allauth's own pages
# of its tables show secrets, and let people be signed in as others.
for _table in (Group, EmailAddress, Authenticator, UserSession, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(_table)


def _check_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError("There is no such time zone. Write one like Europe/Berlin.")


@admin.register(User)
class PersonAdmin(Logins, AskedAgain, UserAdmin):  # type: ignore[type-arg] # not generic at run time
    """People with a login. Nobody is deleted, because the record of what they did would go with them."""

    list_display = ("username", "first_name", "last_name", "role_names", "is_active", "is_staff", "last_login")
    list_filter = ("groups", "is_active", "is_staff")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    has_delete_permission = nobody
    form = PersonForm
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "time_zone")}),
        (
            "Access",
            {
                "fields": ("groups", "is_active", "is_staff", "is_superuser", "let_in_by", "links_go_to"),
                "description": (
                    "The strongest group counts. Administrators also need the staff status to enter this admin. "
                    "Deactivate whoever leaves: they are signed out at once, and their history stays."
                ),
            },
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    @admin.display(description="roles")
    def role_names(self, person: User) -> str:
        """The groups of a person that are roles, the strongest first."""
        names = {group.name for group in person.groups.all()}
        return ", ".join(str(role.label) for role in Role if role.value in names) or "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Of time zones takes those that the system knows, as the page of a person's mails does."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "time_zone" and field is not None:
            field.validators.append(_check_time_zone)
        return field

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Settle the links of a person who can't work any more, now that groups are saved too."""
        super().save_related(request, form, formsets, change)
        if not change or not has_left(form.instance):
            return
        give_to, actor = form.cleaned_data.get("links_go_to"), cast("User", request.user)
        if count := settle_links_of(form.instance, actor=actor, give_to=give_to):
            done = f"handed over to {give_to}" if give_to else "revoked"
            self.message_user(request, f"Open links that {form.instance} had made: {count} {done}.")

    def get_readonly_fields(self, request: HttpRequest, *_: Any) -> tuple[str, ...]:
        own = ("last_login", "date_joined", "let_in_by")
        return own if request.user.is_superuser else (*own, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's password and rights are for superusers to change."""
        out_of_reach = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not out_of_reach and super().has_change_permission(request, obj)


@admin.register(PasswordAttempt)
class PasswordAttemptAdmin(ReadOnly):
    """Passwords that were typed: by whom, for what, from where, and whether they were right. Kept for 90 days."""

    fields = ("at", "who", "asked_for", "outcome", "times", "address", "place", "user_agent")
    list_display = ("at", "who", "asked_for", "outcome", "times", "address", "place")
    list_filter = ("outcome", "asked_for", "at")
    list_select_related = ("person",)
    search_fields = ("person__username", "address", "user_agent")
    date_hierarchy = "at"

    @admin.display(description="name")
    def who(self, attempt: PasswordAttempt) -> str:
        """Whose name was typed. Of one that nobody has, a mark that is the same each time it is typed."""
        if attempt.person is not None:
            return attempt.person.get_username()
        return f"unknown name {attempt.name_digest[:8]}" if attempt.name_digest else "many names"


@admin.register(AccountMail)
class AccountMailAdmin(ReadOnly):
    """Mails about people's own logins: links to choose a password, and what was changed. Kept for 90 days."""

    fields = list_display = ("created_at", "person", "kind", "state", "outcome")
    list_filter = ("kind", "state", "created_at")
    list_select_related = ("person",)
    search_fields = ("person__username",)
    date_hierarchy = "created_at"


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly):
    """Who changed what by hand, here and on the desk's pages."""

    list_display = ("action_time", "user", "content_type", "object_repr", "what")
    list_filter = ("content_type", "action_flag")
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "change_message", "user__username")
    date_hierarchy = "action_time"
    ordering = ("-action_time", "-pk")

    @admin.display(description="what")
    def what(self, entry: LogEntry) -> str:
        return str(entry.get_change_message()) or str(entry)
