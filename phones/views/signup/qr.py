"""A link as a QR code on a sheet of paper, with words in the client's language."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clients.models import Client, SignupLink, StatusLink, User
from clients.querysets import LinkQuerySet
from phones.listing.rows import rows_of
from phones.models import CodeLink
from phones.onboarding.client_times import moment
from phones.onboarding.invitations import address_of, language_of, title_of
from phones.views.addressed_row import workable_or_404
from phones.views.open_links import KINDS
from phones.views.request import DeskRequest
from portal.web.qr_code import qr_code


@never_cache
@require_safe
def qr(request: DeskRequest, kind: str, pk: int) -> HttpResponse:
    """The sheet of one open link, for who may send it. A closed link has none."""
    model = KINDS.get(kind)
    if model is None:
        raise Http404
    rows: LinkQuerySet[Any] = model.objects.open()
    link: SignupLink | StatusLink | CodeLink = workable_or_404(rows, request.user, pk=pk)
    address, language = address_of(link), language_of(link)
    client = _client_shown(link, request.user)
    with translation.override(language):
        title = title_of(link)
        how = _("Scan this code with the camera of your phone.")
        until = _("This link works until %(day)s.") % {"day": moment(link.expires_at)}
    context = {
        "kind": kind,
        "link": link,
        "client": client,
        "number": link.number if isinstance(link, CodeLink) else None,
        "language": language,
        "language_name": dict(settings.LANGUAGES)[language],
        "is_bidi": translation.get_language_info(language)["bidi"],
        "words": {"title": title, "how": how, "until": until},
        "code": qr_code(address) if address else "",
    }
    return render(request, "signup/qr.html", context)


def _client_shown(link: SignupLink | StatusLink | CodeLink, user: User) -> Client:
    """Whose the link is; of a number that is under another client's WABA too, the client that `user` sees."""
    if not isinstance(link, CodeLink):
        return link.client
    rows = rows_of([link.number], user)
    if not rows:
        raise Http404  # it moved out of sight meanwhile
    return rows[0].waba.client
