"""All open links of one client on one page: who made each, when it was opened, until when, and closing them."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clients import roles
from clients.link_closing import revoke_links_of_clients
from clients.models import Client
from phones.views import open_links
from phones.views.addressed_row import workable_or_404
from phones.views.confirmation import Question
from phones.views.request import DeskRequest


@require_safe
def client_links(request: DeskRequest, pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    lines, count = open_links.all_of_client(client, request.user)
    context = {"client": client, "lines": lines, "count": count, "may_change": roles.may_change(request.user)}
    return render(request, "accounts/client_links.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_client_links(request: DeskRequest, pk: int) -> HttpResponse:
    """The question whether all are to be closed, and the POST that closes them."""
    client = workable_or_404(Client.objects.all(), request.user, pk=pk)
    page = reverse("phones:client-links", args=[pk])
    if request.method == "POST":
        count = revoke_links_of_clients([client], actor=request.user, why="all links of the client")
        messages.success(
            request, f"Revoked: {count} link{'' if count == 1 else 's'}. Who opens one reads that it ended."
        )
        return HttpResponseRedirect(page)
    _lines, count = open_links.all_of_client(client, request.user)
    question = Question(
        heading="Revoke all open links",
        subject=str(client),
        button=f"Revoke {count} link{'' if count == 1 else 's'}",
        action_url=request.path,
        back=page,
        is_dangerous=True,
    )
    context = {"confirmation": question, "client": client, "count": count}
    return render(request, "accounts/revoke_links.html", context)
