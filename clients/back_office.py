"""Django's admin under the product's name: tables by subject, and the desk's own login.

Stands beside `clients.admin` because Django loads it while that package registers its tables.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from portal.web.addresses import row_key

View = TypeVar("View", bound=Callable[..., Any])


class Subject(TextChoices):
    """What a table is about; the headings of the admin, in their order."""

    CLIENTS = "clients", "Clients and accounts"
    BOOK = "book", "Book of business"
    NUMBERS = "numbers", "Numbers"
    ALERTS = "alerts", "Alerts and mails"
    SIGNUPS = "signups", "Signups and onboarding"
    POOL = "pool", "Pre-verified pool"
    EVENTS = "events", "Events from Meta"
    READINGS = "readings", "Readings and tokens"
    PEOPLE = "people", "People and the record"


class BackOffice(AdminSite):
    site_header = "Numberdesk"
    site_title = "Numberdesk admin"
    index_title = "Admin"
    final_catch_all_view = True

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002 - Django's signature
        """A page of the admin, which Django breaks where a ticked row is named by what is no key."""

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.method == "POST" and None in map(row_key, request.POST.getlist(ACTION_CHECKBOX_NAME)):
                raise BadRequest("Ticked rows are named by their keys.")
            return view(request, *args, **kwargs)

        return super().admin_view(cast("View", checked), cacheable)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The tables that the person may see, by the `subject` of each, in place of the app it is in."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        tables = [table for app in apps for table in app["models"]]
        groups = []
        for subject in Subject:
            its = [table for table in tables if self._registry[table["model"]].subject == subject]  # type: ignore[attr-defined] # every table of ours has one
            if its:
                groups.append({"name": str(subject.label), "app_label": subject.value, "app_url": "", "models": its})
        return groups

    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 - Django's signature
        """The desk's own login, whatever is posted here. Who is signed in and may not enter is told so."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or reverse("admin:index"), settings.LOGIN_URL)
        if not self.has_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:index"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override] # noqa: ARG002 - Django's signature
        """The desk's own page for it."""
        return HttpResponseRedirect(reverse("account_change_password"))

    password_change_done = password_change  # type: ignore[assignment] # the page says it
