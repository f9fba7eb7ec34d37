"""The numbers list beside what Django projects usually list with: an admin changelist, and django-tables2 with filters.

All answer the same questions about the same rows, 50 a page, for somebody who sees every number. The others show nine
columns and filter and search by three; none has the list's rights, queues or next steps. The changelist is there twice:
as the admin makes it of a `list_filter` of two fields, which looks in all rows for the values to offer, and with those
values told. It counts its rows twice by default, which stays.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from statistics import median
from typing import Any, ClassVar

import django_filters
import django_tables2
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client as Browser
from django.test import modify_settings, override_settings
from django.urls import path
from django_filters.views import FilterView
from django_tables2.views import SingleTableMixin

from clients.models import User
from phones.choices import QUALITY_RATING, STATUS
from phones.models import PhoneNumber
from portal.urls import urlpatterns as portals
from tests.bench.lists import token_at
from tests.bench.timing import timed
from tests.fresh_sign_in import browser_of

Row = dict[str, object]
REPEATS = 5
PER_PAGE = 50
_COLUMNS = (
    *("display_phone_number", "verified_name", "waba__client", "waba__name", "status", "quality_rating"),
    *("name_status", "account_mode", "synced_at"),
)
_NUMBERS = PhoneNumber.objects.select_related("waba__client")
# What is asked of each: the list, the changelists and the table.
_ASKED = {
    "first page": ("", "", ""),
    "filter RED": ("quality_rating=RED",) * 3,
    "search a name": ("q=bakery",) * 3,
    "search and filter": ("q=bakery&quality_rating=RED",) * 3,
    "last four digits": ("q=9999",) * 3,
    "by name": ("sort=verified_name", "o=2", "sort=verified_name"),
    "by name, the other way": ("sort=-verified_name", "o=-2", "sort=-verified_name"),
}
_RIVALS = ("admin", "told", "tables2")


def measure(lead: User, numbers: int) -> list[Row]:
    """A row for each question, in milliseconds of the processor, and how many times as long the others take."""
    with modify_settings(INSTALLED_APPS={"append": "django_tables2"}), override_settings(ROOT_URLCONF=__name__):
        rows = list(_measure(lead, numbers))
    for name in _RIVALS:
        times = [float(str(row[f"times_{name}"])) for row in rows]
        rows[-1][f"median_{name}"] = round(median(times), 1)
    return rows


def _measure(lead: User, numbers: int) -> Iterator[Row]:
    browser, half = browser_of(lead, SERVER_NAME="127.0.0.1"), numbers // 2
    deep = (f"page={token_at(half, '', lead)}", f"p={half // PER_PAGE}", f"page={half // PER_PAGE}")
    for what, queries in {**_ASKED, f"{half:,} rows deep": deep}.items():
        of_list, of_changelist, of_table = queries
        here = _took(browser, f"/phones/?{of_list}")
        rivals = {
            "admin": _took(browser, f"/admin-alone/phones/phonenumber/?{of_changelist}"),
            "told": _took(browser, f"/admin-told/phones/phonenumber/?{of_changelist}"),
            "tables2": _took(browser, f"/tables/?{of_table}"),
        }
        times = {f"times_{name}": round(took / here, 1) for name, took in rivals.items()}
        took = {name: round(took, 1) for name, took in rivals.items()}
        yield {"what": what, "numbers": numbers, "here": round(here, 1), **took, **times}


def _took(browser: Browser, page: str) -> float:
    """The best of some askings, in milliseconds of the processor."""
    answer = browser.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
    return min(timed(browser, page)[1] for _ in range(REPEATS)) * 1000


class _Choice(admin.SimpleListFilter):
    """With the known values."""

    values: tuple[str, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value) for value in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class _StatusChoice(_Choice):
    title = parameter_name = "status"
    values = tuple(STATUS)


class _QualityChoice(_Choice):
    title = parameter_name = "quality_rating"
    values = tuple(QUALITY_RATING)


class _Changelist(admin.ModelAdmin):  # type: ignore[type-arg] # not generic at run time
    list_display = _COLUMNS
    list_filter: ClassVar[tuple[Any, ...]] = ("status", "quality_rating")
    search_fields = ("digits", "verified_name")
    list_per_page = PER_PAGE

    def get_queryset(self, request: HttpRequest) -> QuerySet[PhoneNumber]:
        return _NUMBERS.all()

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True


class _ChangelistWithValues(_Changelist):
    list_filter = (_StatusChoice, _QualityChoice)


class _Site(admin.AdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        return True


class _Table(django_tables2.Table):  # type: ignore[misc] # the library has no types
    waba__client = django_tables2.Column()
    waba__name = django_tables2.Column()

    class Meta:
        model = PhoneNumber
        fields = _COLUMNS


class _Filters(django_filters.FilterSet):  # type: ignore[misc] # the library has no types
    q = django_filters.CharFilter(method="search")
    status = django_filters.ChoiceFilter(choices=[(value, value) for value in STATUS])
    quality_rating = django_filters.ChoiceFilter(choices=[(value, value) for value in QUALITY_RATING])

    class Meta:
        model = PhoneNumber
        fields = ("q", "status", "quality_rating")

    def search(self, rows: QuerySet[PhoneNumber], _name: str, text: str) -> QuerySet[PhoneNumber]:
        return rows.filter(Q(digits__icontains=text) | Q(verified_name__icontains=text))


class _TablePage(SingleTableMixin, FilterView):  # type: ignore[misc] # the libraries have no types
    queryset = _NUMBERS
    table_class = _Table
    filterset_class = _Filters
    paginate_by = PER_PAGE

    def render_to_response(self, context: dict[str, Any], **_: Any) -> HttpResponse:
        return HttpResponse(_page().render(context, self.request))


@functools.cache
def _page() -> Any:
    return engines["django"].from_string(
        "{% load django_tables2 %}<!doctype html><form>{{ filter.form }}</form>{% render_table table %}"
    )


_alone, _told = _Site(name="alone"), _Site(name="told")
_alone.register(PhoneNumber, _Changelist)
_told.register(PhoneNumber, _ChangelistWithValues)
urlpatterns = [
    path("admin-alone/", _alone.urls),
    path("admin-told/", _told.urls),
    path("tables/", _TablePage.as_view()),
    *portals,
]
