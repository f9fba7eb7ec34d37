"""Meta's callback: the handshake, and the deliveries. It checks, stores and answers; nothing is understood here."""

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from phones.events import inbox, not_stored, signature
from phones.events.intake import updates_of
from portal import database_clock

log = structlog.get_logger(__name__)

# Meta's deliveries have up to 3 MB.
LARGEST_BODY = 4 * 1024 * 1024
_LONGEST_CHALLENGE = 200


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "POST"])
def meta(request: HttpRequest) -> HttpResponse:
    """GET: the handshake by which Meta learns that this callback is ours. POST: a delivery of events.

    A delivery is answered 200 only after it is stored: to anything else Meta sends it again, for up to seven days.
    """
    return _receive(request) if request.method == "POST" else _shake_hands(request)


def _shake_hands(request: HttpRequest) -> HttpResponse:
    given = request.GET.get("hub.verify_token", "")
    ours = signature.is_verify_token(given, expected=settings.WEBHOOK_VERIFY_TOKEN)
    if not ours or request.GET.get("hub.mode") != "subscribe":
        return _plain("Refused.", 403)
    return _plain(request.GET.get("hub.challenge", "")[:_LONGEST_CHALLENGE], 200)


def _receive(request: HttpRequest) -> HttpResponse:
    given = signature.signature_in(request.headers.get("X-Hub-Signature-256", ""))
    if given is None:
        return _plain("Refused.", 403)
    body = _body_of(request)
    if body is None:
        return _plain("Too large.", 413)
    if not signature.is_signed(body, given, app_secret=settings.META_APP_SECRET):
        return _plain("Refused.", 403)
    received_at = database_clock.now()
    try:
        inbox.put(updates_of(body, received_at=received_at), received_at=received_at)
    except DatabaseError:
        not_stored.note(stored=False)
        log.exception("A delivery of Meta's could not be stored; Meta will send it again.")
        return _plain("Not stored.", 503)
    not_stored.note(stored=True)
    return _plain("", 200)


def _body_of(request: HttpRequest) -> bytes | None:
    """The bytes of the delivery as they came, or None when there are too many.

    Read here and not by Django, whose own limit is below Meta's 3 MB. A body without a length (chunked) is read from
    the server's stream, and no further than the limit either.
    """
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) > LARGEST_BODY:
        return None
    is_chunked = not length and "HTTP_TRANSFER_ENCODING" in request.META
    stream = request.META["wsgi.input"] if is_chunked else request
    body: bytes = stream.read(LARGEST_BODY + 1)
    return body if len(body) <= LARGEST_BODY else None


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
