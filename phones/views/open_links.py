"""The open links to pages for clients, as the desk shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import CharField, F, QuerySet, Value

from clients import roles
from clients.models import Client, SignupLink, StatusLink, User
from clients.models.links import Link
from clients.querysets import LinkQuerySet
from phones.models import CodeLink, PhoneNumber
from phones.onboarding.invitations import AnyLink, Invitation, address_of, invitation_to

MOST_SHOWN = 200
# The columns that links of every kind have, and those that name who made one.
_OF_LINK = ("id", *(field.name for field in Link._meta.local_fields if field.name != "created_by"))
_OF_MAKER = ("id", "username", "first_name", "last_name")
_SIGNUP, _STATUS = Value("signup", CharField()), Value("status", CharField())
KINDS: dict[str, type[AnyLink]] = {"signup": SignupLink, "status": StatusLink, "code": CodeLink}


@dataclass(frozen=True, slots=True)
class OpenLink:
    """One open link.

    `address` is empty for who may not change anything, and when its secret can't be read any more; then there is no
    `invitation` either, which holds it.
    """

    kind: str
    label: str
    link: AnyLink
    address: str
    may_change: bool
    is_unfolded: bool

    @property
    def invitation(self) -> Invitation | None:
        return invitation_to(self.link, self.address) if self.address else None


def lines_of_client(client: Client, user: User, *, made: str) -> list[OpenLink]:
    """The open links to the pages of `client`, newest first; `made` ("signup-3") names the one made just now.

    The client says which it has: see `signup_panel.WHAT_THERE_IS`.
    """
    links = _open_links(client)
    lines = [line for kind in ("signup", "status") for line in _lines(kind, kind.title(), links[kind], user, made)]
    return sorted(lines, key=lambda line: line.link.created_at, reverse=True)


def _open_links(client: Client) -> dict[str, list[AnyLink]]:
    """The open links of `client` by their kind, with who made them, the newest first. One statement."""
    columns = ("kind", "wanted", *_OF_LINK, *(f"created_by__{name}" for name in _OF_MAKER))
    asked: list[QuerySet[Any, tuple[Any, ...]]] = []
    if client.has_signup_links:  # type: ignore[attr-defined] # annotated
        of_signup = SignupLink.objects.open().filter(client=client).order_by()
        asked.append(of_signup.annotate(kind=_SIGNUP, wanted=F("display_name")).values_list(*columns))
    if client.has_status_links:  # type: ignore[attr-defined] # annotated
        of_status = StatusLink.objects.open().filter(client=client).order_by()
        asked.append(of_status.annotate(kind=_STATUS, wanted=Value("", CharField())).values_list(*columns))
    found: dict[str, list[AnyLink]] = {"signup": [], "status": []}
    for kind, wanted, *values in asked[0].union(*asked[1:], all=True) if asked else ():
        of_link = dict(zip(_OF_LINK, values, strict=False))
        of_maker = dict(zip(_OF_MAKER, values[len(_OF_LINK) :], strict=True))
        maker = User(**of_maker) if of_maker["id"] else None
        if kind == "signup":
            found[kind].append(SignupLink(client=client, created_by=maker, display_name=wanted, **of_link))
        else:
            found[kind].append(StatusLink(client=client, created_by=maker, **of_link))
    return {kind: sorted(links, key=lambda link: -link.pk) for kind, links in found.items()}


def all_of_client(client: Client, user: User) -> tuple[list[OpenLink], int]:
    """The newest open links of every kind to pages of `client`, and how many there are. Their addresses stay out."""
    may_change = roles.may_change(user)
    lines, count = [], 0
    for kind, model in KINDS.items():
        every = cast("LinkQuerySet[AnyLink]", model._default_manager.all())
        rows = every.open().of_clients([client.pk]).visible_to(user)
        whose = "number__waba__client" if kind == "code" else "client"
        found = list(rows.select_related("created_by", whose).order_by("-pk")[: MOST_SHOWN + 1])
        count += len(found) if len(found) <= MOST_SHOWN else rows.count()
        lines += [OpenLink(kind, kind.capitalize(), row, "", may_change, is_unfolded=False) for row in found]
    return sorted(lines, key=lambda line: line.link.created_at, reverse=True)[:MOST_SHOWN], count


def lines_of_number(number: PhoneNumber, user: User) -> list[OpenLink]:
    open_links = CodeLink.objects.open().filter(number=number)
    return _lines("code", "Code", open_links.select_related("created_by", "number__waba__client"), user)


def line_of(link: AnyLink) -> OpenLink:
    """An open link for who may send it, on a page of many."""
    kind = next(name for name, model in KINDS.items() if isinstance(link, model))
    return OpenLink(kind, kind.capitalize(), link, address_of(link), may_change=True, is_unfolded=False)


def _lines(kind: str, label: str, rows: Iterable[AnyLink], user: User, made: str = "") -> list[OpenLink]:
    may_see = roles.may_change(user)
    return [
        OpenLink(
            kind,
            label,
            row,
            address=address_of(row) if may_see else "",
            may_change=may_see,
            is_unfolded=kind == "code" or made == f"{kind}-{row.pk}",
        )
        for row in rows
    ]
