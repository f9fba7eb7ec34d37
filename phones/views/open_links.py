"""The open links to pages for clients, as the desk shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from clients import roles
from clients.models import Client, SignupLink, StatusLink, User
from clients.querysets import LinkQuerySet
from phones.models import CodeLink, PhoneNumber
from phones.onboarding.invitations import AnyLink, Invitation, address_of, invitation_to

MOST_SHOWN = 200
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
    of_signup = SignupLink.objects.open().filter(client=client).select_related("created_by", "client")
    of_status = StatusLink.objects.open().filter(client=client).select_related("created_by", "client")
    of_signup = of_signup if client.has_signup_links else of_signup.none()  # type: ignore[attr-defined] # annotated
    of_status = of_status if client.has_status_links else of_status.none()  # type: ignore[attr-defined] # annotated
    lines = [*_lines("signup", "Signup", of_signup, user, made), *_lines("status", "Status", of_status, user, made)]
    return sorted(lines, key=lambda line: line.link.created_at, reverse=True)


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
