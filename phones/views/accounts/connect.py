"""Connecting one WABA of a client with a token of its own: read from Meta first, stored only when that worked."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from clients.clients import NameNotUsableError, set_language
from clients.connect import NotAWabaError, WabaOfAnotherClientError, connect_with_token
from clients.credentials import TokenNotUsableError
from clients.explanations import explain
from clients.models import Client
from clients.signing_in.fresh import insist
from phones.views.accounts.forms import ConnectForm
from phones.views.addressed_row import workable_or_404
from phones.views.request import DeskRequest
from portal.graph import GraphError, TokenFacts
from portal.web.templatetags.desk import day


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("token")
@sensitive_variables("form", "given")
def connect(request: DeskRequest, pk: int) -> HttpResponse:
    client = workable_or_404(Client.objects.all(), request.user, pk=pk)
    insist(request)
    form = ConnectForm(request.POST if request.method == "POST" else None, client=client)
    if form.is_valid():
        given = form.cleaned_data
        try:
            waba, facts = connect_with_token(
                waba_id=given["waba_id"], client=client, token=given["token"], actor=request.user
            )
        except NotAWabaError as error:
            form.add_error("waba_id", str(error))
        except WabaOfAnotherClientError:
            # Whose it is may be no business of this person's.
            form.add_error("waba_id", "This WABA is on the desk under another client. A team lead can move it.")
        except TokenNotUsableError as error:
            form.add_error("token", str(error))
        except NameNotUsableError as error:
            form.add_error(None, str(error))
        except GraphError as error:
            words = explain(error.kind, error.code, error.subcode, error.http_status)
            said = f" Meta says: {error.message}" if error.message else ""
            form.add_error(None, f"Nothing was stored. {words.title}. {words.cause} {words.what_to_do}{said}")
        else:
            if "language" in form.changed_data and "language" in request.POST:
                set_language(client=client, language=given["language"], actor=request.user)
            messages.success(request, f"{waba} is connected, and its numbers are read next. {_in_words(facts)}")
            return HttpResponseRedirect(reverse("phones:client", args=[pk]))
    context = {"client": client, "form": form}
    return render(request, "accounts/connect_waba.html", context, status=422 if form.errors else 200)


def _in_words(facts: TokenFacts | None) -> str:
    """The kind of a token, until when it works and what it may do, as far as Meta says."""
    if facts is None:
        return "Meta read the WABA with this token, but its kind and expiry could not be asked."
    kind = facts.type.replace("_", " ").lower() or "unknown"
    ends = f"works until {day(facts.expires_at)}" if facts.expires_at else "has no end that Meta names"
    return (
        f"The token is of the kind “{kind}”, {ends}, and may: {', '.join(facts.scopes) or 'nothing that Meta names'}."
    )
