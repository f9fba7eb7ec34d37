"""What an administrator does for people's logins: invites them, ends their sessions, removes a lost second factor."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from clients.audit import record
from clients.choices import AccountMailKind
from clients.models import User
from clients.signing_in import links, mails, second_factor, sessions
from clients.signing_in.fresh import insist
from clients.signing_in.inviting import invite, vouch_for


class Logins(UserAdmin):  # type: ignore[type-arg] # not generic at run time
    """The part of the table of people that is about their logins."""

    actions = ("end_sessions", "remove_second_factors", "vouch_for_them")
    change_form_template = "admin/clients/user/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        own = path("<int:pk>/invite/", self.admin_site.admin_view(self.invite), name="clients_user_invite")
        return [own, *super().get_urls()]

    @method_decorator(never_cache)
    def invite(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a link with which the person chooses their password. It is shown this once, and mailed on request."""
        person = self.get_object(request, str(pk))
        if person is None or not self.has_change_permission(request, person):
            raise PermissionDenied
        insist(request)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": f"Invite {person}",
            "person": person,
            "opts": self.opts,
            "may_mail": settings.SENDS_MAIL and bool(person.email),
            "days": links.LIFETIMES[AccountMailKind.INVITATION].days,
        }
        if request.method == "POST" and person.is_active:
            invite(person, actor=cast("User", request.user))
            if context["may_mail"] and request.POST.get("mail"):
                mails.want(AccountMailKind.INVITATION, person)
                context["mailed_to"] = person.email
            else:
                context["link"] = links.address_for(person, AccountMailKind.INVITATION)
        return TemplateResponse(request, "admin/clients/user/invite.html", context)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's name
        """Django's page; it needs what all others here do. The person's sessions end with their password."""
        insist(request)
        return super().user_change_password(request, id, form_url)

    @admin.action(description="End all their sessions")
    def end_sessions(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in self._in_reach(request, people):
            sessions.end_all(person)
            record(person, "Ended all sessions", cast("User", request.user))
        messages.success(request, "Their sessions are ended.")

    @admin.action(description="Remove their second factors (lost devices)")
    def remove_second_factors(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in self._in_reach(request, people):
            second_factor.forget_all(request, person)
            sessions.end_all(person)
            record(person, "Removed the second factors", cast("User", request.user))
        messages.success(request, "Their second factors are removed and their sessions ended.")

    @admin.action(description="Vouch that they are people of their own (approvals)")
    def vouch_for_them(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in self._in_reach(request, people):
            vouch_for(person, actor=cast("User", request.user))
        messages.success(request, "They count as people of their own where two have to agree.")

    def _in_reach(self, request: HttpRequest, people: QuerySet[User]) -> list[User]:
        """The people whom this administrator may change: superusers are for superusers."""
        return [person for person in people if self.has_change_permission(request, person)]
