"""What the open page of changes asks from time to time: how much has happened since, of what it shows."""

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from phones.changes.happenings import written_after
from phones.views import news
from phones.views.changes.page import ChangesPage
from phones.views.request import DeskRequest
from portal.web.addresses import row_key
from portal.web.news import SHOWN


@require_safe
def of_changes(request: DeskRequest) -> JsonResponse:
    page = ChangesPage(request.GET, request.user)
    shown = row_key(request.GET.get(SHOWN, "")) or 0
    since = None if page.period.is_new else page.period.since
    page.found = written_after(request.user, shown, since=since, client=page.client)
    return news.answer(news.in_words(len(page.matching)))
