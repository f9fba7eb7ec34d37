"""Tokens of the HTTP API: a person's own, and for who manages people theirs too. Each is shown once, when made."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from clients import api_tokens, roles
from clients.choices import Act, Role
from clients.models import ApiToken
from clients.signing_in.fresh import insist
from phones.choices import Status, Tone
from phones.views.api_tokens.forms import ServiceForm, TokenForm
from phones.views.request import DeskRequest

# Those that work first: each of them can be revoked here.
MOST = 300


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def tokens(request: DeskRequest) -> HttpResponse:
    """The tokens, and the form for a new one."""
    if roles.role_of(request.user) is None:
        raise PermissionDenied
    if request.method == "POST":
        insist(request)
    form = TokenForm(request.POST or None, actor=request.user)
    if request.method == "POST" and form.is_valid() and (made := _make(request, form)) is not None:
        return made
    is_administrator = roles.may(request.user, Act.ADMINISTER)
    context = {
        "rows": [(token, standing_of(token)) for token in api_tokens.seen_by(request.user).live_first()[:MOST]],
        "form": form,
        "service_form": ServiceForm() if is_administrator else None,
        "shows_people": roles.manages_people(request.user),
    }
    return render(request, "api_tokens/page.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: DeskRequest, pk: int) -> HttpResponse:
    """End a token. No fresh sign-in is asked for: one that leaked has to be ended at once."""
    found = get_object_or_404(api_tokens.seen_by(request.user), pk=pk)
    api_tokens.revoke(found, actor=request.user)
    messages.success(request, f"{found}: revoked.")
    return HttpResponseRedirect(reverse("phones:api-tokens"))


@require_POST
def new_service(request: DeskRequest) -> HttpResponse:
    """Make a service, which then has tokens and can't sign in."""
    if not roles.may(request.user, Act.ADMINISTER):
        raise PermissionDenied
    back = reverse("phones:api-tokens")
    insist(request, back=back)
    form = ServiceForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was made: give the service a name and a role.")
        return HttpResponseRedirect(back)
    wanted = form.cleaned_data
    try:
        made = api_tokens.make_service(name=wanted["username"], role=Role(wanted["role"]), actor=request.user)
    except api_tokens.NotIssuedError as error:
        messages.error(request, f"Nothing was made. {error}")
    except ValidationError as error:
        messages.error(request, f"Nothing was made. {' '.join(error.messages)}")
    else:
        messages.success(request, f"{made} is there. Now make a token for it.")
    return HttpResponseRedirect(back)


@sensitive_variables("secret")
def _make(request: DeskRequest, form: TokenForm) -> HttpResponse | None:
    """The page that shows the new token this once; None, and a word in the form, where there is none to be had."""
    person = form.cleaned_data.get("person") or request.user
    try:
        token, secret = api_tokens.issue(person=person, actor=request.user, **form.wanted())
    except api_tokens.NotIssuedError as error:
        form.add_error(None, str(error))
        return None
    return render(request, "api_tokens/made.html", {"token": token, "secret": secret})


def standing_of(token: ApiToken) -> Status:
    if token.revoked_at is not None:
        return Status("Revoked", Tone.NONE)
    return Status("Works", Tone.OK) if token.is_live else Status("Expired", Tone.NONE)
