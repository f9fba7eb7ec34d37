"""Owner, cover, language and labels of many clients at once: choose, see what would change, confirm."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from clients import roles
from clients.assigning import AssignmentPlan, PlanChangedError, plan_assignment
from clients.assigning import assign_many as assign_all
from clients.forms import AssignManyForm
from clients.models import Client, Waba
from phones.listing.rows import shown
from phones.listing.selection import NumberList
from phones.views.accounts.clients import ClientList
from phones.views.request import DeskRequest
from portal.web.query import Selection, UnusableQueryError

MOST_CLIENTS = 5_000
ROWS_SHOWN = 50
# The parameters by which a list's form says which rows are meant.
_CHOICE = ("list", "all", "query", "ids", "except")


@require_POST
def assign_many(request: DeskRequest) -> HttpResponse:
    """The form, then with what it would do (`step=preview`), then done (`step=confirm`). The list names the clients."""
    of_numbers = request.POST.get("list", "") == NumberList.name
    query = request.POST.get("query", "")
    behind = query if "=" in query.partition("?")[0] else query.partition("?")[2]
    back = f"{reverse(NumberList.route if of_numbers else ClientList.route)}?{behind}".rstrip("?")
    if not roles.may_change(request.user):
        raise PermissionDenied
    try:
        chosen = _clients_of_numbers(request) if of_numbers else _chosen(request)
    except UnusableQueryError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(back)
    count = chosen.count()
    if not 0 < count <= MOST_CLIENTS:
        many = f"At most {MOST_CLIENTS:,} clients can be changed at once: narrow the list."
        messages.error(request, many if count else "None of these clients is yours to change.")
        return HttpResponseRedirect(back)
    step = request.POST.get("step", "")
    form = AssignManyForm(request.POST if step else None, user=request.user)
    plan = None
    if step and form.is_valid():
        wanted = form.wanted()
        if step == "confirm":
            try:
                done = assign_all(chosen, wanted, seen=request.POST.get("seen", ""), actor=request.user)
            except PlanChangedError:
                messages.warning(request, "Nothing was changed: some of these clients changed meanwhile. Look again.")
            else:
                messages.success(request, _outcome(done))
                return HttpResponseRedirect(back)
        plan = plan_assignment(chosen.select_related("owner", "cover"), wanted)
    context = {
        "form": form,
        "count": count,
        "of_numbers": of_numbers,
        "plan": plan,
        "changes": plan.changes_in_words[:ROWS_SHOWN] if plan else [],
        "skipped": plan.skipped[:ROWS_SHOWN] if plan else [],
        "back": back,
        "given": [(name, request.POST.get(name, "")) for name in form.fields],
        "kept": [(name, value) for name in _CHOICE for value in request.POST.getlist(name)],
    }
    return render(request, "accounts/assign_many.html", context, status=422 if form.errors else 200)


def _chosen(request: DeskRequest) -> QuerySet[Client]:
    """The clients that the list means, as far as the person may work on them. Raises UnusableQueryError."""
    selection = Selection.of_form(request.POST, ClientList.name, request.user)
    rows = selection.rows(request.user, to_work=True)
    # By their keys alone: a search joins what can't be locked.
    return Client.objects.filter(pk__in=rows.order_by().values("pk")).order_by("folded_name", "pk")


def _clients_of_numbers(request: DeskRequest) -> QuerySet[Client]:
    """The clients of the numbers that the list means, each number's as the person is shown it."""
    selection = Selection.of_form(request.POST, NumberList.name, request.user)
    numbers = selection.rows(request.user, to_work=True).order_by()
    shown_wabas = numbers.annotate(shown_key=shown(request.user, "pk")).values("shown_key")
    wabas = Waba.objects.workable_by(request.user).filter(pk__in=shown_wabas)
    return Client.objects.filter(pk__in=wabas.order_by().values("client")).order_by("folded_name", "pk")


def _outcome(plan: AssignmentPlan) -> str:
    count = len(plan.changes)
    words = [f"{count:,} client{'' if count == 1 else 's'} changed."]
    words += [f"{many:,} left as {'it is' if many == 1 else 'they are'}: {why}" for why, many in plan.reasons.items()]
    return " ".join(words)
