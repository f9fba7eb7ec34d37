"""The people of the desk for who manages them: their role, whether they may sign in, what they look after."""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clients import roles
from clients.choices import Role
from clients.link_closing import at_work
from clients.models import Client, User
from clients.people import NotManageableError, change_person, managed_by, roles_given_by
from clients.querysets import cover_not_ended
from clients.signing_in import inviting
from clients.signing_in.fresh import insist
from phones.choices import Status, Tone
from phones.views.people.invitations import DAYS, AddressForm
from phones.views.people.managing import insist_on_manager
from phones.views.request import DeskRequest
from portal.web.templatetags.desk import ago
from portal.web.unknown_rows import RowChoiceField

MOST = 500


@dataclass(frozen=True, slots=True)
class PersonRow:
    person: User
    role: str
    owned: int
    covered: int
    may_change: bool

    @property
    def standing(self) -> Status:
        """How the invitation of who `waits` stands."""
        return invitation_of(self.person)

    @property
    def waits(self) -> bool:
        return self.person.is_active and not self.person.is_service and inviting.has_never_signed_in(self.person)


class PersonForm(forms.Form):
    """What becomes of a person, and of the links that they made if they can't work any more."""

    role = forms.ChoiceField(required=False, label="Role")
    is_active = forms.BooleanField(
        required=False,
        label="May sign in",
        help_text="Untick it when somebody leaves: they are signed out at once, and what they did stays.",
    )
    links_go_to = RowChoiceField(
        User.objects.none(),
        required=False,
        label="Their open links, if they leave or lose their role",
        empty_label="Are revoked",
        help_text="They know the addresses. Choose somebody who answers for the links to keep them open.",
    )

    def __init__(self, *args: Any, person: User, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = [(role.value, str(role.label)) for role in roles_given_by(actor)]
        cast("forms.ChoiceField", self.fields["role"]).choices = [("", "None: sees nothing"), *given]
        others = at_work().filter(is_service=False).exclude(pk=person.pk).order_by("username")
        cast("forms.ModelChoiceField[User]", self.fields["links_go_to"]).queryset = others


def invitation_of(person: User) -> Status:
    """How the invitation stands of who has chosen no password yet."""
    lapses_at = inviting.lapses_at(person)
    if lapses_at is None:
        return Status("No password yet", Tone.WARN, "Nobody has invited them to choose one")
    if lapses_at <= timezone.now():
        return Status("Invitation lapsed", Tone.WARN, "They chose no password in time: invite them again")
    return Status("Invited", Tone.WAIT, f"They have chosen no password yet; the link lapses {ago(lapses_at)}")


@require_safe
def people(request: DeskRequest) -> HttpResponse:
    insist_on_manager(request)
    managed = set(managed_by(request.user).values_list("pk", flat=True))
    rows = [
        PersonRow(person, _role_in_words(person), person.owned or 0, person.covered or 0, person.pk in managed)
        for person in _with_their_books(User.signed_in.all()).order_by("-is_active", "username")[:MOST]
    ]
    table = [
        (act.label, [role in may for role in Role], ", ".join(str(role.label) for role in Role if role in may))
        for act, may in roles.ALLOWED.items()
    ]
    waiting = sum(row.waits for row in rows)
    context = {"rows": rows, "waiting": waiting, "roles": [role.label for role in Role], "table": table}
    return render(request, "people/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: DeskRequest, pk: int) -> HttpResponse:
    """One person, to be changed. Whom one may not change is not there."""
    insist_on_manager(request)
    found = get_object_or_404(managed_by(request.user), pk=pk)
    insist(request)
    role = roles.role_of(found) if found.is_active else _held_by(found)
    initial = {"role": role.value if role else "", "is_active": found.is_active}
    form = PersonForm(request.POST or None, person=found, actor=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _change(request, found, form.cleaned_data)
    owns = Client.objects.filter(owner=found).count()
    covers = Client.objects.filter(cover_not_ended(""), cover=found).count()
    context = {"person": found, "form": form, "owns": owns, "covers": covers}
    if found.is_active and inviting.has_never_signed_in(found):
        address = AddressForm(initial={"email": found.email})
        context |= {"standing": invitation_of(found), "address": address, "days": DAYS}
    return render(request, "people/person.html", context, status=422 if form.errors else 200)


def _change(request: DeskRequest, found: User, wanted: dict[str, Any]) -> HttpResponse:
    role = Role(wanted["role"]) if wanted["role"] else None
    give_to: User | None = wanted["links_go_to"]
    try:
        links = change_person(found, role=role, is_active=wanted["is_active"], actor=request.user, links_go_to=give_to)
    except NotManageableError as error:
        messages.error(request, str(error))
    else:
        what = f"handed over to {give_to}" if give_to else "revoked"
        of_links = f" Open links that they had made: {links} {what}." if links else ""
        messages.success(request, f"{found}: saved.{of_links}")
    return HttpResponseRedirect(reverse("phones:people"))


def _with_their_books(found: QuerySet[User]) -> Any:
    def counted(clients: QuerySet[Client], place: str) -> Subquery:
        of_person = clients.filter(**{place: OuterRef("pk")}).order_by().values(place)
        return Subquery(of_person.annotate(of=Count("pk")).values("of"))

    covered = Client.objects.filter(cover_not_ended(""))
    return found.annotate(owned=counted(Client.objects.all(), "owner"), covered=counted(covered, "cover"))


def _role_in_words(person: User) -> str:
    """The role that they have, or would have if they might sign in."""
    if person.is_superuser:
        return str(Role.ADMINISTRATOR.label)
    name: str | None = person.role_name  # type: ignore[attr-defined] # annotated
    return str(Role(name).label) if name else "None"


def _held_by(person: User) -> Role | None:
    names = set(person.groups.values_list("name", flat=True))
    return next((role for role in Role if role.value in names), None)
