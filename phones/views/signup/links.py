"""A link for a client is revoked. What a client finds behind an open one is in `signup` and `client_links`."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from clients import links
from clients.models import SignupLink, StatusLink
from clients.querysets import LinkQuerySet
from phones.views.lookup import workable_or_404
from phones.views.open_links import KINDS, AnyLink
from phones.views.request import DeskRequest, way_back


@require_POST
def revoke(request: DeskRequest, kind: str, pk: int) -> HttpResponse:
    model = KINDS.get(kind)
    if model is None:
        raise Http404
    rows = cast("LinkQuerySet[AnyLink]", model._default_manager.all())
    link = workable_or_404(rows, request.user, pk=pk)
    links.revoke(link=link, actor=request.user)
    messages.success(request, "Revoked. Whoever opens the link is told to ask for a new one.")
    if isinstance(link, SignupLink | StatusLink):
        return HttpResponseRedirect(way_back(request, "phones:client", link.client_id))
    return HttpResponseRedirect(way_back(request, "phones:number", link.number.phone_number_id))
