"""The page on which a client signs up: Meta's Embedded Signup behind a link, without a login.

What the page in the browser reports is handed on as hearsay; facts come from Meta, in `phones.onboarding`.
"""

import json
import secrets
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from clients import links, signups
from clients.choices import AttemptState
from clients.models import SignupAttempt, SignupLink, Waba
from clients.ownership import portfolios_of
from phones.models import Onboarding, PreverifiedNumber
from phones.onboarding import exchange
from phones.pool import reserve
from phones.views.signup.languages import sdk_address
from phones.views.signup.progress import progress_of
from phones.views.signup.public import NoSuchLinkError, body_of, client_page, open_link, text_in
from portal.rows import row_or_none

# The random id of this browser, kept in its session: what comes back is taken from the browser that began.
BROWSER = "signup_browser"


@client_page
@require_safe
def page(request: HttpRequest, token: str) -> HttpResponse:
    """What the client needs, and the button that opens Meta's dialog."""
    link = open_link(request, SignupLink, token)
    links.note_opened(link)
    preverified = reserve.offered_by(link)
    context = {
        "link": link,
        "client": link.client,
        "is_existing": Waba.objects.filter(client=link.client).exists(),
        "preverified": preverified,
        "earlier": [(one, _progress_address(token, one)) for one in _onboardings(link)[:3]],
        "is_configured": signups.is_configured(),
        "launch": {
            "app_id": settings.META_APP_ID,
            "config_id": settings.META_LOGIN_CONFIG_ID,
            "version": settings.GRAPH_API_VERSION,
            "sdk": sdk_address(),
            "message_origin": settings.META_MESSAGE_ORIGIN,
            "extras": json.dumps(extras_for(link, preverified)),
            **{name: reverse(f"signup:{name}", args=[token]) for name in ("begin", "event", "finish")},
        },
    }
    response = render(request, "signup/page.html", context)
    # Meta's dialog is a window of another origin that talks back to this one, and wants to know who opened it.
    response["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    response["Referrer-Policy"] = "strict-origin"
    csp_update(_metas_hosts())(lambda _: response)(request)
    return response


@client_page
@require_POST
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """A new state for this browser: {"state"}, or {"error"} for the client."""
    link = open_link(request, SignupLink, token)
    browser = request.session.get(BROWSER) or secrets.token_urlsafe(16)
    try:
        _attempt, state = signups.begin(link=link, browser=browser)
    except signups.TooManyTriesError as error:
        return _refused(error, 429)
    request.session[BROWSER] = browser
    return JsonResponse({"state": state})


@client_page
@require_POST
def event(request: HttpRequest, token: str) -> HttpResponse:
    """Takes note of what the page reports: {"state", "started": true} or {"state", "message"}. Answers {}."""
    link = open_link(request, SignupLink, token)
    body = body_of(request)
    try:
        attempt = _attempt_of(request, link, body, even_used=True)  # a message may come after the code
    except signups.StateRefusedError as error:
        return _refused(error, 409)
    if body.get("started") is True:
        signups.note_started(attempt=attempt)
    if isinstance(message := body.get("message"), dict):
        signups.note_message(attempt=attempt, message=message)
    return JsonResponse({})


@client_page
@require_POST
@sensitive_variables()
def finish(request: HttpRequest, token: str) -> HttpResponse:
    """Exchanges the code of the login callback, now: {"state", "code"} → {"next"}, or {"error"} for the client."""
    body = body_of(request)
    try:
        link = open_link(request, SignupLink, token)
    except links.LinkClosedError:
        _note_too_late(request, token, body)
        raise
    try:
        attempt = _attempt_of(request, link, body)
        onboarding = exchange.finish(attempt=attempt, code=text_in(body, "code"))
    except signups.StateRefusedError as error:
        return _refused(error, 409)
    except exchange.SignupRefusedError as error:
        return _refused(error, 422)
    return JsonResponse({"next": _progress_address(token, onboarding)})


@client_page
@require_safe
def progress(request: HttpRequest, token: str, public_id: str) -> HttpResponse:
    """How far a finished signup has come; for htmx only the part that moves."""
    link = open_link(request, SignupLink, token)
    onboarding = row_or_none(_onboardings(link).filter(public_id=public_id))
    if onboarding is None:
        raise NoSuchLinkError
    context = {
        "client": link.client,
        "token": token,
        "onboarding": onboarding,
        "progress": progress_of(onboarding, signup=reverse("signup:page", args=[token])),
        "address": _progress_address(token, onboarding),
    }
    name = "signup/progress_steps.html" if request.headers.get("HX-Request") else "signup/progress.html"
    return render(request, name, context)


def extras_for(link: SignupLink, preverified: PreverifiedNumber | None) -> dict[str, Any]:
    """What the dialog is opened with: v4 takes `setup` alone, and prefills from it (graph-api.md, 6.1)."""
    portfolios = portfolios_of(link.client)
    setup: dict[str, Any] = {
        "business": {"id": portfolios[0].business_id} if len(portfolios) == 1 else {"name": link.client.name}
    }
    if link.display_name:
        setup["phone"] = {"displayName": link.display_name}
    if preverified is not None:
        setup["preVerifiedPhone"] = {"ids": [preverified.preverified_id]}
    return {"setup": setup}


def _attempt_of(
    request: HttpRequest, link: SignupLink, body: dict[str, Any], *, even_used: bool = False
) -> SignupAttempt:
    browser = request.session.get(BROWSER, "")
    return signups.attempt_of(link=link, state=text_in(body, "state"), browser=browser, even_used=even_used)


def _note_too_late(request: HttpRequest, token: str, body: dict[str, Any]) -> None:
    """The link was closed while its client was in Meta's dialog: what they did there is left to staff."""
    link = links.find(SignupLink, token)
    if link is None:
        return
    try:
        attempt = _attempt_of(request, link, body)
    except signups.StateRefusedError:
        return
    if signups.use_state(attempt=attempt):
        signups.fail(attempt=attempt, state=AttemptState.FAILED, refusal="link_closed")


def _refused(error: Exception, status: int) -> HttpResponse:
    return JsonResponse({"error": str(error)}, status=status)


def _onboardings(link: SignupLink) -> Any:
    return Onboarding.objects.filter(attempt__link=link).select_related("attempt__link", "waba").order_by("-pk")


def _progress_address(token: str, onboarding: Onboarding) -> str:
    return reverse("signup:progress", args=[token, onboarding.public_id])


def _metas_hosts() -> dict[str, list[str]]:
    """What the page needs beyond our own content security policy: Meta's SDK, and its hosts for calls and frames."""
    sdk = urlsplit(settings.META_SDK_URL)
    meta = urlsplit(settings.META_MESSAGE_ORIGIN)
    hosts = [f"{sdk.scheme}://{sdk.netloc}", settings.META_MESSAGE_ORIGIN]
    if meta.port is None:
        hosts.append(f"{meta.scheme}://*.{meta.netloc}")
    return {"script-src": hosts[:1], "connect-src": hosts, "frame-src": hosts}
